package book

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// skew is how far a vendor's clock may run before ours: a lot that is gone so shortly before its expiry has expired.
const skew = time.Minute

// lot is a part of the balance: lots of one label, start and expiry are one, their sum.
type lot struct {
	ID   string `json:"id,omitempty"`
	Kind string `json:"kind,omitempty"`
	// Left is what of this lot is in the balance as far as it is booked.
	Left      providers.Amount `json:"left"`
	Allocated providers.Amount `json:"allocated,omitzero"`
	Used      providers.Amount `json:"used,omitzero"`
	Starts    time.Time        `json:"starts,omitzero"`
	Expires   time.Time        `json:"expires,omitzero"`
	Period    bool             `json:"period,omitempty"`
	// Missing: the last answer left the lot out while the balance still counted it.
	Missing bool `json:"missing,omitempty"`
	// Lost is what was booked as expired, kept while the vendor still lists the lot.
	Lost providers.Amount `json:"lost,omitzero"`
}

// key is what a lot is recognized by; where it stands in the answer is not.
type key struct {
	name            string
	starts, expires int64
	dated           bool
}

func (l *lot) key() key {
	return key{name: l.name(), starts: l.Starts.UnixNano(), expires: l.Expires.UnixNano(), dated: !l.Expires.IsZero()}
}

// name is the lot's label without the expiry.
func (l *lot) name() string {
	if l.ID != "" {
		return l.ID
	}
	return l.Kind
}

func (l *lot) expired(at time.Time) bool { return !l.Expires.IsZero() && !l.Expires.After(at) }

func (l *lot) full() bool { return l.Left.Cmp(l.Allocated) == 0 }

func (l lot) same(o lot) bool {
	return l.ID == o.ID && l.Kind == o.Kind && l.Period == o.Period && l.Missing == o.Missing && l.Starts.Equal(o.Starts) && l.Expires.Equal(o.Expires) &&
		l.Left.Cmp(o.Left) == 0 && l.Allocated.Cmp(o.Allocated) == 0 && l.Used.Cmp(o.Used) == 0 && l.Lost.Cmp(o.Lost) == 0
}

