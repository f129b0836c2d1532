package poller

import (
	"cmp"
	"slices"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Apply makes targets the accounts that are polled, after the ledger got them. Those that did not change keep their
// turns; accounts that fail are tried at once if their credential is another one now.
func (p *Poller) Apply(targets []*Target, limits Limits) {
	p.order(func() {
		p.hosts.limits = limits
		p.apply(targets)
		// Beside the regular reading, which may be waiting for a file of the old configuration.
		p.reread(p.failing(func(s *ledger.State) bool { return s.Failure != nil }), func() {})
	})
}

func (p *Poller) apply(targets []*Target) {
	now := p.clock()
	p.round++
	var planned []dueEntry
	there := 0
	for _, target := range targets {
		e, changed := p.place(target)
		e.round = p.round
		if changed && e.stage == scheduled {
			due, known := p.due(e, now)
			if !known {
				p.remove(e)
				continue
			}
			planned = append(planned, dueEntry{e, due})
		}
		there++
	}
	if len(p.entries) > there {
		p.removeOthers()
	}
	spreadOut(planned, now)
	for _, t := range planned {
		p.setDue(t.entry, t.due)
	}
}

// dueEntry is an account and when it is due.
type dueEntry struct {
	entry *entry
	due   time.Time
}

// place adds an account, or gives one its new target. An account whose target did not change is left as it is.
func (p *Poller) place(target *Target) (_ *entry, changed bool) {
	e := p.entries[target.ID]
	if e != nil && e.target.same(target) {
		e.removed = false
		return e, false
	}
	if e == nil {
		e = &entry{index: -1, phase: p.ledger.Phase(target.ID)}
		p.entries[target.ID] = e
	}
	if e.target == nil || e.target.Host != target.Host || target.HostInterval == 0 {
		e.turn = time.Time{}
	}
	e.target = target
	e.removed = false
	return e, true
}

// removeOthers takes the accounts out that are not in the present configuration.
func (p *Poller) removeOthers() {
	for _, e := range p.entries {
		if e.round != p.round {
			p.remove(e)
		}
	}
}

// remove takes an account out, as soon as no poll of it is under way.
func (p *Poller) remove(e *entry) {
	if e.stage != scheduled {
		e.removed = true
		return
	}
	p.queue.drop(e)
	p.forget(e)
}

func (p *Poller) forget(e *entry) {
	p.setKey(e, "")
	delete(p.entries, e.target.ID)
	e.tell(ErrUnknownAccount)
}

// spread parts accounts of the queue that are overdue together.
func (p *Poller) spread(planned []*entry, now time.Time) {
	turns := make([]dueEntry, 0, len(planned))
	for _, e := range planned {
		turns = append(turns, dueEntry{e, e.due})
	}
	spreadOut(turns, now)
	for _, t := range turns {
		if !t.due.Equal(t.entry.due) {
			p.setDue(t.entry, t.due)
		}
	}
}

// spreadOut parts turns that are overdue together, so that a start with many of them is no burst.
func spreadOut(turns []dueEntry, now time.Time) {
	var overdue []*dueEntry
	for i := range turns {
		if t := &turns[i]; !t.due.After(now) {
			overdue = append(overdue, t)
		}
	}
	if len(overdue) <= crowd {
		return
	}
	slices.SortFunc(overdue, func(a, b *dueEntry) int { return cmp.Compare(a.entry.phase, b.entry.phase) })
	for i, t := range overdue {
		t.due = now.Add(spreadOver * time.Duration(i) / time.Duration(len(overdue)))
	}
}

// plan works out when an account is due, and puts it there.
func (p *Poller) plan(e *entry, now time.Time) {
	due, known := p.due(e, now)
	if !known {
		p.remove(e)
		return
	}
	p.setDue(e, due)
}

// due is when an account is due; it is not known of one that is not in the ledger.
func (p *Poller) due(e *entry, now time.Time) (_ time.Time, known bool) {
	state, ok := p.ledger.Lookup(e.target.ID)
	if !ok {
		return time.Time{}, false
	}
	turn := plan{interval: e.target.Interval, minInterval: e.target.MinInterval, phase: e.phase, state: state}
	if e.key != "" {
		key := p.ledger.Key(e.key)
		turn.windowEnd = p.freedAt(e, key.Until, now)
		if key.Until.After(now) && len(e.awaited) > 0 {
			// Whoever asked for a poll now is not kept waiting; the account is polled in its turn.
			e.tell(&WaitError{Until: key.Until, Window: true})
			e.now = false
		}
		turn.refusedUntil = triedAgain(e, key)
	}
	if e.now || p.once != nil {
		turn.refusedUntil = time.Time{}
		turn.now = true
	}
	return turn.due(now), true
}

func (p *Poller) setDue(e *entry, due time.Time) {
	if due.After(e.turn) {
		// The turn passes unused; another is reserved when the account is due.
		e.turn = time.Time{}
	}
	p.queue.set(e, due)
	if p.once == nil {
		// Nobody knows when an account that is polled a single time comes next.
		p.ledger.Planned(e.target.ID, due)
	}
}

// freedAt is when an account may be polled after a window: soon after its end, half a second after the one before it.
func (p *Poller) freedAt(e *entry, end, now time.Time) time.Time {
	if !end.After(now) {
		return time.Time{}
	}
	if !e.freed.Equal(end) {
		at := instant{e.target.Host, end.Unix()}
		e.freed, e.slot = end, p.slots[at]
		p.slots[at]++
	}
	return end.Add(apart * time.Duration(e.slot+1))
}

// forgetSlots drops the counts of windows that are over.
func (p *Poller) forgetSlots() {
	now := p.clock().Unix()
	for at := range p.slots {
		if at.end < now {
			delete(p.slots, at)
		}
	}
}

// triedAgain is when a refused credential may be tried by an account, zero when it is not refused. The account that
// was refused last lets the others go first: if one of them succeeds, the refusal is known to be the account's own.
func triedAgain(e *entry, key ledger.Key) time.Time {
	switch {
	case key.Refusals == 0 || key.Mixed:
		return time.Time{}
	case key.RefusedBy == e.target.ID.String():
		return key.RefusedUntil.Add(apart)
	}
	return key.RefusedUntil
}

// setKey notes which credential an account uses.
func (p *Poller) setKey(e *entry, key ledger.KeyID) {
	if e.key == key {
		return
	}
	if e.key != "" {
		delete(p.sharers[e.key], e)
		if len(p.sharers[e.key]) == 0 {
			delete(p.sharers, e.key)
		}
	}
	e.key = key
	if key == "" {
		return
	}
	if p.sharers[key] == nil {
		p.sharers[key] = map[*entry]bool{}
	}
	p.sharers[key][e] = true
}
