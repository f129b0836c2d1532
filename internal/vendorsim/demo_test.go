package vendorsim_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

func newDemo(t *testing.T) (*vendorsim.Simulator, *clock, []vendorsim.DemoAccount) {
	t.Helper()
	simulator, clock := newSimulator(t)
	accounts := vendorsim.Demo(clock.Now())
	if err := simulator.AddDemo(accounts); err != nil {
		t.Fatal(err)
	}
	return simulator, clock, accounts
}

func TestDemoHasEveryKindOfAccount(t *testing.T) {
	_, _, accounts := newDemo(t)
	have := make(map[vendorsim.Vendor]map[string]bool)
	for _, account := range accounts {
		if have[account.Vendor] == nil {
			have[account.Vendor] = make(map[string]bool)
		}
		have[account.Vendor][account.Name] = true
		if !regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`).MatchString(account.Name) {
			t.Errorf("%s is no name for an account", account.Name)
		}
		if account.Key != "test-key-"+string(account.Vendor)+"-"+account.Name || account.Interval <= 0 || len(account.Labels) != 2 {
			t.Errorf("%+v", account)
		}
	}
	for _, vendor := range vendorsim.Vendors() {
		for _, name := range []string{"production", "nearly-empty", "throttled", "topped-up", "revoked"} {
			if !have[vendor][name] {
				t.Errorf("%s has no account %s", vendor, name)
			}
		}
	}
	if !have[vendorsim.Olostep]["expiring"] || !have[vendorsim.Olostep]["blocked"] {
		t.Error("olostep has no account with lots about to expire, or none that is blocked")
	}
}

// All but the bad keys have a balance at the first poll, whatever chance does later, and every answer is documented.
func TestDemoBegins(t *testing.T) {
	simulator, clock, accounts := newDemo(t)
	for poll := range 10 {
		for _, account := range accounts {
			a := ask(t, simulator, account.Vendor, account.Key)
			if bad := account.Name == "revoked"; poll == 0 && (a.status != http.StatusOK) != bad {
				t.Errorf("%s/%s: first answer %d", account.Vendor, account.Name, a.status)
			}
			openAPI(t, account.Vendor).conforms(t, a)
		}
		clock.Step(30 * time.Second)
	}
}

// Two hours of the demo, as a patient client polls it: what each account is there to show is seen, and nothing grows.
func TestDemoShowsWhatItPromises(t *testing.T) {
	simulator, clock, accounts := newDemo(t)
	type history struct{ least, most, first, last vendorsim.Credits }
	seen := make(map[string]*history)
	next := make(map[string]time.Time)
	for range 2 * 60 * 6 {
		for _, account := range accounts {
			name := string(account.Vendor) + "/" + account.Name
			if clock.Now().Before(next[name]) {
				continue
			}
			a := ask(t, simulator, account.Vendor, account.Key)
			if a.status == http.StatusTooManyRequests {
				next[name] = clock.Now().Add(wait(t, a))
			}
			balance := simulator.Account(account.Vendor, account.Name).Balance()
			h := seen[name]
			if h == nil {
				h = &history{least: balance, most: balance, first: balance}
				seen[name] = h
			}
			h.least, h.most, h.last = min(h.least, balance), max(h.most, balance), balance
		}
		clock.Step(10 * time.Second)
	}
	for _, account := range accounts {
		name := string(account.Vendor) + "/" + account.Name
		live := simulator.Account(account.Vendor, account.Name)
		h, requests := seen[name], live.Requests()
		if requests.Violations != 0 || len(live.Lots()) > 20 {
			t.Errorf("%s: %d violations, %d lots", name, requests.Violations, len(live.Lots()))
		}
		holds := true
		switch account.Name {
		case "production", "staging":
			holds = h.last < h.first && h.least > 0
		case "nearly-empty":
			holds = h.least == 0 && h.last <= 300*vendorsim.Credit && h.most >= 200*vendorsim.Credit
		case "topped-up":
			holds = h.least > 0 && h.most < 2000*vendorsim.Credit && h.most-h.least > 500*vendorsim.Credit
		case "throttled":
			holds = requests.Statuses[http.StatusTooManyRequests] > 10 && requests.Statuses[http.StatusOK] > 10
		case "revoked":
			holds = requests.Statuses[http.StatusOK] == 0
		case "blocked":
			holds = h.least == h.most && requests.Statuses[http.StatusOK] == requests.Count
		}
		if !holds {
			t.Errorf("%s: %+v, %+v", name, *h, requests.Statuses)
		}
	}
}

// The expiring account: one lot within two minutes, one tomorrow, one in a month, one without an end; and new ones come.
func TestDemoLots(t *testing.T) {
	simulator, clock, _ := newDemo(t)
	account := simulator.Account(vendorsim.Olostep, "expiring")
	lots := account.Lots()
	if len(lots) != 4 {
		t.Fatalf("%+v", lots)
	}
	for i, most := range []time.Duration{2 * time.Minute, 24 * time.Hour, 30 * 24 * time.Hour} {
		if left := lots[i].Expires.Sub(clock.Now()); left <= 0 || left > most {
			t.Errorf("lot %d expires in %s", i, left)
		}
	}
	if !lots[3].Expires.IsZero() {
		t.Errorf("lot 3 expires at %s", lots[3].Expires)
	}
	before := account.Balance()
	clock.Step(90 * time.Second)
	if lost := before - account.Balance(); lost < 400*vendorsim.Credit {
		t.Errorf("%s were lost in the first two minutes", lost)
	}
	clock.Step(9 * time.Minute)
	if lots := account.Lots(); lots[0].Expires.Sub(clock.Now()) > 4*time.Minute {
		t.Errorf("after ten minutes: %+v", lots)
	}
}
