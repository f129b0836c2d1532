package ledger

import (
	"slices"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// outagesKept is how many outages of an account are kept besides the one that lasts, whatever their age.
const outagesKept = 20

// Outage is a row of polls that failed for one reason. A row counts once, so that a key which is refused for a week does
// not push everything else out.
type Outage struct {
	Reason providers.Reason `json:"reason"`
	// Text is the latest failure's, safe to show: it quotes neither a vendor's body nor a credential.
	Text string `json:"text"`
	// Since is when the first poll of the row failed, Last when the latest one did, Polls how many they were.
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"`
	Polls int       `json:"polls"`
	// Ended is when a poll succeeded or failed for another reason; zero while the outage lasts.
	Ended time.Time `json:"ended,omitzero"`
}

// outages are those of one account that are over, the oldest first. They are immutable; an account that never failed
// has none, and costs nothing.
type outages []Outage

// Outages are the latest failures of the account, the newest first: the one that lasts, if any, and the twenty before.
func (s *State) Outages() []Outage {
	var all []Outage
	if s.past != nil {
		all = slices.Clone(*s.past)
	}
	if s.Failure != nil {
		all = append(all, s.Failure.outage())
	}
	slices.Reverse(all)
	return all
}

// outage is the row of failures that a failure is the latest of.
func (f *Failure) outage() Outage {
	since := f.Began
	if since.IsZero() {
		since = f.Since
	}
	return Outage{Reason: f.Reason, Text: f.Text, Since: since, Last: f.At, Polls: f.Streak}
}

// with is the outages and one more that is over.
func (o *outages) with(f *Failure, ended time.Time) *outages {
	over := f.outage()
	over.Ended = ended
	var kept outages
	if o != nil {
		kept = *o
	}
	if len(kept) >= outagesKept {
		kept = kept[len(kept)-outagesKept+1:]
	}
	next := append(slices.Clip(slices.Clone(kept)), over)
	return &next
}

// remembered is the state with the outage that just ended, if one did. It is called with the lock held; next is not
// shown yet.
func (l *Ledger) remembered(before, next *State, at time.Time) *State {
	if before.Failure == nil || next.Failure != nil && next.Failure.Streak > 1 {
		return next
	}
	id := before.Account.ID
	next.past = before.past.with(before.Failure, at)
	l.outages[id] = next.past
	l.touch(ofAccount(outageRecords, id), false)
	return next
}

// PollsToday is how many polls were made since midnight, UTC, failed ones included, as far as they are in storage.
func (s *State) PollsToday(now time.Time) uint64 {
	if !sameDay(s.LastPoll, now) {
		return 0
	}
	return s.DayPolls - min(s.DayPolls, s.Polls-s.Shown.Polls)
}

func sameDay(a, b time.Time) bool {
	const day = 24 * time.Hour
	return a.UTC().Truncate(day).Equal(b.UTC().Truncate(day))
}

// counted counts a poll that begins.
func (s *State) counted(at time.Time) {
	if !sameDay(s.LastPoll, at) {
		s.DayPolls = 0
	}
	s.LastPoll = at
	s.Polls++
	s.DayPolls++
}
