package book_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

var (
	soakHistories = flag.Int("soak.histories", 300, "how many histories of generated vendors TestSoak runs")
	soakSeed      = flag.Uint64("soak.seed", 0, "the first history; each is made from its number alone")
	soakTrace     = flag.Bool("soak.trace", false, "show every poll")
)

// account is what all histories of one world came to.
type account struct {
	histories, polls              int
	consumed, granted, expired    providers.Amount // the generator's
	bConsumed, bGranted, bExpired providers.Amount // the books'
	returned                      providers.Amount
}

// TestSoak runs generated vendors and holds the books to the generator's own, to the last digit where an observer can
// know, and to the bounds of what he can know where not.
func TestSoak(t *testing.T) {
	all := worlds()
	sums := make([]account, len(all))
	for n := range *soakHistories {
		seed := *soakSeed + uint64(n)
		i := seed % uint64(len(all))
		live(t, all[i], seed, &sums[i])
	}
	for i, w := range all {
		s := sums[i]
		if s.histories == 0 {
			continue
		}
		t.Logf("%s\n%s", w.name, s.table(w.knows))
	}
}

// live runs one history and compares it.
func live(t *testing.T, w world, seed uint64, sum *account) {
	t.Helper()
	h := newHistory(t, seed, book.Book{})
	defer func() {
		if t.Failed() {
			t.Logf("in %q; see it with: go test -run Soak -soak.histories=1 -soak.trace -soak.seed=%d", w.name, seed)
		}
	}()
	h.v = newVendor(h.rng, w.style(h))
	w.run(h)
	if w.knows == nothing {
		sum.count(h, h.book.Totals())
		return
	}
	got, v := h.totals(), h.v
	consumed := got.Consumed.Sub(got.Returned)
	if w.knows == everything && (consumed.Cmp(v.consumed) != 0 || got.Granted.Cmp(v.granted) != 0 || got.Expired.Cmp(v.expired) != 0) {
		t.Fatalf("%s, seed %d, %+v:\nbooked    %s consumed, %s granted, %s expired\ngenerator %s consumed, %s granted, %s expired", w.name, seed, v.style,
			consumed, got.Granted, got.Expired, v.consumed, v.granted, v.expired)
	}
	if w.knows == consumption && consumed.Cmp(v.consumed) != 0 {
		t.Fatalf("%s, seed %d, %+v: booked %s consumed, generator %s", w.name, seed, v.style, consumed, v.consumed)
	}
	if got.Granted.Cmp(v.granted) > 0 || consumed.Add(got.Expired).Cmp(v.consumed.Add(v.expired)) > 0 {
		t.Fatalf("%s, seed %d, %+v: more booked than happened:\nbooked    %s consumed, %s granted, %s expired\ngenerator %s consumed, %s granted, %s expired",
			w.name, seed, v.style, consumed, got.Granted, got.Expired, v.consumed, v.granted, v.expired)
	}
	sum.count(h, []book.Totals{got})
}

func (a *account) count(h *history, books []book.Totals) {
	if a.histories == 0 {
		none := providers.NewAmount(0)
		*a = account{consumed: none, granted: none, expired: none, bConsumed: none, bGranted: none, bExpired: none, returned: none}
	}
	a.histories++
	a.polls += h.polls
	a.consumed, a.granted, a.expired = a.consumed.Add(h.v.consumed), a.granted.Add(h.v.granted), a.expired.Add(h.v.expired)
	for _, b := range books {
		a.bConsumed, a.bGranted, a.bExpired = a.bConsumed.Add(b.Consumed), a.bGranted.Add(b.Granted), a.bExpired.Add(b.Expired)
		a.returned = a.returned.Add(b.Returned)
	}
}

func (a *account) table(k knowledge) string {
	text := fmt.Sprintf("  %d histories, %d polls\n", a.histories, a.polls)
	if k == nothing {
		return text + "  the counters never fell and always added up to the balance"
	}
	row := func(name string, generator, booked providers.Amount) string {
		return fmt.Sprintf("  %-9s generator %s\n            books     %s\n            missing   %s\n", name, generator, booked, generator.Sub(booked))
	}
	text += row("consumed", a.consumed, a.bConsumed.Sub(a.returned)) + row("granted", a.granted, a.bGranted) + row("expired", a.expired, a.bExpired)
	switch k {
	case everything:
		return text + "  equal to the last digit in every history"
	case consumption:
		return text + "  consumption equal to the last digit in every history; of what expired and what was granted\n" +
			"  between the same two polls, the part that was spent meanwhile is taken off both"
	}
	return text + "  what is missing was spent and topped up between two polls of a vendor that states no use"
}