// order sorts lots by expiry, those without last, then by name: the order in which they are spent, and one that does not
// depend on the answer's.
func (l *lot) order(o *lot) int {
	if l.Expires.IsZero() != o.Expires.IsZero() {
		if l.Expires.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(l.Expires.Compare(o.Expires), strings.Compare(l.name(), o.name()), l.Starts.Compare(o.Starts))
}

// listing is the lots of an answer, twins merged, sorted. A balance without lots is one lot where it can lapse, and none
// where it cannot: then there is nothing that a lot could say beside the balance.
func listing(b providers.Balance) []*lot {
	var lots []*lot
	twins := map[key]*lot{}
	for _, stated := range b.Lots {
		l := read(stated)
		l.Period = l.Period || b.Period
		if !b.Listed {
			l.Used = providers.Amount{} // it is the balance's, which is followed by itself
		}
		if !l.Left.Known() || !b.Listed && b.Remaining.Known() && !l.Period && l.Expires.IsZero() {
			continue
		}
		twin := twins[l.key()]
		if twin == nil {
			twins[l.key()] = l
			lots = append(lots, l)
			continue
		}
		twin.Left = plus(twin.Left, l.Left)
		twin.Allocated = plus(twin.Allocated, l.Allocated)
		twin.Used = plus(twin.Used, l.Used)
		twin.Period = twin.Period || l.Period
	}
	if len(b.Lots) == 0 && b.Period && !b.Listed && b.Remaining.Known() {
		lots = append(lots, &lot{ID: "default", Left: b.Remaining, Allocated: b.Allocated, Period: true})
	}
	return lots
}

func read(l providers.Lot) *lot {
	return &lot{
		ID: strings.ToValidUTF8(l.ID, "\uFFFD"), Kind: strings.ToValidUTF8(l.Kind, "\uFFFD"),
		Left: l.Remaining, Allocated: l.Allocated, Used: l.Used,
		Starts: storable(l.Starts), Expires: storable(l.Expires), Period: l.Period,
	}
}

// entry is one lot in two answers: was is what is known of it from before, now what the answer says; either may be nil.
type entry struct {
	was, now *lot
	// lapsed: its expiry has come.
	lapsed bool
	// unbooked is what of a lapsed or vanished lot the balance has not lost yet, lost what was booked as expired.
	unbooked, lost providers.Amount
}

// counts tells whether the lot can be spent now.
func (e *entry) counts() bool { return e.now != nil && !e.lapsed }

// latest is the lot as the answer says, else as it is known.
func (e *entry) latest() *lot {
	if e.now != nil {
		return e.now
	}
	return e.was
}

// match finds each known lot in the answer. Lots that have not started are not there yet; one that has started once does
// not go back when the clock does.
func match(known []lot, listed []*lot, at time.Time) []*entry {
	byKey := make(map[key]*lot, len(known))
	for i := range known {
		byKey[known[i].key()] = &known[i]
	}
	entries := make([]*entry, 0, len(listed))
	var added []*lot
	for _, now := range listed {
		if was := byKey[now.key()]; was != nil {
			entries = append(entries, &entry{was: was, now: now})
			delete(byKey, now.key())
		} else if !now.Starts.After(at) {
			added = append(added, now)
		}
	}
	var gone []*lot
	for i := range known {
		if byKey[known[i].key()] != nil {
			gone = append(gone, &known[i])
		}
	}
	entries = append(entries, redate(gone, added, at)...)
	for _, e := range entries {
		e.unbooked = zero
		if e.now != nil {
			e.lapsed = e.now.expired(at)
		} else {
			e.lapsed = e.was.expired(at.Add(skew))
		}
	}
	slices.SortFunc(entries, func(x, y *entry) int { return x.latest().order(y.latest()) })
	return entries
}

// spendable is the vendor's own balance; where it states only lots, the sum of those that can be spent now.
func spendable(b providers.Balance, lots []*entry) providers.Amount {
	if b.Remaining.Known() {
		return b.Remaining
	}
	if !b.Listed && !slices.ContainsFunc(b.Lots, func(l providers.Lot) bool { return l.Remaining.Known() }) {
		return providers.Amount{}
	}
	balance := zero
	for _, e := range lots {
		if e.counts() {
			balance = plus(balance, e.now.Left)
		}
	}
	return balance
}

// unlisted is what of the balance the lots do not account for.
func unlisted(balance providers.Amount, lots []*entry) providers.Amount {
	for _, e := range lots {
		if e.counts() {
			balance = minus(balance, e.now.Left)
		}
	}
	return balance
}

// maxMissing bounds how many lots are kept that an answer left out.
const maxMissing = 100

// remember is what of the lots the next answer is compared with: those that can be spent, those that expired and are
// still listed, and those that an incomplete answer left out. The last are known by the vendor's own balance: it is so
// much larger than the lots listed that it must still count them.
func remember(lots []*entry, balance providers.Amount, b providers.Balance) []lot {
	room := zero
	if b.Remaining.Known() && slices.ContainsFunc(lots, func(e *entry) bool { return e.was != nil && !e.counts() }) {
		room = unlisted(balance, lots)
	}
	if len(lots) == 0 {
		return nil
	}
	kept := make([]lot, 0, len(lots)) // exact, for it is kept as long as the account
	missing := 0
	for _, e := range lots {
		l := *e.latest()
		switch {
		case e.counts():
			if l.Left.Sign() == 0 && !b.Returns && !l.Period {
				continue
			}
		case e.was == nil || e.now == nil && (e.lapsed || missing == maxMissing):
			continue
		default:
			l.Left, l.Lost = e.unbooked, unlessZero(e.lost)
			if e.now != nil {
				l.Left = least(l.Left, above(e.now.Left))
			}
			l.Left = least(l.Left, above(room))
			if l.Left.Sign() == 0 && !l.Lost.Known() {
				continue
			}
			room = minus(room, l.Left)
			if e.now == nil {
				l.Missing = true
				missing++
			}
		}
		kept = append(kept, l)
	}
	switch {
	case len(kept) == 0:
		return nil
	case len(kept) < len(lots)/2:
		return slices.Clone(kept)
	}
	return kept
}
