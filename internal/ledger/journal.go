package ledger

import (
	"context"
	"maps"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	// commitEvery is how often changes are committed at most; a new retry window does not wait for it.
	commitEvery = time.Second
	// retryCommit is how long a storage that failed is left alone.
	retryCommit = 5 * time.Second
	// purgeEvery is how often what is no longer needed is forgotten.
	purgeEvery = time.Hour
)

// StorageHealth tells whether the latest commit succeeded and when the last good one was.
type StorageHealth struct {
	Healthy   bool
	LastWrite time.Time
}

// StorageHealth is how the storage does.
func (l *Ledger) StorageHealth() StorageHealth { return *l.health.Load() }

// touch notes that a record is to be committed. It is called with the lock held.
func (l *Ledger) touch(id recordID, urgent bool) {
	l.dirty[id] = true
	signal(l.wake)
	if urgent {
		signal(l.urgent)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run commits what changes until ctx ends, in groups and at most once a second, new retry windows at once.
func (l *Ledger) Run(ctx context.Context) {
	purge := time.NewTicker(purgeEvery)
	defer purge.Stop()
	var pause time.Duration
	for {
		select {
		case <-ctx.Done():
			return
		case <-purge.C:
			l.mu.Lock()
			l.purge(l.now())
			l.mu.Unlock()
			continue
		case <-l.wake:
		}
		if !l.rest(ctx, pause) {
			return
		}
		if pause = commitEvery; l.Commit() != nil {
			// What could not be written is still to be written, though nothing new may come.
			signal(l.wake)
			pause = retryCommit
		}
	}
}

// rest waits until the next commit may be made, or a window cannot wait. It is false when ctx ended.
func (l *Ledger) rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-l.urgent:
	}
	return true
}

// Commit writes all that changed since the last one, and then shows the counters that are thereby in storage. A
// failure is logged once, until a commit succeeds again; nothing is lost by it.
func (l *Ledger) Commit() error {
	l.committing.Lock()
	defer l.committing.Unlock()
	changes := l.changes()
	if len(changes) == 0 {
		return nil
	}
	err := l.write(changes)
	l.mu.Lock()
	defer l.mu.Unlock()
	health := l.StorageHealth()
	if err != nil {
		for _, c := range changes {
			l.dirty[c.id] = true
		}
		if health.Healthy {
			l.log.Error("The storage cannot be written: counters stand still until it can", "err", err)
		}
		health.Healthy = false
		l.health.Store(&health)
		return err
	}
	if !health.Healthy {
		l.log.Info("The storage can be written again")
	}
	l.health.Store(&StorageHealth{Healthy: true, LastWrite: l.now()})
	l.logCompaction(l.store.Status().CompactionErr)
	l.show(changes)
	return nil
}

// logCompaction says once that the storage grows because it cannot be compacted. It is called while committing.
func (l *Ledger) logCompaction(err error) {
	if err != nil && !l.compactionFails {
		l.log.Warn("The storage cannot be compacted: it works, and grows", "err", err)
	}
	l.compactionFails = err != nil
}

// change is a record that is to be committed.
type change struct {
	id    recordID
	value any // what record gave
}

// changes takes what is to be committed.
func (l *Ledger) changes() []change {
	l.mu.Lock()
	defer l.mu.Unlock()
	changes := make([]change, 0, len(l.dirty))
	for id := range l.dirty {
		changes = append(changes, change{id, l.record(id)})
	}
	clear(l.dirty)
	return changes
}

func (l *Ledger) write(changes []change) error {
	records := make([]storage.Record, 0, len(changes))
	for _, c := range changes {
		record, err := encode(c.id, c.value)
		if err != nil {
			l.log.Error("A record cannot be encoded and is not kept", "record", c.id.String(), "err", err)
			continue
		}
		records = append(records, record)
	}
	return l.store.Commit(records)
}

// show makes public what was committed. It is called with the lock held.
func (l *Ledger) show(changes []change) {
	failuresChanged := false
	var booked []*wallet
	for _, c := range changes {
		if committed, ok := c.value.(book.Book); ok && l.wallets[c.id.wallet()] != nil {
			w := l.wallets[c.id.wallet()]
			w.shown = committed.Totals()
			booked = append(booked, w)
		}
	}
	for _, c := range changes {
		switch c.id.kind {
		case accountRecords:
			if committed, ok := c.value.(*State); ok {
				l.showPolls(c.id.account(), committed.Polls)
			}
		case failureRecords:
			if committed, ok := c.value.(map[providers.Reason]uint64); ok && l.failures[c.id.owner] != nil {
				l.failures[c.id.owner].shown = maps.Clone(committed)
				failuresChanged = true
			}
		}
	}
	for _, w := range booked {
		l.showBooks(w)
	}
	if failuresChanged {
		l.showFailures()
	}
}

// showPolls makes public how many polls an account had, and with it what its wallet's books say: one state for both.
func (l *Ledger) showPolls(id ID, polls uint64) {
	l.update(id, func(s *State) *State {
		w := l.wallet(s.Account)
		if s.Shown.Polls == polls && sameTotals(s.Shown.Books, w.shown) {
			return s
		}
		next := *s
		next.Shown = Counters{Polls: polls, Books: w.shown}
		return &next
	})
}
