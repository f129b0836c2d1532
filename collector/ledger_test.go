package collector_test

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/storage" //nolint:depguard // a ledger is filled through its public API
	"github.com/credits-exporter/credits_exporter/providers"        //nolint:depguard // likewise
)

var t0 = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// clock is a wall clock that a test sets.
type clock struct{ at atomic.Pointer[time.Time] }

func newClock() *clock {
	c := &clock{}
	c.set(t0)
	return c
}

func (c *clock) now() time.Time   { return *c.at.Load() }
func (c *clock) set(to time.Time) { c.at.Store(&to) }

// books is a ledger in memory that a test plays the poller for.
type books struct {
	*ledger.Ledger
	*clock
	t testing.TB
}

func newBooks(t testing.TB, accounts ...*ledger.Account) books {
	t.Helper()
	c := newClock()
	l, err := ledger.New(storage.None{}, c.now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l.Apply(accounts)
	return books{l, c, t}
}

func account(provider, name string) *ledger.Account {
	return &ledger.Account{
		ID: ledger.ID{Provider: provider, Account: name}, Enabled: true, Wallet: provider + "/" + name,
		Interval: 5 * time.Minute, StaleAfter: 6 * time.Hour, Identity: "1",
	}
}

// answers is a poll that succeeds.
func (b books) answers(a *ledger.Account, at time.Time, report providers.Report) {
	b.Began(a.ID, at)
	b.Ended()
	b.Succeeded(a.ID, a.Identity, at.Add(250*time.Millisecond), &report)
	b.Planned(a.ID, at.Add(a.Interval))
}

// fails is a poll that fails.
func (b books) fails(a *ledger.Account, at time.Time, reason providers.Reason) {
	b.Began(a.ID, at)
	b.Ended()
	b.Failed(a.ID, a.Identity, at.Add(250*time.Millisecond), reason, "the text goes to the log")
	b.Planned(a.ID, at.Add(a.Interval))
}

// commit makes the counters public.
func (b books) commit() {
	b.t.Helper()
	if err := b.Commit(); err != nil {
		b.t.Fatal(err)
	}
}

func amount(t testing.TB, text string) providers.Amount {
	t.Helper()
	a, err := providers.ParseAmount(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return a
}

// single is the report of a vendor that states one number.
func single(unit string, left providers.Amount) providers.Report {
	return providers.Report{Balances: []providers.Balance{{
		Unit: unit, Remaining: left, Lots: []providers.Lot{{ID: "default", Kind: "default", Remaining: left}},
	}}}
}

// listed is the report of a vendor that states a total and lots.
func listed(total providers.Amount, lots ...providers.Lot) providers.Report {
	return providers.Report{Balances: []providers.Balance{{Unit: "credits", Remaining: total, Listed: true, Lots: lots}}}
}

// aFewOfEach is one account for each state that an account can be in.
func aFewOfEach(t testing.TB) books {
	t.Helper()
	n := providers.NewAmount
	lots := account("olostep", "lots")
	lots.Labels = map[string]string{"team": "growth", "cost_center": "42"}
	lots.Wallet = "main"
	lots.Thresholds = []ledger.Threshold{
		{Unit: "credits", Severity: "warning", Amount: n(20), Percent: true},
		{Unit: "credits", Severity: "critical", Amount: n(500)},
	}
	lots.RunwayThresholds = []ledger.RunwayThreshold{
		{Severity: "critical", Left: 48 * time.Hour}, {Severity: "warning", Left: 7 * 24 * time.Hour},
	}
	lots.Prices = []ledger.Price{{Unit: "credits", Amount: amount(t, "0.002"), Currency: "USD"}}
	quota := account("deepl", "quota")
	quota.Labels = map[string]string{"env": "prod"}
	var (
		unlimited = account("deepl", "unlimited")
		debt      = account("massive", "debt")
		failing   = account("massive", "failing")
		unread    = account("massive", "unread")
		stale     = account("massive", "stale")
		held      = account("deepixels", "held")
		blocked   = account("deepixels", "blocked")
		unpolled  = account("deepixels", "unpolled")
		disabled  = account("deepixels", "disabled")
	)
	disabled.Enabled = false
	b := newBooks(t, lots, quota, unlimited, debt, failing, unread, stale, held, blocked, unpolled, disabled)

	yes := true
	expires, later := t0.Add(24*time.Hour), t0.Add(48*time.Hour)
	report := func(subscription, topUp int64) providers.Report {
		r := listed(
			n(subscription+topUp+10),
			providers.Lot{Kind: "top-up", Remaining: n(topUp), Allocated: n(5000), Expires: later},
			providers.Lot{Kind: "subscription", Remaining: n(subscription), Allocated: n(10000), Expires: expires},
			providers.Lot{Kind: "manual", Remaining: n(10)},
			providers.Lot{ID: "gift", Kind: "pending", Remaining: n(700), Allocated: n(700), Starts: expires, Expires: later},
		)
		r.Plan = providers.Plan{ID: "SUB_PRO", Name: "Pro"}
		r.UsageAllowed = &yes
		r.Balances[0].PlanAllocated = n(10000)
		return r
	}
	b.answers(lots, t0.Add(-10*time.Minute), report(9000, 3500))
	b.answers(lots, t0.Add(-5*time.Minute), report(8500, 4000))
	b.answers(quota, t0.Add(-time.Minute), providers.Report{
		AsOf: t0.Add(-90 * time.Second),
		Balances: []providers.Balance{
			{
				Unit: "characters", Remaining: n(400_000), Allocated: n(500_000), Used: n(100_000), PlanAllocated: n(500_000), Period: true,
				Resets: t0.Add(9 * 24 * time.Hour), PeriodLength: 30 * 24 * time.Hour,
				Lots: []providers.Lot{{ID: "default", Kind: "default", Remaining: n(400_000), Allocated: n(500_000), Period: true}},
			},
			{Unit: "USD", Remaining: amount(t, "12.34"), Lots: []providers.Lot{{ID: "default", Kind: "default", Remaining: amount(t, "12.34")}}},
		},
	})
	b.answers(unlimited, t0.Add(-time.Minute), providers.Report{Balances: []providers.Balance{{Unit: "characters", Unlimited: true}}})
	b.answers(debt, t0.Add(-time.Minute), single("credits", amount(t, "-5.5")))
	b.answers(failing, t0.Add(-10*time.Minute), single("credits", n(7)))
	b.fails(failing, t0.Add(-5*time.Minute), providers.ReasonServerError)
	b.FailedUnasked(unread.ID, unread.Identity, t0.Add(-time.Minute), providers.ReasonCredentials, "file /run/secrets/key: empty")
	b.answers(stale, t0.Add(-6*time.Hour-time.Second), single("credits", n(9)))
	b.fails(stale, t0.Add(-time.Minute), providers.ReasonTimeout)
	b.answers(held, t0.Add(-10*time.Minute), single("credits", n(3)))
	b.fails(held, t0.Add(-time.Minute), providers.ReasonRateLimited)
	b.UpdateKey("a", func(ledger.Key) ledger.Key {
		return ledger.Key{Until: t0.Add(3 * time.Minute), Length: 4 * time.Minute, Limited: 1}
	})
	b.Held(held.ID, t0.Add(3*time.Minute))
	b.fails(blocked, t0.Add(-time.Minute), providers.ReasonPaymentRequired)
	b.Planned(unpolled.ID, t0.Add(time.Second))
	b.commit()
	return b
}
