package book_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

// history is one vendor's life under one observer.
type history struct {
	t    testing.TB
	rng  *rand.Rand
	v    *vendor
	book book.Book
	// off is by how much the observer's clock is wrong.
	off time.Duration
	// text is the book as storage has it.
	text  string
	polls int
	last  map[string]book.Totals
}

func newHistory(t testing.TB, seed uint64, b book.Book) *history {
	t.Helper()
	return &history{
		t: t, rng: rand.New(rand.NewPCG(seed, 0)), v: &vendor{now: start},
		book: b, text: encode(t, b), last: map[string]book.Totals{},
	}
}

func (h *history) restart() {
	h.book = h.book.Restart()
	h.text = encode(h.t, h.book)
}

// poll observes one answer, changed by the given functions, and holds the books to what must be true of any book.
func (h *history) poll(changes ...func(*providers.Balance)) {
	h.t.Helper()
	b := h.v.answer()
	for _, change := range changes {
		change(&b)
	}
	h.observe(providers.Report{Balances: []providers.Balance{b}})
	h.v.counting = true
}

func (h *history) observe(r providers.Report) {
	h.t.Helper()
	if h.rng.IntN(5) == 0 {
		h.book = throughStorage(h.t, h.book)
	}
	old := h.book
	h.book = old.Observe(h.v.now.Add(h.off), r)
	if h.rng.IntN(4) == 0 {
		if encode(h.t, old) != h.text {
			h.t.Fatal("an observation changed the old book")
		}
	}
	if h.book != old {
		text := encode(h.t, h.book)
		if text == h.text {
			h.t.Fatal("a new book holds the same as the old one")
		}
		h.text = text
	}
	h.polls++
	if *soakTrace {
		h.t.Logf("%s, clock off by %s: %+v\n  truth: %s consumed, %s granted, %s expired\n  books: %s", h.v.now.Format(time.RFC3339), h.off,
			r.Balances, h.v.consumed, h.v.granted, h.v.expired, h.text)
	}
	h.monotonic()
}

// monotonic holds each counter to its last value, and the books to the identity.
func (h *history) monotonic() {
	h.t.Helper()
	for _, now := range h.book.Totals() {
		addsUp(h.t, now)
		was, seen := h.last[now.Unit]
		if seen && (now.Consumed.Cmp(was.Consumed) < 0 || now.Granted.Cmp(was.Granted) < 0 || now.Expired.Cmp(was.Expired) < 0) {
			h.t.Fatalf("a counter fell: %v, then %v", was, now)
		}
		for _, a := range []providers.Amount{now.Consumed, now.Granted, now.Expired, now.Returned, now.Reinstated} {
			if !a.Known() || a.Sign() < 0 {
				h.t.Fatalf("unknown or negative: %v", now)
			}
		}
		h.last[now.Unit] = now
	}
}

func (h *history) totals() book.Totals {
	h.t.Helper()
	totals := h.book.Totals()
	if len(totals) != 1 {
		h.t.Fatalf("%d units", len(totals))
	}
	return totals[0]
}

func encode(t testing.TB, b book.Book) string {
	t.Helper()
	text, err := b.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// throughStorage is the book as a restart finds it.
func throughStorage(t testing.TB, b book.Book) book.Book {
	t.Helper()
	text := encode(t, b)
	var back book.Book
	if err := json.Unmarshal([]byte(text), &back); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if again := encode(t, back); again != text {
		t.Fatalf("written %s\nread back %s", text, again)
	}
	return back
}

// What an answer may lack.

func withoutUsed(b *providers.Balance) { b.Used = providers.Amount{} }

func withoutLots(b *providers.Balance) { b.Lots = nil }

// withoutSomeLots leaves out some of them, twins together: they are one lot.
func (h *history) withoutSomeLots(b *providers.Balance) {
	kept := map[time.Time]bool{}
	for _, l := range b.Lots {
		kept[l.Expires] = h.rng.IntN(3) > 0
	}
	b.Lots = slices.DeleteFunc(b.Lots, func(l providers.Lot) bool { return !kept[l.Expires] })
}

func (h *history) chance(percent int) bool { return h.rng.IntN(100) < percent }

// between is a time from a to b.
func (h *history) between(a, b time.Duration) time.Duration {
	return a + time.Duration(h.rng.Int64N(int64(b-a)))
}
