package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

var t0 = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func amount(t testing.TB, text string) providers.Amount {
	t.Helper()
	if text == "" {
		return providers.Amount{}
	}
	a, err := providers.ParseAmount(text)
	if err != nil {
		t.Fatalf("amount %q: %v", text, err)
	}
	return a
}

func testAccount() *Account {
	return &Account{
		ID: ID{"olostep", "production"}, Enabled: true, Wallet: "olostep/production",
		Interval: 5 * time.Minute, StaleAfter: 6 * time.Hour, Identity: "1",
	}
}

// lot writes a lot as the cases below do: kind, remaining, allocated, and hours from t0 to its expiry ("" for none).
func lot(t testing.TB, kind, remaining, allocated string, expires float64) providers.Lot {
	l := providers.Lot{Kind: kind, Remaining: amount(t, remaining), Allocated: amount(t, allocated)}
	if expires != 0 {
		l.Expires = t0.Add(time.Duration(expires * float64(time.Hour)))
	}
	return l
}

// describe writes a view the way the cases below expect it.
func describe(v View) string {
	var b strings.Builder
	for _, balance := range v.Balances {
		fmt.Fprintf(&b, "%s %s\n", balance.Unit, balance.Amount)
		for _, l := range balance.Lots {
			fmt.Fprintf(&b, "  %s[%s] %s", l.Label, l.Kind, l.Remaining)
			if l.Allocated.Known() {
				fmt.Fprintf(&b, " of %s", l.Allocated)
			}
			if l.Cumulative.Known() {
				fmt.Fprintf(&b, " cumulative %s", l.Cumulative)
			}
			if l.Pending.Known() {
				fmt.Fprintf(&b, " pending %s", l.Pending)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestLots(t *testing.T) {
	tests := map[string]struct {
		stated string // the vendor's own total
		lots   []providers.Lot
		after  time.Duration // since the answer
		want   string
	}{
		"by expiry, whatever the order of the answer": {
			stated: "12500",
			lots:   []providers.Lot{lot(t, "top-up", "4000", "5000", 48), lot(t, "subscription", "8500", "10000", 24)},
			want: "credits 12500\n" +
				"  subscription-2026-11-22T12:00:00Z[subscription] 8500 of 10000 cumulative 8500\n" +
				"  top-up-2026-11-23T12:00:00Z[top-up] 4000 of 5000 cumulative 12500\n",
		},
		"without expiry last": {
			stated: "30",
			lots:   []providers.Lot{lot(t, "manual", "10", "", 0), lot(t, "top-up", "20", "", 48)},
			want: "credits 30\n" +
				"  top-up-2026-11-23T12:00:00Z[top-up] 20 cumulative 20\n" +
				"  manual[manual] 10 cumulative 30\n",
		},
		"never expiring lots do not count for each other": {
			stated: "30",
			lots:   []providers.Lot{lot(t, "a", "10", "", 0), lot(t, "b", "20", "", 0)},
			want:   "credits 30\n  a[a] 10 cumulative 10\n  b[b] 20 cumulative 20\n",
		},
		"lots lost at the same moment count for each other": {
			stated: "30",
			lots:   []providers.Lot{lot(t, "a", "10", "", 1), lot(t, "b", "20", "", 1)},
			want: "credits 30\n  a-2026-11-21T13:00:00Z[a] 10 cumulative 30\n" +
				"  b-2026-11-21T13:00:00Z[b] 20 cumulative 30\n",
		},
		"twins are one": {
			stated: "30",
			lots:   []providers.Lot{lot(t, "top-up", "10", "50", 48), lot(t, "top-up", "20", "60", 48)},
			want:   "credits 30\n  top-up-2026-11-23T12:00:00Z[top-up] 30 of 110 cumulative 30\n",
		},
		"twins of which one does not say what it began with": {
			stated: "30",
			lots:   []providers.Lot{lot(t, "top-up", "10", "50", 48), lot(t, "top-up", "20", "", 48)},
			want:   "credits 30\n  top-up-2026-11-23T12:00:00Z[top-up] 30 cumulative 30\n",
		},
		"only lots stated": {
			lots: []providers.Lot{lot(t, "a", "10", "", 0), lot(t, "b", "0.5", "", 2), lot(t, "old", "7", "", -2)},
			want: "credits 10.5\n  old-2026-11-21T10:00:00Z[old] 0 cumulative 0\n" +
				"  b-2026-11-21T14:00:00Z[b] 0.5 cumulative 0.5\n  a[a] 10 cumulative 10.5\n",
		},
		"no lots at all and no total": {want: "credits 0\n"},
		"a lot passes its expiry": {
			stated: "30", lots: []providers.Lot{lot(t, "a", "10", "", 0), lot(t, "b", "20", "", 1)}, after: time.Hour,
			want: "credits 10\n  b-2026-11-21T13:00:00Z[b] 0 cumulative 0\n  a[a] 10 cumulative 10\n",
		},
		"a second before it does not": {
			stated: "30", lots: []providers.Lot{lot(t, "b", "20", "", 1)}, after: time.Hour - time.Second,
			want: "credits 30\n  b-2026-11-21T13:00:00Z[b] 20 cumulative 20\n",
		},
		"the balance does not fall below the valid lots": {
			stated: "15", lots: []providers.Lot{lot(t, "a", "10", "", 0), lot(t, "b", "20", "", 1)}, after: 2 * time.Hour,
			want: "credits 10\n  b-2026-11-21T13:00:00Z[b] 0 cumulative 0\n  a[a] 10 cumulative 10\n",
		},
		"nor rise to them": {
			stated: "15", lots: []providers.Lot{lot(t, "a", "40", "", 0), lot(t, "b", "20", "", 1)}, after: 2 * time.Hour,
			want: "credits 15\n  b-2026-11-21T13:00:00Z[b] 0 cumulative 0\n  a[a] 40 cumulative 40\n",
		},
		"a lot that was over when the vendor answered takes nothing off": {
			stated: "30", lots: []providers.Lot{lot(t, "old", "5", "", -1), lot(t, "a", "30", "", 0)},
			want: "credits 30\n  old-2026-11-21T11:00:00Z[old] 0 cumulative 0\n  a[a] 30 cumulative 30\n",
		},
		"a debt is shown": {
			stated: "-3", lots: []providers.Lot{lot(t, "a", "-3", "", 0)},
			want: "credits -3\n  a[a] -3 cumulative -3\n",
		},
		"an expired lot is dropped a day later": {
			stated: "30", lots: []providers.Lot{lot(t, "a", "10", "", 0), lot(t, "old", "5", "", -24)},
			want: "credits 30\n  a[a] 10 cumulative 10\n",
		},
		"an empty lot is shown": {
			stated: "10", lots: []providers.Lot{lot(t, "a", "10", "", 0), lot(t, "b", "0", "9", 0)},
			want: "credits 10\n  a[a] 10 cumulative 10\n  b[b] 0 of 9 cumulative 0\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			report := &providers.Report{Balances: []providers.Balance{{
				Unit: "credits", Remaining: amount(t, test.stated), Listed: true, Lots: test.lots,
			}}}
			for range 2 { // the second time in the opposite order
				state := (&State{Account: testAccount()}).succeeded(t0, report)
				if got := describe(state.At(t0.Add(test.after))); got != test.want {
					t.Errorf("got:\n%swant:\n%s", got, test.want)
				}
				slices.Reverse(test.lots)
			}
		})
	}
}

