package poller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// What PollNow answers besides a WaitError.
var (
	// ErrUnknownAccount: no account of that name is polled, or it left the configuration meanwhile.
	ErrUnknownAccount = errors.New("no such account is polled")
	// ErrEnded: the poller ends, or has ended.
	ErrEnded = errors.New("the program ends, no polls are made")
)

// WaitError says that an account may not be polled yet.
type WaitError struct {
	// Until is when it may be asked for again.
	Until time.Time
	// Window tells why: a retry window of the vendor is open for the account's credential; otherwise the provider's
	// min_interval since the last request is not over.
	Window bool
}

func (e *WaitError) Error() string {
	until := e.Until.UTC().Format(time.RFC3339)
	if e.Window {
		return fmt.Sprintf("the vendor asked for patience until %s", until)
	}
	return fmt.Sprintf("the vendor was asked a moment ago and may be asked again from %s on", until)
}

// PollNow polls an account out of its turn and waits for the end of that poll, or of ctx, which does not end the poll.
// How it went is the ledger's to tell: a poll that fails is no error. A poll of the account that is under way is joined
// instead of followed by another.
//
// All limits hold: a *WaitError says that the account's vendor may not be asked yet, and while others are asked, or the
// host wants a pause, it takes longer. Only a refused credential is tried again before its time, because somebody may
// just have mended it.
func (p *Poller) PollNow(ctx context.Context, id ledger.ID) error {
	// With room for the answer, so that the poller waits for nobody who has left.
	ended := make(chan error, 1)
	select {
	case p.orders <- func() { p.demand(id, ended) }:
	case <-ctx.Done():
		return ctx.Err()
	case <-p.over:
		return ErrEnded
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-p.over:
		return ErrEnded
	}
}

// demand makes an account due now, if it may be.
func (p *Poller) demand(id ledger.ID, ended chan<- error) {
	e := p.entries[id]
	if e == nil || e.removed {
		ended <- ErrUnknownAccount
		return
	}
	now := p.clock()
	if e.stage == scheduled {
		if wait := p.mustWait(e, now); wait != nil {
			ended <- wait
			return
		}
	}
	e.awaited = append(e.awaited, ended)
	if e.stage != asking {
		e.now = true
	}
	if e.stage == scheduled {
		p.plan(e, now)
	}
}

// mustWait is why an account may not be polled at a moment, nil if it may.
func (p *Poller) mustWait(e *entry, now time.Time) error {
	if until := p.ledger.Key(e.key).Until; e.key != "" && until.After(now) {
		return &WaitError{Until: until, Window: true}
	}
	state, ok := p.ledger.Lookup(e.target.ID)
	if !ok {
		return ErrUnknownAccount
	}
	last := notAfter(state.LastRequest, now)
	if free := last.Add(e.target.MinInterval); !last.IsZero() && free.After(now) {
		return &WaitError{Until: free}
	}
	return nil
}

// tell lets those go on that wait for the end of an account's poll.
func (e *entry) tell(err error) {
	for _, ended := range e.awaited {
		ended <- err
	}
	e.awaited = nil
}

// putPolled puts an account back whose poll is over, and then tells those who waited for that.
func (p *Poller) putPolled(e *entry) {
	polled := entry{awaited: e.awaited}
	e.awaited = nil
	p.put(e)
	polled.tell(nil)
}
