package book

import (
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// returnable is how long after consumption a rise may be a return of it.
const returnable = time.Hour

// maxRecent is one spending for each minute of that time, and a few more.
const maxRecent = 64

// spending is what was consumed at one time, as far as it has not been given back. What falls within a minute is one.
type spending struct {
	At     time.Time        `json:"at"`
	Amount providers.Amount `json:"amount"`
}

func (s spending) same(o spending) bool { return s.At.Equal(o.At) && s.Amount.Cmp(o.Amount) == 0 }

// giveBack takes a rise as returned when it is no larger than what was consumed within the last hour; a larger one is a
// grant, all of it, and 0 is returned. The oldest consumption is given back first.
//
// What is returned can not be taken off the counter, which never falls. It is kept and taken off later consumption.
func (p *page) giveBack(rise providers.Amount) providers.Amount {
	consumed := zero
	for _, s := range p.Recent {
		consumed = plus(consumed, s.Amount)
	}
	if rise.Sign() == 0 || rise.Cmp(consumed) > 0 {
		return zero
	}
	rest := rise
	for len(p.Recent) > 0 && rest.Sign() > 0 {
		p.Recent[0].Amount, rest = reduce(p.Recent[0].Amount, rest)
		if p.Recent[0].Amount.Sign() == 0 {
			p.Recent = p.Recent[1:]
		}
	}
	p.Returned = plus(orZero(p.Returned), rise)
	return rise
}

// remind keeps in mind what was consumed, for what may be given back of it.
func (p *page) remind(at time.Time, consumed providers.Amount) {
	if consumed.Sign() == 0 {
		return
	}
	if n := len(p.Recent); n > 0 && at.Sub(p.Recent[n-1].At) < time.Minute {
		p.Recent[n-1].Amount = plus(p.Recent[n-1].Amount, consumed)
	} else {
		p.Recent = append(p.Recent, spending{At: at, Amount: consumed})
	}
	if len(p.Recent) > maxRecent {
		// Only a clock that is set back again and again comes here.
		p.Recent[1].Amount = plus(p.Recent[1].Amount, p.Recent[0].Amount)
		p.Recent = p.Recent[1:]
	}
}

// lastHour is a copy of what was consumed in the hour before. What lies ahead, because the clock was set back, is taken
// as just consumed: it is within the hour until another one has passed.
func lastHour(all []spending, at time.Time) []spending {
	var recent []spending
	for _, s := range all {
		if s.At.After(at) {
			s.At = at
		}
		if at.Sub(s.At) <= returnable {
			recent = append(recent, s)
		}
	}
	return recent
}
