package collector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers" //nolint:depguard // a ledger is filled through its public API
)

// TestTimeAlone: between polls nothing writes to the ledger, and what is kept of earlier scrapes must not outlive what
// time alone changes.
func TestTimeAlone(t *testing.T) {
	n := providers.NewAmount
	a := account("olostep", "a")
	other := account("olostep", "other")
	minutes := func(m int) time.Time { return t0.Add(time.Duration(m) * time.Minute) }
	lots := listed(
		n(130),
		providers.Lot{ID: "short", Kind: "top-up", Remaining: n(100), Expires: minutes(60)},
		providers.Lot{ID: "long", Kind: "top-up", Remaining: n(30), Expires: minutes(60 * 48)},
		providers.Lot{ID: "soon", Kind: "top-up", Remaining: n(7), Starts: minutes(90)},
	)
	tests := map[string]struct {
		fill   func(books)
		series string // up to the value
		// before is the value until the moment, after it from the moment on; "" is absent.
		moment        time.Time
		before, after string
	}{
		"a lot expires": {
			fill:   func(b books) { b.answers(a, t0, lots) },
			series: `credits_remaining{account="a",kind="top-up",lot="short"`, moment: minutes(60), before: "100", after: "0",
		},
		"the balance falls with it": {
			fill:   func(b books) { b.answers(a, t0, lots) },
			series: `credits_balance{account="a"`, moment: minutes(60), before: "130", after: "30",
		},
		"so does what the others come to": {
			fill:   func(b books) { b.answers(a, t0, lots) },
			series: `credits_remaining_cumulative{account="a",kind="top-up",lot="long"`, moment: minutes(60), before: "130", after: "30",
		},
		"its series ends a day later": {
			fill: func(b books) {
				b.answers(a, t0, lots)
				b.answers(a, minutes(60*24), lots) // which the vendor lists all the while
			},
			series: `credits_remaining{account="a",kind="top-up",lot="short"`, moment: minutes(60 * 25), before: "0", after: "",
		},
		"a lot starts": {
			fill:   func(b books) { b.answers(a, t0, lots) },
			series: `credits_remaining{account="a",kind="top-up",lot="soon"`, moment: minutes(90), before: "", after: "7",
		},
		"and is pending no more": {
			fill:   func(b books) { b.answers(a, t0, lots) },
			series: `credits_pending{account="a",kind="top-up",lot="soon"`, moment: minutes(90), before: "7", after: "",
		},
		"a balance goes stale": {
			fill: func(b books) {
				b.answers(a, t0, single("credits", n(5)))
				b.fails(a, minutes(5), providers.ReasonTimeout)
			},
			series: `credits_balance{account="a"`, moment: t0.Add(6*time.Hour + 250*time.Millisecond), before: "5", after: "",
		},
		"within a window it goes stale one interval after the end": {
			fill: func(b books) {
				b.answers(a, t0, single("credits", n(5)))
				b.fails(a, minutes(5), providers.ReasonRateLimited)
				b.Held(a.ID, minutes(12*60))
			},
			series: `credits_balance{account="a"`, moment: minutes(12*60 + 5), before: "5", after: "",
		},
		"a window closes": {
			fill: func(b books) {
				b.fails(a, t0, providers.ReasonRateLimited)
				b.Held(a.ID, minutes(3))
			},
			series: `credits_retry_after_timestamp_seconds{account="a"`, moment: minutes(3), before: "1.79526258e+09", after: "",
		},
		"a refusal to pay goes stale": {
			fill:   func(b books) { b.fails(a, t0, providers.ReasonPaymentRequired) },
			series: `credits_usage_allowed{account="a"`, moment: t0.Add(6*time.Hour + 250*time.Millisecond), before: "0", after: "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t, a, other)
			b.answers(other, t0, single("credits", n(1)))
			test.fill(b)
			b.commit()
			c := collector.New(b.Ledger, b.now)
			expect := func(when, want string) {
				t.Helper()
				for range 2 { // the second scrape is of what the first one kept
					if got := value(t, c, test.series); got != want {
						t.Errorf("%s: %q, want %q", when, got, want)
					}
				}
			}
			b.set(test.moment.Add(-time.Second))
			expect("a second before", test.before)
			b.set(test.moment)
			expect("at the moment", test.after)
			b.set(test.moment.Add(-time.Second))
			b.answers(other, b.now(), single("credits", n(2)))
			if got := value(t, c, `credits_balance{account="other"`); got != "2" {
				t.Errorf("another account's balance is %q", got)
			}
		})
	}
}

// value is the value of the series whose line begins like this, "" when there is none. It is the same in both ways to the
// samples.
func value(t *testing.T, c *collector.Collector, series string) string {
	t.Helper()
	gathered, done, err := c.Gather()
	defer done()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, mf := range gathered {
		if _, err := expfmt.MetricFamilyToText(&text, mf); err != nil {
			t.Fatal(err)
		}
	}
	find := func(text string) string {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, series) {
				return strings.TrimSpace(line[strings.LastIndex(line, " "):])
			}
		}
		return ""
	}
	kept := find(string(scrape(t, c, acceptText)))
	if made := find(text.String()); made != kept {
		t.Errorf("%s is kept as %q and gathered as %q", series, kept, made)
	}
	return kept
}

// TestScrapeOfWhatIsThere: a scrape after another one shows what changed between them, and only that.
func TestScrapeOfWhatIsThere(t *testing.T) {
	a, gone := account("olostep", "a"), account("olostep", "gone")
	b := newBooks(t, a, gone)
	c := collector.New(b.Ledger, b.now)
	expect := func(when, series, want string) {
		t.Helper()
		if got := value(t, c, series); got != want {
			t.Errorf("%s: %s is %q, want %q", when, series, got, want)
		}
	}
	expect("before the first poll", `credits_up{account="a"`, "")
	expect("before the first poll", `credits_account_info{account="a"`, "1")
	b.answers(a, t0, single("credits", providers.NewAmount(100)))
	b.answers(gone, t0, single("credits", providers.NewAmount(1)))
	expect("after a poll", `credits_up{account="a"`, "1")
	expect("after a poll", `credits_balance{account="a"`, "100")
	expect("before the commit", `credits_polls_total{account="a"`, "0")
	b.commit()
	expect("after the commit", `credits_polls_total{account="a"`, "1")
	b.fails(a, t0.Add(time.Minute), providers.ReasonTimeout)
	b.commit()
	expect("after a failure", `credits_up{account="a"`, "0")
	expect("after a failure", `credits_balance{account="a"`, "100")
	expect("after a failure", `credits_poll_failing{account="a",provider="olostep",reason="timeout"`, "1")
	expect("after a failure", `credits_poll_failures_total{provider="olostep",reason="timeout"`, "1")
	b.Failed(a.ID, "an identity that it had before", t0.Add(time.Minute), providers.ReasonTimeout, "slow")
	b.commit()
	expect("after a failure that is not the account's own any more", `credits_poll_failures_total{provider="olostep",reason="timeout"`, "2")
	b.answers(a, t0.Add(2*time.Minute), single("credits", providers.NewAmount(60)))
	b.commit()
	expect("after a recovery", `credits_poll_failing{account="a"`, "")
	expect("after a recovery", `credits_consumed_total{account="a"`, "40")
	expect("before the reload", `credits_balance{account="gone"`, "1")
	b.Apply([]*ledger.Account{a})
	expect("after the account was removed", `credits_balance{account="gone"`, "")
	expect("after the other was removed", `credits_balance{account="a"`, "60")
	b.Apply([]*ledger.Account{a, gone})
	expect("after it came back", `credits_balance{account="gone"`, "1")
}
