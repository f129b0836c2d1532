package web_test

import (
	"flag"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// world is a ledger that vendors have reported to, at testNow.
type world struct {
	t      testing.TB
	ledger *ledger.Ledger
}

// account is an account of the configuration as most are; change makes it another one.
func account(provider, name string, change ...func(*ledger.Account)) *ledger.Account {
	a := &ledger.Account{
		ID: ledger.ID{Provider: provider, Account: name}, Enabled: true, Wallet: provider + "/" + name,
		Interval: 5 * time.Minute, StaleAfter: 6 * time.Hour, Identity: "1",
	}
	for _, c := range change {
		c(a)
	}
	return a
}

func newWorld(t testing.TB, accounts ...*ledger.Account) *world {
	t.Helper()
	l, err := ledger.New(storage.None{}, func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l.Apply(accounts)
	return &world{t, l}
}

// options are those of a process whose ledger this is.
func (w *world) options() web.Options {
	options := testOptions()
	options.Listing = w.ledger.Listing
	return options
}

func (w *world) id(provider, name string) ledger.ID {
	return ledger.ID{Provider: provider, Account: name}
}

// commit shows what is counted.
func (w *world) commit() {
	w.t.Helper()
	if err := w.ledger.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

// says lets a vendor report balances some time before now.
func (w *world) says(provider, name string, before time.Duration, balances ...providers.Balance) {
	w.report(provider, name, before, providers.Report{Balances: balances})
}

func (w *world) report(provider, name string, before time.Duration, report providers.Report) {
	at := testNow.Add(-before)
	w.ledger.Began(w.id(provider, name), at)
	w.ledger.Succeeded(w.id(provider, name), "1", at, &report)
	w.ledger.Ended()
}

func (w *world) fails(provider, name string, before time.Duration, reason providers.Reason, text string) {
	at := testNow.Add(-before)
	w.ledger.Began(w.id(provider, name), at)
	w.ledger.Failed(w.id(provider, name), "1", at, reason, text)
	w.ledger.Ended()
}

// week lets a vendor report every half an hour of the last week; left is what is left so many days ago.
func (w *world) week(provider, name, unit string, left func(daysAgo float64) float64) {
	const every = 30 * time.Minute
	for before := 7*24*time.Hour - every; before > 0; before -= every {
		w.says(provider, name, before, plain(w.t, unit, math.Round(left(before.Hours()/24))))
	}
}

func amount(t testing.TB, f float64) providers.Amount {
	t.Helper()
	if f == math.Trunc(f) {
		return providers.NewAmount(int64(f))
	}
	return providers.NewAmount(int64(math.Round(f * 1000))).Div(providers.NewAmount(1000))
}

// plain is a balance of a vendor without lots.
func plain(t testing.TB, unit string, left float64) providers.Balance {
	a := amount(t, left)
	return providers.Balance{Unit: unit, Remaining: a, Lots: []providers.Lot{{ID: "default", Kind: "default", Remaining: a}}}
}

func limits(unit string, warning, critical int64) func(*ledger.Account) {
	return func(a *ledger.Account) {
		a.Thresholds = append(a.Thresholds,
			ledger.Threshold{Unit: unit, Severity: "warning", Amount: providers.NewAmount(warning)},
			ledger.Threshold{Unit: unit, Severity: "critical", Amount: providers.NewAmount(critical)})
	}
}

func labelled(labels map[string]string) func(*ledger.Account) {
	return func(a *ledger.Account) { a.Labels = labels }
}

func onWallet(name string) func(*ledger.Account) { return func(a *ledger.Account) { a.Wallet = name } }

func priced(unit string, thousandths int64, currency string) func(*ledger.Account) {
	return func(a *ledger.Account) {
		a.Prices = []ledger.Price{{Unit: unit, Amount: providers.NewAmount(thousandths).Div(providers.NewAmount(1000)), Currency: currency}}
	}
}

// exampleWorld holds an account in every state, and every form of a balance.
func exampleWorld(t testing.TB) *world {
	w := newWorld(
		t,
		account("deepixels", "default", limits("credits", 500, 100)),
		account("deepixels", "low", limits("credits", 500, 100), labelled(map[string]string{"team": "growth"})),
		account("liveavatar", "marketing"),
		account("massive", "default", onWallet("main"), priced("credits", 2, "USD")),
		account("massive", "second", onWallet("main"), priced("credits", 2, "USD")),
		account("olostep", "blocked"),
		account("olostep", "new"),
		account("olostep", "production", limits("credits", 2500, 500), priced("credits", 40, "EUR"), func(a *ledger.Account) {
			a.Labels = map[string]string{"team": "growth", "stage": "production"}
			a.RunwayThresholds = []ledger.RunwayThreshold{{Severity: "warning", Left: 10 * 24 * time.Hour}}
		}),
		account("olostep", "staging"),
	)
	w.week("deepixels", "default", "credits", func(daysAgo float64) float64 { return 920 + 40*daysAgo })
	w.fails("deepixels", "default", 11*time.Minute, providers.ReasonRateLimited, "the vendor answered with status 429")
	w.ledger.Held(w.id("deepixels", "default"), testNow.Add(3*time.Minute))
	w.ledger.Planned(w.id("deepixels", "default"), testNow.Add(3*time.Minute))

	w.says("deepixels", "low", time.Minute, plain(t, "credits", 42.5))
	w.says("liveavatar", "marketing", 5*time.Second, plain(t, "credits", -3), providers.Balance{Unit: "minutes", Unlimited: true}, plain(t, "USD", 12.25))
	w.says("massive", "default", 83*time.Second, plain(t, "credits", 1284500.25))
	w.ledger.Planned(w.id("massive", "default"), testNow.Add(217*time.Second))
	w.says("massive", "second", 80*time.Minute, plain(t, "credits", 1284600))
	allowed, refused := true, false
	w.report("olostep", "blocked", time.Minute, providers.Report{
		Balances: []providers.Balance{plain(t, "credits", 10)}, UsageAllowed: &refused,
	})
	for before := 30 * time.Hour; before > 0; before -= time.Hour {
		w.report("olostep", "production", before, production(t, before.Hours(), &allowed))
	}
	w.says("olostep", "staging", 51*time.Hour, plain(t, "credits", 77))
	w.fails("olostep", "staging", 50*time.Hour, providers.ReasonTimeout, "no whole answer in 20s")
	w.says("olostep", "staging", 49*time.Hour, plain(t, "credits", 76))
	for before := 48 * time.Hour; before > time.Hour; before -= time.Hour {
		w.fails("olostep", "staging", before, providers.ReasonUnauthorized, "the vendor answered with status 401")
	}
	w.ledger.Planned(w.id("olostep", "staging"), testNow.Add(50*time.Minute))
	w.commit()
	return w
}

// production is what a vendor with lots and plans says, so many hours ago.
func production(t testing.TB, hoursAgo float64, allowed *bool) providers.Report {
	subscription := 1500 + 100*hoursAgo
	return providers.Report{
		Balances: []providers.Balance{{
			Unit: "credits", Remaining: amount(t, subscription+5000), PlanAllocated: providers.NewAmount(10000), Listed: true,
			Resets: testNow.Add(9 * 24 * time.Hour), PeriodLength: 30 * 24 * time.Hour,
			Lots: []providers.Lot{
				{Kind: "subscription", Remaining: amount(t, subscription), Allocated: providers.NewAmount(10000), Expires: testNow.Add(9 * 24 * time.Hour)},
				{Kind: "top-up", Remaining: providers.NewAmount(4000), Allocated: providers.NewAmount(5000), Expires: testNow.Add(130 * 24 * time.Hour)},
				{Kind: "gift", Remaining: providers.NewAmount(1000)},
				{Kind: "trial", Remaining: providers.NewAmount(250), Allocated: providers.NewAmount(1000), Expires: testNow.Add(-2 * time.Hour)},
				{Kind: "next", Remaining: providers.NewAmount(700), Starts: testNow.Add(48 * time.Hour), Expires: testNow.Add(300 * 24 * time.Hour)},
			},
		}},
		Plan: providers.Plan{ID: "SUB_PRO", Name: "Pro"}, UsageAllowed: allowed, AsOf: testNow.Add(-time.Hour),
	}
}

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("not as in testdata/%s; -update writes it anew. Got:\n%s", name, got)
	}
}
