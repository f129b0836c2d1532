package book_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// vendor is a made-up vendor of prepaid credits that keeps books of its own: the truth which an observer's books are
// held against. It knows every single event; the observer sees answers only.
type vendor struct {
	rng   *rand.Rand
	style style
	now   time.Time
	grain providers.Amount // all amounts are multiples of it
	lots  []*credit        // the pool is a lot without an expiry
	next  int              // number of the next lot
	// resets is when the allowance renews; lag is how much later the counter starts again than the date moves.
	resets time.Time
	lag    time.Duration
	plan   providers.Amount

	usedTotal, usedPeriod providers.Amount

	// counting is false before the first sight, and while nobody can know what happens.
	counting                   bool
	consumed, granted, expired providers.Amount
}

// credit is a lot of the vendor.
type credit struct {
	id, kind        string
	left, allocated providers.Amount
	starts, expires time.Time
	period          bool
}

// style is how a vendor answers.
type style struct {
	total     bool // states the balance
	listed    bool // lists lots
	ids       bool // with ids
	spent     bool // lists lots with nothing left
	ended     bool // lists lots for a while after they expired, with what was left then
	used      string
	allocated bool
	period    bool
	returns   bool
}

const (
	usedNever  = ""
	usedTotal  = "total"
	usedPeriod = "period"
)

func newVendor(rng *rand.Rand, s style) *vendor {
	none := providers.NewAmount(0)
	grains := []providers.Amount{
		providers.NewAmount(1), providers.NewAmount(25), fraction(1, 10), fraction(1, 100), fraction(1, 1000), fraction(1, 64), fraction(7, 1e9),
	}
	v := &vendor{
		rng: rng, style: s, now: start, grain: grains[rng.IntN(len(grains))],
		usedTotal: none, usedPeriod: none, consumed: none, granted: none, expired: none, plan: none,
	}
	v.usedTotal = v.some(5000)
	return v
}

func fraction(n, d int64) providers.Amount { return providers.NewAmount(n).Div(providers.NewAmount(d)) }

// some is an amount of 1 to n grains.
func (v *vendor) some(n int) providers.Amount {
	return providers.NewAmount(int64(1 + v.rng.IntN(n))).Mul(v.grain)
}

// spendable are the lots that can be spent now, in the order in which they are.
func (v *vendor) spendable() []*credit {
	var lots []*credit
	for _, l := range v.lots {
		if !l.starts.After(v.now) && (l.expires.IsZero() || l.expires.After(v.now)) {
			lots = append(lots, l)
		}
	}
	slices.SortStableFunc(lots, func(x, y *credit) int {
		switch {
		case x.expires.Equal(y.expires):
			return 0
		case x.expires.IsZero() || !y.expires.IsZero() && x.expires.After(y.expires):
			return 1
		}
		return -1
	})
	return lots
}

func (v *vendor) balance() providers.Amount {
	balance := providers.NewAmount(0)
	for _, l := range v.spendable() {
		balance = balance.Add(l.left)
	}
	return balance
}

// spend takes up to x from the lots given, and into debt from the last of them when allowed.
func (v *vendor) spend(x providers.Amount, from []*credit, debt bool) {
	for i, l := range from {
		part := l.left
		if part.Cmp(x) > 0 || debt && i == len(from)-1 {
			part = x
		}
		if part.Sign() <= 0 {
			continue
		}
		l.left, x = l.left.Sub(part), x.Sub(part)
		v.use(part)
	}
}

func (v *vendor) use(x providers.Amount) {
	v.usedTotal, v.usedPeriod = v.usedTotal.Add(x), v.usedPeriod.Add(x)
	if v.counting {
		v.consumed = v.consumed.Add(x)
	}
}

func (v *vendor) grant(x providers.Amount) {
	if v.counting {
		v.granted = v.granted.Add(x)
	}
}

