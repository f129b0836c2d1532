// Package poller decides when each account is polled and does it: at its turn, never inside a vendor's retry window,
// never faster than the vendor allows and never twice at once. One goroutine owns all decisions; a poll in flight has
// one of its own.
package poller

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	// lookEvery is how long the poller sleeps at most: a machine that was suspended, or whose clock was set, costs no
	// more than that.
	lookEvery = 30 * time.Second
	// clockStep is by how much wall clock and elapsed time must differ to count as a step of the clock.
	clockStep = time.Second
	// crowd is how many accounts may be overdue at once before they are spread over spreadOver.
	crowd      = 100
	spreadOver = 30 * time.Second
	// apart is the pause between two accounts that the same instant frees.
	apart = 500 * time.Millisecond
	// queuedOrders is how many orders wait without holding up who gives them; so many are done in a row at most.
	queuedOrders = 64
	// grace is how long polls in flight may go on after the end was asked for; what is left of the five seconds of
	// interface §6 belongs to the storage.
	grace = 3 * time.Second
	// afterAbort is how long polls that were cut off are waited for: only a file that cannot be read takes longer.
	afterAbort = time.Second
)

// Poller polls accounts. Make one with New.
type Poller struct {
	ledger   *ledger.Ledger
	clock    func() time.Time
	observer Observer
	log      *slog.Logger

	// orders are what others ask of the goroutine that Run is in.
	orders chan func()
	// over is closed when Run ends.
	over chan struct{}

	// All that follows belongs to that goroutine.
	entries map[ledger.ID]*entry
	queue   dueQueue
	hosts   *hosts
	// busy are the credentials that a poll in flight uses, waiting who waits for one of them.
	busy    map[ledger.KeyID]bool
	waiting map[ledger.KeyID][]*entry
	// sharers are the accounts by the credential that was read last.
	sharers map[ledger.KeyID]map[*entry]bool
	// slots counts the accounts that wait for the end of the same window.
	slots map[instant]int
	// running counts the workers that will send an order yet, idle holds the others; at least leastIdle of them were
	// idle since somebody looked last.
	running   int
	idle      []worker
	leastIdle int
	stopping  bool
	aborted   bool
	watching  bool
	// once is set while every account is polled a single time.
	once *round
	// round counts the applied configurations.
	round int
	// base is the context of all polls: it outlives Run's own by the time of grace.
	base context.Context
}

// instant is the end of a window at a host.
type instant struct {
	host string
	end  int64
}

// New makes a poller that writes what it learns to a ledger. The clock tells wall time, and may step.
func New(l *ledger.Ledger, limits Limits, clock func() time.Time, observer Observer, log *slog.Logger) *Poller {
	return &Poller{
		ledger:   l,
		clock:    func() time.Time { return clock().Round(0) }, // without the monotonic reading, which cannot step
		observer: observer,
		log:      log,
		orders:   make(chan func(), queuedOrders),
		over:     make(chan struct{}),
		entries:  map[ledger.ID]*entry{},
		hosts:    newHosts(limits),
		busy:     map[ledger.KeyID]bool{},
		waiting:  map[ledger.KeyID][]*entry{},
		sharers:  map[ledger.KeyID]map[*entry]bool{},
		slots:    map[instant]int{},
	}
}

// Run polls the targets until ctx ends, then waits for the polls in flight. The ledger knows their accounts already.
func (p *Poller) Run(ctx context.Context, targets []*Target) {
	defer close(p.over)
	base, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	p.base = base
	p.apply(targets)
	p.loop(ctx)
	p.stopping = true
	if !p.drain(grace) {
		p.aborted = true
		abort()
		p.drain(afterAbort)
	}
}

// drain waits for what is under way, but no longer than a given time. It tells whether nothing is left.
func (p *Poller) drain(within time.Duration) bool {
	end := time.NewTimer(within)
	defer end.Stop()
	for p.running > 0 {
		select {
		case order := <-p.orders:
			order()
		case <-end.C:
			return false
		}
	}
	return true
}

func (p *Poller) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	watch := time.NewTicker(watchEvery)
	defer watch.Stop()
	lastWall, lastLook := p.clock(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case order := <-p.orders:
			order()
			for range len(p.orders) {
				(<-p.orders)()
			}
		case <-watch.C:
			p.watch()
			p.forgetSlots()
			p.dismiss()
		case <-timer.C:
		}
		now := p.clock()
		if step := now.Sub(lastWall) - time.Since(lastLook); step < -clockStep || step > clockStep {
			p.stepped(now, step)
		}
		lastWall, lastLook = now, time.Now()
		p.startDue(now)
		timer.Reset(p.sleep(now))
	}
}

// sleep is how long nothing is due.
func (p *Poller) sleep(now time.Time) time.Duration {
	if len(p.queue) == 0 {
		return lookEvery
	}
	return min(max(p.queue[0].due.Sub(now), 0), lookEvery)
}

// stepped works all due times out anew after the wall clock jumped.
func (p *Poller) stepped(now time.Time, step time.Duration) {
	p.log.Warn("The clock stepped; the schedule is worked out anew", "step", step.Round(time.Millisecond))
	if step < 0 {
		p.ledger.ClockSteppedBack(now)
	}
	p.slots = map[instant]int{}
	for _, e := range p.entries {
		e.freed, e.turn = time.Time{}, time.Time{}
		if e.key != "" && step < 0 {
			if key := p.ledger.Key(e.key); key.Until.After(now) {
				p.hold(e, key.Until)
			}
		}
		if e.stage == scheduled {
			p.plan(e, now)
		}
	}
	for _, host := range p.hosts.byName {
		host.next = notAfter(host.next, now)
	}
	p.spread(slices.Clone(p.queue), now)
}

// startDue starts what is due, as far as there are places.
func (p *Poller) startDue(now time.Time) {
	for e := p.queue.next(now); e != nil; e = p.queue.next(now) {
		if pause := e.target.HostInterval; pause > 0 && e.turn.IsZero() {
			e.turn = p.hosts.reserve(e.target.Host, pause, now)
		}
		if e.turn.After(now) {
			p.queue.set(e, e.turn)
			continue
		}
		e.turn = time.Time{}
		e.stage = queued
		p.hosts.enqueue(e)
	}
	for e := p.hosts.next(); e != nil; e = p.hosts.next() {
		p.read(e)
	}
}

// order lets the poller's goroutine do something, and waits until it is done; false when the poller has ended.
func (p *Poller) order(do func()) bool {
	done := make(chan struct{})
	select {
	case p.orders <- func() { do(); close(done) }:
	case <-p.over:
		return false
	}
	select {
	case <-done:
		return true
	case <-p.over:
		return false
	}
}

// logger says which account a line is about.
func (p *Poller) logger(id ledger.ID) *slog.Logger {
	return p.log.With("provider", id.Provider, "account", id.Account)
}

// ourKeyFails tells whether only a new credential can help.
func ourKeyFails(s *ledger.State) bool {
	return s.Failure != nil &&
		(s.Failure.Reason == providers.ReasonUnauthorized || s.Failure.Reason == providers.ReasonCredentials)
}
