package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// world is a ledger that vendors have reported to, and the pages that show it.
type world struct {
	t      *testing.T
	ledger *ledger.Ledger
	now    time.Time
	url    string

	mu     sync.Mutex
	polled []ledger.ID
}

// newWorld serves the pages of some accounts. They refresh themselves every so many seconds.
func newWorld(t *testing.T, now time.Time, refresh int, accounts ...*ledger.Account) *world {
	t.Helper()
	w := &world{t: t, now: now}
	var err error
	if w.ledger, err = ledger.New(storage.None{}, w.clock, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	w.ledger.Apply(accounts)
	handler, err := web.NewHandler(web.Options{
		Name: "credits_exporter", Version: "1.0.0", Description: "Exposes the balances of prepaid API credits to Prometheus.",
		Metrics:        http.NotFoundHandler(),
		Listing:        w.ledger.Listing,
		AccountMetrics: collector.New(w.ledger, w.clock).Text,
		Definition: func(provider string) (web.Definition, bool) {
			return web.Definition{Title: provider, Docs: "https://docs.example/", Verified: "2026-11-20", YAML: "schema: 1\nname: " + provider + "\n"}, true
		},
		Awaited: func() string { return "" }, Lifecycle: true, Reload: func(context.Context) error { return nil },
		Poller: w, Now: w.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(often(handler, refresh))
	t.Cleanup(server.Close)
	w.url = server.URL + "/"
	return w
}

// often lets pages refresh themselves more often than they would.
func often(pages http.Handler, seconds int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		pages.ServeHTTP(recorder, r)
		body := strings.Replace(recorder.Body.String(), `data-refresh="10"`, fmt.Sprintf(`data-refresh="%d"`, seconds), 1)
		for name, values := range recorder.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(recorder.Code)
		_, _ = io.WriteString(w, body)
	})
}

func (w *world) clock() time.Time { return w.now }

// PollNow lets the vendor say that there are 5 left, and that it wants to be left alone from then on.
func (w *world) PollNow(_ context.Context, id ledger.ID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.polled) > 0 {
		return &web.WaitError{Until: w.now.Add(time.Minute), Window: true}
	}
	w.polled = append(w.polled, id)
	w.says(id.Provider, id.Account, 0, plain("credits", 5))
	return nil
}

func (w *world) says(provider, name string, before time.Duration, balances ...providers.Balance) {
	w.report(provider, name, before, providers.Report{Balances: balances})
}

func (w *world) report(provider, name string, before time.Duration, report providers.Report) {
	id, at := ledger.ID{Provider: provider, Account: name}, w.now.Add(-before)
	w.ledger.Began(id, at)
	w.ledger.Succeeded(id, "1", at, &report)
	w.ledger.Ended()
	w.ledger.Planned(id, at.Add(5*time.Minute))
}

func (w *world) fails(provider, name string, before time.Duration, reason providers.Reason, text string) {
	id, at := ledger.ID{Provider: provider, Account: name}, w.now.Add(-before)
	w.ledger.Began(id, at)
	w.ledger.Failed(id, "1", at, reason, text)
	w.ledger.Ended()
	w.ledger.Planned(id, at.Add(5*time.Minute))
}

func (w *world) commit() {
	w.t.Helper()
	if err := w.ledger.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

// week lets a vendor report every half an hour of the last week, and a moment ago; say gives what it says so many days ago.
func (w *world) week(provider, name string, say func(daysAgo float64) providers.Report) {
	for before := 7*24*time.Hour - 30*time.Minute; before > 0; before -= 30 * time.Minute {
		w.report(provider, name, before, say(before.Hours()/24))
	}
	w.report(provider, name, 2*time.Minute, say(0))
}

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

func whole(f float64) providers.Amount { return providers.NewAmount(int64(math.Round(f))) }

// plain is a balance of a vendor without lots.
func plain(unit string, left float64) providers.Balance {
	return providers.Balance{Unit: unit, Remaining: whole(left), Lots: []providers.Lot{{ID: "default", Kind: "default", Remaining: whole(left)}}}
}

func limits(unit string, warning, critical int64) func(*ledger.Account) {
	return func(a *ledger.Account) {
		a.Thresholds = append(a.Thresholds,
			ledger.Threshold{Unit: unit, Severity: "warning", Amount: providers.NewAmount(warning)},
			ledger.Threshold{Unit: unit, Severity: "critical", Amount: providers.NewAmount(critical)})
	}
}

func team(name string) func(*ledger.Account) {
	return func(a *ledger.Account) { a.Labels = map[string]string{"team": name} }
}

func price(thousandths int64) func(*ledger.Account) {
	return func(a *ledger.Account) {
		a.Prices = []ledger.Price{{Unit: "credits", Amount: providers.NewAmount(thousandths).Div(providers.NewAmount(1000)), Currency: "USD"}}
	}
}
