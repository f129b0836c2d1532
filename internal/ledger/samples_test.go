package ledger

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// row makes samples half an hour apart.
func row(values ...float64) []Sample {
	var all []Sample
	for i, v := range values {
		all = append(all, Sample{t0.Add(time.Duration(i) * sampleEvery).UTC(), v, values[0] - v})
	}
	return all
}

func TestSamplesAreReadAsTheyWereWritten(t *testing.T) {
	tests := map[string][]Sample{
		"none":               nil,
		"one":                row(100),
		"whole numbers":      row(100, 90, 90, 1e9, -5),
		"cents":              row(12.34, 12.3, 0.07, 0.1+0.2),
		"no short decimal":   row(1.0/3, 2.0/3),
		"large and small":    row(9007199254740991, 0.000000001),
		"beyond exactness":   row(1e300, -1e300),
		"not even a number":  {{t0.UTC(), math.Inf(1), math.Inf(-1)}},
		"a clock that steps": {{t0.UTC(), 1, 2}, {t0.Add(-time.Hour).UTC(), 3, 4}, {t0.Add(time.Hour).UTC(), 5, 6}},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := packRow(want).unpack()
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v (%v), want %v", got, err, want)
			}
		})
	}
}

// A week of an ordinary account takes at most three bytes a sample: the promise on memory rests on it.
func TestSamplesAreSmall(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	left, spent := 10_000.0, 0.0
	var week []Sample
	for i := range historyLength {
		use := float64(random.IntN(200)) / 10
		left, spent = left-use, spent+use
		// The books are exact, so what is noted has no error that grows.
		left, spent = math.Round(left*10)/10, math.Round(spent*10)/10
		week = append(week, Sample{t0.Add(time.Duration(i) * sampleEvery), left, spent})
	}
	if n := len(packRow(week)); n > 3*historyLength {
		t.Errorf("%d bytes for %d samples", n, historyLength)
	}
}

func TestAHistorySurvivesStorage(t *testing.T) {
	h := History{}
	for i := range 5 {
		h, _ = h.noted(t0.Add(time.Duration(i)*sampleEvery), []Balance{
			{Unit: "credits", Amount: amount(t, itoa(int64(100-i)))}, {Unit: "USD", Amount: amount(t, "1.25")}, {Unit: "nothing"},
		}, nil)
	}
	again, err := unpackHistory(h.packed())
	if err != nil {
		t.Fatal(err)
	}
	for unit, n := range map[string]int{"credits": 5, "USD": 5, "nothing": 0} {
		if got := again.Samples(unit); len(got) != n || !slices.Equal(got, h.Samples(unit)) {
			t.Errorf("%s: %v, want %v", unit, got, h.Samples(unit))
		}
	}
	if _, changed := again.noted(t0.Add(5*sampleEvery-time.Second), []Balance{{Unit: "credits", Amount: amount(t, "1")}}, nil); changed {
		t.Error("a note too early after a restart")
	}
}

func TestHistoriesShareNothingThatChanges(t *testing.T) {
	note := func(h History, at time.Time) History {
		h, _ = h.noted(at, []Balance{{Unit: "credits", Amount: amount(t, "1")}}, nil)
		return h
	}
	first := note(History{}, t0)
	note(first, t0.Add(time.Hour))
	if n := len(first.Samples("credits")); n != 1 {
		t.Errorf("a history got %d samples by what was noted in a later one", n)
	}
}

func FuzzSamples(f *testing.F) {
	f.Add([]byte(packRow(row(1, 2.5, 3))))
	f.Add([]byte(packRow(row(1.0 / 3))))
	f.Add([]byte{unscaled, 1, 2})
	f.Add([]byte{10, 1, 2, 3})
	f.Add([]byte{2, 1, 2, 3, 4, 5, 6})
	f.Add([]byte{3, 0, 1, 2, 3, 4, 7, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := samples(b).unpack()
		if err != nil {
			return
		}
		// What was read is written and read again as the same, whatever form it had. Times beyond all calendars aside.
		again, err := packRow(first).unpack()
		if err != nil || len(again) != len(first) {
			t.Fatalf("%d samples became %d: %v", len(first), len(again), err)
		}
		for i := range first {
			a, b := first[i], again[i]
			if a.At != b.At || math.Float64bits(a.Balance) != math.Float64bits(b.Balance) && a.Balance != b.Balance && !math.IsNaN(a.Balance) {
				t.Fatalf("sample %d: %v became %v", i, a, b)
			}
		}
	})
}
