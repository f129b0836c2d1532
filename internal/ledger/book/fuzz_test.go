package book_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

// randomReport is any report at all, made of few values so that they meet again.
func randomReport(rng *rand.Rand) providers.Report {
	raw := make([]byte, 64)
	for i := range raw {
		raw[i] = byte(rng.Uint32())
	}
	d := &dice{raw: raw}
	return d.report()
}

// dice turns bytes into choices; when they are used up every choice is the first.
type dice struct{ raw []byte }

func (d *dice) roll(n int) int {
	if len(d.raw) == 0 {
		return 0
	}
	v := int(d.raw[0]) % n
	d.raw = d.raw[1:]
	return v
}

func (d *dice) maybe() bool { return d.roll(2) == 1 }

func (d *dice) amount() providers.Amount {
	texts := []string{"", "0", "1", "2", "5", "10", "100", "100.5", "0.001", "-1", "-50", "1e15", "1e-300", "-0", "99", "3"}
	a, err := providers.ParseAmount(texts[d.roll(len(texts))])
	if err != nil {
		return providers.Amount{}
	}
	if d.roll(8) == 7 {
		return a.Div(providers.NewAmount(3))
	}
	return a
}

func (d *dice) time() time.Time {
	switch d.roll(6) {
	case 0:
		return time.Time{}
	case 1:
		return time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	case 2:
		return time.Unix(-1<<40, 0)
	}
	return start.Add(time.Duration(d.roll(100)) * 11 * time.Hour)
}

func (d *dice) report() providers.Report {
	var r providers.Report
	for range d.roll(4) {
		b := providers.Balance{
			Unit: []string{"credits", "USD", "", "\xff", "searches"}[d.roll(5)], Unlimited: d.roll(8) == 1,
			Remaining: d.amount(), Allocated: d.amount(), Used: d.amount(),
			Period: d.maybe(), Returns: d.maybe(), Listed: d.maybe(), Resets: d.time(),
		}
		for range d.roll(5) {
			b.Lots = append(b.Lots, providers.Lot{
				ID: []string{"", "a", "b", "default", "\xfe"}[d.roll(5)], Kind: []string{"", "plan", "top-up"}[d.roll(3)],
				Remaining: d.amount(), Allocated: d.amount(), Used: d.amount(), Starts: d.time(), Expires: d.time(), Period: d.maybe(),
			})
		}
		r.Balances = append(r.Balances, b)
	}
	return r
}

// FuzzObserve holds the books to the identity, and the counters to never falling, whatever a vendor answers and whatever
// the clock shows.
func FuzzObserve(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		raw := make([]byte, 400)
		for i := range raw {
			raw[i] = byte(rng.Uint32())
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := &dice{raw: raw}
		h := newHistory(t, uint64(len(raw)), book.Book{})
		for len(d.raw) > 0 {
			h.v.now = start.Add(time.Duration(d.roll(200)) * 5 * time.Hour)
			if d.roll(16) == 15 {
				h.restart()
			}
			h.observe(d.report())
		}
	})
}

// FuzzBook holds the reader to this: what it takes it writes again, and goes on with.
func FuzzBook(f *testing.F) {
	for seed := range uint64(len(worlds())) {
		h := newHistory(f, seed, book.Book{})
		w := worlds()[seed]
		h.v = newVendor(h.rng, w.style(h))
		w.run(h)
		f.Add([]byte(encode(f, h.book)))
	}
	f.Add([]byte(`[{"unit":"credits","consumed":"1/3","granted":"0","expired":"0","balance":"-1/3","opening":"0"}]`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b book.Book
		if err := json.Unmarshal(text, &b); err != nil {
			return
		}
		h := newHistory(t, uint64(len(text)), b)
		h.monotonic()
		for range 3 {
			h.observe(randomReport(h.rng))
			h.v.now = h.v.now.Add(time.Hour)
		}
	})
}

// FuzzUnpack holds the reader of the packed form to the same.
func FuzzUnpack(f *testing.F) {
	for seed := range uint64(len(worlds())) {
		h := newHistory(f, seed, book.Book{})
		w := worlds()[seed]
		h.v = newVendor(h.rng, w.style(h))
		w.run(h)
		f.Add(h.book.Pack())
		again, err := book.Unpack(h.book.Pack())
		if err != nil || encode(f, again) != encode(f, h.book) {
			f.Fatalf("%s became %s: %v", encode(f, h.book), encode(f, again), err)
		}
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		b, err := book.Unpack(packed)
		if err != nil {
			return
		}
		again, err := book.Unpack(b.Pack())
		if err != nil || encode(t, again) != encode(t, b) {
			t.Fatalf("%s became %s: %v", encode(t, b), encode(t, again), err)
		}
	})
}
