package poller

// A worker does what may take long beside the poller: it reads credentials, and asks a vendor. Workers are kept for the
// next poll, because a new goroutine would have to grow its stack anew each time. There are as many as were ever busy
// at once, which max_concurrent bounds, and those that nobody needs any more are sent away.
type worker chan func() (then func())

// spawn lets a worker do something, and then does what that gives in the poller's own goroutine.
func (p *Poller) spawn(work func() (then func())) {
	p.running++
	if last := len(p.idle) - 1; last >= 0 {
		w := p.idle[last]
		p.idle = p.idle[:last]
		p.leastIdle = min(p.leastIdle, last)
		w <- work
		return
	}
	p.leastIdle = 0
	go p.labour(make(worker, 1), work)
}

// labour is what a worker does until it is sent away, or the poller has ended.
func (p *Poller) labour(w worker, work func() (then func())) {
	for work != nil {
		then := work()
		done := func() {
			p.running--
			p.idle = append(p.idle, w)
			then()
		}
		select {
		case p.orders <- done:
		case <-p.over:
			return
		}
		select {
		case work = <-w:
		case <-p.over:
			return
		}
	}
}

// dismiss sends half of the workers away that were idle all the time since it was called last.
func (p *Poller) dismiss() {
	for range p.leastIdle / 2 {
		// Those at the front are the ones that were idle for the longest time.
		p.idle[0] <- nil
		p.idle = p.idle[1:]
	}
	p.leastIdle = len(p.idle)
}
