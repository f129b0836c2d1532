package ledger

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"
	"unique"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

// The kinds of records, the first part of their keys.
const (
	metaRecords    = "meta"
	accountRecords = "account"
	bookRecords    = "book"
	failureRecords = "failures"
	historyRecords = "history"
	outageRecords  = "outages"
	keyRecords     = "key"
)

// keepRemoved is how long what is known of an account is kept after it left the configuration.
const keepRemoved = 30 * 24 * time.Hour

// recordID names a record in storage: of an account or of a wallet by its provider and its name, of a provider or of a
// key by that alone.
type recordID struct{ kind, owner, name string }

// String is the name in storage. No provider's name has a slash, so it can be parsed.
func (r recordID) String() string {
	if r.name == "" {
		return r.kind + "/" + r.owner
	}
	return r.kind + "/" + r.owner + "/" + r.name
}

func parseRecordID(key string) recordID {
	kind, rest, _ := strings.Cut(key, "/")
	owner, name, _ := strings.Cut(rest, "/")
	return recordID{kind, unique.Make(owner).Value(), name}
}

// ofAccount names a record of an account.
func ofAccount(kind string, id ID) recordID { return recordID{kind, id.Provider, id.Account} }

// account is the account that the record is of.
func (r recordID) account() ID { return ID{r.owner, r.name} }

// walletID names a wallet of a provider.
type walletID struct{ provider, wallet string }

func (w walletID) record() recordID { return recordID{bookRecords, w.provider, w.wallet} }
func (r recordID) wallet() walletID { return walletID{r.owner, r.name} }

// metaRecord is what belongs to the ledger as a whole.
type metaRecord struct {
	// Seed spreads the polls, Salt hashes the credentials.
	Seed []byte `json:"seed"`
	Salt []byte `json:"salt"`
}

// accountRecord is a State as it is kept.
type accountRecord struct {
	Identity    string            `json:"identity"`
	Wallet      string            `json:"wallet"`
	Report      *providers.Report `json:"report,omitempty"`
	LastSuccess time.Time         `json:"last_success,omitzero"`
	LastPoll    time.Time         `json:"last_poll,omitzero"`
	LastRequest time.Time         `json:"last_request,omitzero"`
	Failure     *Failure          `json:"failure,omitempty"`
	Window      time.Time         `json:"window,omitzero"`
	Refused     time.Time         `json:"refused,omitzero"`
	Polls       uint64            `json:"polls,omitempty"`
	DayPolls    uint64            `json:"day_polls,omitempty"`
	// Empty is since when each lot of a unit has had nothing left.
	Empty map[string]map[string]time.Time `json:"empty,omitempty"`
	// Removed is when the account left the configuration.
	Removed time.Time `json:"removed,omitzero"`
}

func newAccountRecord(s *State) accountRecord {
	r := accountRecord{
		Identity: s.Account.Identity, Wallet: s.Account.Wallet, Report: s.Report, LastSuccess: s.LastSuccess,
		LastPoll: s.LastPoll, LastRequest: s.LastRequest, Failure: s.Failure, Window: s.Window, Refused: s.Refused,
		Polls: s.Polls, DayPolls: s.DayPolls,
	}
	for lot, since := range s.empty {
		if r.Empty == nil {
			r.Empty = map[string]map[string]time.Time{}
		}
		if r.Empty[lot.unit] == nil {
			r.Empty[lot.unit] = map[string]time.Time{}
		}
		r.Empty[lot.unit][lot.label] = since
	}
	return r
}

// state is the record as a State; all that it counts is in storage.
func (r accountRecord) state() *State {
	s := &State{
		Report: r.Report, LastSuccess: r.LastSuccess, LastPoll: r.LastPoll, LastRequest: r.LastRequest, Failure: r.Failure,
		Window: r.Window, Refused: r.Refused, Polls: r.Polls, DayPolls: r.DayPolls, Shown: Counters{Polls: r.Polls},
	}
	for unit, labels := range r.Empty {
		for label, since := range labels {
			if s.empty == nil {
				s.empty = map[lotID]time.Time{}
			}
			s.empty[lotID{unit, label}] = since
		}
	}
	return s
}

// New reads a ledger from its store. Nothing is shown before Apply.
func New(store Store, now func() time.Time, log *slog.Logger) (*Ledger, error) {
	status := store.Status()
	known := status.Records / 3 // an account has a record of its own, a book and a history
	l := &Ledger{
		store: store, now: now, log: log,
		wake: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		entries: map[ID]*Entry{}, parked: make(map[ID]accountRecord, known), wallets: make(map[walletID]*wallet, known),
		histories: make(map[ID]History, known), outages: map[ID]*outages{}, failures: map[string]*failures{}, keys: map[KeyID]Key{}, dirty: map[recordID]bool{},
	}
	l.listed.Store(&Listing{})
	l.failuresShown.Store(&[]FailureCount{})
	l.health.Store(&StorageHealth{Healthy: status.Err == nil})
	if err := l.load(); err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	if err := store.Salvage(l.salvage); err != nil {
		return nil, fmt.Errorf("reading what is left of a damaged ledger: %w", err)
	}
	if l.seed == nil {
		l.seed, l.salt = random(), random()
		l.touch(recordID{kind: metaRecords}, false)
	}
	return l, nil
}

func random() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // It never fails: see crypto/rand.
	return b
}

