package poller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

// read begins a poll: it reads the account's credentials, which may take long, beside the poller.
func (p *Poller) read(e *entry) {
	if e.removed || p.stopping {
		e.cutOff = p.stopping
		p.put(e)
		return
	}
	e.stage = reading
	target := e.target
	p.spawn(func() func() {
		credentials, err := readCredentials(target)
		return func() { p.admit(e, target, credentials, err) }
	})
}

// readCredentials reads all credentials of an account.
func readCredentials(target *Target) (map[string]providers.Secret, error) {
	credentials := make(map[string]providers.Secret, len(target.Credentials))
	var errs []error
	for name, reader := range target.Credentials {
		secret, err := reader.Read()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		credentials[name] = secret
	}
	return credentials, errors.Join(errs...)
}

// admit decides whether the vendor may be asked now: not inside a retry window, not with a credential that was
// refused a moment ago, and not while another poll with the same credential is in flight.
func (p *Poller) admit(e *entry, target *Target, credentials map[string]providers.Secret, err error) {
	now := p.clock()
	if e.target != target || e.removed || p.stopping {
		// The configuration changed meanwhile: what was read may belong to what is no longer asked.
		e.cutOff = p.stopping
		p.put(e)
		return
	}
	// Whoever waited for the credential that the account had before must not wait for this one.
	defer p.wakeNext(e.key)
	if err != nil {
		p.setKey(e, "")
		e.now = false
		p.changed(e, func() {
			p.ledger.FailedUnasked(target.ID, target.Identity, now, providers.ReasonCredentials, err.Error())
		})
		p.putPolled(e)
		return
	}
	p.setKey(e, p.ledger.KeyID(target.Host, credentials))
	key := p.ledger.Key(e.key)
	switch {
	case key.Until.After(now):
		p.hold(e, key.Until)
	case p.refusalHolds(e, key, now):
		p.refuse(e, now)
	case p.busy[e.key]:
		e.stage = waiting
		p.waiting[e.key] = append(p.waiting[e.key], e)
		p.hosts.release(e, now)
		return
	default:
		p.ask(e, target, credentials, now)
		return
	}
	p.put(e)
}

// refusalHolds tells whether a refused credential is still left alone.
func (p *Poller) refusalHolds(e *entry, key ledger.Key, now time.Time) bool {
	if p.once != nil {
		// A person asks: what was refused before this round is tried again, what was refused in it is not.
		return p.once.refused[e.key]
	}
	return !e.now && triedAgain(e, key).After(now)
}

// ask makes the requests of one poll beside the poller.
func (p *Poller) ask(e *entry, target *Target, credentials map[string]providers.Secret, now time.Time) {
	e.stage = asking
	e.now = false
	e.asked = true
	p.busy[e.key] = true
	p.ledger.Began(target.ID, now)
	p.spawn(func() func() {
		began := time.Now()
		report, err := fetch(p.base, target, credentials)
		p.observer.Polled(target.ID.Provider, time.Since(began))
		return func() { p.finish(e, target, report, err) }
	})
}

// fetch asks the vendor. A panic in what reads its answer is that account's failure, not the program's.
func fetch(ctx context.Context, target *Target, credentials map[string]providers.Secret) (report providers.Report, failure *providers.Error) {
	defer func() {
		if r := recover(); r != nil {
			// The value of a panic may quote what the vendor sent, so it is not shown.
			failure = &providers.Error{Reason: providers.ReasonInternal, Text: fmt.Sprintf("a fault of this program (%T); please report it", r)}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, target.Timeout)
	defer cancel()
	report, err := target.Provider.Fetch(ctx, providers.Account{
		Credentials: credentials, Params: target.Params, BaseURL: target.BaseURL, Transport: target.Transport,
	})
	if err == nil {
		return report, nil
	}
	if !errors.As(err, &failure) {
		failure = &providers.Error{Reason: providers.ReasonInternal, Text: "an error of a kind that is not known"}
	}
	return providers.Report{}, failure
}

// finish takes the outcome of a poll in.
func (p *Poller) finish(e *entry, target *Target, report providers.Report, failure *providers.Error) {
	now := p.clock()
	delete(p.busy, e.key)
	p.ledger.Ended()
	if p.aborted && failure != nil {
		// The end of the program cut the poll off: that is not the vendor's failure.
		e.cutOff = true
		p.put(e)
		return
	}
	if failure == nil {
		p.accept(e, target, &report, now)
	} else {
		p.fail(e, target, failure, now)
	}
	p.putPolled(e)
}

// put gives the account's place back and sets its next turn, unless the account is gone.
func (p *Poller) put(e *entry) {
	now := p.clock()
	if e.host != nil {
		p.hosts.release(e, now)
	}
	e.stage = scheduled
	key := e.key
	switch {
	case e.removed:
		p.forget(e)
	case p.once != nil:
		p.once.done(p, e)
	default:
		p.plan(e, now)
	}
	p.wakeNext(key)
}

// wakeNext lets the next account go on that waited for a credential.
func (p *Poller) wakeNext(key ledger.KeyID) {
	if p.busy[key] {
		return
	}
	queue := p.waiting[key]
	if len(queue) == 0 {
		return
	}
	e := queue[0]
	if len(queue) == 1 {
		delete(p.waiting, key)
	} else {
		p.waiting[key] = queue[1:]
	}
	// It is due now, and a host that wants a pause between any two requests gets it all the same.
	e.stage = scheduled
	p.queue.set(e, p.clock())
}
