package collector

import (
	"hash/fnv"
	"math"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// How many accounts are a group. A change in one account costs the compression of its group's samples of a few
// families; a scrape costs a little for each group, and small groups compress badly.
const (
	minGroup = 24
	// A group ends, once it has minGroup accounts, after each with a chance of one in this.
	groupChance = 16
	maxGroup    = 96
)

// group is accounts that stand next to each other, and what was written of them.
type group struct {
	entries []*ledger.Entry
	// states are what was written, nil when it must be written again.
	states []*ledger.State
	// changes are when time alone changes what was written, as Unix nanoseconds.
	changes []int64
}

const never = math.MaxInt64

// nanoseconds is a moment that may lie outside of what an int64 can say, and zero for never.
func nanoseconds(at time.Time) int64 {
	if at.IsZero() || at.Year() > 2200 {
		return never
	}
	return at.UnixNano()
}

func newGroup(entries []*ledger.Entry) *group {
	return &group{entries: entries, states: make([]*ledger.State, len(entries)), changes: make([]int64, len(entries))}
}

// changed tells whether anything in the group is to be written.
func (g *group) changed(now int64) bool {
	for i, entry := range g.entries {
		if entry.State() != g.states[i] || now >= g.changes[i] {
			return true
		}
	}
	return false
}

// update appends which accounts are to be written, and takes their states.
func (g *group) update(changed []int, now int64) []int {
	for i, entry := range g.entries {
		state := entry.State()
		if state == g.states[i] && now < g.changes[i] {
			continue
		}
		g.states[i] = state
		changed = append(changed, i)
	}
	return changed
}

// split parts accounts into groups. Where a group ends depends on the accounts in it, not on how many stand before it,
// so that an account that comes or goes changes its own group and seldom another one.
func split(entries []*ledger.Entry) [][]*ledger.Entry {
	var groups [][]*ledger.Entry
	from := 0
	for i, e := range entries {
		size := i + 1 - from
		if size < minGroup || size < maxGroup && !last(e.ID) {
			continue
		}
		groups = append(groups, entries[from:i+1])
		from = i + 1
	}
	if from < len(entries) {
		groups = append(groups, entries[from:])
	}
	return groups
}

// last tells whether a group may end with an account.
func last(id ledger.ID) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id.Provider)) // a hash takes everything
	_, _ = h.Write([]byte{'/'})
	_, _ = h.Write([]byte(id.Account))
	return h.Sum32()%groupChance == 0
}
