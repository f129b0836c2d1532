package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	// maxLots is how many lots of a unit that have something left are shown one by one.
	maxLots = 100
	// otherLots is the label and the kind of the rest.
	otherLots = "other"
)

// balanceAt is a balance of the report at a later moment.
func (v *View) balanceAt(now time.Time, said providers.Balance) Balance {
	b := Balance{
		Unit:          said.Unit,
		Unlimited:     said.Unlimited,
		PlanAllocated: said.PlanAllocated,
		Resets:        said.Resets,
		PeriodLength:  said.PeriodLength,
		Listed:        said.Listed,
	}
	if said.Unlimited {
		return b
	}
	b.Amount = v.amountAt(now, said)
	lots := v.lotsAt(now, said)
	if said.Listed {
		lots = capped(lots)
		accumulate(lots)
	}
	b.Lots = lots
	return b
}

// amountAt is the balance now: what the vendor stated less what expired since, but not less than the lots that are
// still valid; where it states only lots, their sum.
func (v *View) amountAt(now time.Time, said providers.Balance) providers.Amount {
	valid, lost := providers.NewAmount(0), providers.NewAmount(0)
	for _, lot := range said.Lots {
		switch {
		case expired(lot, now):
			if !expired(lot, v.LastSuccess) && started(lot, v.LastSuccess) && lot.Remaining.Sign() > 0 {
				lost = lost.Add(lot.Remaining)
			}
		case started(lot, now):
			valid = valid.Add(lot.Remaining)
		}
	}
	if !said.Remaining.Known() {
		return valid
	}
	if lost.Sign() == 0 {
		return said.Remaining
	}
	left := said.Remaining.Sub(lost)
	if left.Cmp(valid) < 0 {
		left = valid
	}
	if left.Cmp(said.Remaining) > 0 {
		return said.Remaining
	}
	return left
}

func expired(lot providers.Lot, at time.Time) bool {
	return !lot.Expires.IsZero() && !at.Before(lot.Expires)
}

func started(lot providers.Lot, at time.Time) bool {
	return lot.Starts.IsZero() || !at.Before(lot.Starts)
}

// lotsAt is the lots of a balance, each label once, without those that have been over for long.
func (v *View) lotsAt(now time.Time, said providers.Balance) []Lot {
	lots := make([]Lot, 0, len(said.Lots))
	for _, part := range said.Lots {
		v.changesAt(now, part.Starts)
		v.changesAt(now, part.Expires)
		lots = append(lots, lotAt(now, part))
	}
	lots = once(lots)
	if said.Listed {
		lots = slices.DeleteFunc(lots, func(lot Lot) bool { return v.longOver(now, said.Unit, lot) })
	}
	slices.SortFunc(lots, firstToExpire)
	return lots
}

// once makes one lot of those with the same label.
func once(lots []Lot) []Lot {
	slices.SortFunc(lots, func(a, b Lot) int { return strings.Compare(a.Label, b.Label) })
	kept := lots[:0]
	for _, lot := range lots {
		if last := len(kept) - 1; last >= 0 && kept[last].Label == lot.Label {
			kept[last] = merged(kept[last], lot)
			continue
		}
		kept = append(kept, lot)
	}
	return kept
}

// lotAt is one lot of the answer at a later moment.
func lotAt(now time.Time, said providers.Lot) Lot {
	lot := Lot{Label: said.Label(), Kind: said.Kind, Allocated: said.Allocated, Expires: said.Expires, period: said.Period}
	switch {
	case expired(said, now):
		lot.Remaining, lot.expired = providers.NewAmount(0), true
	case !started(said, now):
		lot.Pending = said.Remaining
	default:
		lot.Remaining = said.Remaining
	}
	return lot
}

// merged is two lots with the same label as one series. It does not matter which stood first in the answer.
func merged(a, b Lot) Lot {
	m := Lot{
		Label:     a.Label,
		Kind:      min(a.Kind, b.Kind),
		Remaining: sumOfKnown(a.Remaining, b.Remaining),
		Pending:   sumOfKnown(a.Pending, b.Pending),
		Allocated: a.Allocated.Add(b.Allocated),
		expired:   a.expired && b.expired,
		period:    a.period && b.period,
	}
	m.Expires = earlier(a, b)
	return m
}

// earlier is when the first of two lots that is not over is lost.
func earlier(a, b Lot) time.Time {
	switch {
	case a.expired != b.expired && a.expired:
		return b.Expires
	case a.expired != b.expired:
		return a.Expires
	case a.Expires.IsZero():
		return b.Expires
	case b.Expires.IsZero() || a.Expires.Before(b.Expires):
		return a.Expires
	}
	return b.Expires
}

func sumOfKnown(a, b providers.Amount) providers.Amount {
	switch {
	case !a.Known():
		return b
	case !b.Known():
		return a
	}
	return a.Add(b)
}

// longOver tells whether a lot expired, or had its last unit spent, more than a day ago. A lot that renews with its
// period is never over.
func (v *View) longOver(now time.Time, unit string, lot Lot) bool {
	var over time.Time
	switch {
	case lot.expired:
		over = lot.Expires
	case lot.period || lot.live():
		return false
	default:
		over = v.empty[lotID{unit, lot.Label}]
		if over.IsZero() {
			over = v.LastSuccess
		}
	}
	v.changesAt(now, over.Add(keptFor))
	return !now.Before(over.Add(keptFor))
}

// live tells whether anything, be it a debt, is in the lot, or will be.
func (l Lot) live() bool { return l.Remaining.Sign() != 0 || l.Pending.Sign() != 0 }

// firstToExpire orders lots by their expiry, those that never expire last, then by label.
func firstToExpire(a, b Lot) int {
	if a.Expires.IsZero() != b.Expires.IsZero() {
		if a.Expires.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.Expires.Compare(b.Expires), strings.Compare(a.Label, b.Label))
}

// capped bounds the lots that are shown: of over a hundred with something left, the ninety-nine that expire first are,
// and the rest is one lot `other`.
func capped(lots []Lot) []Lot {
	live := 0
	for _, lot := range lots {
		if lot.live() {
			live++
		}
	}
	if live <= maxLots {
		return lots
	}
	shown := make([]Lot, 0, len(lots)-live+maxLots)
	var rest *Lot
	count := 0
	for _, lot := range lots {
		if lot.live() {
			count++
		}
		if lot.Label != otherLots && (!lot.live() || count < maxLots) {
			shown = append(shown, lot)
			continue
		}
		lot.Label, lot.Kind, lot.Expires = otherLots, otherLots, time.Time{}
		if rest == nil {
			rest = &lot
			continue
		}
		*rest = merged(*rest, lot)
	}
	return append(shown, *rest)
}

// accumulate works out Cumulative for lots in the order of their expiry. Lots that are lost at the same moment count
// for each other, because by then all of them must have been spent.
func accumulate(lots []Lot) {
	sum := providers.NewAmount(0)
	for i := 0; i < len(lots); {
		if lots[i].Expires.IsZero() {
			for ; i < len(lots); i++ {
				lots[i].Cumulative = sum.Add(lots[i].Remaining)
			}
			return
		}
		end := i
		for ; end < len(lots) && lots[end].Expires.Equal(lots[i].Expires); end++ {
			if lots[end].Remaining.Known() {
				sum = sum.Add(lots[end].Remaining)
			}
		}
		for ; i < end; i++ {
			if lots[i].Remaining.Known() {
				lots[i].Cumulative = sum
			}
		}
	}
}
