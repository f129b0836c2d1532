// Package book keeps the exact books of what one wallet of a vendor spent, gained and lost, from one successful poll to
// the next. A book is a pure, immutable value: no clock, no lock, no disk.
//
// # What is booked
//
// From one answer to the next, and for each unit by itself, the change of the vendor's own balance is the net, and
//
//	granted - consumed - expired = net
//
// holds to the last digit, with none of the three below 0. Where the vendor states only lots, its balance is the sum of
// those that have started and not expired. All other facts only divide the net, and are believed in this order:
//
//  1. Use that the vendor states (`used`, in a period or in total) is consumption, whatever the balance did: what it
//     does not explain was granted. See use.go.
//  2. A renewal of a balance or lot with `period`: what was left is expired, the new allowance granted. See renewal.go.
//  3. Lots: one that fell is consumption, one that rose or is new is a grant, one whose expiry has come lost what was
//     left. This holds as far as the net shows it and no further: a lot that vanishes or appears while the balance
//     stands still books nothing. See lots.go and division.go.
//  4. What is then left of the net: a fall is consumption, a rise a grant.
//
// # What never happens
//
// A counter never falls. What turns out to have been booked too much is kept beside the counter and taken off what is
// booked next under the same head: Returned (amounts that a vendor held and gave back) and Reinstated (lots that expired
// by a clock which was then set back). With both counted the identity holds at every moment:
//
//	granted - (consumed - returned) - (expired - reinstated) = balance - opening
//
// and both are 0 but for vendors with `returns` and for vendors of lots alone whose lots expired by a wrong clock.
//
// The first sight of a unit is a beginning, not a grant; so are the first answer after Restart and the first balance
// after the vendor called the unit unlimited. While it is unlimited there is no balance to explain, and only stated use
// is booked. A unit that an answer leaves out, or whose balance it does not state, is left alone: the next answer that
// states it books the net over the gap.
package book

import (
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// Book is what was spent, added and lost of each unit of one wallet. The zero Book is a beginning. Books are immutable
// and may be shared between goroutines; two that compare equal with == hold the same, so an observation that changed
// nothing need not be written to disk.
type Book struct {
	// pages are sorted by unit. They are shared between books, and never changed.
	pages *[]*page
}

// Totals is what the books say of one unit. The amounts are exact, and known unless said otherwise.
type Totals struct {
	Unit string
	// Consumed, Granted and Expired are the counters; they never fall.
	Consumed, Granted, Expired providers.Amount
	// Returned is what the vendor gave back of Consumed and later consumption is not yet reduced by; Reinstated is the
	// same for Expired. Both are 0 or more.
	Returned, Reinstated providers.Amount
	// Balance is the balance that is booked up to; unknown when there is none (unlimited, or restarted).
	Balance providers.Amount
	// Opening is the balance at first sight, so that granted - (consumed - returned) - (expired - reinstated) =
	// balance - opening. After a new beginning it is moved by what the books could not see change. Unknown without Balance.
	Opening providers.Amount
}

// Observe books one successful poll and returns the new book; the old one stays as it was. at is the wall clock when the
// answer came: it tells which lots have started and expired, and it may step back and forth. Of balances of the same
// unit the first counts.
func (b Book) Observe(at time.Time, report providers.Report) Book {
	at = storable(at)
	changed := map[string]*page{}
	for _, balance := range report.Balances {
		balance.Unit = strings.ToValidUTF8(balance.Unit, "\uFFFD")
		if _, twice := changed[balance.Unit]; twice {
			continue
		}
		changed[balance.Unit] = b.page(balance.Unit).observe(at, balance)
	}
	pages := make([]*page, 0, len(changed))
	same := true
	for _, old := range b.all() {
		if now, observed := changed[old.Unit]; observed && now != old {
			pages, same = append(pages, now), false
		} else {
			pages = append(pages, old)
		}
		delete(changed, old.Unit)
	}
	for _, first := range changed {
		if first != nil {
			pages, same = append(pages, first), false
		}
	}
	if same {
		return b
	}
	slices.SortFunc(pages, func(x, y *page) int { return strings.Compare(x.Unit, y.Unit) })
	return Book{pages: &pages}
}

// Restart makes the next observation of every unit a new beginning; the counters stay. It is for another place to ask
// (params, base_url) or another way to read the answer (the definition): what changes there was not spent.
func (b Book) Restart() Book {
	pages := make([]*page, 0, len(b.all()))
	for _, old := range b.all() {
		pages = append(pages, old.restart())
	}
	if slices.Equal(pages, b.all()) {
		return b
	}
	return Book{pages: &pages}
}

// Totals returns the counters of each unit that was ever seen with a balance or a stated use, sorted by unit.
func (b Book) Totals() []Totals {
	totals := make([]Totals, 0, len(b.all()))
	for _, p := range b.all() {
		totals = append(totals, Totals{
			Unit:     p.Unit,
			Consumed: p.Consumed, Granted: p.Granted, Expired: p.Expired,
			Returned: orZero(p.Returned), Reinstated: orZero(p.Reinstated),
			Balance: p.Balance, Opening: p.Opening,
		})
	}
	return totals
}

func (b Book) all() []*page {
	if b.pages == nil {
		return nil
	}
	return *b.pages
}

// page returns the page of a unit, nil when there is none yet.
func (b Book) page(unit string) *page {
	i, found := slices.BinarySearchFunc(b.all(), unit, func(p *page, unit string) int { return strings.Compare(p.Unit, unit) })
	if !found {
		return nil
	}
	return b.all()[i]
}
