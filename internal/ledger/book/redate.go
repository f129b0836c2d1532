package book

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// redate pairs lots that are gone with lots that are new where they are the same lot: of the same id, or without an id of
// the same kind and allocated, whose dates the vendor moved; and then those that differ in nothing but the id, which some
// vendors make anew for each answer. What finds no partner stands alone.
//
// A new date or id alone does not add anything, so a lot that is full, with more left than the old one had, is a new lot
// beside it: a package of the same size, bought when the old one was used up. With the same id it is the same, topped up.
// And when the old expiry has come, a lot that is full or has more left is the next one (a subscription that renews), not
// the old one extended.
func redate(gone, added []*lot, at time.Time) []*entry {
	if len(gone)+len(added) == 0 {
		return nil
	}
	pairs, gone, added := pairUp(gone, added, at, func(l *lot) string {
		if l.ID != "" {
			return "id " + l.ID
		}
		return "kind " + strconv.Quote(l.Kind) + l.Allocated.String()
	})
	renamed, gone, added := pairUp(gone, added, at, func(l *lot) string {
		return strconv.Quote(l.Kind) + l.Allocated.String() + l.Starts.String() + l.Expires.String()
	})
	entries := append(pairs, renamed...)
	for _, was := range gone {
		entries = append(entries, &entry{was: was})
	}
	for _, now := range added {
		entries = append(entries, &entry{now: now})
	}
	return entries
}

// pairUp pairs lots of the same group, and returns besides those that found no partner.
func pairUp(gone, added []*lot, at time.Time, group func(*lot) string) (pairs []*entry, restGone, restAdded []*lot) {
	groups := map[string]*pairing{}
	for _, l := range gone {
		name := group(l)
		if groups[name] == nil {
			groups[name] = &pairing{}
		}
		groups[name].gone = append(groups[name].gone, l)
	}
	for _, l := range added {
		g := groups[group(l)]
		if g == nil {
			restAdded = append(restAdded, l)
			continue
		}
		g.added = append(g.added, l)
	}
	for _, g := range groups {
		found, gone, added := g.pair(at)
		pairs, restGone, restAdded = append(pairs, found...), append(restGone, gone...), append(restAdded, added...)
	}
	return pairs, restGone, restAdded
}

type pairing struct{ gone, added []*lot }

// pair takes both in the order of what is left, the most first, so that as many as possible have no more left than before.
func (p *pairing) pair(at time.Time) (pairs []*entry, gone, added []*lot) {
	mostFirst := func(x, y *lot) int { return cmp.Or(y.Left.Cmp(x.Left), x.order(y)) }
	slices.SortFunc(p.gone, mostFirst)
	slices.SortFunc(p.added, mostFirst)
	gone = p.gone
	for _, now := range p.added {
		if len(gone) > 0 && continues(gone[0], now, at) {
			pairs = append(pairs, &entry{was: gone[0], now: now})
			gone = gone[1:]
		} else {
			added = append(added, now)
		}
	}
	return pairs, gone, added
}

func continues(was, now *lot, at time.Time) bool {
	// What is left of a lot that was not listed is a guess.
	more := !was.Missing && now.Left.Cmp(was.Left) > 0
	if was.ID != "" && was.ID == now.ID {
		return !(was.expired(at) && (more || now.full()))
	}
	// Without a stated size nothing tells a full lot from another.
	full := now.full() || !now.Allocated.Known()
	return !(full && more) && !(was.expired(at) && (full || more))
}
