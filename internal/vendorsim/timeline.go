package vendorsim

import (
	"sort"
	"time"
)

// timeline is all of an account that changes with the clock. It advances when somebody looks, from one event to the
// next, and comes to the same state however often that is.
type timeline struct {
	spec     *Spec
	floor    func(Credits) Credits // down to what the vendor counts in
	book     book
	spending spending
	stopped  bool // no job runs: the vendor refuses usage

	now      time.Time // never goes back
	renews   time.Time // next renewal of the plan; zero without a plan
	periods  int       // periods of the plan begun since its anchor
	topUps   []time.Time
	refillAt time.Time // when the pending refill comes; zero while none is pending
}

func newTimeline(spec *Spec, seed uint64, now time.Time) timeline {
	d, _ := dialectOf(spec.Vendor)
	t := timeline{
		spec:     spec,
		floor:    d.floor,
		book:     book{merge: !d.lists},
		spending: spending{jobs: spec.Jobs, origin: now, seed: seed},
		stopped:  spec.Faults.Blocked,
		now:      now,
	}
	switch {
	case spec.Balance > 0:
		t.book.add(Lot{Kind: KindTopUp, Remaining: d.floor(spec.Balance)})
	case spec.Balance < 0:
		t.book.debt = -spec.Balance
	}
	for _, lot := range spec.Lots {
		lot.Remaining, lot.Allocated = d.floor(lot.Remaining), d.floor(lot.Allocated)
		t.book.add(lot)
	}
	if spec.Plan != nil {
		t.beginPlan(now)
	}
	for _, topUp := range spec.TopUps {
		t.topUps = append(t.topUps, now.Add(topUp.Every))
	}
	return t
}

// beginPlan grants the period that is running.
func (t *timeline) beginPlan(now time.Time) {
	if t.spec.Plan.Started.IsZero() {
		plan := *t.spec.Plan // the caller's own plan stays as it is
		plan.Started = now
		t.spec.Plan = &plan
	}
	t.spec.Plan.Started = t.spec.Plan.Started.Truncate(time.Second)
	for t.renews = t.spec.Plan.start(t.periods); !t.renews.After(now); t.renews = t.spec.Plan.start(t.periods) {
		t.periods++
	}
	t.grantPeriod()
}

func (t *timeline) grantPeriod() {
	amount := t.floor(t.spec.Plan.Credits)
	t.book.add(Lot{Kind: KindSubscription, Remaining: amount, Expires: t.renews})
}

// start is when the n-th period of the plan begins. Of a month that is too short for the anchor's day, it is the last.
func (p *Plan) start(n int) time.Time {
	if p.Period > 0 {
		return p.Started.Add(time.Duration(n) * p.Period)
	}
	anchor := p.Started.UTC()
	first := time.Date(anchor.Year(), anchor.Month()+time.Month(n), 1, anchor.Hour(), anchor.Minute(), anchor.Second(), 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(anchor.Day(), last)-1)
}

// advance brings the account to an instant. An instant that has been passed already changes nothing.
func (t *timeline) advance(now time.Time) {
	for t.now.Before(now) {
		t.armRefill()
		end := t.crossing(t.nextEvent(now))
		if !t.stopped {
			t.book.spend(t.spending.between(t.now, end), t.now, t.spec.Overdraft)
		}
		t.now = end
		t.happen()
	}
	t.armRefill()
	t.book.prune(t.now, t.spec.ListExpired)
}

// nextEvent is the first instant after now, and at most limit, at which something other than spending happens.
func (t *timeline) nextEvent(limit time.Time) time.Time {
	next := limit
	consider := func(at time.Time) {
		if !at.IsZero() && at.After(t.now) && at.Before(next) {
			next = at
		}
	}
	consider(t.book.nextExpiry(t.now))
	consider(t.renews)
	consider(t.refillAt)
	for _, at := range t.topUps {
		consider(at)
	}
	return next
}

// crossing is when spending reaches the refill's level, if it does before end; else end. It is searched for, so that
// the refill comes at the same instant whoever looks.
func (t *timeline) crossing(end time.Time) time.Time {
	if t.spec.Refill == nil || !t.refillAt.IsZero() || t.stopped {
		return end
	}
	room := t.book.total(t.now) - t.spec.Refill.At
	if t.spending.between(t.now, end) < room {
		return end
	}
	millis := sort.Search(int(end.Sub(t.now).Milliseconds()), func(ms int) bool {
		return t.spending.between(t.now, t.now.Add(time.Duration(ms)*time.Millisecond)) >= room
	})
	return t.now.Add(time.Duration(millis) * time.Millisecond)
}

func (t *timeline) armRefill() {
	if r := t.spec.Refill; r != nil && t.refillAt.IsZero() && t.book.total(t.now) <= r.At {
		t.refillAt = t.now.Add(r.After)
	}
}

// happen lets come what is due now.
func (t *timeline) happen() {
	if t.spec.Plan != nil && !t.renews.After(t.now) {
		t.periods++
		t.renews = t.spec.Plan.start(t.periods)
		t.grantPeriod()
	}
	for i, at := range t.topUps {
		if !at.After(t.now) {
			topUp := t.spec.TopUps[i]
			t.topUps[i] = at.Add(topUp.Every)
			t.grant(topUp.Kind, topUp.Amount, topUp.Life)
		}
	}
	if r := t.spec.Refill; r != nil && !t.refillAt.IsZero() && !t.refillAt.After(t.now) {
		t.refillAt = time.Time{}
		t.grant(KindTopUp, r.Amount, r.Life)
	}
}

// grant adds an amount now.
func (t *timeline) grant(kind string, amount Credits, life time.Duration) {
	lot := Lot{Kind: kind, Remaining: t.floor(amount)}
	if lot.Kind == "" {
		lot.Kind = KindTopUp
	}
	if life > 0 {
		lot.Expires = t.now.Add(life)
	}
	t.book.add(lot)
}
