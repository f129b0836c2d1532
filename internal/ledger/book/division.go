package book

import (
	"github.com/credits-exporter/credits_exporter/providers"
)

// flows is how the net of one step is divided. All are 0 or more.
type flows struct {
	used     providers.Amount // stated use, which is certain
	fall     providers.Amount // known lots fell; with stated use: falls that it does not explain
	vanished providers.Amount // lots that the answer does not list any more, and falls while they were not listed
	lapsed   providers.Amount // what was left of lots whose expiry has come
	rest     providers.Amount // what was left when the allowance renewed
	rise     providers.Amount // known lots rose, or the balance beyond what lots tell
	renewed  providers.Amount // the allowance of a new period
	fresh    providers.Amount // new lots, and rises while they were not listed
	revived  providers.Amount // lots that had not expired after all: the clock was set back
}

func newFlows() *flows {
	return &flows{used: zero, fall: zero, vanished: zero, lapsed: zero, rest: zero, rise: zero, renewed: zero, fresh: zero, revived: zero}
}

func (f *flows) consumed() providers.Amount { return plus(plus(f.used, f.fall), f.vanished) }
func (f *flows) expired() providers.Amount  { return plus(f.lapsed, f.rest) }
func (f *flows) granted() providers.Amount  { return plus(plus(f.rise, f.renewed), f.fresh) }

// flow is what the lots say by themselves.
func flow(lots []*entry, renewed, stated bool) *flows {
	f := newFlows()
	for _, e := range lots {
		switch {
		case e.was == nil && e.lapsed:
			// It had expired before it was first seen.
		case e.lapsed:
			f.lapse(e)
		case renewed && e.latest().Period:
			f.renew(e, stated)
		case e.was == nil || e.was.Missing && e.now != nil:
			f.add(e.now)
		case e.now == nil && e.was.Missing:
			e.unbooked = above(e.was.Left)
		case e.now == nil:
			f.vanished = plus(f.vanished, above(e.was.Left))
			f.rise = plus(f.rise, below(e.was.Left))
			e.unbooked = above(e.was.Left)
		default:
			f.change(e)
		}
	}
	if stated {
		f.fall, f.vanished = zero, zero
	}
	return f
}

// unlist takes back what an incomplete list explains. before and after are the parts of the vendor's balance that the two
// lists do not account for: a lot that vanished may be in the second, one that appeared may come from the first.
func (f *flows) unlist(before, after providers.Amount) {
	both := least(least(f.fresh, above(before)), least(f.vanished, above(after)))
	f.fresh, f.vanished = minus(f.fresh, both), minus(f.vanished, both)
}

// add is a lot that was not listed before.
func (f *flows) add(l *lot) {
	f.fresh = plus(f.fresh, above(l.Left))
	f.fall = plus(f.fall, below(l.Left))
}

// renew is a lot that lapses at a renewal, when there was one: what was left is gone, and of the new allowance something
// may be spent already.
func (f *flows) renew(e *entry, stated bool) {
	if e.was != nil {
		f.rest = plus(f.rest, above(e.was.Left))
		f.rise = plus(f.rise, below(e.was.Left))
	}
	if e.now == nil {
		return
	}
	granted := most(e.now.Left, e.now.Allocated)
	if !stated && e.was != nil && e.was.Used.Known() && e.now.Used.Known() && e.now.Used.Cmp(e.was.Used) < 0 {
		granted = plus(e.now.Left, above(e.now.Used))
	}
	granted = above(granted)
	f.renewed = plus(f.renewed, granted)
	f.fall = plus(f.fall, minus(granted, e.now.Left))
}

// lapse is a lot whose expiry has come: it lost what the vendor says was left of it, else what was left at the last poll.
func (f *flows) lapse(e *entry) {
	lost := above(e.was.Left)
	if e.now != nil && e.now.Left.Sign() > 0 && e.now.Left.Cmp(lost) < 0 {
		f.fall = plus(f.fall, minus(lost, e.now.Left))
		lost = e.now.Left
	}
	f.lapsed = plus(f.lapsed, lost)
	f.rise = plus(f.rise, below(e.was.Left))
	e.unbooked = lost
}

// change is a lot in both answers. With its own use stated, what it rose although it was used was granted to it.
func (f *flows) change(e *entry) {
	left := e.was.Left
	if e.was.Lost.Known() && e.was.Expires.Equal(e.now.Expires) {
		f.revived = plus(f.revived, e.was.Lost)
		left = plus(left, e.was.Lost)
	}
	change := minus(e.now.Left, left)
	spent := below(change)
	if e.was.Used.Known() && e.now.Used.Known() {
		spent = most(spent, minus(e.now.Used, e.was.Used))
	}
	f.fall = plus(f.fall, spent)
	f.rise = plus(f.rise, plus(change, spent))
}

// fit makes the flows add up to the net. What the net does not show is taken back, the least certain first, and nothing is
// made up on the other side: a lot that vanished while the balance did not fall is not consumed, and not granted either.
// While the balance stands still, lots that vanish or appear were renamed, split or merged; only in place of an expired lot
// a new one is believed.
// Only what no lot explains is added: a fall is consumption, a rise a grant. Stated use and the rest of an ended period
// stand: what the net lacks to them was granted.
func (f *flows) fit(net providers.Amount) {
	if net.Sign() == 0 {
		f.vanished = zero
		f.fresh = least(f.fresh, f.lapsed)
	}
	explained := minus(minus(plus(f.granted(), f.revived), f.consumed()), f.expired())
	more := minus(net, explained)
	less := minus(zero, more)
	if more.Sign() > 0 {
		f.vanished, more = reduce(f.vanished, more)
		f.lapsed, more = reduce(f.lapsed, more)
		f.fall, more = reduce(f.fall, more)
		f.rise = plus(f.rise, more)
	}
	if less.Sign() > 0 {
		f.fresh, less = reduce(f.fresh, less)
		f.revived, less = reduce(f.revived, less)
		f.rise, less = reduce(f.rise, less)
		f.renewed, less = reduce(f.renewed, less)
		f.fall = plus(f.fall, less)
	}
}

// settle tells each lapsed or vanished lot how much of it was booked, those that expire first before the others.
func settle(lots []*entry, f *flows) {
	lapsed, vanished := f.lapsed, f.vanished
	for _, e := range lots {
		switch {
		case e.was == nil:
		case e.lapsed:
			before := lapsed
			e.unbooked, lapsed = reduce(e.unbooked, lapsed)
			e.lost = plus(orZero(e.was.Lost), minus(before, lapsed))
		case e.now == nil:
			e.unbooked, vanished = reduce(e.unbooked, vanished)
		}
	}
}
