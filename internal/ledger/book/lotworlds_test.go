package book_test

import (
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// expiry is a time some days ahead; no two are the same by chance.
func (h *history) expiry(from, to int) time.Time {
	return h.v.now.Add(h.between(time.Duration(from)*24*time.Hour, time.Duration(to)*24*time.Hour)).Truncate(time.Second)
}

// change is when the next lot expires or starts.
func (v *vendor) change() time.Time {
	var next time.Time
	for _, t := range v.dates() {
		if t.After(v.now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// lots is a vendor whose every lot goes one way between two polls. Somebody looks right before and after each expiry.
// From the first answer without all lots to the next complete one, all of them go the same way.
func lots(h *history) {
	v := h.v
	complete, spend := true, false
	change := func() {
		if !complete {
			h.oneWay(spend, !spend)
			return
		}
		h.oneWay(h.chance(70), h.chance(25))
		if old := v.spendable(); h.chance(15) && len(old) > 0 {
			h.extend(old[h.rng.IntN(len(old))])
		}
	}
	for range 1 + h.rng.IntN(4) {
		v.buy("top-up", h.expiry(1, 40))
	}
	h.poll()
	for range 60 {
		next := v.now.Add(h.between(time.Minute, 3*24*time.Hour))
		if t := v.change(); !t.IsZero() && t.Before(next.Add(10*time.Minute)) {
			v.advance(t.Add(-3 * time.Minute).Sub(v.now))
			change()
			complete = true
			h.poll()
			after := t.Add(3 * time.Minute)
			alone := !slices.ContainsFunc(v.dates(), func(d time.Time) bool { return d.After(t) && !d.After(after) })
			v.advance(after.Sub(v.now))
			if v.style.total && alone && h.chance(20) {
				h.poll(withoutLots)
			}
			h.poll()
			continue
		}
		v.advance(next.Sub(v.now))
		if v.style.total && h.chance(20) {
			if complete {
				complete, spend = false, h.chance(70)
			}
			change()
			h.poll([]func(*providers.Balance){withoutLots, h.withoutSomeLots}[h.rng.IntN(2)])
			continue
		}
		change()
		complete = true
		h.poll()
	}
	h.poll()
}

// oneWay lets things happen so that no lot goes both ways.
func (h *history) oneWay(spend, buy bool) {
	v := h.v
	old := v.spendable()
	if spend {
		for range 1 + h.rng.IntN(3) {
			from := slices.Clone(old)
			h.rng.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
			v.spend(v.some(600), from, false)
		}
	}
	if !buy {
		return
	}
	l := v.buy([]string{"top-up", "gift"}[h.rng.IntN(2)], h.expiry(2, 60))
	switch h.rng.IntN(4) {
	case 0:
		// A twin, in all but its size.
		v.buy(l.kind, l.expires).id = l.id + "-twin"
	case 1:
		l.starts = v.now.Add(h.between(10*time.Minute, 40*time.Hour)).Truncate(time.Second)
		if v.counting {
			v.granted = v.granted.Sub(l.left) // it can not be spent yet
		}
	}
	if len(old) > 0 && !spend {
		x := v.some(300)
		refilled := old[h.rng.IntN(len(old))]
		refilled.left = refilled.left.Add(x)
		v.grant(x)
	}
}

// extend moves a lot's expiry, and that of its twins.
func (h *history) extend(l *credit) {
	if l.expires.IsZero() || l.left.Sign() == 0 || l.expires.Sub(h.v.now) < 24*time.Hour {
		return
	}
	later := l.expires.Add(h.between(time.Hour, 60*24*time.Hour)).Truncate(time.Second)
	for _, twin := range h.v.lots {
		if twin != l && twin.expires.Equal(l.expires) {
			return
		}
	}
	l.expires = later
}

// planAndExtra is a plan that renews beside bought credits that do not.
func planAndExtra(h *history) {
	v := h.v
	v.plan = v.some(2000).Add(v.grain)
	v.resets = start.AddDate(0, 0, 1+h.rng.IntN(30))
	plan := &credit{kind: "plan", left: v.plan, allocated: v.plan, period: true}
	extra := &credit{kind: "extra", left: v.some(3000)}
	v.lots = []*credit{plan, extra}
	h.poll()
	for range 6 {
		for v.now.Before(v.resets.Add(-4 * 24 * time.Hour)) {
			v.advance(h.between(time.Minute, 3*24*time.Hour))
			h.busyParts(plan, extra)
			h.poll()
		}
		v.advance(v.resets.Add(-3 * time.Minute).Sub(v.now))
		h.busyParts(plan, extra)
		h.poll()
		v.advance(6 * time.Minute)
		h.poll()
	}
}

func (h *history) busyParts(plan, extra *credit) {
	v := h.v
	if h.chance(60) {
		v.spend(v.some(300), []*credit{plan}, false)
	}
	if h.chance(30) {
		x := v.some(1000)
		extra.left = extra.left.Add(x)
		v.grant(x)
	} else {
		v.spend(v.some(200), []*credit{extra}, false)
	}
}

// holds is a vendor that holds more than it takes, and gives the rest back within the hour.
func holds(h *history) {
	v := h.v
	v.buy("pool", time.Time{})
	h.poll()
	for range 40 {
		v.advance(h.between(time.Minute, 5*time.Hour))
		if h.chance(20) {
			// Larger than all that can have been held in the hour before.
			x := v.some(1000).Add(providers.NewAmount(20000).Mul(v.grain))
			v.lots[0].left = v.lots[0].left.Add(x)
			v.grant(x)
			h.poll()
			v.advance(2 * time.Hour)
			h.poll()
			continue
		}
		held := providers.NewAmount(0)
		for range 1 + h.rng.IntN(5) {
			x := v.some(300)
			held = held.Add(x)
			v.spend(x, v.spendable(), true)
			v.advance(h.between(time.Second, 5*time.Minute))
			h.poll()
		}
		back := held.Mul(fraction(int64(h.rng.IntN(4)), 4))
		for range 1 + h.rng.IntN(3) {
			part := back.Mul(fraction(1, 2))
			v.giveBack(part)
			back = back.Sub(part)
			v.advance(h.between(time.Second, 5*time.Minute))
			h.poll()
		}
	}
}

func (v *vendor) giveBack(x providers.Amount) {
	v.lots[0].left = v.lots[0].left.Add(x)
	v.consumed = v.consumed.Sub(x)
}

// allAtOnce is any number of things between two polls, seen by a right clock in complete answers.
func allAtOnce(h *history) {
	v := h.v
	h.stock()
	h.poll()
	for range 60 {
		v.advance(h.between(time.Minute, 3*24*time.Hour))
		h.anything()
		if h.chance(5) {
			v.advance(h.between(24*time.Hour, 10*24*time.Hour))
			h.anything()
		}
		h.poll()
	}
}

// stock is what the vendor begins with.
func (h *history) stock() {
	if !h.v.style.listed {
		h.v.buy("pool", time.Time{})
		return
	}
	for range 1 + h.rng.IntN(4) {
		h.v.buy("top-up", h.expiry(1, 40))
	}
}

func (h *history) anything() {
	v := h.v
	for range h.rng.IntN(8) {
		v.advance(h.between(time.Second, 6*time.Hour))
		old := v.spendable()
		switch n := h.rng.IntN(20); {
		case n < 14:
			v.spend(v.some(600), old, !v.style.listed)
		case n < 16 && v.style.listed:
			v.buy([]string{"top-up", "gift"}[h.rng.IntN(2)], h.expiry(0, 60))
		case n < 18 && len(old) > 0:
			x := v.some(800)
			old[0].left = old[0].left.Add(x)
			v.grant(x)
		case n < 19 && len(old) > 0:
			// Half spent and far from its expiry, so that nobody takes it for the next one.
			if l := old[len(old)-1]; l.left.Cmp(l.allocated) < 0 && l.expires.Sub(v.now) > 40*24*time.Hour {
				h.extend(l)
			}
		}
	}
}

// wild is all of it, under a wrong clock, with answers that lack something, around renewals and new beginnings.
func wild(h *history) {
	v := h.v
	h.stock()
	if v.style.period || h.chance(30) {
		v.plan = v.some(2000)
		v.resets = start.AddDate(0, 0, 1+h.rng.IntN(30))
		v.lots[0].period = true
		v.lots[0].expires = time.Time{}
	}
	for range 60 {
		h.wander()
		v.advance(h.between(time.Minute, 5*24*time.Hour))
		h.anything()
		h.poll(h.lacking)
		if h.chance(5) {
			h.unseen()
		}
		if h.chance(5) {
			h.observe(randomReport(h.rng))
			h.v.counting = false
		}
	}
}

// lacking leaves out of an answer what may be missing from one.
func (h *history) lacking(b *providers.Balance) {
	if h.chance(15) {
		withoutUsed(b)
	}
	if h.chance(15) {
		withoutLots(b)
	}
	if h.chance(15) {
		h.withoutSomeLots(b)
	}
	if h.chance(5) {
		b.Remaining = providers.Amount{}
	}
	if h.chance(5) {
		b.Resets = time.Time{}
	}
	if h.chance(5) {
		b.Unlimited = true
	}
	if h.chance(5) {
		for i := range b.Lots {
			b.Lots[i].ID = strings.Repeat("x", h.rng.IntN(3))
		}
	}
}
