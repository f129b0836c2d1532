package book

import (
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	// jitter is by how much a vendor's renewal must move to be another one: some compute it anew for every answer. It
	// is also how early one may show before our clock says that it is due.
	jitter = time.Hour
	// lateness is how long after its date a renewal may show. Many vendors give a date without a zone, or only a word,
	// and their use counter can start again hours after the stated date has moved on.
	lateness = 24 * time.Hour
)

// turn is what an answer says about the renewal of the allowance.
type turn struct {
	// renewed: a new period began since the last answer; what lapses with the old one has lapsed.
	renewed bool
	// restarted: the stated use counts from 0 again.
	restarted bool
	// resets is the next renewal to wait for.
	resets time.Time
}

// turn finds out whether this is the first answer to show a renewal: a later `resets`, or a `used` that fell.
//
// A date alone is not believed while the use goes on as before: vendors move the date before the counter, and booking
// a whole period's use in that minute would be a false alarm. Then the use is booked as it rises, and the first answer
// in which it has fallen shows the renewal. Only when the first answer after the date comes more than a day late (an
// outage) is the date enough, provided that balance and use still add up to the allowance.
func (p *page) turn(at time.Time, b providers.Balance, lots []*entry) turn {
	moved := p.moved(b)
	due := !p.Resets.IsZero() && !at.Before(p.Resets.Add(-jitter))
	late := !p.Resets.IsZero() && !at.Before(p.Resets.Add(lateness))

	s := p.signs(b, lots)
	t := turn{resets: b.Resets}
	switch {
	case !s.periodic:
	case moved && due && late && !p.Past && s.whole:
		t.renewed, t.restarted = true, s.stated
	case moved && due:
		t.renewed = !s.known() || s.fell() || s.now.Sign() <= 0 || s.rose && !s.whole
	case moved:
		t.renewed = s.halved() || s.rose && !s.known()
	case due:
		t.renewed = s.rose && (s.halved() || late && s.fell())
	default:
		t.renewed = s.rose && s.stated && s.halved()
	}
	if used := (signs{was: p.Used, now: b.Used}); used.fell() {
		t.restarted = t.renewed || moved && due || (moved || due) && used.halved()
	}

	switch {
	case t.renewed && !moved:
		// The date, if it is stated still, is that of the renewal just seen: it must not show it again.
		t.resets = time.Time{}
	case !t.renewed && (b.Resets.IsZero() || moved && due && s.periodic):
		t.resets = p.Resets
	}
	return t
}

// moved tells whether the vendor's next renewal is another one than the one that was waited for.
func (p *page) moved(b providers.Balance) bool {
	return !p.Resets.IsZero() && !b.Resets.IsZero() && !b.Resets.Before(p.Resets.Add(jitter))
}

// signs are what shows a renewal beside its date.
type signs struct {
	// periodic: the balance, or one of its lots, lapses at a renewal.
	periodic bool
	// was and now are the use of the period as far as it is known: what the lots that renew say, else what the balance
	// states, and without either the allowance less what is left of it. stated: the balance states it.
	was, now providers.Amount
	stated   bool
	// rose: there is more of the allowance now.
	rose bool
	// whole: what is left and what is used are all of the allowance.
	whole bool
}

func (s signs) known() bool { return s.was.Known() && s.now.Known() }

func (s signs) fell() bool { return s.known() && s.now.Cmp(s.was) < 0 }

func (s signs) halved() bool { return s.known() && halved(s.was, s.now) }

func (p *page) signs(b providers.Balance, lots []*entry) signs {
	var was, now sum
	for _, e := range lots {
		if e.was != nil && e.was.Period {
			was.add(e.was)
		}
		if e.now != nil && e.now.Period {
			now.add(e.now)
		}
	}
	s := signs{
		periodic: was.any || now.any,
		was:      was.used, now: now.used,
		rose:  now.any && now.left.Cmp(orZero(was.left)) > 0,
		whole: true,
	}
	if p.Used.Known() && b.Used.Known() && !(b.Listed && s.known()) {
		s.was, s.now, s.stated = p.Used, b.Used, true
		s.whole = now.any && plus(now.left, b.Used).Cmp(now.allocated) == 0
	}
	return s
}

// sum adds up the lots that lapse at a renewal; what one of them does not say is unknown of all.
type sum struct {
	any                   bool
	left, allocated, used providers.Amount
}

func (s *sum) add(l *lot) {
	used := l.Used
	if !used.Known() {
		used = minus(l.Allocated, l.Left)
	}
	if !s.any {
		*s = sum{any: true, left: l.Left, allocated: l.Allocated, used: used}
		return
	}
	s.left, s.allocated, s.used = plus(s.left, l.Left), plus(s.allocated, l.Allocated), plus(s.used, used)
}
