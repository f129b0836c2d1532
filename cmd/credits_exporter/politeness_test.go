package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// TestOneRequestPerInterval: however many Prometheus servers scrape, and however often, each vendor gets exactly one
// request per account and interval.
func TestOneRequestPerInterval(t *testing.T) {
	t.Parallel()
	for _, scrapers := range []int{1, 20} {
		t.Run(fmt.Sprint(scrapers, " scrapers"), func(t *testing.T) {
			t.Parallel()
			const interval = 2 * time.Second
			v, f := newVendors(t), newFolder(t)
			var config strings.Builder
			config.WriteString("poll: {interval: 2s}\naccounts:\n")
			for _, vendor := range vendorsim.Vendors() {
				v.add(vendor, "a", 100)
				fmt.Fprintf(&config, "  - {provider: %s, name: a, credentials: {api_key: test-key-%s-a}, base_url: VENDORS%s}\n",
					vendor, vendor, vendor.Path())
			}
			f.configure(config.String(), v)
			d := f.serve()

			var scrapes atomic.Int64
			var scraping sync.WaitGroup
			over := make(chan struct{})
			for range scrapers {
				scraping.Go(func() {
					tick := time.NewTicker(200 * time.Millisecond)
					defer tick.Stop()
					for {
						select {
						case <-over:
							return
						case <-tick.C:
							d.scrape()
							scrapes.Add(1)
						}
					}
				})
			}
			for _, vendor := range vendorsim.Vendors() {
				eventually(t, "five requests", func() bool { return v.Account(vendor, "a").Requests().Count >= 5 })
			}
			series := d.scrape()
			close(over)
			scraping.Wait()
			if scrapes.Load() < int64(scrapers) {
				t.Errorf("only %d scrapes were made", scrapes.Load())
			}
			for _, vendor := range vendorsim.Vendors() {
				next := fmt.Sprintf(`credits_next_poll_timestamp_seconds{account="a",provider="%s"}`, vendor)
				due, err := strconv.ParseFloat(series[next], 64)
				if err != nil {
					t.Fatalf("%s: %v", next, err)
				}
				checkTurns(t, vendor, v.Account(vendor, "a").Requests(), due, interval)
			}
		})
	}
}

// checkTurns checks that each request after the first, which is made at once, is in a turn of its own. Turns are an
// interval apart; due is the beginning of one of them. A machine under load may be a turn late, never early.
func checkTurns(t *testing.T, vendor vendorsim.Vendor, seen vendorsim.Requests, due float64, interval time.Duration) {
	t.Helper()
	if seen.Overlapping > 0 {
		t.Errorf("%s: %d requests came while another was not answered", vendor, seen.Overlapping)
	}
	turn := func(at time.Time) int {
		const slack = 0.005 // the simulator counts in milliseconds
		return int(math.Floor((float64(at.UnixMilli())/1000 - due + slack) / interval.Seconds()))
	}
	for i := 2; i < len(seen.Times); i++ {
		if turns := turn(seen.Times[i]) - turn(seen.Times[i-1]); turns < 1 {
			t.Errorf("%s: request %d comes %d turns after the one before: %v", vendor, i+1, turns, seen.Times)
		}
	}
}

// TestRestartIsNoReasonToAsk: an account that was polled a moment ago waits for its turn, however often the daemon is
// restarted, killed or told to read its configuration.
func TestRestartIsNoReasonToAsk(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	f.configure(strings.Replace(oneOlostep, "50ms", "1h", 1), v)
	d := f.serve("--web.enable-lifecycle")
	d.await(`credits_up{account="a",provider="olostep"}`, "1")
	for range 3 {
		d.reload()
		d.stop()
		d = f.serve("--web.enable-lifecycle")
		if got := d.scrape()[`credits_balance{account="a",provider="olostep",unit="credits"}`]; got != "100" {
			t.Errorf("after a restart the balance is %q", got)
		}
	}
	d.stop()
	f.start().kill()
	d = f.serve()
	d.await(`credits_up{account="a",provider="olostep"}`, "1")
	d.stop()
	if n := a.Requests().Count; n != 1 {
		t.Errorf("%d requests within an hour's interval", n)
	}
}

// TestNobodyIsAskedForAScrape: a scrape while a vendor does not answer is answered at once, with the last values.
func TestNobodyIsAskedForAScrape(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	const config = `
poll: {interval: INTERVAL, timeout: 1m}
accounts:
  - {provider: olostep, name: a, credentials: {api_key: test-key-olostep-a}, base_url: VENDORS/olostep}
`
	f.configure(strings.ReplaceAll(config, "INTERVAL", "1h"), v)
	d := f.serve()
	d.await(`credits_balance{account="a",provider="olostep",unit="credits"}`, "100")
	d.stop()
	// Nothing was under way when it began to hang, so what is in flight from here on hangs.
	a.Hang()
	f.configure(strings.ReplaceAll(config, "INTERVAL", "50ms"), v)
	d = f.serve()
	d.await(`credits_exporter_polls_in_flight`, "1")
	before := a.Requests().Count
	for range 20 {
		series := d.scrape()
		if got := series[`credits_balance{account="a",provider="olostep",unit="credits"}`]; got != "100" {
			t.Errorf("the balance is %q", got)
		}
		if got := series[`credits_exporter_polls_in_flight`]; got != "1" {
			t.Errorf("%s polls are in flight", got)
		}
	}
	if after := a.Requests().Count; after != before {
		t.Errorf("%d requests for 20 scrapes", after-before)
	}
	v.Close() // ends the hanging request, so that the end is quick
}
