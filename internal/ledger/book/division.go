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

func (f *flows) consumed() providers.Amount { return f.used.Add(f.fall).Add(f.vanished) }
func (f *flows) expired() providers.Amount  { return f.lapsed.Add(f.rest) }
func (f *flows) granted() providers.Amount  { return f.rise.Add(f.renewed).Add(f.fresh) }

// flow is what the lots say by themselves.
func flow(lots []*entry, renewed, stated bool) *flows {
	f := newFlows()
	returning := zero
	for _, e := range lots {
		switch {
		case e.was == nil && e.lapsed:
			// It had expired before it was first seen.
		case e.was == nil && e.now.Period && renewed:
			f.allowance(e.now, stated)
		case e.was == nil:
			f.add(e.now)
		case e.lapsed:
			f.lapse(e)
		case renewed && (e.was.Period || e.now != nil && e.now.Period):
			f.rest = f.rest.Add(above(e.was.Left))
			f.rise = f.rise.Add(below(e.was.Left))
			if e.now != nil {
				f.allowance(e.now, stated)
			}
		case e.now == nil && e.was.Missing:
			e.unbooked = above(e.was.Left)
		case e.now == nil:
			f.vanished = f.vanished.Add(above(e.was.Left))
			f.rise = f.rise.Add(below(e.was.Left))
			e.unbooked = above(e.was.Left)
		case e.was.Missing:
			returning = returning.Add(e.now.Left).Sub(e.was.Left)
		default:
			f.change(e)
		}
	}
	f.comeBack(returning)
	if stated {
		f.fall, f.vanished = zero, zero
	}
	return f
}

// comeBack is what lots that the last answer left out changed by meanwhile. Which of them was spent, whether a new one is as
// new as it looks and one that is gone now as gone, is not known: that is set off, and only the rest may be booked.
func (f *flows) comeBack(change providers.Amount) {
	spent, fresh := reduce(below(change), f.fresh)
	gained, vanished := reduce(above(change), f.vanished)
	f.vanished, f.fresh = vanished.Add(spent), fresh.Add(gained)
}

// add is a lot that was not there before. What it says of its own use was spent of it since.
func (f *flows) add(l *lot) {
	f.fresh = f.fresh.Add(above(l.Left))
	f.fall = f.fall.Add(below(l.Left))
	if l.Used.Sign() > 0 && l.Left.Sign() >= 0 {
		f.fresh = f.fresh.Add(l.Used)
		f.fall = f.fall.Add(l.Used)
	}
}

// allowance is the lot of a new period, of which something may be spent already.
func (f *flows) allowance(l *lot, stated bool) {
	granted := most(l.Left, l.Allocated)
	if l.Used.Known() && !stated {
		granted = l.Left.Add(above(l.Used))
	}
	granted = above(granted)
	f.renewed = f.renewed.Add(granted)
	f.fall = f.fall.Add(granted.Sub(l.Left))
}

// lapse is a lot whose expiry has come: it lost what the vendor says was left of it, else what was left at the last poll.
func (f *flows) lapse(e *entry) {
	lost := above(e.was.Left)
	if e.now != nil && e.now.Left.Sign() > 0 && e.now.Left.Cmp(lost) < 0 {
		f.fall = f.fall.Add(lost.Sub(e.now.Left))
		lost = e.now.Left
	}
	f.lapsed = f.lapsed.Add(lost)
	f.rise = f.rise.Add(below(e.was.Left))
	e.unbooked = lost
}

// change is a lot in both answers. With its own use stated, what it rose although it was used was granted to it.
func (f *flows) change(e *entry) {
	left := e.was.Left
	if e.was.Lost.Known() && e.was.Expires.Equal(e.now.Expires) {
		f.revived = f.revived.Add(e.was.Lost)
		left = left.Add(e.was.Lost)
	}
	change := e.now.Left.Sub(left)
	spent := below(change)
	if e.was.Used.Known() && e.now.Used.Known() {
		spent = most(spent, e.now.Used.Sub(e.was.Used))
	}
	f.fall = f.fall.Add(spent)
	f.rise = f.rise.Add(change.Add(spent))
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
	explained := f.granted().Add(f.revived).Sub(f.consumed()).Sub(f.expired())
	more := net.Sub(explained)
	less := zero.Sub(more)
	if more.Sign() > 0 {
		f.vanished, more = reduce(f.vanished, more)
		f.lapsed, more = reduce(f.lapsed, more)
		f.fall, more = reduce(f.fall, more)
		f.rise = f.rise.Add(more)
	}
	if less.Sign() > 0 {
		f.fresh, less = reduce(f.fresh, less)
		f.revived, less = reduce(f.revived, less)
		f.rise, less = reduce(f.rise, less)
		f.renewed, less = reduce(f.renewed, less)
		f.fall = f.fall.Add(less)
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
			e.lost = orZero(e.was.Lost).Add(before.Sub(lapsed))
		case e.now == nil:
			e.unbooked, vanished = reduce(e.unbooked, vanished)
		}
	}
}