func TestPendingLots(t *testing.T) {
	pending := lot(t, "setup", "50", "50", 0)
	pending.Starts = t0.Add(time.Hour)
	report := &providers.Report{Balances: []providers.Balance{{
		Unit: "credits", Listed: true, Lots: []providers.Lot{pending, lot(t, "a", "10", "", 0)},
	}}}
	state := (&State{Account: testAccount()}).succeeded(t0, report)
	if got, want := describe(state.At(t0)), "credits 10\n  a[a] 10 cumulative 10\n  setup[setup] unknown of 50 pending 50\n"; got != want {
		t.Errorf("before it starts:\n%swant:\n%s", got, want)
	}
	if got := state.At(t0).Changes; !got.Equal(pending.Starts) {
		t.Errorf("changes at %v, want at the start %v", got, pending.Starts)
	}
	if got, want := describe(state.At(pending.Starts)), "credits 60\n  a[a] 10 cumulative 10\n  setup[setup] 50 of 50 cumulative 50\n"; got != want {
		t.Errorf("from its start on:\n%swant:\n%s", got, want)
	}
}

// An empty lot is shown for a day from when it was first seen empty, across polls.
func TestEmptyLotsAreDroppedAfterADay(t *testing.T) {
	report := func(left string) *providers.Report {
		return &providers.Report{Balances: []providers.Balance{{
			Unit: "credits", Remaining: amount(t, "5"), Listed: true, Lots: []providers.Lot{lot(t, "a", left, "", 0)},
		}}}
	}
	state := (&State{Account: testAccount()}).succeeded(t0, report("0"))
	state = state.succeeded(t0.Add(20*time.Hour), report("0"))
	if shown := state.At(t0.Add(24*time.Hour - time.Second)).Balances[0].Lots; len(shown) != 1 {
		t.Errorf("a second before a day: %d lots, want 1", len(shown))
	}
	if shown := state.At(t0.Add(24 * time.Hour)).Balances[0].Lots; len(shown) != 0 {
		t.Errorf("after a day: %d lots, want none", len(shown))
	}
	state = state.succeeded(t0.Add(25*time.Hour), report("1")).succeeded(t0.Add(26*time.Hour), report("0"))
	if shown := state.At(t0.Add(27 * time.Hour)).Balances[0].Lots; len(shown) != 1 {
		t.Errorf("refilled and spent again: %d lots, want 1", len(shown))
	}
}

