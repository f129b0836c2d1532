package book_test

import (
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// world is a kind of vendor with a way to observe it.
type world struct {
	name string
	// knows is what an observer can know exactly; where it can not, the books may only miss what a top-up and spending
	// between two polls hid from them, in equal parts.
	knows knowledge
	style func(h *history) style
	run   func(h *history)
}

type knowledge string

const (
	everything  knowledge = "everything"
	consumption knowledge = "consumption"
	bounds      knowledge = "bounds"
	nothing     knowledge = "identity"
)

func worlds() []world {
	return []world{
		{"one thing between two polls", everything, func(*history) style { return style{total: true} }, oneThing},
		{"stated use in all", everything, func(*history) style { return style{total: true, used: usedTotal} }, statedUse},
		{"stated use of the period", everything, func(*history) style {
			return style{total: true, used: usedPeriod, allocated: true, period: true}
		}, statedPeriod},
		{"lots beside a balance", everything, func(h *history) style {
			return style{total: true, listed: true, ids: h.chance(50), spent: h.chance(50), ended: h.chance(30), allocated: true}
		}, lots},
		{"lots alone", everything, func(h *history) style {
			return style{listed: true, ids: h.chance(50), spent: h.chance(50), ended: h.chance(30), allocated: true}
		}, lots},
		{"a plan and an extra", everything, func(h *history) style {
			return style{total: h.chance(50), listed: true, used: []string{usedNever, usedPeriod, usedTotal}[h.rng.IntN(3)]}
		}, planAndExtra},
		{"holds and returns", everything, func(*history) style { return style{total: true, returns: true} }, holds},
		{"all at once, use stated", consumption, func(h *history) style {
			return style{total: h.chance(50), listed: true, ids: true, spent: h.chance(50), allocated: true, used: usedTotal}
		}, allAtOnce},
		{"all at once", bounds, func(h *history) style {
			listed := h.chance(70)
			return style{total: !listed || h.chance(50), listed: listed, ids: h.chance(50), spent: h.chance(50), allocated: true}
		}, allAtOnce},
		{"all at once, wrong clocks, incomplete answers", nothing, func(h *history) style {
			return style{
				total: h.chance(50), listed: h.chance(70), ids: h.chance(50), spent: h.chance(50), ended: h.chance(50),
				allocated: h.chance(50), used: []string{usedNever, usedPeriod, usedTotal}[h.rng.IntN(3)], period: h.chance(30), returns: h.chance(30),
			}
		}, wild},
	}
}

// unseen lets something happen that no observer can book, around a new beginning.
func (h *history) unseen() {
	if h.chance(50) {
		h.restart()
	} else {
		h.poll(func(b *providers.Balance) { *b = providers.Balance{Unit: b.Unit, Unlimited: true} })
	}
	h.v.counting = false
	h.v.lots[0].left = h.v.lots[0].left.Add(h.v.some(1000))
	h.v.spend(h.v.some(300), h.v.spendable(), true)
	h.v.advance(h.between(time.Minute, time.Hour))
	h.poll()
}

// wander sets the observer's clock wrong, a little or a lot, or right again.
func (h *history) wander() {
	switch h.rng.IntN(20) {
	case 0:
		h.off = h.between(-90*24*time.Hour, 90*24*time.Hour)
	case 1:
		h.off = h.between(-time.Hour, time.Hour)
	case 2:
		h.off = 0
	}
}

func oneThing(h *history) {
	v := h.v
	v.buy("pool", time.Time{})
	h.poll()
	for range 60 {
		h.wander()
		v.advance(h.between(time.Minute, 3*24*time.Hour))
		what := h.rng.IntN(5)
		for range 1 + h.rng.IntN(4) {
			switch what {
			case 0, 1, 2:
				v.spend(v.some(400), v.spendable(), true)
			case 3:
				x := v.some(2000)
				v.lots[0].left = v.lots[0].left.Add(x)
				v.grant(x)
			}
		}
		switch {
		case h.chance(10): // an outage: nobody looks
			v.advance(30 * 24 * time.Hour)
		case h.chance(10):
			h.observe(providers.Report{})
		case h.chance(5):
			h.poll(func(b *providers.Balance) { b.Remaining, b.Lots = providers.Amount{}, nil })
		}
		h.poll()
		if h.chance(5) {
			h.unseen()
		}
	}
}

func statedUse(h *history) {
	v := h.v
	// Two accounts may look at one wallet in turn, and one of them be told nothing of the use.
	two := h.chance(40)
	v.buy("pool", time.Time{})
	h.poll()
	for n := range 60 {
		h.wander()
		v.advance(h.between(time.Minute, 3*24*time.Hour))
		for range h.rng.IntN(6) {
			if h.chance(70) {
				v.spend(v.some(400), v.spendable(), true)
			} else {
				x := v.some(2000)
				v.lots[0].left = v.lots[0].left.Add(x)
				v.grant(x)
			}
		}
		if two && n%2 == 1 || !two && h.chance(20) {
			h.poll(withoutUsed)
		} else {
			h.poll()
		}
		if h.chance(5) {
			h.poll()
			h.unseen()
		}
	}
	h.poll()
}

func statedPeriod(h *history) {
	v := h.v
	v.plan = v.some(2000).Add(v.grain)
	v.resets = start.AddDate(0, 0, 1+h.rng.IntN(30))
	v.lots = []*credit{{kind: "default", left: v.plan, allocated: v.plan, period: true}}
	h.poll()
	for range 8 {
		if h.chance(30) {
			v.lag = h.between(time.Minute, 20*time.Hour)
			v.spend(v.grain, v.spendable(), true)
			h.poll()
		}
		renewal := v.resets.Add(v.lag)
		for v.now.Before(renewal.Add(-4 * 24 * time.Hour)) {
			v.advance(h.between(time.Minute, 3*24*time.Hour))
			h.busy()
			if h.chance(20) {
				h.poll(withoutUsed)
			}
			h.poll()
		}
		// Around the renewal, and between the move of the date and that of the counter, somebody looks all the time.
		for v.now.Before(v.resets.Add(-30 * time.Minute)) {
			v.advance(v.resets.Add(-10 * time.Minute).Sub(v.now))
			h.busy()
			h.poll()
		}
		for v.lag > 0 && v.now.Before(renewal.Add(-2*time.Minute)) {
			v.advance(min(h.between(time.Minute, 3*time.Hour), renewal.Add(-time.Minute).Sub(v.now)))
			h.busy()
			h.poll()
		}
		v.advance(renewal.Add(time.Minute).Sub(v.now))
		v.lag = 0
		h.poll()
	}
}

// busy is spending, and now and then an allowance that is raised.
func (h *history) busy() {
	for range h.rng.IntN(4) {
		h.v.spend(h.v.some(100), h.v.spendable(), true)
	}
	if h.chance(10) {
		x := h.v.some(500)
		h.v.lots[0].left = h.v.lots[0].left.Add(x)
		h.v.grant(x)
	}
}
