package vendorsim

import (
	"maps"
	"slices"
	"time"
)

// Requests is what an account has seen of its clients.
type Requests struct {
	// Count is every request with a key that is or was the account's, whatever it was told.
	Count int
	// Violations are those made inside a retry window after an answer had told of it.
	Violations int
	// Overlapping are those that came while another one was not answered yet.
	Overlapping int
	// Statuses counts the answers; 0 stands for those that were given up by the client.
	Statuses map[int]int
	// Times are when the latest requests came, oldest first, at most Options.History of them.
	Times []time.Time
}

// log collects Requests in bounded memory.
type log struct {
	limit    int
	inFlight int
	seen     Requests
}

func (l *log) begin(now time.Time, violation bool) {
	l.seen.Count++
	if violation {
		l.seen.Violations++
	}
	if l.inFlight > 0 {
		l.seen.Overlapping++
	}
	l.inFlight++
	if len(l.seen.Times) >= l.limit {
		l.seen.Times = slices.Delete(l.seen.Times, 0, len(l.seen.Times)-l.limit+1)
	}
	l.seen.Times = append(l.seen.Times, now)
}

func (l *log) end(status int) {
	l.inFlight--
	if l.seen.Statuses == nil {
		l.seen.Statuses = make(map[int]int)
	}
	l.seen.Statuses[status]++
}

func (l *log) snapshot() Requests {
	seen := l.seen
	seen.Times = slices.Clone(seen.Times)
	seen.Statuses = maps.Clone(seen.Statuses)
	return seen
}
