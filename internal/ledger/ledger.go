// Package ledger holds what is known of every account: the latest answer, the books, the retry windows and the health
// of its polls. The poller writes to it, everybody else reads; a reader never waits for a writer.
package ledger

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

// Store keeps records durably: storage.File, or storage.None.
type Store interface {
	// Load gives every record, Salvage those of a damaged file as they once were. A value is valid during yield only.
	Load(yield func(key string, value []byte) error) error
	Salvage(yield func(key string, value []byte) error) error
	// Commit returns when the records are durable.
	Commit(records []storage.Record) error
	Status() storage.Status
}

// Ledger is safe for concurrent use.
type Ledger struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	seed  []byte
	salt  []byte
	// macs are hashes with the salt, each a hash.Hash, to be used again.
	macs sync.Pool

	// listed is what readers see: it is replaced whole when the configuration changes.
	listed        atomic.Pointer[Listing]
	failuresShown atomic.Pointer[[]FailureCount]
	health        atomic.Pointer[StorageHealth]
	inFlight      atomic.Int64

	wake   chan struct{}
	urgent chan struct{}
	// committing is held for one commit, so that commits reach the storage in the order of their contents.
	committing sync.Mutex
	// compactionFails belongs to whoever holds committing.
	compactionFails bool

	mu      sync.Mutex
	entries map[ID]*Entry
	// round counts the applied configurations.
	round int
	// histories are those of all accounts that are known, parked ones too.
	histories map[ID]History
	// outages are those of the accounts that ever failed, parked ones too.
	outages  map[ID]*outages
	parked   map[ID]accountRecord // of accounts that are not configured, or disabled
	wallets  map[walletID]*wallet
	failures map[string]*failures
	keys     map[KeyID]Key
	dirty    map[recordID]bool
}

// Entry is the place of one account. Its State changes, the Entry does not.
type Entry struct {
	ID    ID
	state atomic.Pointer[State]

	// What follows belongs to the ledger's lock: the wallet that the account draws on, and the last configuration that the
	// account was in.
	wallet *wallet
	round  int
}

// State is what is known now.
func (e *Entry) State() *State { return e.state.Load() }

// Listing is everything that is shown: the accounts in the order of their IDs, and the providers that they have.
type Listing struct {
	Entries []*Entry
	// LabelNames is the union of all accounts' own labels, sorted.
	LabelNames []string
	// Providers that at least one account has, sorted.
	Providers []string
}

// wallet keeps one book for all accounts that spend from it.
type wallet struct {
	book book.Book
	// shown is what is in storage already of the book's totals.
	shown   []book.Totals
	members []*Entry
	// unused is since when, to this process' knowledge, no account draws on it.
	unused time.Time
}

// Listing is what is configured now.
func (l *Ledger) Listing() *Listing { return l.listed.Load() }

// Lookup finds a configured account.
func (l *Ledger) Lookup(id ID) (*State, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[id]
	if !ok {
		return nil, false
	}
	return e.State(), true
}

// newListing lists entries.
func newListing(entries []*Entry) *Listing {
	listing := &Listing{Entries: entries}
	byID := func(a, b *Entry) int { return a.ID.Compare(b.ID) }
	if !slices.IsSortedFunc(listing.Entries, byID) {
		slices.SortFunc(listing.Entries, byID)
	}
	labels, named := map[string]bool{}, map[string]bool{}
	for _, e := range listing.Entries {
		named[e.ID.Provider] = true
		for label := range e.State().Account.Labels {
			labels[label] = true
		}
	}
	listing.LabelNames = slices.Sorted(maps.Keys(labels))
	listing.Providers = slices.Sorted(maps.Keys(named))
	return listing
}

// same tells whether two listings show the same.
func (l *Listing) same(o *Listing) bool {
	return slices.Equal(l.Entries, o.Entries) && slices.Equal(l.LabelNames, o.LabelNames) && slices.Equal(l.Providers, o.Providers)
}

// update replaces the state of a configured account; for one that is not, it does nothing.
func (l *Ledger) update(id ID, change func(*State) *State) {
	entry, ok := l.entries[id]
	if !ok {
		return
	}
	entry.state.Store(change(entry.State()))
}

