// Package textparse holds what is exposed against the parsers of Prometheus itself. It is a module of its own, because
// they bring much with them that the exporter does not need.
package textparse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/collector/internal/world"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// TestPrometheusReadsTheSame: whatever happens between two scrapes, Prometheus reads from the kept bytes the series that
// Gather gives, in each form and coding, each once.
func TestPrometheusReadsTheSame(t *testing.T) {
	formats := []expfmt.Format{expfmt.FmtText, expfmt.FmtOpenMetrics_1_0_0, expfmt.FmtOpenMetrics_0_0_1, expfmt.FmtProtoDelim}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w, err := world.New(seed+100, 150)
			if err != nil {
				t.Fatal(err)
			}
			c := collector.New(w.Ledger, w.Now)
			var happened []string
			for step := range 300 {
				happened = append(happened, w.Step())
				if step%5 > 0 {
					continue
				}
				format, coding := formats[step/5%len(formats)], []string{"identity", "gzip", "zstd"}[step/5%3]
				gathered, done, err := c.Gather()
				if err != nil {
					t.Fatal(err)
				}
				body, _, err := c.Expose(format, coding, nil)
				if err != nil {
					t.Fatal(err)
				}
				got := read(t, unpacked(t, coding, body), string(format))
				if want := listed(gathered); !slices.Equal(got, want) {
					t.Fatalf("%s as %s after %s:\n%s", format, coding, strings.Join(happened[max(0, step-8):], ", "), difference(want, got))
				}
				done()
			}
		})
	}
}

// unpacked is a body as Prometheus unpacks it.
func unpacked(t *testing.T, coding string, body io.WriterTo) []byte {
	t.Helper()
	var sent bytes.Buffer
	if _, err := body.WriteTo(&sent); err != nil {
		t.Fatal(err)
	}
	var reader io.Reader = &sent
	switch coding {
	case "gzip":
		z, err := gzip.NewReader(reader)
		if err != nil {
			t.Fatal(err)
		}
		reader = z
	case "zstd":
		z, err := zstd.NewReader(reader)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		reader = z
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// series is one series as text. Two values are equal if they are to the last bit.
func series(l labels.Labels, value float64) string {
	return fmt.Sprintf("%s %x", l, math.Float64bits(value))
}

// read is all series of a body, in their order.
func read(t *testing.T, body []byte, contentType string) (all []string) {
	t.Helper()
	parser, err := textparse.New(body, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		entry, err := parser.Next()
		switch {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		case entry != textparse.EntrySeries:
			continue
		}
		var l labels.Labels
		parser.Labels(&l)
		_, timestamp, value := parser.Series()
		if timestamp != nil {
			t.Fatalf("%s has a timestamp", l)
		}
		all = append(all, series(l.WithoutEmpty(), value)) // as the scraper does
	}
}

// listed is all series of families, in their order. A label without a value is none to Prometheus.
func listed(gathered []*dto.MetricFamily) (all []string) {
	for _, mf := range gathered {
		for _, m := range mf.GetMetric() {
			builder := labels.NewBuilder(labels.FromStrings(model.MetricNameLabel, mf.GetName()))
			for _, pair := range m.GetLabel() {
				builder.Set(pair.GetName(), pair.GetValue())
			}
			all = append(all, series(builder.Labels(), m.GetGauge().GetValue()+m.GetCounter().GetValue()))
		}
	}
	return all
}

// difference is the series that only one of two lists has.
func difference(want, got []string) string {
	var lines []string
	for _, s := range want {
		if !slices.Contains(got, s) {
			lines = append(lines, "- "+s)
		}
	}
	for _, s := range got {
		if !slices.Contains(want, s) {
			lines = append(lines, "+ "+s)
		}
	}
	if len(lines) == 0 {
		return "the same series in another order, or one of them twice"
	}
	return strings.Join(lines, "\n")
}