// The one lot of a vendor without lots, and a lot that renews, stay when they are empty: they are not over.
func TestEmptyBalancesStay(t *testing.T) {
	single := lot(t, "default", "0", "", 0)
	single.ID = "default"
	renewing := lot(t, "plan", "0", "100", 0)
	renewing.Period = true
	report := &providers.Report{Balances: []providers.Balance{
		{Unit: "credits", Remaining: amount(t, "0"), Lots: []providers.Lot{single}},
		{Unit: "searches", Remaining: amount(t, "0"), Listed: true, Lots: []providers.Lot{renewing}},
	}}
	account := testAccount()
	account.StaleAfter = 100 * time.Hour
	view := (&State{Account: account}).succeeded(t0, report).At(t0.Add(48 * time.Hour))
	if want := "credits 0\n  default[default] 0\nsearches 0\n  plan[plan] 0 of 100 cumulative 0\n"; describe(view) != want {
		t.Errorf("got:\n%swant:\n%s", describe(view), want)
	}
}

func TestManyLotsAreCapped(t *testing.T) {
	lots := []providers.Lot{lot(t, "never", "1", "1", 0), lot(t, "spent", "0", "1", 500)}
	for i := range 120 {
		l := lot(t, "top-up", "1", "2", float64(i+1))
		l.ID = fmt.Sprintf("lot-%03d", i)
		lots = append(lots, l)
	}
	report := &providers.Report{Balances: []providers.Balance{{Unit: "credits", Listed: true, Lots: lots}}}
	view := (&State{Account: testAccount()}).succeeded(t0, report).At(t0)
	shown := view.Balances[0].Lots
	if len(shown) != 101 {
		t.Fatalf("%d lots, want 99, the empty one and the rest", len(shown))
	}
	if shown[98].Label != "lot-098" || shown[99].Kind != "spent" {
		t.Errorf("the last are %s and %s, want lot-098 and the spent one", shown[98].Label, shown[99].Label)
	}
	rest := shown[100]
	if rest.Label != "other" || rest.Kind != "other" || rest.Remaining.String() != "22" || rest.Allocated.String() != "43" ||
		rest.Cumulative.String() != "121" || !rest.Expires.IsZero() {
		t.Errorf("the rest is %+v", rest)
	}
}

