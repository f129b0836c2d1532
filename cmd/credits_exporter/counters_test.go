package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// TestCountersNeverGoBack: a process that is killed again and again, in the middle of polls and commits, goes on
// counting from no less than any scrape has shown.
func TestCountersNeverGoBack(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	account, err := v.Add(vendorsim.Spec{
		Vendor: vendorsim.Deepixels, Name: "a", Key: "test-key-deepixels-a", Balance: 1_000_000 * vendorsim.Credit,
		Jobs:   vendorsim.Jobs{Cost: vendorsim.Credit, Every: 10 * time.Millisecond, Steady: true},
		TopUps: []vendorsim.TopUp{{Every: time.Second, Amount: 3 * vendorsim.Credit}},
	})
	if err != nil {
		t.Fatal(err)
	}
	v.add(vendorsim.Deepixels, "bad", 1).RefuseKey()
	f.configure(`
poll: {interval: 20ms}
accounts:
  - {provider: deepixels, name: a, credentials: {api_key: test-key-deepixels-a}, base_url: VENDORS/deepixels}
  - {provider: deepixels, name: bad, credentials: {api_key: test-key-deepixels-bad}, base_url: VENDORS/deepixels}
`, v)
	const counters = `^credits_\w+_total{`
	consumed := `credits_consumed_total{account="a",provider="deepixels",unit="credits"}`
	highest := map[string]float64{}
	check := func(when string, series samples) {
		t.Helper()
		for name := range highest {
			if series[name] == "" {
				t.Errorf("%s: %s is gone", when, name)
			}
		}
		for _, line := range series.matching(counters) {
			name, text, _ := cutLast(line)
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			if value < highest[name] {
				t.Errorf("%s: %s went back from %v to %v", when, name, highest[name], value)
			}
			highest[name] = max(highest[name], value)
		}
	}
	for range 3 {
		p := f.start()
		check("after a restart", p.scrape())
		before := highest[consumed]
		eventually(t, "more consumed", func() bool {
			check("while it runs", p.scrape())
			return highest[consumed] > before
		})
		// Some way into what is not in storage yet.
		asked := account.Requests().Count
		eventually(t, "more polls", func() bool { return account.Requests().Count > asked+15 })
		check("before it is killed", p.scrape())
		p.kill()
	}
	if seen := account.Requests(); seen.Overlapping > 0 {
		// A request of a killed process may still be under way when its successor asks, but not of the same one.
		t.Logf("%d requests overlapped a killed process' own", seen.Overlapping)
	}
	for _, want := range []string{
		consumed, `credits_polls_total{account="a",provider="deepixels"}`,
		`credits_poll_failures_total{provider="deepixels",reason="unauthorized"}`,
	} {
		if highest[want] == 0 {
			t.Errorf("%s stayed 0; seen were %v", want, slices.Sorted(maps.Keys(highest)))
		}
	}
}

func cutLast(line string) (series, value string, found bool) {
	i := strings.LastIndex(line, " ")
	if i < 0 {
		return line, "", false
	}
	return line[:i], line[i+1:], true
}