// unpack reads what record gave from what encode made of it; nil for a record of no kind that is known. It needs no lock.
func (l *Ledger) unpack(id recordID, value []byte) (any, error) {
	switch id.kind {
	case metaRecords:
		return unpackJSON[metaRecord](value)
	case accountRecords:
		return unpackAccount(value)
	case bookRecords:
		b, err := book.Unpack(value)
		return &wallet{book: b, shown: b.Totals()}, err
	case historyRecords:
		return unpackHistory(value)
	case outageRecords:
		return unpackJSON[outages](value)
	case failureRecords:
		return unpackJSON[map[providers.Reason]uint64](value)
	case keyRecords:
		return unpackJSON[Key](value)
	}
	return nil, nil
}

func unpackJSON[T any](text []byte) (value T, err error) {
	err = json.Unmarshal(text, &value)
	return value, err
}

// take takes in what unpack gave. A record that cannot be read is one account's loss, not the ledger's.
func (l *Ledger) take(id recordID, value any, err error) {
	if err != nil {
		l.log.Error("A record of the storage cannot be read and is left out", "record", id.String(), "err", err)
		return
	}
	switch v := value.(type) {
	case metaRecord:
		if len(v.Seed) > 0 && len(v.Salt) > 0 {
			l.seed, l.salt = v.Seed, v.Salt
		}
	case accountRecord:
		l.parked[id.account()] = v
	case *wallet:
		l.wallets[id.wallet()] = v
	case History:
		l.histories[id.account()] = v
	case outages:
		l.outages[id.account()] = &v
	case map[providers.Reason]uint64:
		l.failures[id.owner] = &failures{counted: v, shown: maps.Clone(v)}
	case Key:
		l.keys[KeyID(id.owner)] = v.clamped(l.now(), MaxWindow)
	}
}

// salvage takes in of a damaged file what is true however old it is: the retry windows, with the salt that their keys
// are hashed with. A counter or a balance would be an old one.
func (l *Ledger) salvage(key string, value []byte) error {
	id := parseRecordID(key)
	if id.kind != metaRecords && id.kind != keyRecords {
		return nil
	}
	l.touch(id, true)
	kept, err := l.unpack(id, value)
	l.take(id, kept, err)
	return nil
}

// record is what is to be kept under an ID, nil to delete it. It is called with the lock held; the value it gives is
// immutable, so that it can be encoded without the lock.
func (l *Ledger) record(id recordID) any {
	switch id.kind {
	case metaRecords:
		return metaRecord{Seed: l.seed, Salt: l.salt}
	case accountRecords:
		account := id.account()
		if entry, ok := l.entries[account]; ok {
			return entry.State()
		}
		if r, ok := l.parked[account]; ok {
			return r
		}
	case bookRecords:
		if w, ok := l.wallets[id.wallet()]; ok {
			return w.book
		}
	case historyRecords:
		if h, ok := l.histories[id.account()]; ok {
			return h
		}
	case outageRecords:
		if o, ok := l.outages[id.account()]; ok {
			return o
		}
	case failureRecords:
		if f, ok := l.failures[id.owner]; ok {
			return maps.Clone(f.counted)
		}
	case keyRecords:
		if k, ok := l.keys[KeyID(id.owner)]; ok {
			return k
		}
	}
	return nil
}

// encode makes a storage record of what record gave.
func encode(id recordID, value any) (storage.Record, error) {
	r := storage.Record{Key: id.String()}
	if value == nil {
		return r, nil
	}
	var err error
	switch v := value.(type) {
	case *State:
		r.Value, err = newAccountRecord(v).packed()
	case accountRecord:
		r.Value, err = v.packed()
	case book.Book:
		r.Value = v.Pack()
	case History:
		r.Value = v.packed()
	default:
		r.Value, err = json.Marshal(value)
	}
	if err != nil {
		return r, fmt.Errorf("encoding %s: %w", r.Key, err)
	}
	return r, nil
}

// markRemoved notes which accounts left the configuration, and which came back though disabled.
func (l *Ledger) markRemoved(configured map[ID]bool, now time.Time) {
	for id, r := range l.parked {
		switch {
		case configured[id] && !r.Removed.IsZero():
			r.Removed = time.Time{}
		case !configured[id] && r.Removed.IsZero():
			r.Removed = now
		default:
			continue
		}
		l.parked[id] = r
		l.touch(ofAccount(accountRecords, id), false)
	}
}

// purge forgets accounts that were removed long ago, with their books, and keys of which nothing matters any more.
func (l *Ledger) purge(now time.Time) {
	gone := map[walletID]bool{}
	for id, r := range l.parked {
		if r.Removed.IsZero() || now.Sub(r.Removed) < keepRemoved {
			continue
		}
		gone[walletID{id.Provider, r.Wallet}] = true
		delete(l.parked, id)
		delete(l.histories, id)
		delete(l.outages, id)
		l.touch(ofAccount(accountRecords, id), false)
		l.touch(ofAccount(historyRecords, id), false)
		l.touch(ofAccount(outageRecords, id), false)
	}
	used := map[walletID]bool{} // by accounts that are not shown
	for id, r := range l.parked {
		used[walletID{id.Provider, r.Wallet}] = true
	}
	for name, w := range l.wallets {
		switch {
		case len(w.members) > 0, used[name]:
			w.unused = time.Time{}
		case w.unused.IsZero() && !gone[name]:
			// An account draws on another wallet now; the change may be undone.
			w.unused = now
		case gone[name] || now.Sub(w.unused) >= keepRemoved:
			delete(l.wallets, name)
			l.touch(name.record(), false)
		}
	}
	for id, key := range l.keys {
		if !key.open(now) {
			delete(l.keys, id)
			l.touch(recordID{kind: keyRecords, owner: string(id)}, false)
		}
	}
}
