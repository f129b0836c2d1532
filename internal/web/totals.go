package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// total is what is left of one unit in all wallets. Units are never added up with one another, and neither is a wallet
// that several accounts spend from counted twice.
type total struct {
	unit string
	sum
	// parts are those of each provider, in the order of their names.
	parts []part
	// worth is what it costs at the configured prices, by currency.
	worth []worth
}

type part struct {
	provider string
	sum
}

// sum is what several wallets have of a unit together.
type sum struct {
	// amount is unknown when none of the wallets' is known.
	amount ledger.Amount
	// wallets whose amount is known and added, unlimited those that need none.
	wallets, unlimited int
	perSecond          float64
	hasPace            bool
}

type worth struct {
	currency string
	amount   ledger.Amount
}

func (s *sum) add(h holding) {
	switch {
	case h.unlimited:
		s.unlimited++
	case !h.amount.Known():
		return
	case !s.amount.Known():
		s.amount = h.amount
		s.wallets++
	default:
		s.amount = s.amount.Add(h.amount)
		s.wallets++
	}
	if h.hasPace {
		s.perSecond += h.perSecond
		s.hasPace = true
	}
}

// totalled adds up, unit by unit. Of accounts that share a wallet the one counts that was asked last.
func (s *snapshot) totalled() []total {
	latest := make([]*summary, len(s.shared))
	for i, row := range s.rows {
		purse := s.purses[i]
		if s.shared[purse] && len(row.balances) > 0 &&
			(latest[purse] == nil || row.state.LastSuccess.After(latest[purse].state.LastSuccess)) {
			latest[purse] = row
		}
	}
	byUnit := map[string]*total{}
	for i, row := range s.rows {
		if purse := s.purses[i]; s.shared[purse] && latest[purse] != row {
			continue
		}
		for _, h := range row.balances {
			t := byUnit[h.unit]
			if t == nil {
				t = &total{unit: h.unit}
				byUnit[h.unit] = t
			}
			t.count(row, h)
		}
	}
	totals := make([]total, 0, len(byUnit))
	for _, t := range byUnit {
		slices.SortFunc(t.worth, func(a, b worth) int { return strings.Compare(a.currency, b.currency) })
		totals = append(totals, *t)
	}
	slices.SortFunc(totals, func(a, b total) int {
		return cmp.Or(cmp.Compare(b.wallets, a.wallets), strings.Compare(a.unit, b.unit))
	})
	return totals
}

// count adds a wallet. The rows come in the order of their providers, so the last part is the one that may go on.
func (t *total) count(row *summary, h holding) {
	t.add(h)
	provider := row.entry.ID.Provider
	if n := len(t.parts); n == 0 || t.parts[n-1].provider != provider {
		t.parts = append(t.parts, part{provider: provider})
	}
	t.parts[len(t.parts)-1].add(h)
	if !h.amount.Known() {
		return
	}
	for _, price := range row.state.Account.Prices {
		if price.Unit == h.unit {
			t.price(price.Currency, h.amount.Mul(price.Amount))
		}
	}
}

func (t *total) price(currency string, amount ledger.Amount) {
	for i := range t.worth {
		if t.worth[i].currency == currency {
			t.worth[i].amount = t.worth[i].amount.Add(amount)
			return
		}
	}
	t.worth = append(t.worth, worth{currency, amount})
}