func TestStaleness(t *testing.T) {
	allowed := true
	report := &providers.Report{
		Balances:     []providers.Balance{{Unit: "credits", Remaining: amount(t, "5")}},
		UsageAllowed: &allowed, Plan: providers.Plan{ID: "pro"},
	}
	good := (&State{Account: testAccount()}).succeeded(t0, report)
	held := func(until time.Duration) *State {
		next := *good.failed(t0.Add(time.Hour), providers.ReasonRateLimited, "")
		next.Window = t0.Add(until)
		return &next
	}
	tests := map[string]struct {
		state *State
		stale time.Duration // after t0
	}{
		"stale_after":                           {good, 6 * time.Hour},
		"a failure changes nothing":             {good.failed(t0.Add(time.Hour), providers.ReasonTimeout, ""), 6 * time.Hour},
		"a short window changes nothing":        {held(2 * time.Hour), 6 * time.Hour},
		"a long window, and one interval":       {held(20 * time.Hour), 20*time.Hour + 5*time.Minute},
		"and no longer once the window is over": {held(7 * time.Hour), 7*time.Hour + 5*time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := test.state.At(t0.Add(test.stale - time.Second))
			if len(before.Balances) != 1 || before.Plan.ID != "pro" || before.UsageAllowed == nil || before.Stale {
				t.Errorf("a second before: %+v", before)
			}
			after := test.state.At(t0.Add(test.stale))
			if len(after.Balances) != 0 || after.Plan.ID != "" || after.UsageAllowed != nil || !after.Stale {
				t.Errorf("after: %+v", after)
			}
		})
	}
}

func TestUsageAllowed(t *testing.T) {
	yes := true
	said := (&State{Account: testAccount()}).succeeded(t0, &providers.Report{UsageAllowed: &yes})
	silent := (&State{Account: testAccount()}).succeeded(t0, &providers.Report{})
	refused := func(s *State) *State { return s.failed(t0.Add(time.Hour), providers.ReasonPaymentRequired, "") }
	tests := map[string]struct {
		state *State
		want  string
	}{
		"said":                               {said, "true"},
		"not said":                           {silent, "absent"},
		"payment required":                   {refused(silent), "false"},
		"payment required after yes":         {refused(said), "false"},
		"and another failure after it":       {refused(said).failed(t0.Add(2*time.Hour), providers.ReasonTimeout, ""), "false"},
		"and a success that says nothing":    {refused(said).succeeded(t0.Add(2*time.Hour), &providers.Report{}), "absent"},
		"payment required before all else":   {refused(&State{Account: testAccount()}), "false"},
		"another failure says nothing of it": {said.failed(t0.Add(time.Hour), providers.ReasonServerError, ""), "true"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := "absent"
			if allowed := test.state.At(t0.Add(3 * time.Hour)).UsageAllowed; allowed != nil {
				got = fmt.Sprint(*allowed)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	if allowed := refused(said).At(t0.Add(7 * time.Hour)).UsageAllowed; allowed != nil {
		t.Error("a refusal is shown for longer than stale_after")
	}
}

func TestThresholds(t *testing.T) {
	account := testAccount()
	account.Thresholds = []Threshold{
		{Unit: "credits", Severity: "warning", Amount: amount(t, "20"), Percent: true},
		{Unit: "credits", Severity: "critical", Amount: amount(t, "500")},
	}
	tests := map[string]struct {
		balance *providers.Balance
		want    string
	}{
		"before the first answer": {nil, "critical 500"},
		"percent of the lots":     {&providers.Balance{Listed: true, Lots: []providers.Lot{lot(t, "a", "1", "5000", 0), lot(t, "b", "1", "10000", 1)}}, "warning 3000 critical 500"},
		"but not of expired ones": {&providers.Balance{Listed: true, Lots: []providers.Lot{lot(t, "a", "1", "5000", 0), lot(t, "b", "1", "10000", -1)}}, "warning 1000 critical 500"},
		"of the plan":             {&providers.Balance{PlanAllocated: amount(t, "100"), Listed: true, Lots: []providers.Lot{lot(t, "a", "1", "", 0)}}, "warning 20 critical 500"},
		"of what is not known":    {&providers.Balance{Listed: true, Lots: []providers.Lot{lot(t, "a", "1", "", 0)}}, "critical 500"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			state := &State{Account: account}
			if test.balance != nil {
				test.balance.Unit = "credits"
				state = state.succeeded(t0, &providers.Report{Balances: []providers.Balance{*test.balance}})
			}
			for _, at := range []time.Duration{0, 10 * time.Hour} { // stale values leave thresholds
				if at > 0 && name != "of the plan" && name != "before the first answer" && name != "of what is not known" {
					continue
				}
				var got []string
				for _, l := range state.At(t0.Add(at)).Limits {
					got = append(got, l.Severity+" "+l.Amount.String())
				}
				if strings.Join(got, " ") != test.want {
					t.Errorf("after %v: got %q, want %q", at, got, test.want)
				}
			}
		})
	}
}
