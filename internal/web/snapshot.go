package web

import (
	"slices"
	"sync"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web/status"
)

const (
	// alwaysFresh is up to how many accounts the page is worked out anew whenever something changed.
	alwaysFresh = 5000
	// restFactor bounds what larger pages cost: at most one part in so many of a core's time.
	restFactor = 10
	// longestRest bounds how old a larger page may be.
	longestRest = 2 * time.Second
)

// snapshot is what the pages know of all accounts at one moment. It is immutable and shared by all readers.
type snapshot struct {
	listing *ledger.Listing
	// rows are in the order of the accounts' IDs.
	rows   []*summary
	counts counts
	totals []total
	// purses numbers the wallets: accounts that spend from the same one have the same number.
	purses []int
	// shared tells of each wallet whether several accounts spend from it.
	shared []bool
}

// summary is what is kept of one account between two pages: what filters, orders and totals need, and no more.
type summary struct {
	entry *ledger.Entry
	state *ledger.State
	// changes is when time alone changes the account, zero when it never does.
	changes time.Time
	flags   flags
	// words are what the account can be found by.
	words string
	// runway is the shortest of all balances, lost when the first lot that has something left is lost.
	runway   time.Duration
	hasEnd   bool
	lost     time.Time
	balances []holding
}

// holding is what is left of one unit.
type holding struct {
	unit      string
	amount    ledger.Amount
	unlimited bool
	// perSecond is the pace, as far as it is known.
	perSecond float64
	hasPace   bool
}

// flags are the states that an account is in. It may be in several.
type flags uint8

// The flags, what needs attention least first.
const (
	flagOK flags = 1 << iota
	flagNotPolled
	flagWaiting
	flagWarning
	flagStale
	flagFailing
	flagCritical
)

// flagProblem is all that somebody should look at.
const flagProblem = flagCritical | flagFailing | flagStale | flagWarning

// state is one of the states that accounts are counted and filtered by.
type state struct {
	flags flags
	// name is its name in a link, word what the page calls it, class what the style sheet does.
	name, word, class string
}

// states returns every state in the order of the page.
func states() []state {
	return []state{
		{flagProblem, "problem", "with a problem", "bad"},
		{flagCritical, "critical", "critical", "bad"},
		{flagFailing, "failing", "failing", "bad"},
		{flagStale, "stale", "stale", "bad"},
		{flagWarning, "warning", "warning", "warn"},
		{flagWaiting, "waiting", "waiting", "wait"},
		{flagNotPolled, "not_polled", "not polled yet", "none"},
		{flagOK, "ok", "ok", "good"},
	}
}

// counts is how many accounts are in each state, in the order of states.
type counts []int

// overview keeps the latest snapshot. Its lock is its own: no poll and no scrape ever waits for it.
type overview struct {
	listing func() *ledger.Listing
	now     func() time.Time

	mu   sync.Mutex
	last *snapshot
	// rest is when a large snapshot may be made again.
	rest time.Time
}

// snapshot gives what is known now. Of more than a few thousand accounts it may be two seconds old.
func (o *overview) snapshot() *snapshot {
	listing := o.listing()
	o.mu.Lock()
	defer o.mu.Unlock()
	began := time.Now()
	if o.last != nil && o.last.listing == listing && len(listing.Entries) > alwaysFresh && began.Before(o.rest) {
		return o.last
	}
	o.last = o.last.refreshed(listing, o.now())
	o.rest = time.Now().Add(min(restFactor*time.Since(began), longestRest))
	return o.last
}

// refreshed is the snapshot with what changed since; it is s itself when nothing did.
func (s *snapshot) refreshed(listing *ledger.Listing, now time.Time) *snapshot {
	next := &snapshot{listing: listing}
	if s != nil && s.listing == listing {
		next.purses, next.shared = s.purses, s.shared
	} else {
		next.purses, next.shared = purses(listing)
	}
	rows, changed := s.relisted(listing), s == nil || s.listing != listing
	for i, entry := range listing.Entries {
		if row := rows[i]; row == nil || row.stale(now) {
			if !changed {
				rows, changed = slices.Clone(rows), true
			}
			rows[i] = summarize(entry, now)
		}
	}
	if !changed {
		return s
	}
	next.rows = rows
	next.counts = next.counted()
	next.totals = next.totalled()
	return next
}

// relisted gives the rows of a listing as far as they are known; those of another listing are copied over.
func (s *snapshot) relisted(listing *ledger.Listing) []*summary {
	if s != nil && s.listing == listing {
		return s.rows
	}
	rows := make([]*summary, len(listing.Entries))
	if s == nil {
		return rows
	}
	known := make(map[*ledger.Entry]*summary, len(s.rows))
	for _, row := range s.rows {
		known[row.entry] = row
	}
	for i, entry := range listing.Entries {
		rows[i] = known[entry]
	}
	return rows
}

// stale tells whether the account is no longer as it was summarized.
func (r *summary) stale(now time.Time) bool {
	return r.entry.State() != r.state || !r.changes.IsZero() && !now.Before(r.changes)
}

func summarize(entry *ledger.Entry, now time.Time) *summary {
	state := entry.State()
	view := state.At(now)
	standing := status.Of(&view)
	row := &summary{entry: entry, state: state, changes: view.Changes, flags: flagsOf(standing), words: searchable(&view)}
	for i := range view.Balances {
		row.add(&view.Balances[i], standing.Balances[i])
	}
	return row
}

// add takes one balance in.
func (r *summary) add(b *ledger.Balance, standing status.Balance) {
	r.balances = append(r.balances, holding{b.Unit, b.Amount, b.Unlimited, standing.PerSecond, standing.HasPace})
	if standing.HasLeft && (!r.hasEnd || standing.Left < r.runway) {
		r.runway, r.hasEnd = standing.Left, true
	}
	for _, lot := range b.Lots {
		if lot.Remaining.Sign() > 0 && !lot.Expires.IsZero() && (r.lost.IsZero() || lot.Expires.Before(r.lost)) {
			r.lost = lot.Expires
		}
	}
}

func flagsOf(s status.Status) flags {
	var f flags
	switch s.Polls {
	case status.Failing:
		f |= flagFailing
	case status.Waiting:
		f |= flagWaiting
	case status.NotPolled:
		f |= flagNotPolled
	case status.Good:
	}
	switch s.Level {
	case status.Critical:
		f |= flagCritical
	case status.Warning:
		f |= flagWarning
	case status.None, status.OK:
	}
	if s.Stale {
		f |= flagStale
	}
	if f == 0 {
		f = flagOK
	}
	return f
}

func (s *snapshot) counted() counts {
	all := states()
	var byFlags [256]int
	for _, row := range s.rows {
		byFlags[row.flags]++
	}
	counted := make(counts, len(all))
	for f, n := range byFlags {
		for i, state := range all {
			if flags(f)&state.flags != 0 {
				counted[i] += n
			}
		}
	}
	return counted
}

// purses numbers the wallets of a listing, and tells which several accounts share.
func purses(listing *ledger.Listing) (numbers []int, shared []bool) {
	type wallet struct{ provider, name string }
	known := make(map[wallet]int, len(listing.Entries))
	numbers = make([]int, len(listing.Entries))
	for i, entry := range listing.Entries {
		w := wallet{entry.ID.Provider, entry.State().Account.Wallet}
		number, seen := known[w]
		if !seen {
			number = len(known)
			known[w] = number
			shared = append(shared, false)
		}
		shared[number] = seen || shared[number]
		numbers[i] = number
	}
	return numbers, shared
}
