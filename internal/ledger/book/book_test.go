package book_test

import (
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

// start is when all examples begin; their times are what has passed since.
var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func day(n int) time.Time { return start.AddDate(0, 0, n) }

func amount(t testing.TB, text string) providers.Amount {
	t.Helper()
	if text == "" {
		return providers.Amount{}
	}
	a, err := providers.ParseAmount(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return a
}

// answer is one answer of a vendor in an example; "" is not stated.
type answer struct {
	remaining, used, allocated string
	unlimited, period, returns bool
	resets                     time.Time
	listed                     bool // even without any lot
	lots                       []part
	restart, absent            bool
}

type part struct {
	id, kind, left, allocated, used string
	starts, expires                 time.Time
	period                          bool
}

func (a answer) report(t testing.TB) providers.Report {
	if a.absent {
		return providers.Report{}
	}
	b := providers.Balance{
		Unit: "credits", Unlimited: a.unlimited, Remaining: amount(t, a.remaining), Used: amount(t, a.used), Allocated: amount(t, a.allocated),
		Period: a.period, Returns: a.returns, Resets: a.resets, Listed: a.listed || len(a.lots) > 0,
	}
	for _, l := range a.lots {
		b.Lots = append(b.Lots, providers.Lot{
			ID: l.id, Kind: l.kind, Remaining: amount(t, l.left), Allocated: amount(t, l.allocated), Used: amount(t, l.used),
			Starts: l.starts, Expires: l.expires, Period: l.period,
		})
	}
	if !b.Listed && !b.Unlimited {
		b.Lots = []providers.Lot{{ID: "default", Kind: "default", Remaining: b.Remaining, Allocated: b.Allocated, Used: b.Used, Period: b.Period}}
	}
	return providers.Report{Balances: []providers.Balance{b}}
}

// check compares one unit's counters and holds the books to the identity.
func check(t *testing.T, b book.Book, unit, consumed, granted, expired string) {
	t.Helper()
	for _, totals := range b.Totals() {
		if totals.Unit != unit {
			continue
		}
		got := [3]string{totals.Consumed.String(), totals.Granted.String(), totals.Expired.String()}
		if want := [3]string{consumed, granted, expired}; got != want {
			t.Errorf("consumed, granted, expired = %v, want %v", got, want)
		}
		addsUp(t, totals)
		return
	}
	t.Errorf("no books of %s", unit)
}

// addsUp is the invariant of every book.
func addsUp(t testing.TB, totals book.Totals) {
	t.Helper()
	if totals.Balance.Known() != totals.Opening.Known() {
		t.Fatalf("balance and opening are not known together: %+v", totals)
	}
	if !totals.Balance.Known() {
		return
	}
	booked := totals.Granted.Sub(totals.Consumed.Sub(totals.Returned)).Sub(totals.Expired.Sub(totals.Reinstated))
	if seen := totals.Balance.Sub(totals.Opening); booked.Cmp(seen) != 0 {
		t.Fatalf("%s: granted - consumed - expired = %s, but the balance changed by %s", totals.Unit, booked, seen)
	}
}

type example struct {
	name  string
	steps []step
}

// step is an answer at a time since the start, and the counters after it.
type step struct {
	at                         time.Duration
	answer                     answer
	consumed, granted, expired string
}

func TestExamples(t *testing.T) {
	for _, examples := range [][]example{balanceExamples(), useExamples(), lotExamples(), renewalExamples(), returnExamples(), clockExamples()} {
		for _, e := range examples {
			t.Run(e.name, func(t *testing.T) {
				var b book.Book
				for i, s := range e.steps {
					if s.answer.restart {
						b = b.Restart()
					}
					b = b.Observe(start.Add(s.at), s.answer.report(t))
					t.Logf("step %d", i)
					check(t, b, "credits", s.consumed, s.granted, s.expired)
				}
			})
		}
	}
}

const minute, hour = time.Minute, time.Hour

func balanceExamples() []example {
	return []example{
		{"100, 80, 90, 85 is 25 spent and 10 granted", []step{
			{0 * minute, answer{remaining: "100"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "80"}, "20", "0", "0"},
			{10 * minute, answer{remaining: "90"}, "20", "10", "0"},
			{15 * minute, answer{remaining: "85"}, "25", "10", "0"},
		}},
		{"what is added up stays exact", []step{
			{0 * minute, answer{remaining: "0.3"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "0.2"}, "0.1", "0", "0"},
			{10 * minute, answer{remaining: "-0.0000000000000000000000001"}, "0.3000000000000000000000001", "0", "0"},
			{15 * minute, answer{remaining: "1e20"}, "0.3000000000000000000000001", "100000000000000000000.0000000000000000000000001", "0"},
		}},
		{"debt grows by consumption and is paid by a grant", []step{
			{0 * minute, answer{remaining: "-5"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "-8"}, "3", "0", "0"},
			{10 * minute, answer{remaining: "20"}, "3", "28", "0"},
		}},
		{"an answer without the unit books nothing, the next one the net over the gap", []step{
			{0 * minute, answer{remaining: "100"}, "0", "0", "0"},
			{5 * minute, answer{absent: true}, "0", "0", "0"},
			{10 * minute, answer{remaining: "70"}, "30", "0", "0"},
		}},
		{"an unknown balance books nothing, the next one the net over the gap", []step{
			{0 * minute, answer{remaining: "100"}, "0", "0", "0"},
			{5 * minute, answer{}, "0", "0", "0"},
			{10 * minute, answer{remaining: "130"}, "0", "30", "0"},
		}},
		{"a restart is a new beginning; the counters stay", []step{
			{0 * minute, answer{remaining: "100"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "60"}, "40", "0", "0"},
			{10 * minute, answer{remaining: "5000", restart: true}, "40", "0", "0"},
			{15 * minute, answer{remaining: "4990"}, "50", "0", "0"},
		}},
		{"unlimited has no balance to explain; limited again is a new beginning", []step{
			{0 * minute, answer{remaining: "100"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "90"}, "10", "0", "0"},
			{10 * minute, answer{unlimited: true}, "10", "0", "0"},
			{15 * minute, answer{remaining: "400"}, "10", "0", "0"},
			{20 * minute, answer{remaining: "395"}, "15", "0", "0"},
		}},
		{"while unlimited, stated use is booked", []step{
			{0 * minute, answer{unlimited: true, used: "7"}, "0", "0", "0"},
			{5 * minute, answer{unlimited: true, used: "9"}, "2", "0", "0"},
			{10 * minute, answer{unlimited: true}, "2", "0", "0"},
			{15 * minute, answer{unlimited: true, used: "12"}, "5", "0", "0"},
			{20 * minute, answer{unlimited: true, used: "1"}, "6", "0", "0"},
			{25 * minute, answer{remaining: "50", used: "4"}, "6", "0", "0"},
			{30 * minute, answer{remaining: "48", used: "6"}, "8", "0", "0"},
		}},
	}
}

func useExamples() []example {
	return []example{
		{"stated use is consumption although the balance rose", []step{
			{0, answer{remaining: "100", used: "50"}, "0", "0", "0"},
			{4 * hour, answer{remaining: "130", used: "70"}, "20", "50", "0"},
			{8 * hour, answer{remaining: "130", used: "75"}, "25", "55", "0"},
		}},
		{"an allowance that grows was granted", []step{
			{0, answer{remaining: "60", used: "40", allocated: "100"}, "0", "0", "0"},
			{hour, answer{remaining: "155", used: "45", allocated: "200"}, "5", "100", "0"},
		}},
		{"a fall that the use does not explain is consumption, booked once when the use follows", []step{
			{0, answer{remaining: "100", used: "0"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "70", used: "20"}, "30", "0", "0"},
			{10 * minute, answer{remaining: "50", used: "50"}, "50", "0", "0"},
			{15 * minute, answer{remaining: "50", used: "60"}, "60", "10", "0"},
		}},
		{"use in whole cents beside an exact balance does not count twice", []step{
			{0, answer{remaining: "1", used: "0"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "0.996", used: "0"}, "0.004", "0", "0"},
			{10 * minute, answer{remaining: "0.992", used: "0"}, "0.008", "0", "0"},
			{15 * minute, answer{remaining: "0.988", used: "0.01"}, "0.012", "0", "0"},
		}},
		{"use that is missing from an answer is booked from the balance, and once", []step{
			{0, answer{remaining: "100", used: "10"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "90"}, "10", "0", "0"},
			{10 * minute, answer{remaining: "85", used: "25"}, "15", "0", "0"},
			{15 * minute, answer{remaining: "105"}, "15", "20", "0"},
			{20 * minute, answer{remaining: "105", used: "35"}, "25", "30", "0"},
		}},
		{"two accounts on one wallet, one of which is told no use, count it once", []step{
			{0, answer{remaining: "100", used: "10"}, "0", "0", "0"},
			{minute, answer{remaining: "100"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "80", used: "30"}, "20", "0", "0"},
			{6 * minute, answer{remaining: "78"}, "22", "0", "0"},
			{10 * minute, answer{remaining: "70", used: "40"}, "30", "0", "0"},
		}},
		{"use that falls without a renewal is a correction: what came back is granted", []step{
			{0, answer{remaining: "50", used: "50"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "40", used: "60"}, "10", "0", "0"},
			{10 * minute, answer{remaining: "45", used: "55"}, "10", "5", "0"},
			{15 * minute, answer{remaining: "44", used: "56"}, "11", "5", "0"},
			{20 * minute, answer{remaining: "44", used: "61"}, "16", "10", "0"},
		}},
		{"use that starts again without a sign of a renewal is followed from there", []step{
			{0, answer{remaining: "100", used: "900"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "500", used: "3"}, "0", "400", "0"},
			{10 * minute, answer{remaining: "500", used: "23"}, "20", "420", "0"},
		}},
		{"use that dips and comes back while the balance stands still books nothing", []step{
			{0, answer{remaining: "50", used: "100"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "50", used: "98"}, "0", "0", "0"},
			{10 * minute, answer{remaining: "50", used: "100"}, "0", "0", "0"},
		}},
		{"use stated later than the balance begins where it is first seen", []step{
			{0, answer{remaining: "50"}, "0", "0", "0"},
			{5 * minute, answer{remaining: "45", used: "100"}, "5", "0", "0"},
			{10 * minute, answer{remaining: "145", used: "103"}, "8", "103", "0"},
		}},
		{"stated use tells how much of a lot was spent before it expired", []step{
			{0, answer{remaining: "150", used: "0", lots: []part{{id: "a", left: "50", expires: day(1)}, {id: "b", left: "100"}}}, "0", "0", "0"},
			{25 * hour, answer{remaining: "100", used: "20", lots: []part{{id: "b", left: "100"}}}, "20", "0", "30"},
		}},
		{"this month's use beside a plan that renews and credits that stay", []step{
			{0, answer{remaining: "600", used: "900", resets: day(31), lots: []part{
				{kind: "plan", left: "100", allocated: "1000", period: true}, {kind: "extra", left: "500"},
			}}, "0", "0", "0"},
			{31*24*hour + minute, answer{remaining: "1495", used: "5", resets: day(61), lots: []part{
				{kind: "plan", left: "995", allocated: "1000", period: true}, {kind: "extra", left: "500"},
			}}, "5", "1000", "100"},
		}},
	}
}
