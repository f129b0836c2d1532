package book

import "github.com/credits-exporter/credits_exporter/providers"

// use is what a vendor's own statement of use says about one step from answer to answer.
//
// Stated use is certain: it is booked as consumption whatever the balance did, and what the balance then lacks to the net
// was granted. So spending that a top-up hid between two polls is not lost.
//
// The statement and the balance do not always move together: one lags, or is rounded, or the use is missing from an
// answer while the balance goes on. What the balance showed first is booked from the balance and kept as the lead, and the
// use that is stated later is booked only as far as it goes beyond the lead. So, since the first sight of the use, what
// is booked is never less than what is stated, and more only by falls that the statement did not explain.
//
// A stated use that falls without a renewal is a correction of the vendor's, not negative consumption: the net alone is
// booked, so what comes back to the balance with it is granted (with `returns`: given back).
type use struct {
	// stated: both answers state it, so lots need not be asked what was consumed.
	stated bool
	// claim is the use that is stated and not booked yet.
	claim providers.Amount

	renewed bool
	was     providers.Amount // the use stated before, 0 after it started again
	lead    providers.Amount
}

// statedUse compares the use of this answer with that of the last one that stated it.
func (p *page) statedUse(now providers.Amount, t turn) use {
	u := use{claim: zero, renewed: t.renewed, was: p.Used, lead: orZero(p.Lead)}
	if !now.Known() || !p.Used.Known() {
		return u
	}
	u.stated = true
	if t.restarted {
		u.was, u.lead = zero, zero
	}
	u.claim = above(minus(minus(now, u.was), u.lead))
	return u
}

// after is what to compare the next answer's use with, when f was booked and given of it was taken back.
func (u use) after(now providers.Amount, f *flows, given providers.Amount) (used, lead providers.Amount) {
	booked := minus(plus(u.lead, f.consumed()), given)
	switch {
	case !now.Known() && (u.renewed || !u.was.Known()):
		return providers.Amount{}, providers.Amount{}
	case !now.Known():
		return u.was, unlessZero(above(booked))
	case !u.stated || halved(u.was, now):
		return now, providers.Amount{}
	}
	risen := minus(now, u.was)
	// A correction that the balance shows too has been granted; one that it does not show may be taken back.
	shown := least(f.granted(), below(risen))
	return now, unlessZero(above(minus(minus(booked, risen), shown)))
}

// halved tells a counter that started again from one that was corrected: it fell to half or less.
func halved(was, now providers.Amount) bool {
	// An unknown amount sorts before all others, so both must be known.
	return now.Cmp(was) < 0 && plus(now, now).Cmp(was) <= 0
}
