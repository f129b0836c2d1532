package poller

import (
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

// accept takes a good answer in. Whoever else uses the credential and was waiting for it to be tried again is due by
// now, too, and finds that it is good.
func (p *Poller) accept(e *entry, target *Target, report *providers.Report, now time.Time) {
	id := target.ID.String()
	p.ledger.UpdateKey(e.key, func(k ledger.Key) ledger.Key {
		return ledger.Key{Mixed: k.Mixed || k.Refusals > 0 && k.RefusedBy != id}
	})
	p.changed(e, func() { p.ledger.Succeeded(target.ID, target.Identity, now, report) })
}

// fail takes a failure in: it opens a retry window where the vendor wants one, and counts a refused credential for
// all that share it.
func (p *Poller) fail(e *entry, target *Target, failure *providers.Error, now time.Time) {
	wait := p.window(target, failure)
	after := p.ledger.UpdateKey(e.key, func(k ledger.Key) ledger.Key {
		return afterFailure(k, target, failure, wait, now)
	})
	if p.once != nil && failure.Reason == providers.ReasonUnauthorized {
		p.once.refused[e.key] = true
	}
	p.changed(e, func() { p.ledger.Failed(target.ID, target.Identity, now, failure.Reason, failure.Text) })
	refused := failure.Reason == providers.ReasonUnauthorized && !after.Mixed
	if !refused && !after.Until.After(now) {
		return // it is this account's alone
	}
	for sharer := range p.sharers[e.key] {
		if sharer != e && sharer.stage != scheduled {
			continue
		}
		if after.Until.After(now) {
			p.hold(sharer, after.Until)
		}
		if sharer != e && refused {
			p.refuse(sharer, now)
		}
		if sharer != e {
			p.plan(sharer, now)
		}
	}
}

// window is how long the vendor asked to wait, cut to what is honoured; 0 when it said nothing.
func (p *Poller) window(target *Target, failure *providers.Error) time.Duration {
	if failure.RetryAfter <= ledger.MaxWindow {
		return max(failure.RetryAfter, 0)
	}
	p.logger(target.ID).Warn("The vendor asks to wait for longer than is honoured", "asked", failure.RetryAfter, "honoured", ledger.MaxWindow)
	return ledger.MaxWindow
}

// afterFailure is what is known of a credential after a poll with it failed. said is how long the vendor asked to
// wait, 0 when it did not.
func afterFailure(k ledger.Key, target *Target, failure *providers.Error, said time.Duration, now time.Time) ledger.Key {
	limited := failure.Reason == providers.ReasonRateLimited
	switch {
	case limited:
		k.Limited++
	case failure.Status != 0:
		k.Limited = 0
	}
	if limited || said > 0 {
		wait := max(said, target.MinInterval)
		if limited {
			base := target.Interval
			if said > 0 {
				base = target.MinInterval
			}
			wait = max(wait, doubling(base, k.Limited, slowly(target.Interval)))
		}
		if end := now.Add(wait); end.After(k.Until) {
			k.Until, k.Length = end, wait
		}
	}
	if failure.Reason == providers.ReasonUnauthorized && !k.Mixed {
		k.Refusals++
		k.RefusedBy = target.ID.String()
		k.RefusedFor = doubling(target.Interval, k.Refusals, slowly(target.Interval))
		k.RefusedUntil = now.Add(k.RefusedFor)
	}
	return k
}

// hold lets an account wait for the end of a window.
func (p *Poller) hold(e *entry, until time.Time) {
	state, ok := p.ledger.Lookup(e.target.ID)
	if !ok || state.Window.Equal(until) {
		return
	}
	p.ledger.Held(e.target.ID, until)
	p.logger(e.target.ID).Info("The vendor's retry window is waited for", "until", until.UTC().Format(time.RFC3339))
}

// refuse lets an account fail because its credential was refused to another one.
func (p *Poller) refuse(e *entry, now time.Time) {
	p.changed(e, func() {
		p.ledger.Refused(e.target.ID, now, "the vendor refuses this credential; it was tried by another account that shares it")
	})
}

// changed does something to an account's state and logs what is new about its health.
func (p *Poller) changed(e *entry, do func()) {
	before, known := p.ledger.Lookup(e.target.ID)
	do()
	after, still := p.ledger.Lookup(e.target.ID)
	if !known || !still {
		return
	}
	id := e.target.ID
	switch {
	case after.Failure == nil && before.Failure != nil:
		p.logger(id).Info("Polls succeed again", "failed_for", after.LastSuccess.Sub(before.Failure.Since).Round(time.Second))
	case after.Failure != nil && (before.Failure == nil || before.Failure.Reason != after.Failure.Reason):
		p.logger(id).Warn("Polls fail", "reason", after.Failure.Reason, "err", after.Failure.Text)
	case after.Failure == nil && before.LastSuccess.IsZero() && !after.LastSuccess.IsZero():
		p.logger(id).Info("The first poll succeeded")
	}
}
