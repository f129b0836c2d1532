package poller

import "time"

// hosts bounds how many polls are in flight, over all and for each host, and lets the hosts take turns, so that one
// slow vendor cannot take every place.
type hosts struct {
	limits   Limits
	inFlight int
	byName   map[string]*host
	// ready are the hosts that have both somebody waiting and a free place.
	ready []*host
}

// host is one vendor's address.
type host struct {
	name     string
	inFlight int
	queue    []*entry
	ready    bool
	// next is the earliest time for another request, where the vendor wants a pause between any two.
	next time.Time
}

func newHosts(limits Limits) *hosts {
	return &hosts{limits: limits, byName: map[string]*host{}}
}

func (h *hosts) host(name string) *host {
	if h.byName[name] == nil {
		h.byName[name] = &host{name: name}
	}
	return h.byName[name]
}

// reserve gives the time of the next turn at a host with a pause between requests, and takes that turn.
func (h *hosts) reserve(name string, pause time.Duration, now time.Time) time.Time {
	host := h.host(name)
	turn := later(now, host.next)
	host.next = turn.Add(pause)
	return turn
}

// enqueue lets an account wait for a place at its host.
func (h *hosts) enqueue(e *entry) {
	e.host = h.host(e.target.Host)
	e.host.queue = append(e.host.queue, e)
	h.offer(e.host)
}

// offer lists a host that can use a place.
func (h *hosts) offer(host *host) {
	if !host.ready && len(host.queue) > 0 && host.inFlight < h.limits.PerHost {
		host.ready = true
		h.ready = append(h.ready, host)
	}
}

// next takes a place for the account whose turn it is; nil when there is no place or nobody waits.
func (h *hosts) next() *entry {
	for h.inFlight < h.limits.Concurrent && len(h.ready) > 0 {
		host := h.ready[0]
		h.ready[0] = nil
		h.ready = h.ready[1:]
		host.ready = false
		if len(host.queue) == 0 {
			continue
		}
		e := host.queue[0]
		host.queue[0] = nil
		host.queue = host.queue[1:]
		host.inFlight++
		h.inFlight++
		h.offer(host)
		return e
	}
	return nil
}

// release gives an account's place back.
func (h *hosts) release(e *entry, now time.Time) {
	host := e.host
	e.host = nil
	h.inFlight--
	host.inFlight--
	h.offer(host)
	if host.inFlight == 0 && len(host.queue) == 0 && !host.next.After(now) {
		delete(h.byName, host.name)
	}
}