// buy adds a lot; no two have the same size.
func (v *vendor) buy(kind string, expires time.Time) *credit {
	v.next++
	size := v.some(500).Add(providers.NewAmount(int64(v.next) * 1000).Mul(v.grain))
	l := &credit{id: fmt.Sprintf("lot-%d", v.next), kind: kind, left: size, allocated: size, expires: expires}
	v.lots = append(v.lots, l)
	v.grant(size)
	return l
}

// advance lets time pass; what expires, starts or renews meanwhile does so in order.
func (v *vendor) advance(d time.Duration) {
	for end := v.now.Add(d); v.now.Before(end); {
		at := end
		for _, t := range v.dates() {
			if t.After(v.now) && t.Before(at) {
				at = t
			}
		}
		v.now = at
		for _, l := range v.lots {
			if l.starts.Equal(at) {
				v.grant(l.left)
			}
			if l.expires.Equal(at) {
				v.expire(l)
			}
		}
		if !v.resets.IsZero() && v.resets.Add(v.lag).Equal(at) {
			v.renew()
		}
	}
}

// dates are when something happens by itself.
func (v *vendor) dates() []time.Time {
	dates := make([]time.Time, 0, 2*len(v.lots)+1)
	for _, l := range v.lots {
		dates = append(dates, l.starts, l.expires)
	}
	if !v.resets.IsZero() {
		dates = append(dates, v.resets.Add(v.lag))
	}
	return dates
}

func (v *vendor) expire(l *credit) {
	if v.counting && l.left.Sign() > 0 {
		v.expired = v.expired.Add(l.left)
	}
}

func (v *vendor) renew() {
	v.resets = v.resets.AddDate(0, 0, 30)
	v.usedPeriod = providers.NewAmount(0)
	for _, l := range v.lots {
		if !l.period {
			continue
		}
		if v.counting && l.left.Sign() > 0 {
			v.expired = v.expired.Add(l.left)
		}
		fresh := v.plan
		if l.left.Sign() < 0 {
			fresh = fresh.Sub(l.left) // debt is forgiven
		}
		v.grant(fresh)
		l.left, l.allocated = v.plan, v.plan
	}
}

// answer is what the vendor says now.
func (v *vendor) answer() providers.Balance {
	b := providers.Balance{Unit: "credits", Period: v.style.period, Returns: v.style.returns, Listed: v.style.listed}
	if v.style.total {
		b.Remaining = v.balance()
	}
	switch v.style.used {
	case usedTotal:
		b.Used = v.usedTotal
	case usedPeriod:
		b.Used = v.usedPeriod
	}
	if !v.resets.IsZero() {
		b.Resets = v.resets
		if v.resets.Before(v.now) {
			b.Resets = v.resets.AddDate(0, 0, 30) // the date has moved, the counter lags
		}
	}
	if !v.style.listed {
		if v.style.allocated {
			b.Allocated = v.balance().Add(v.usedPeriod)
		}
		b.Lots = []providers.Lot{{ID: "default", Kind: "default", Remaining: b.Remaining, Allocated: b.Allocated, Used: b.Used, Period: b.Period}}
		return b
	}
	for _, l := range v.lots {
		over := !l.expires.IsZero() && !l.expires.After(v.now)
		if !v.style.spent && l.left.Sign() == 0 && !l.period || over && (!v.style.ended || v.now.Sub(l.expires) > 48*time.Hour) {
			continue
		}
		lot := providers.Lot{Kind: l.kind, Remaining: l.left, Starts: l.starts, Expires: l.expires, Period: l.period}
		if v.style.ids {
			lot.ID = l.id
		}
		if v.style.allocated || l.period {
			lot.Allocated = l.allocated
		}
		b.Lots = append(b.Lots, lot)
	}
	v.rng.Shuffle(len(b.Lots), func(i, j int) { b.Lots[i], b.Lots[j] = b.Lots[j], b.Lots[i] })
	return b
}
