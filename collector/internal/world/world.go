// Package world is a ledger in which things happen at random: polls that succeed and fail, retry windows, reloads, lots
// that expire, a clock that goes on and is set back. Tests hold what is exposed against it.
package world

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/storage" //nolint:depguard // for tests only: a ledger is filled through its public API
	"github.com/credits-exporter/credits_exporter/providers"        //nolint:depguard // likewise
)

// World is a ledger, and who plays the poller and the configuration for it.
type World struct {
	Ledger *ledger.Ledger
	random *rand.Rand
	clock  atomic.Pointer[time.Time]
	// all are the accounts that there may be; configured are those that there are.
	all, configured []*ledger.Account
}

// New makes a world with up to that many accounts. The same seed makes the same world.
func New(seed uint64, accounts int) (*World, error) {
	w := &World{random: rand.New(rand.NewPCG(seed, 1))}
	w.set(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	var err error
	if w.Ledger, err = ledger.New(storage.None{}, w.Now, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	for i := range accounts {
		w.all = append(w.all, w.account(fmt.Sprintf("customer-%04d", i)))
	}
	w.configured = slices.Clone(w.all[:(accounts+1)/2])
	w.Ledger.Apply(w.configured)
	return w, nil
}

// Now is the world's time.
func (w *World) Now() time.Time { return *w.clock.Load() }

func (w *World) set(to time.Time) { w.clock.Store(&to) }

// Step lets one thing happen, and tells what.
func (w *World) Step() string {
	switch n := w.random.IntN(100); {
	case n < 70:
		return w.poll()
	case n < 80:
		if err := w.Ledger.Commit(); err != nil {
			return err.Error()
		}
		return "a commit"
	case n < 90:
		return w.passTime()
	case n < 97:
		return w.reload()
	}
	w.set(w.Now().Add(-time.Duration(w.random.IntN(7200)) * time.Second))
	return "the clock is set back"
}

// poll has one account polled.
func (w *World) poll() string {
	a, at := pick(w.random, w.configured), w.Now()
	w.Ledger.Began(a.ID, at)
	w.Ledger.Ended()
	defer w.Ledger.Planned(a.ID, at.Add(a.Interval))
	if w.random.IntN(4) > 0 {
		report := w.report()
		w.Ledger.Succeeded(a.ID, a.Identity, at.Add(time.Duration(w.random.IntN(3000))*time.Millisecond), report)
		return "an answer for " + a.String()
	}
	reason := pick(w.random, providers.Reasons())
	w.Ledger.Failed(a.ID, a.Identity, at, reason, "the text goes to the log")
	if w.random.IntN(2) == 0 {
		w.Ledger.Held(a.ID, at.Add(time.Duration(w.random.IntN(600))*time.Second))
	}
	return fmt.Sprint(reason, " for ", a)
}

// passTime goes on by seconds to days, or to the very moment at which an account changes by time alone.
func (w *World) passTime() string {
	next := pick(w.random, w.Ledger.Listing().Entries).State().At(w.Now()).Changes
	switch {
	case !next.IsZero() && w.random.IntN(2) == 0:
		w.set(next.Add(-time.Duration(w.random.IntN(2)))) // the last nanosecond before it, or the first after
	case w.random.IntN(5) == 0:
		w.set(w.Now().Add(time.Duration(w.random.IntN(60)) * time.Hour))
	default:
		w.set(w.Now().Add(time.Duration(w.random.IntN(900_000)) * time.Millisecond))
	}
	return "it is " + w.Now().Format(time.RFC3339Nano)
}

// reload has accounts come, go and change. One always stays.
func (w *World) reload() string {
	for range 1 + w.random.IntN(3) {
		if i := w.random.IntN(len(w.all)); w.random.IntN(2) == 0 {
			w.all[i] = w.account(w.all[i].Account)
		}
	}
	share := 1 + w.random.IntN(20)
	w.configured = slices.DeleteFunc(slices.Clone(w.all), func(*ledger.Account) bool { return w.random.IntN(share+1) == 0 })
	if len(w.configured) == 0 {
		w.configured = slices.Clone(w.all[:1])
	}
	w.Ledger.Apply(w.configured)
	return "a reload"
}

// account is an account with random settings. Only its name says which provider's it is.
func (w *World) account(name string) *ledger.Account {
	provider := []string{"deepl", "massive", "olostep"}[len(name)*int(name[len(name)-1])%3]
	a := &ledger.Account{
		ID: ledger.ID{Provider: provider, Account: name}, Enabled: true, Wallet: provider + "/" + name,
		Interval: time.Duration(1+w.random.IntN(60)) * time.Minute, StaleAfter: 6 * time.Hour, Identity: pick(w.random, []string{"1", "1", "1", "2"}),
	}
	if w.random.IntN(5) == 0 {
		a.Wallet = "shared"
	}
	for range w.random.IntN(3) {
		if a.Labels == nil {
			a.Labels = map[string]string{}
		}
		a.Labels[pick(w.random, []string{"team", "env", "cost_center", "aa", "zz"})] = w.text()
	}
	for _, severity := range []string{"warning", "critical"}[:w.random.IntN(3)] {
		a.Thresholds = append(a.Thresholds, ledger.Threshold{Unit: "credits", Severity: severity, Amount: w.amount(100), Percent: w.random.IntN(2) == 0})
		a.RunwayThresholds = append(a.RunwayThresholds, ledger.RunwayThreshold{Severity: severity, Left: time.Duration(w.random.IntN(100)) * time.Hour})
	}
	if w.random.IntN(3) == 0 {
		a.Prices = []ledger.Price{{Unit: "credits", Amount: w.amount(3), Currency: "USD"}}
	}
	return a
}

// report is a random answer.
func (w *World) report() *providers.Report {
	r := &providers.Report{Balances: []providers.Balance{w.balance("credits")}}
	if w.random.IntN(4) == 0 {
		r.Balances = append(r.Balances, w.balance("USD"))
	}
	if w.random.IntN(2) == 0 {
		r.Plan = providers.Plan{ID: w.text(), Name: w.text()}
	}
	if w.random.IntN(3) == 0 {
		r.AsOf = w.Now().Add(-time.Minute)
		r.UsageAllowed = new(w.random.IntN(2) == 0)
	}
	return r
}

func (w *World) balance(unit string) providers.Balance {
	b := providers.Balance{Unit: unit}
	switch w.random.IntN(5) {
	case 0:
		b.Unlimited = true
		return b
	case 1:
		b.Remaining = w.amount(1000)
		b.Lots = []providers.Lot{{ID: "default", Kind: "default", Remaining: b.Remaining}}
		b.Resets, b.PeriodLength = w.Now().Add(time.Hour), 24*time.Hour
		b.PlanAllocated = w.amount(1000)
		return b
	}
	b.Listed = true
	lots := w.random.IntN(4)
	if w.random.IntN(30) == 0 {
		lots = 130
	}
	for range lots {
		b.Lots = append(b.Lots, w.lot())
	}
	if w.random.IntN(2) == 0 || lots == 0 {
		b.Remaining = w.amount(5000)
	}
	return b
}

func (w *World) lot() providers.Lot {
	l := providers.Lot{Kind: pick(w.random, []string{"top-up", "subscription", "manual"}), Remaining: w.amount(1000)}
	if w.random.IntN(2) == 0 {
		l.ID = w.text() + "-" + string(rune('a'+w.random.IntN(26)))
	}
	if w.random.IntN(2) == 0 {
		l.Allocated = w.amount(5000)
	}
	if w.random.IntN(2) == 0 {
		l.Expires = w.Now().Add(time.Duration(w.random.IntN(100_000)) * time.Second)
	}
	if w.random.IntN(8) == 0 {
		l.Starts = w.Now().Add(time.Duration(w.random.IntN(10_000)) * time.Second)
	}
	return l
}

// amount is up to a maximum, a whole number or one with two decimals, and seldom zero.
func (w *World) amount(maximum int64) providers.Amount {
	a := providers.NewAmount(w.random.Int64N(maximum))
	if w.random.IntN(3) == 0 {
		return a.Div(providers.NewAmount(100))
	}
	return a
}

// text is what a vendor or a user may write, among it what must be escaped.
func (w *World) text() string {
	parts := []string{"a", "production", `"`, `\`, "\n", "ä", "\u202e", "} 1", "# EOF\n", " ", "<b>", "\t"}
	var b strings.Builder
	for range 1 + w.random.IntN(3) {
		b.WriteString(pick(w.random, parts))
	}
	return b.String()
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
