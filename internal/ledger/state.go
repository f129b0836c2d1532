package ledger

import (
	"slices"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

// State is all that is known of one account at one moment. It is immutable: a change is a new State, so whoever reads
// one sees the account whole.
type State struct {
	Account *Account

	// Report is the latest good answer, nil before the first. LastSuccess is when it came.
	Report      *providers.Report
	LastSuccess time.Time
	// LastPoll is when the latest poll began, LastRequest when the vendor was last asked: a poll whose credential
	// cannot be read asks nobody.
	LastPoll    time.Time
	LastRequest time.Time
	// NextPoll is when the account is due again, zero when that is not worked out.
	NextPoll time.Time
	// Failure is why the latest poll failed, nil when it succeeded.
	Failure *Failure
	// Window is the end of the latest retry window that held the account, zero after a success.
	Window time.Time
	// Refused is when the vendor last answered that nothing can be spent (payment_required), zero after a success.
	Refused time.Time
	// Polls made, failed ones included. What may be shown of it is Shown.Polls.
	Polls uint64
	// DayPolls is how many of them were made on the day, UTC, of LastPoll.
	DayPolls uint64
	// Shown is what is in storage already of what only ever grows.
	Shown Counters
	// History is how the balances went in the last week.
	History History

	// past are the failures before the present one, nil when there were none.
	past *outages
	// empty is since when each lot of a unit has had nothing left.
	empty map[lotID]time.Time
}

// lotID names a lot of an account.
type lotID struct{ unit, label string }

// Failure is why a poll failed.
type Failure struct {
	Reason providers.Reason `json:"reason"`
	// Text is safe to show: it quotes neither a vendor's body nor a credential.
	Text string `json:"text"`
	// Since is when the account began to fail, At when it failed last.
	Since time.Time `json:"since"`
	At    time.Time `json:"at"`
	// Streak is how many polls in a row failed for this reason, Began when the first of them did.
	Streak int       `json:"streak"`
	Began  time.Time `json:"began,omitzero"`
}

// Counters is what only ever grows, as it is in storage.
type Counters struct {
	Polls uint64
	Books []book.Totals
}

// Up tells whether the latest poll succeeded; known is false before the first.
func (s *State) Up() (up, known bool) {
	return s.Failure == nil, s.Failure != nil || !s.LastSuccess.IsZero()
}

// Tried tells whether the account was polled at all, in this process or before.
func (s *State) Tried() bool { _, known := s.Up(); return known || !s.Window.IsZero() }

// staleAt is when what the vendor said is no longer shown: StaleAfter after the last success, but not before a retry
// window and one interval more have passed, because the silence is then the vendor's own wish.
func (s *State) staleAt(said time.Time) time.Time {
	at := said.Add(s.Account.StaleAfter)
	if after := s.Window.Add(s.Account.Interval); !s.Window.IsZero() && after.After(at) {
		return after
	}
	return at
}

// succeeded is the state after a good answer.
func (s *State) succeeded(at time.Time, report *providers.Report) *State {
	next := *s
	next.Report = report
	next.LastSuccess = at
	next.Failure = nil
	next.Window = time.Time{}
	next.Refused = time.Time{}
	next.empty = emptySince(report, at, s.empty)
	return &next
}

// failed is the state after a poll that failed.
func (s *State) failed(at time.Time, reason providers.Reason, text string) *State {
	next := *s
	f := Failure{Reason: reason, Text: text, Since: at, At: at, Streak: 1, Began: at}
	if s.Failure != nil {
		f.Since = s.Failure.Since
		if s.Failure.Reason == reason {
			f.Streak = s.Failure.Streak + 1
			f.Began = s.Failure.Began
		}
	}
	next.Failure = &f
	if reason == providers.ReasonPaymentRequired {
		next.Refused = at
	}
	return &next
}

// reset is the state of an account whose identity changed: what was said of the other one does not hold.
func (s *State) reset() *State {
	return &State{
		Account:     s.Account,
		LastPoll:    s.LastPoll,
		LastRequest: s.LastRequest,
		Window:      s.Window,
		Polls:       s.Polls,
		DayPolls:    s.DayPolls,
		Shown:       s.Shown,
	}
}

// emptySince carries over since when each lot has had nothing left, and notes those that are empty now.
func emptySince(report *providers.Report, at time.Time, before map[lotID]time.Time) map[lotID]time.Time {
	var empty map[lotID]time.Time
	for _, b := range report.Balances {
		if !b.Listed || !slices.ContainsFunc(b.Lots, func(lot providers.Lot) bool { return lot.Remaining.Sign() == 0 }) {
			continue // as nearly all are
		}
		left := map[string]bool{}
		for _, lot := range b.Lots {
			label := lot.Label()
			left[label] = left[label] || lot.Remaining.Sign() != 0
		}
		for label, some := range left {
			if some {
				continue
			}
			since, known := before[lotID{b.Unit, label}]
			if !known {
				since = at
			}
			if empty == nil {
				empty = map[lotID]time.Time{}
			}
			empty[lotID{b.Unit, label}] = since
		}
	}
	return empty
}
