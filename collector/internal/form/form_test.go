package form_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
)

// formats are all that is written here, with the name that each has in HTTP.
var formats = map[expfmt.Format]form.Form{
	expfmt.FmtText:              form.Text,
	expfmt.FmtOpenMetrics_0_0_1: form.OpenMetrics,
	expfmt.FmtOpenMetrics_1_0_0: form.OpenMetrics,
	expfmt.FmtProtoDelim:        form.Protobuf,
}

func TestOf(t *testing.T) {
	for format, want := range formats {
		for _, escaping := range []expfmt.Format{"", "; escaping=allow-utf-8", "; escaping=dots"} {
			if got, ok := form.Of(format + escaping); !ok || got != want {
				t.Errorf("%s: %v, %v, want %v", format+escaping, got, ok, want)
			}
		}
	}
	for _, format := range []expfmt.Format{expfmt.FmtProtoText, expfmt.FmtProtoCompact, expfmt.FmtOpenMetrics_2_0_0, expfmt.FmtUnknown, ""} {
		if got, ok := form.Of(format); ok {
			t.Errorf("%s: %v", format, got)
		}
	}
}

func TestValid(t *testing.T) {
	valid := func(name string, counter bool, label string) bool {
		return form.Metric{Name: name, Counter: counter, Labels: []form.Label{{Name: label}}}.Valid()
	}
	if !valid("a_total", true, "b") || !valid("a", false, "_b9") {
		t.Error("good names are refused")
	}
	for _, m := range []struct {
		name    string
		counter bool
		label   string
	}{{"a.b", false, "c"}, {"a", false, "b.c"}, {"a", false, "größe"}, {"a", true, "b"}, {"", false, "b"}, {"a_total", false, "b"}} {
		if valid(m.name, m.counter, m.label) {
			t.Errorf("%+v is taken for good in every form", m)
		}
	}
}

// sample is a sample of the family under test.
type sample struct {
	values []string
	value  float64
}

// check holds what is written to what expfmt writes of the same family.
func check(t *testing.T, m form.Metric, samples []sample) {
	t.Helper()
	family := &dto.MetricFamily{Name: &m.Name, Help: &m.Help, Type: dto.MetricType_GAUGE.Enum()}
	if m.Counter {
		family.Type = dto.MetricType_COUNTER.Enum()
	}
	for _, s := range samples {
		metric := &dto.Metric{}
		if m.Counter {
			metric.Counter = &dto.Counter{Value: &s.value}
		} else {
			metric.Gauge = &dto.Gauge{Value: &s.value}
		}
		for _, l := range m.Labels {
			metric.Label = append(metric.Label, &dto.LabelPair{Name: new(l.Name), Value: &s.values[l.Value]})
		}
		family.Metric = append(family.Metric, metric)
	}
	for format, f := range formats {
		var want bytes.Buffer
		encoder := expfmt.NewEncoder(&want, format)
		if err := encoder.Encode(family); err != nil {
			t.Fatal(err)
		}
		if closer, ok := encoder.(expfmt.Closer); ok {
			if err := closer.Close(); err != nil {
				t.Fatal(err)
			}
		}
		writer := form.NewWriter(f, m)
		var lines []byte
		for _, s := range samples {
			lines = writer.AppendSample(lines, s.values, s.value)
		}
		got := form.AppendEnd(append(writer.AppendHeader(nil, len(lines)), lines...), f)
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s:\n%q, want\n%q", format, got, want.Bytes())
		}
	}
}

// TestAsExpfmtWrites: random metrics with hostile values are written to the byte as expfmt writes them.
func TestAsExpfmtWrites(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{`"`, `\`, "\n", "\r\n", "a", "production", "ä", "\u202e", "\x00", "{", "}", ",", "=", " ", "# EOF\n", strings.Repeat("long", 50), "😀"}
	text := func() string {
		var b strings.Builder
		for range random.IntN(6) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		return b.String()
	}
	for range 500 {
		m := form.Metric{Name: "credits_thing", Help: text(), Counter: random.IntN(2) == 0}
		if m.Counter {
			m.Name += "_total"
		}
		for i := range random.IntN(6) {
			m.Labels = append(m.Labels, form.Label{Name: fmt.Sprint("label_", i), Value: i})
		}
		// Where a value stands has nothing to do with where its label is written.
		random.Shuffle(len(m.Labels), func(i, j int) {
			m.Labels[i].Value, m.Labels[j].Value = m.Labels[j].Value, m.Labels[i].Value
		})
		samples := make([]sample, 1+random.IntN(4))
		for i := range samples {
			samples[i] = sample{value: number(random)}
			for range m.Labels {
				samples[i].values = append(samples[i].values, text())
			}
		}
		check(t, m, samples)
	}
}

// number is a number of any kind: small or large, whole or not, or none at all.
func number(random *rand.Rand) float64 {
	special := []float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 0.1, 1e6, 999_999, 1e20, 1e21, 123456789, math.MaxFloat64}
	switch random.IntN(5) {
	case 0:
		return special[random.IntN(len(special))]
	case 1:
		return float64(random.IntN(2_000_000) - 1_000_000)
	case 2:
		return math.Float64frombits(random.Uint64())
	case 3:
		return float64(1_795_262_400_000+random.Int64N(1e10)) / 1000
	}
	return random.Float64() * 1e7
}

// FuzzAsExpfmtWrites is the same with values that the fuzzer thinks of.
func FuzzAsExpfmtWrites(f *testing.F) {
	for _, s := range []string{"", "production", "a \"quoted\" \\ name\n", "\xff"} {
		f.Add(s, "help \\ \"", 1.5, false)
		f.Add("x", s, math.Copysign(0, -1), true)
	}
	f.Fuzz(func(t *testing.T, label, help string, value float64, counter bool) {
		m := form.Metric{Name: "a", Help: help, Counter: counter, Labels: []form.Label{{Name: "l", Value: 0}}}
		if counter {
			m.Name = "a_total"
		}
		check(t, m, []sample{{[]string{label}, value}})
	})
}

// TestNothingIsAllocated: samples are written into what is there.
func TestNothingIsAllocated(t *testing.T) {
	m := form.Metric{Name: "a", Labels: []form.Label{{Name: "l", Value: 0}}}
	values, room := []string{`"production"`}, make([]byte, 0, 1000)
	for _, f := range slices.Sorted(func(yield func(form.Form) bool) {
		for _, f := range formats {
			if !yield(f) {
				return
			}
		}
	}) {
		writer := form.NewWriter(f, m)
		if allocs := testing.AllocsPerRun(100, func() { room = writer.AppendSample(room[:0], values, 0.25) }); allocs != 0 {
			t.Errorf("form %v: %v allocations", f, allocs)
		}
	}
}
