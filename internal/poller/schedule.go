package poller

import (
	"iter"
	"math"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	// firstRetry is how soon a poll that failed is made again; it doubles from there.
	firstRetry = 15 * time.Second
	// afterEvent is how long after a lot expired or an allowance renewed the account is polled.
	afterEvent = 5 * time.Second
	// slowestGrowth is how far a wait grows by itself at least, whatever the interval.
	slowestGrowth = time.Hour
	// retryJitter is by which part a retry is delayed at most, so that accounts that failed together part.
	retryJitter = 0.2
)

// plan is what decides when an account is due.
type plan struct {
	interval    time.Duration
	minInterval time.Duration
	// phase is the account's place in its interval, from 0 to 1.
	phase float64
	state *ledger.State
	// refusedUntil is until when the credential, which was refused, is left alone; zero when it was not.
	refusedUntil time.Time
	// windowEnd is the end of the credential's retry window, with the account's place among those that it frees.
	windowEnd time.Time
	// now: the account is wanted at once, whatever its schedule says.
	now bool
}

// due is when the account is to be polled next; a time in the past means now. It depends on nothing but the plan and
// the wall clock, so it can be worked out anew at any time.
func (p plan) due(now time.Time) time.Time {
	due := p.wanted(now)
	if last := notAfter(p.state.LastRequest, now); !last.IsZero() {
		due = later(due, last.Add(p.minInterval))
	}
	return later(due, p.windowEnd)
}

// wanted is when the account would be polled if neither the vendor's limits nor its windows stood against it.
func (p plan) wanted(now time.Time) time.Time {
	last := notAfter(p.state.LastPoll, now)
	switch failure := p.state.Failure; {
	case p.now:
		return now
	case !p.refusedUntil.IsZero():
		return p.refusedUntil
	case last.IsZero(), failure == nil && p.state.LastSuccess.IsZero():
		return now
	case failure == nil:
		return p.afterSuccess(last)
	case failure.Reason == providers.ReasonUnauthorized, failure.Reason == providers.ReasonCredentials:
		return notAfter(failure.At, now).Add(doubling(p.interval, failure.Streak, slowly(p.interval)))
	case failure.Reason == providers.ReasonRateLimited:
		return last
	default:
		return last.Add(p.backoff(failure.Streak))
	}
}

// afterSuccess is the next turn of the account, or the first moment that lay ahead when its vendor last answered and
// at which the balance changes, whichever comes first.
func (p plan) afterSuccess(last time.Time) time.Time {
	due := p.nextTurn(last)
	for event := range events(p.state) {
		if at := event.Add(afterEvent); event.After(p.state.LastSuccess) && at.After(last) && at.Before(due) {
			due = at
		}
	}
	return due
}

// nextTurn is the account's first regular turn that is at least half an interval after the last poll: a poll that was
// made out of turn, such as the first, does not lead to two at once.
func (p plan) nextTurn(last time.Time) time.Time {
	interval := int64(p.interval)
	phase := int64(p.phase * float64(interval))
	earliest := last.Add(p.interval / 2).UnixNano()
	turns := (earliest - phase + interval - 1) / interval
	return time.Unix(0, turns*interval+phase)
}

// events are the moments at which the vendor's figures change by themselves.
func events(s *ledger.State) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if s.Report == nil {
			return
		}
		for i := range s.Report.Balances {
			b := &s.Report.Balances[i]
			if !b.Resets.IsZero() && !yield(b.Resets) {
				return
			}
			for j := range b.Lots {
				if expires := b.Lots[j].Expires; !expires.IsZero() && !yield(expires) {
					return
				}
			}
		}
	}
}

// backoff is the wait after the n-th failure in a row: it doubles up to the interval. The jitter comes from the
// account's phase, so that it is another for every account and the same whenever it is worked out.
func (p plan) backoff(n int) time.Duration {
	_, fraction := math.Modf(p.phase * float64(n+1) * 7)
	wait := doubling(firstRetry, n, p.interval)
	return min(wait+time.Duration(float64(wait)*retryJitter*fraction), p.interval)
}

// doubling is base after the first time and twice as long after each further one, up to a limit.
func doubling(base time.Duration, n int, limit time.Duration) time.Duration {
	wait := base
	for i := 1; i < n && wait < limit; i++ {
		wait *= 2
	}
	return min(wait, limit)
}

// slowly is how far a wait that begins at the interval, or at the vendor's own word, grows.
func slowly(interval time.Duration) time.Duration { return max(slowestGrowth, interval) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// notAfter is t, or now if t lies ahead: a time that was read from a clock that has since stepped back.
func notAfter(t, now time.Time) time.Time {
	if t.After(now) {
		return now
	}
	return t
}
