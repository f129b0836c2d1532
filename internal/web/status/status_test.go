package status

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func amount(t *testing.T, text string) providers.Amount {
	t.Helper()
	a, err := providers.ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// view is an account that has spent a credit an hour for a day and has an amount left.
func view(t *testing.T, left string, spends bool, change func(*ledger.Account, *providers.Report)) ledger.View {
	t.Helper()
	account := &ledger.Account{
		ID: ledger.ID{Provider: "massive", Account: "a"}, Enabled: true, Wallet: "w", Interval: time.Hour, StaleAfter: 6 * time.Hour, Identity: "1",
	}
	report := func(hoursAgo int64) *providers.Report {
		balance := amount(t, left)
		if spends {
			balance = balance.Add(providers.NewAmount(hoursAgo))
		}
		return &providers.Report{Balances: []providers.Balance{{Unit: "credits", Remaining: balance}}}
	}
	last := report(0)
	if change != nil {
		change(account, last)
	}
	l, err := ledger.New(storage.None{}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l.Apply([]*ledger.Account{account})
	for hours := int64(24); hours > 0; hours-- {
		l.Succeeded(account.ID, "1", now.Add(-time.Duration(hours)*time.Hour), report(hours))
	}
	l.Succeeded(account.ID, "1", now, last)
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	state, _ := l.Lookup(account.ID)
	return state.At(now)
}

// TestLevel holds the words to the alert rules: who is shown as critical is who a critical alert is about.
func TestLevel(t *testing.T) {
	limit := func(severity, amount string) func(*ledger.Account, *providers.Report) {
		return func(a *ledger.Account, _ *providers.Report) {
			value, _ := providers.ParseAmount(amount)
			a.Thresholds = append(a.Thresholds, ledger.Threshold{Unit: "credits", Severity: severity, Amount: value})
		}
	}
	runway := func(severity string, left time.Duration) func(*ledger.Account, *providers.Report) {
		return func(a *ledger.Account, _ *providers.Report) {
			a.RunwayThresholds = append(a.RunwayThresholds, ledger.RunwayThreshold{Severity: severity, Left: left})
		}
	}
	refused := func(_ *ledger.Account, r *providers.Report) { no := false; r.UsageAllowed = &no }
	unlimited := func(_ *ledger.Account, r *providers.Report) {
		r.Balances = []providers.Balance{{Unit: "credits", Unlimited: true}}
	}
	renews := func(in time.Duration) func(*ledger.Account, *providers.Report) {
		return func(_ *ledger.Account, r *providers.Report) { r.Balances[0].Resets = now.Add(in) }
	}
	// lots gives the last answer lots of 100 each with so much left, that expire after so many hours.
	lots := func(began string, left ...int64) func(*ledger.Account, *providers.Report) {
		return func(_ *ledger.Account, r *providers.Report) {
			b := &r.Balances[0]
			b.Listed = true
			for i := 0; i < len(left); i += 2 {
				lot := providers.Lot{ID: strings.Repeat("x", i+1), Kind: "top-up", Remaining: providers.NewAmount(left[i])}
				lot.Expires = now.Add(time.Duration(left[i+1]) * time.Hour)
				if began != "" {
					lot.Allocated, _ = providers.ParseAmount(began)
				}
				b.Lots = append(b.Lots, lot)
			}
		}
	}
	tests := []struct {
		name, left string
		spends     bool
		change     func(*ledger.Account, *providers.Report)
		level      Level
		text       string
	}{
		{"nothing to compare with", "5", false, nil, None, ""},
		{"nothing left", "0", false, nil, Warning, "no credits left"},
		{"a debt", "-3", false, nil, Warning, "no credits left"},
		{"a debt that is allowed", "-3", false, limit("critical", "-5"), OK, ""},
		{"above the threshold", "50.01", false, limit("warning", "50"), OK, ""},
		{"at the threshold", "50", false, limit("warning", "50"), Warning, "credits at 50 (warning)"},
		{"below the threshold", "49.99", false, limit("critical", "50"), Critical, "credits below 50 (critical)"},
		{"lasts 8 days", "192", true, nil, OK, ""},
		{"lasts 6 days", "144", true, nil, Warning, "credits last less than 7d (warning)"},
		{"lasts a day", "24", true, nil, Critical, "credits last less than 2d (critical)"},
		{"lasts a day, and renews before", "24", true, renews(12 * time.Hour), OK, ""},
		{"lasts a day, and renews later", "24", true, renews(2 * day), Critical, "credits last less than 2d (critical)"},
		{"lasts 6 days, which is enough", "144", true, runway("warning", 5*day), OK, ""},
		{"lasts a day, and only a warning is set", "24", true, runway("warning", 5*day), Critical, "credits last less than 2d (critical)"},
		{"lasts 6 days, which is critical", "144", true, runway("critical", 6*day+time.Hour), Critical, "credits last less than 6d 1h (critical)"},
		{"usage is refused", "500", false, refused, Critical, "the vendor refuses usage"},
		{"unlimited", "500", false, unlimited, OK, ""},
		{"a lot is spent before it expires", "600", true, lots("100", 90, 100), OK, ""},
		{"a lot is not spent before it expires", "600", true, lots("100", 90, 60), Warning, "30 credits will expire unspent"},
		{"a twentieth of a lot is lost", "600", true, lots("100", 65, 60), OK, ""},
		{"each of two lots could be spent, but not both", "600", true, lots("100", 90, 100, 90, 120), Warning, "60 credits will expire unspent"},
		{"a fourth of the balance is lost, and the vendor does not say of how much", "200", true, lots("", 60, 10), OK, ""},
		{"over a fourth", "200", true, lots("", 61, 10), Warning, "51 credits will expire unspent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := view(t, test.left, test.spends, test.change)
			got := Of(&v)
			var texts []string
			for _, finding := range got.Findings {
				texts = append(texts, finding.Text)
			}
			if got.Level != test.level || strings.Join(texts, ", ") != test.text {
				t.Errorf("got %s: %q, want %s: %q", got.Level, texts, test.level, test.text)
			}
		})
	}
}

// TestExpiryWithoutPace: in its first hours nobody knows how fast an account spends, so all that expires soon may be lost.
func TestExpiryWithoutPace(t *testing.T) {
	for in, want := range map[time.Duration]Level{23 * time.Hour: Warning, 25 * time.Hour: None, -time.Hour: None} {
		v := ledger.View{
			State: &ledger.State{Account: &ledger.Account{}, LastSuccess: now},
			Balances: []ledger.Balance{{
				Unit: "credits", Listed: true, Amount: providers.NewAmount(90),
				Lots: []ledger.Lot{{Remaining: providers.NewAmount(90), Cumulative: providers.NewAmount(90), Expires: now.Add(in)}},
			}},
		}
		if got := Of(&v).Level; got != want {
			t.Errorf("a lot that expires in %s: got %s, want %s", in, got, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "1284500.25": "1284500.25", "-0.5": "-0.5", "1e-40": "1e-40", "123456789012345.678901234567890123": "123456789012345.67",
	} {
		if got := Decimal(amount(t, text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
