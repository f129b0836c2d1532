package vendorsim

import (
	"net/http"
	"sync"
	"time"
)

// Account is one simulated account. All of its methods may be called at any time from any goroutine; each first brings
// the account up to the simulator's clock.
type Account struct {
	clock   func() time.Time
	dialect dialect
	email   string
	seed    uint64
	faults  Faults

	mu       sync.Mutex
	key      string
	refused  bool // the key is known and not accepted
	unpaid   bool // usage is refused with payment required
	mode     mode
	line     timeline
	window   window
	draws    uint64 // requests that the faults of the spec were drawn for
	requests log
}

// mode is what every answer is replaced by, until Recover.
type mode struct {
	outcome outcome
	status  int
	silent  bool
	slow    time.Duration
	answer  *response
}

// window is a retry window.
type window struct {
	until time.Time
	told  bool // an answer has told the client of it; a request after that breaks the promise
}

func (w window) open(now time.Time) bool { return w.until.After(now) }

func newAccount(spec Spec, d dialect, seed uint64, start time.Time, options Options) *Account {
	email := spec.Email
	if email == "" {
		email = spec.Name + "@customer.example"
	}
	return &Account{
		clock:    options.Clock,
		dialect:  d,
		email:    email,
		seed:     seed,
		faults:   spec.Faults,
		key:      spec.Key,
		refused:  spec.Faults.BadKey,
		mode:     mode{silent: spec.Faults.Silent, slow: spec.Faults.Slow},
		line:     newTimeline(&spec, seed, whole(start)),
		requests: log{limit: options.History},
	}
}

// whole drops what is finer than a millisecond, in which the simulation counts, and the monotonic reading.
func whole(t time.Time) time.Time { return t.Round(0).Truncate(time.Millisecond) }

// arrive writes a request down and says how long it is to wait for its answer, and whether one will come.
func (a *Account) arrive() (slow time.Duration, silent bool) {
	now := whole(a.clock())
	a.mu.Lock()
	defer a.mu.Unlock()
	a.line.advance(now)
	a.requests.begin(now, a.window.told && a.window.open(a.line.now))
	return a.mode.slow, a.mode.silent
}

// leave writes down what became of a request; status 0: it was not answered.
func (a *Account) leave(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests.end(status)
}

// answer decides what a request with this key is told.
func (a *Account) answer(key string) response {
	now := whole(a.clock())
	a.mu.Lock()
	defer a.mu.Unlock()
	a.line.advance(now)
	v := view{
		now:     a.line.now,
		email:   a.email,
		total:   a.line.book.total(a.line.now),
		lots:    a.line.book.lots,
		plan:    a.line.spec.Plan,
		allowed: !a.line.stopped,
	}
	switch {
	case key != a.key || a.refused:
		v.outcome = keyRefused
	case a.window.open(a.line.now):
		v.outcome = rateLimited
	case a.mode.answer != nil:
		return *a.mode.answer
	case a.mode.outcome != good:
		v.outcome, v.status = a.mode.outcome, a.mode.status
	default:
		a.draw(&v)
	}
	if v.outcome == rateLimited {
		v.wait = a.window.until.Sub(a.line.now)
		a.window.told = true
	}
	return a.dialect.render(v)
}

// draw lets the spec's faults happen now and then; the first request is spared, so that a demo begins with figures.
func (a *Account) draw(v *view) {
	a.draws++
	oneIn := func(n int, kind uint64) bool { return n > 0 && a.draws > 1 && mix(a.seed+kind, a.draws)%uint64(n) == 0 }
	switch {
	case oneIn(a.faults.LimitOneIn, 1):
		v.outcome = rateLimited
		a.window = window{until: a.line.now.Add(a.faults.LimitFor)}
	case oneIn(a.faults.ErrorOneIn, 2):
		v.outcome, v.status = failed, http.StatusInternalServerError
	case oneIn(a.faults.EmptyOneIn, 3):
		v.outcome = empty
	case a.unpaid || (a.line.stopped && !a.dialect.lists):
		// Only Olostep has a word for "blocked" in a good answer.
		v.outcome = paymentRequired
	}
}
