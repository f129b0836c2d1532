package ledger

import "reflect"

// Apply makes accounts the configured ones. What is known of those that stay goes on; what is known of those that are
// gone is kept for 30 days, in case they come back. It returns the accounts whose identity changed: what their vendor
// said is dropped and their books begin anew.
func (l *Ledger) Apply(accounts []*Account) (changed []ID) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.entries
	l.entries = make(map[ID]*Entry, len(accounts))
	configured := make(map[ID]bool, len(accounts))
	for _, account := range accounts {
		configured[account.ID] = true
		if !account.Enabled {
			continue
		}
		entry, anew := l.place(account, before[account.ID])
		l.entries[account.ID] = entry
		if anew {
			changed = append(changed, account.ID)
		}
	}
	for id, entry := range before {
		if _, stays := l.entries[id]; !stays {
			l.parked[id] = newAccountRecord(entry.State())
		}
	}
	l.markRemoved(configured, now)
	l.purge(now)
	l.joinWallets()
	for _, id := range changed {
		l.restartBook(l.entries[id].State().Account)
	}
	l.listed.Store(newListing(l.entries))
	l.showFailures()
	return changed
}

// place finds or makes the entry of an account, and tells whether the account's identity changed.
func (l *Ledger) place(account *Account, entry *Entry) (_ *Entry, anew bool) {
	if l.failures[account.Provider] == nil {
		l.failures[account.Provider] = &failures{}
	}
	state, identity := &State{}, account.Identity
	if entry != nil {
		state, identity = entry.State(), entry.State().Account.Identity
		if reflect.DeepEqual(state.Account, account) {
			return entry, false
		}
	} else {
		entry = &Entry{ID: account.ID}
		if record, known := l.parked[account.ID]; known {
			state, identity = record.state(), record.Identity
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
		l.touch(recordID{historyRecords, account.ID.String()}, false)
	}
	entry.state.Store(&next)
	l.touch(recordID{accountRecords, account.ID.String()}, false)
	return entry, anew
}

// joinWallets says anew which accounts spend from which wallet, and shows every account its wallet's books.
func (l *Ledger) joinWallets() {
	for _, w := range l.wallets {
		w.members = nil
	}
	for id, entry := range l.entries {
		account := entry.State().Account
		w := l.wallet(account)
		w.members = append(w.members, id)
	}
	for _, w := range l.wallets {
		l.showBooks(w)
	}
}

// showBooks shows every account of a wallet what is in storage of its books.
func (l *Ledger) showBooks(w *wallet) {
	for _, id := range w.members {
		l.update(id, func(s *State) *State {
			if reflect.DeepEqual(s.Shown.Books, w.shown) {
				return s
			}
			next := *s
			next.Shown.Books = w.shown
			return &next
		})
	}
}

// restartBook makes the next good answer of a wallet a beginning: nothing is booked from what was said before.
func (l *Ledger) restartBook(account *Account) {
	w := l.wallet(account)
	w.book = w.book.Restart()
	l.touch(recordID{bookRecords, bookName(account.Provider, account.Wallet)}, false)
}

// wallet is the purse of an account.
func (l *Ledger) wallet(account *Account) *wallet {
	name := bookName(account.Provider, account.Wallet)
	if l.wallets[name] == nil {
		l.wallets[name] = &wallet{}
	}
	return l.wallets[name]
}
