package book_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

// full is a book in which every field of its file is in use.
func full(t *testing.T) book.Book {
	t.Helper()
	var b book.Book
	for i, a := range []answer{
		{returns: true, used: "1", resets: day(3), lots: []part{
			{id: "a", left: "100.5", allocated: "200", expires: day(1)}, {kind: "plan", left: "7", used: "3", starts: day(-1), period: true},
		}},
		{returns: true, resets: day(3), lots: []part{
			{id: "a", left: "90.5", allocated: "200", expires: day(1)}, {kind: "plan", left: "7", used: "3", starts: day(-1), period: true},
		}},
		{returns: true, resets: day(3), lots: []part{
			{id: "a", left: "95.5", allocated: "200", expires: day(1)}, {kind: "plan", left: "7", used: "3", starts: day(-1), period: true},
		}},
	} {
		b = b.Observe(start.Add(time.Duration(i)*5*minute), a.report(t))
	}
	return b
}

func TestJSON(t *testing.T) {
	const want = `[{"unit":"credits","consumed":"10","granted":"0","expired":"0","returned":"5","balance":"102.5","opening":"107.5",` +
		`"used":"1","lead":"5","resets":"2026-03-04T00:00:00Z",` +
		`"lots":[{"id":"a","left":"95.5","allocated":"200","expires":"2026-03-02T00:00:00Z"},` +
		`{"kind":"plan","left":"7","used":"3","starts":"2026-02-28T00:00:00Z","period":true}],` +
		`"recent":[{"at":"2026-03-01T00:05:00Z","amount":"5"}]}]`
	if got := encode(t, full(t)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	throughStorage(t, full(t))
	throughStorage(t, book.Book{})
}

// TestGoesOn holds a book from storage to going on just as the one that was written.
func TestGoesOn(t *testing.T) {
	next := answer{returns: true, used: "40", resets: day(33), lots: []part{
		{id: "a", left: "60", allocated: "200", expires: day(1)}, {kind: "plan", left: "9", used: "1", starts: day(-1), period: true},
	}}.report(t)
	kept, restored := full(t), throughStorage(t, full(t))
	for n := range 5 {
		at := day(n)
		kept, restored = kept.Observe(at, next), restored.Observe(at, next)
		if encode(t, kept) != encode(t, restored) {
			t.Fatalf("day %d: %s\nrestored: %s", n, encode(t, kept), encode(t, restored))
		}
	}
}

func TestDamagedJSON(t *testing.T) {
	good := encode(t, full(t))
	for _, damage := range []struct{ name, old, new string }{
		{"no list", "[{", "{"},
		{"an unknown field", `"consumed"`, `"spent"`},
		{"a counter is missing", `"granted":"0",`, ``},
		{"a negative counter", `"granted":"0"`, `"granted":"-1"`},
		{"a counter that does not add up", `"consumed":"10"`, `"consumed":"11"`},
		{"no number", `"consumed":"10"`, `"consumed":"ten"`},
		{"a fraction by zero", `"consumed":"10"`, `"consumed":"10/0"`},
		{"a balance without an opening", `"opening":"107.5",`, ``},
		{"more returned than consumed", `"returned":"5"`, `"returned":"50"`},
		{"a lot without an amount", `"left":"95.5",`, ``},
		{"lots out of order", `"2026-03-02T00:00:00Z"},{"kind"`, `"2026-03-02T00:00:00Z"},{"expires":"2026-03-01T00:00:00Z","left":"0","kind"`},
		{"recent consumption below 0", `"amount":"5"`, `"amount":"-5"`},
		{"a unit twice", `[{"unit":"credits",`, `[{"unit":"credits","consumed":"0","granted":"0","expired":"0"},{"unit":"credits",`},
		{"an empty page", `[{"unit":"credits",`, `[null,{"unit":"credits",`},
		{"lots without a balance", `"balance":"102.5","opening":"107.5",`, ``},
	} {
		t.Run(damage.name, func(t *testing.T) {
			text := strings.Replace(good, damage.old, damage.new, 1)
			if text == good {
				t.Fatal("nothing was damaged")
			}
			b := full(t)
			err := json.Unmarshal([]byte(text), &b)
			if err == nil {
				t.Fatalf("taken: %s", encode(t, b))
			}
			if strings.Contains(err.Error(), "95.5") || strings.Contains(err.Error(), "107.5") {
				t.Errorf("the error quotes a value: %v", err)
			}
			if encode(t, b) != good {
				t.Error("a failed read changed the book")
			}
		})
	}
}

// TestUnits holds the books of one unit to being untouched by the others, and to standing in order.
func TestUnits(t *testing.T) {
	report := func(usd, credits string) providers.Report {
		return providers.Report{Balances: []providers.Balance{
			{Unit: "searches", Unlimited: true},
			{Unit: "credits", Remaining: amount(t, credits)},
			{Unit: "USD", Remaining: amount(t, usd)},
			{Unit: "USD", Remaining: amount(t, "12345")}, // a unit comes once; the first counts
		}}
	}
	b := book.Book{}.Observe(start, report("10", "100"))
	b = b.Observe(start.Add(hour), report("9.5", "130"))
	var units []string
	for _, totals := range b.Totals() {
		units = append(units, totals.Unit)
	}
	if got := strings.Join(units, " "); got != "USD credits" {
		t.Errorf("units %s: one that is unlimited and states no use has no books", got)
	}
	check(t, b, "USD", "0.5", "0", "0")
	check(t, b, "credits", "0", "30", "0")
}

// TestUnchanged holds an observation that changed nothing to giving the same book, so that nothing need be stored.
func TestUnchanged(t *testing.T) {
	b := full(t)
	same := answer{returns: true, resets: day(3), lots: []part{
		{kind: "plan", left: "7", used: "3", starts: day(-1), period: true}, {id: "a", left: "95.5", allocated: "200", expires: day(1)},
	}}.report(t)
	if b.Observe(start.Add(time.Hour), same) != b {
		t.Error("another book")
	}
	if again := b.Restart(); again == b || again.Restart() != again {
		t.Error("a restart forgets, and a second one has nothing to forget")
	}
	if (book.Book{}).Restart() != (book.Book{}) || (book.Book{}).Observe(start, providers.Report{}) != (book.Book{}) {
		t.Error("there is nothing in an empty book")
	}
}
