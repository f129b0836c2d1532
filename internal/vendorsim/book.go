package vendorsim

import (
	"slices"
	"time"
)

// book keeps what an account holds. The spendable total is the sum of the lots that have not expired, less the debt.
// Lots are never negative; there is debt only when every valid lot is empty.
type book struct {
	lots []Lot // in the order in which they are spent
	debt Credits
	// merge keeps amounts that never expire in one lot, for vendors that list none.
	merge bool
}

func (l Lot) validAt(now time.Time) bool { return l.Expires.IsZero() || l.Expires.After(now) }

// spentBefore orders lots as they are spent: by expiry, those without one last.
func spentBefore(a, b Lot) int {
	switch {
	case a.Expires.Equal(b.Expires):
		return 0
	case a.Expires.IsZero():
		return 1
	case b.Expires.IsZero():
		return -1
	}
	return a.Expires.Compare(b.Expires)
}

// add puts a lot in, paying debt from it first. Empty lots that never expire leave, so that the list stays short.
func (b *book) add(lot Lot) {
	if lot.Allocated == 0 {
		lot.Allocated = lot.Remaining
	}
	lot.Expires = lot.Expires.Truncate(time.Second)
	paid := min(b.debt, lot.Remaining)
	b.debt -= paid
	lot.Remaining -= paid
	b.lots = slices.DeleteFunc(b.lots, func(l Lot) bool { return l.Expires.IsZero() && l.Remaining == 0 })
	if last := len(b.lots) - 1; b.merge && lot.Expires.IsZero() && last >= 0 && b.lots[last].Expires.IsZero() {
		b.lots[last].Allocated += lot.Allocated
		b.lots[last].Remaining += lot.Remaining
		return
	}
	b.lots = append(b.lots, lot)
	slices.SortStableFunc(b.lots, spentBefore)
}

// spend takes an amount from the lots that are valid at an instant and returns how much it could take. With overdraft
// it takes all of it, as debt where the lots do not suffice.
func (b *book) spend(amount Credits, at time.Time, overdraft bool) Credits {
	left := amount
	for i := range b.lots {
		if b.lots[i].validAt(at) {
			taken := min(left, b.lots[i].Remaining)
			b.lots[i].Remaining -= taken
			left -= taken
		}
	}
	if overdraft {
		b.debt += left
		left = 0
	}
	return amount - left
}

// total is what can be spent at an instant.
func (b *book) total(at time.Time) Credits {
	sum := -b.debt
	for _, lot := range b.lots {
		if lot.validAt(at) {
			sum += lot.Remaining
		}
	}
	return sum
}

// nextExpiry is the first expiry after an instant; zero when there is none.
func (b *book) nextExpiry(after time.Time) time.Time {
	for _, lot := range b.lots {
		if !lot.Expires.IsZero() && lot.Expires.After(after) {
			return lot.Expires
		}
	}
	return time.Time{}
}

// expireFirst ends the lot that would expire first among the valid ones and returns what is lost.
func (b *book) expireFirst(now time.Time) Credits {
	for i, lot := range b.lots {
		if lot.validAt(now) {
			// The vendor states expiries in whole seconds; rounding down makes the lot's end lie in the past at once.
			b.lots[i].Expires = now.Truncate(time.Second)
			slices.SortStableFunc(b.lots, spentBefore)
			return lot.Remaining
		}
	}
	return 0
}

// prune forgets lots that expired longer ago than keep.
func (b *book) prune(now time.Time, keep time.Duration) {
	b.lots = slices.DeleteFunc(b.lots, func(l Lot) bool { return !l.validAt(now) && !l.validAt(now.Add(-keep)) })
}
