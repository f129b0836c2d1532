package ledger

import (
	"reflect"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
)

// Apply makes accounts the configured ones. What is known of those that stay goes on; what is known of those that are
// gone is kept for 30 days, in case they come back. It returns the accounts whose identity changed: what their vendor
// said is dropped and their books begin anew.
func (l *Ledger) Apply(accounts []*Account) (changed []ID) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.round++
	if len(l.entries) == 0 {
		l.entries = make(map[ID]*Entry, len(accounts))
	}
	entries := make([]*Entry, 0, len(accounts))
	moved := 0 // accounts that are new or draw on another wallet
	for _, account := range accounts {
		if !account.Enabled {
			continue
		}
		known := l.entries[account.ID]
		if known == nil || known.State().Account.Wallet != account.Wallet {
			moved++
		}
		entry, anew := l.place(account, known)
		if known == nil {
			l.entries[account.ID] = entry
		}
		entry.round = l.round
		entries = append(entries, entry)
		if anew {
			changed = append(changed, account.ID)
		}
	}
	left := len(l.entries) > len(entries)
	if left {
		l.park()
	}
	if len(l.parked) > 0 {
		configured := make(map[ID]bool, len(l.parked))
		for _, account := range accounts {
			if _, parked := l.parked[account.ID]; parked {
				configured[account.ID] = true
			}
		}
		l.markRemoved(configured, now)
	}
	if moved > 0 || left {
		l.joinWallets(entries)
	}
	l.purge(now)
	for _, id := range changed {
		l.restartBook(l.entries[id].State().Account)
	}
	if len(l.parked) == 0 {
		l.parked = map[ID]accountRecord{} // a map keeps the room for all that it ever held
	}
	if listing := newListing(entries); !listing.same(l.Listing()) {
		l.listed.Store(listing)
		l.showFailures()
	}
	return changed
}

// park keeps what is known of the accounts that are no longer shown.
func (l *Ledger) park() {
	before := l.entries
	l.entries = make(map[ID]*Entry, len(before))
	for id, entry := range before {
		if entry.round == l.round {
			l.entries[id] = entry
		} else {
			l.parked[id] = newAccountRecord(entry.State())
		}
	}
}

// place finds or makes the entry of an account, and tells whether the account's identity changed.
func (l *Ledger) place(account *Account, entry *Entry) (_ *Entry, anew bool) {
	if l.failures[account.Provider] == nil {
		l.failures[account.Provider] = &failures{}
	}
	state, identity := &State{}, account.Identity
	kept := false // the record in storage, or on its way there, says the same
	if entry != nil {
		state, identity = entry.State(), entry.State().Account.Identity
		if state.Account == account || reflect.DeepEqual(state.Account, account) {
			return entry, false
		}
		kept = state.Account.Wallet == account.Wallet
	} else {
		entry = &Entry{ID: account.ID}
		if record, known := l.parked[account.ID]; known {
			state, identity = record.state(), record.Identity
			kept = record.Wallet == account.Wallet && record.Removed.IsZero()
			delete(l.parked, account.ID)
		}
	}
	next := *state
	next.Account = account
	next.History = l.histories[account.ID]
	next.past = l.outages[account.ID]
	if anew = identity != account.Identity; anew {
		next = *l.remembered(&next, next.reset(), l.now())
		next.past = l.outages[account.ID]
		delete(l.histories, account.ID)
		l.touch(ofAccount(historyRecords, account.ID), false)
	}
	if entry.wallet == nil || state.Account == nil || state.Account.Wallet != account.Wallet {
		entry.wallet = l.wallet(account)
	}
	next.Shown.Books = entry.wallet.shown
	entry.state.Store(&next)
	if anew || !kept {
		l.touch(ofAccount(accountRecords, account.ID), false)
	}
	return entry, anew
}

// joinWallets says anew which accounts spend from which wallet.
func (l *Ledger) joinWallets(entries []*Entry) {
	for _, w := range l.wallets {
		w.members = w.members[:0]
	}
	for _, entry := range entries {
		entry.wallet.members = append(entry.wallet.members, entry)
	}
}

// showBooks shows every account of a wallet what is in storage of its books.
func (l *Ledger) showBooks(w *wallet) {
	for _, entry := range w.members {
		s := entry.State()
		if sameTotals(s.Shown.Books, w.shown) {
			continue
		}
		next := *s
		next.Shown.Books = w.shown
		entry.state.Store(&next)
	}
}

// sameTotals tells whether two are one slice, which is never modified; equal ones mostly are.
func sameTotals(a, b []book.Totals) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// restartBook makes the next good answer of a wallet a beginning: nothing is booked from what was said before.
func (l *Ledger) restartBook(account *Account) {
	w := l.wallet(account)
	w.book = w.book.Restart()
	l.touch(recordID{bookRecords, account.Provider, account.Wallet}, false)
}

// wallet is the purse of an account.
func (l *Ledger) wallet(account *Account) *wallet {
	name := walletID{account.Provider, account.Wallet}
	w := l.wallets[name]
	if w == nil {
		w = &wallet{}
		l.wallets[name] = w
	}
	return w
}
