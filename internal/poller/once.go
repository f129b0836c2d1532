package poller

import (
	"context"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Verdict is what came of polling an account once.
type Verdict int

// The verdicts.
const (
	// Polled: the vendor was asked, or the credential could not be read; the ledger knows how it went.
	Polled Verdict = iota
	// Held: a retry window is open, nobody was asked.
	Held
	// Refused: the vendor refused the credential to another account a moment ago.
	Refused
	// Kept: the vendor was asked so shortly before that it may not be asked again; what it said then stands.
	Kept
)

// round is one poll of every account.
type round struct {
	tell func(ledger.ID, Verdict)
	end  context.CancelFunc
	left int
	// refused are the credentials that were refused in this round.
	refused map[ledger.KeyID]bool
}

// Once polls every target a single time, with the same respect for windows and limits as Run, and tells what came of
// each as soon as it is known. It returns when all are done or ctx ended; of those that are not done then, it tells nothing.
func (p *Poller) Once(ctx context.Context, targets []*Target, tell func(ledger.ID, Verdict)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.once = &round{tell: tell, end: cancel, refused: map[ledger.KeyID]bool{}}
	now := p.clock()
	var due []*Target
	for _, target := range targets {
		state, ok := p.ledger.Lookup(target.ID)
		if ok && notAfter(state.LastRequest, now).Add(target.MinInterval).After(now) && !state.LastRequest.IsZero() {
			tell(target.ID, Kept)
			continue
		}
		due = append(due, target)
	}
	if p.once.left = len(due); p.once.left > 0 {
		p.Run(ctx, due)
	}
}

// done tells what came of an account, and takes it out.
//
// An account whose poll the end of the round cut off is not told of: what the ledger knows of it is an older answer.
func (r *round) done(p *Poller, e *entry) {
	if e.cutOff {
		p.forget(e)
		return
	}
	verdict := Polled
	switch {
	case e.asked, e.key == "":
	case p.ledger.Key(e.key).Until.After(p.clock()):
		verdict = Held
	default:
		verdict = Refused
	}
	id := e.target.ID
	p.forget(e)
	r.tell(id, verdict)
	if r.left--; r.left == 0 {
		r.end()
	}
}