// modify is update by a change to a copy.
func (l *Ledger) modify(id ID, change func(next *State)) {
	l.update(id, func(s *State) *State {
		next := *s
		change(&next)
		return &next
	})
}

// Began notes that the vendor is being asked. Nobody is asked inside a retry window, so one that the account waited for
// was that of a credential, or of a host, that it no longer has.
func (l *Ledger) Began(id ID, at time.Time) {
	l.inFlight.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.modify(id, func(next *State) {
		next.counted(at)
		next.LastRequest = at
		if next.Window.After(at) {
			next.Window = time.Time{}
		}
	})
	l.touch(ofAccount(accountRecords, id), false)
}

// Ended notes that a request which began is over, whatever came of it.
func (l *Ledger) Ended() { l.inFlight.Add(-1) }

// InFlight is how many polls are under way.
func (l *Ledger) InFlight() int { return int(l.inFlight.Load()) }

// Succeeded notes a good answer and books what changed. An answer to the question of another identity than the
// account's own is dropped.
func (l *Ledger) Succeeded(id ID, identity string, at time.Time, report *providers.Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.update(id, func(s *State) *State {
		if s.Account.Identity != identity {
			return s
		}
		w := l.wallet(s.Account)
		if booked := w.book.Observe(at, *report); booked != w.book {
			w.book = booked
			l.touch(recordID{bookRecords, s.Account.Provider, s.Account.Wallet}, false)
		}
		l.touch(ofAccount(accountRecords, id), false)
		return l.noted(l.remembered(s, s.succeeded(at, report), at), w.book.Totals())
	})
}

// noted is the state with what its balances are now in its history.
func (l *Ledger) noted(s *State, totals []book.Totals) *State {
	if !s.History.wants(s.LastSuccess, s.Report.Balances) {
		return s
	}
	history, changed := s.History.noted(s.LastSuccess, s.At(s.LastSuccess).Balances, totals)
	if changed {
		s.History = history
		l.histories[s.Account.ID] = history
		l.touch(ofAccount(historyRecords, s.Account.ID), false)
	}
	return s
}

// Failed notes why a poll failed that had begun. The failure counts whatever the account has become since, but only an
// account of the same identity fails by it.
func (l *Ledger) Failed(id ID, identity string, at time.Time, reason providers.Reason, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed(id, identity, at, reason, text)
}

func (l *Ledger) failed(id ID, identity string, at time.Time, reason providers.Reason, text string) {
	l.update(id, func(s *State) *State {
		if s.Account.Identity != identity {
			return s
		}
		l.touch(ofAccount(accountRecords, id), false)
		return l.remembered(s, s.failed(at, reason, text), at)
	})
	if f := l.failures[id.Provider]; f != nil {
		f.count(reason)
		l.touch(recordID{kind: failureRecords, owner: id.Provider}, false)
	}
}

// FailedUnasked notes a poll that failed before the vendor was asked: the credential cannot be read.
func (l *Ledger) FailedUnasked(id ID, identity string, at time.Time, reason providers.Reason, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.modify(id, func(next *State) { next.counted(at) })
	l.failed(id, identity, at, reason, text)
}

// Refused notes that an account fails because its credential was refused to another one: nobody was asked, so no poll
// is counted.
func (l *Ledger) Refused(id ID, at time.Time, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.update(id, func(s *State) *State {
		if s.Failure != nil && s.Failure.Reason == providers.ReasonUnauthorized {
			return s
		}
		return l.remembered(s, s.failed(at, providers.ReasonUnauthorized, text), at)
	})
	l.touch(ofAccount(accountRecords, id), false)
}

// Held notes that an account waits for the end of a retry window.
func (l *Ledger) Held(id ID, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.modify(id, func(next *State) { next.Window = until })
	l.touch(ofAccount(accountRecords, id), false)
}

// Planned notes when an account is due.
func (l *Ledger) Planned(id ID, due time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.update(id, func(s *State) *State {
		if s.NextPoll.Equal(due) {
			return s
		}
		next := *s
		next.NextPoll = due
		return &next
	})
}
