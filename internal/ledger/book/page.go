package book

import (
	"slices"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// page is the books of one unit, and of the last answer just what the next one is compared with. Pages are never
// changed. Amounts that are usually 0 are absent then.
type page struct {
	Unit     string           `json:"unit"`
	Consumed providers.Amount `json:"consumed"`
	Granted  providers.Amount `json:"granted"`
	Expired  providers.Amount `json:"expired"`
	// Returned and Reinstated: see Totals.
	Returned   providers.Amount `json:"returned,omitzero"`
	Reinstated providers.Amount `json:"reinstated,omitzero"`

	// Balance is the balance that is booked up to. It is absent before a beginning; then so is all below but Used, Lead
	// and Resets, which an unlimited unit may have.
	Balance providers.Amount `json:"balance,omitzero"`
	Opening providers.Amount `json:"opening,omitzero"`
	// Used is the use that the vendor stated last, Lead how much more was booked as consumed since than it stated.
	Used providers.Amount `json:"used,omitzero"`
	Lead providers.Amount `json:"lead,omitzero"`
	// Resets is the next renewal to be seen; Past: the last answer came after it and did not show it yet.
	Resets time.Time `json:"resets,omitzero"`
	Past   bool      `json:"past,omitempty"`
	// Lots are sorted by expiry and label.
	Lots []lot `json:"lots,omitempty"`
	// Recent is what was consumed in the last hour, where the vendor may give it back; oldest first.
	Recent []spending `json:"recent,omitempty"`
}

// observe returns the page after one answer; it is p itself when nothing changed, and nil when there was no page and
// the answer states nothing that could be booked.
func (p *page) observe(at time.Time, b providers.Balance) *page {
	b.Resets = storable(b.Resets)
	if b.Unlimited {
		return p.observeUnlimited(b)
	}
	lots := match(p.lots(), listing(b), at)
	balance := spendable(b, lots)
	var next *page
	switch {
	case !balance.Known():
		return p
	case p == nil || !p.Balance.Known():
		next = p.begin(balance, b)
	default:
		next = p.follow(at, balance, b, lots)
	}
	next.Lots = remember(lots, balance, b)
	next.Past = !next.Resets.IsZero() && !at.Before(next.Resets)
	if p != nil && p.same(next) {
		return p
	}
	return next
}

// begin is the first answer with a balance: nothing is booked, and what has expired by now never will be.
func (p *page) begin(balance providers.Amount, b providers.Balance) *page {
	next := p.restart().writable(b.Unit)
	next.Balance = balance
	next.Opening = plus(plus(minus(balance, next.Granted), next.Consumed), next.Expired)
	next.Used, next.Lead, next.Resets = b.Used, providers.Amount{}, b.Resets
	return next
}

// follow books the change of the balance since the answer before.
func (p *page) follow(at time.Time, balance providers.Amount, b providers.Balance, lots []*entry) *page {
	next := p.writable(b.Unit)
	t := p.turn(at, b, lots)
	u := p.statedUse(b.Used, t)

	f := flow(lots, t.renewed, u.stated)
	f.used = u.claim
	if b.Remaining.Known() && f.fresh.Sign() > 0 && f.vanished.Sign() > 0 {
		f.unlist(p.unlisted(), unlisted(balance, lots))
	}
	f.fit(minus(balance, p.Balance))
	settle(lots, f)

	given := zero
	if b.Returns {
		next.Recent = lastHour(p.Recent, at)
		if u.claim.Sign() == 0 {
			given = next.giveBack(f.rise)
			f.rise = minus(f.rise, given)
		}
		next.remind(at, f.consumed())
	}
	next.book(f)
	next.Balance = balance
	next.Used, next.Lead = u.after(b.Used, f, given)
	next.Resets = t.resets
	return next
}

// unlisted is what of the balance the last answer's lots did not account for.
func (p *page) unlisted() providers.Amount {
	rest := p.Balance
	for i := range p.Lots {
		if !p.Lots[i].Missing {
			rest = minus(rest, p.Lots[i].Left)
		}
	}
	return rest
}

// book adds what was found to the counters, less what they already run ahead.
func (p *page) book(f *flows) {
	returned, consumed := reduce(orZero(p.Returned), f.consumed())
	reinstated, expired := reduce(orZero(p.Reinstated), f.expired())
	p.Consumed = plus(p.Consumed, consumed)
	p.Expired = plus(p.Expired, expired)
	p.Granted = plus(p.Granted, f.granted())
	p.Returned = unlessZero(returned)
	p.Reinstated = unlessZero(plus(reinstated, f.revived))
}

// observeUnlimited ends what ran with a balance, and books stated use only: there is no balance that it could explain.
func (p *page) observeUnlimited(b providers.Balance) *page {
	if !b.Used.Known() && p == nil {
		return nil
	}
	next := p.restart().writable(b.Unit)
	next.Used, next.Resets = b.Used, b.Resets
	if p != nil && !p.Balance.Known() {
		used := signs{was: p.Used, now: b.Used}
		u := p.statedUse(b.Used, turn{restarted: used.halved() || used.fell() && p.moved(b)})
		f := newFlows()
		f.used = u.claim
		next.book(f)
		next.Used, next.Lead = u.after(b.Used, f, zero)
		if b.Resets.IsZero() {
			next.Resets = p.Resets
		}
	}
	if p != nil && p.same(next) {
		return p
	}
	return next
}

// restart keeps the counters and forgets all else.
func (p *page) restart() *page {
	if p == nil {
		return nil
	}
	next := &page{Unit: p.Unit, Consumed: p.Consumed, Granted: p.Granted, Expired: p.Expired}
	if p.same(next) {
		return p
	}
	return next
}

// writable is a copy to write on, or a new one when there is none.
func (p *page) writable(unit string) *page {
	if p == nil {
		return &page{Unit: unit, Consumed: zero, Granted: zero, Expired: zero}
	}
	next := *p
	return &next
}

func (p *page) lots() []lot {
	if p == nil {
		return nil
	}
	return p.Lots
}

func (p *page) same(q *page) bool {
	return p.Unit == q.Unit && p.Past == q.Past && p.Resets.Equal(q.Resets) &&
		p.Consumed.Cmp(q.Consumed) == 0 && p.Granted.Cmp(q.Granted) == 0 && p.Expired.Cmp(q.Expired) == 0 &&
		p.Returned.Cmp(q.Returned) == 0 && p.Reinstated.Cmp(q.Reinstated) == 0 &&
		p.Balance.Cmp(q.Balance) == 0 && p.Opening.Cmp(q.Opening) == 0 &&
		p.Used.Cmp(q.Used) == 0 && p.Lead.Cmp(q.Lead) == 0 &&
		slices.EqualFunc(p.Lots, q.Lots, lot.same) && slices.EqualFunc(p.Recent, q.Recent, spending.same)
}
