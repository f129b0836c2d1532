package status

import (
	"fmt"
	"math"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

const (
	// lossShare is the share of what the lots that expire began with, from which on a loss is worth a warning, and
	// lossOfBalance the share of the balance where the vendor does not say what they began with. The alert rules have the same.
	lossShare     = 0.05
	lossOfBalance = 0.25
	// soon is how close the end of a lot must be for all of it to count as lost while no pace is known.
	soon = 24 * time.Hour
)

// expiry warns of units that will expire unspent. Spending takes first what expires first, so by a lot's end all of its
// cumulative figure would have to be spent; the lot that falls shortest of that says how much is lost.
func (s *Status) expiry(v *ledger.View, b *ledger.Balance, standing Balance) Level {
	lost, began, stated := 0.0, 0.0, true
	for _, lot := range b.Lots {
		left := lot.Expires.Sub(v.LastSuccess)
		if lot.Expires.IsZero() || left <= 0 || !lot.Remaining.Known() || !standing.HasPace && left >= soon {
			continue
		}
		until := lot.Remaining
		if lot.Cumulative.Known() {
			until = lot.Cumulative
		}
		lost = math.Max(lost, until.Float64()-left.Seconds()*standing.PerSecond)
		if stated = stated && lot.Allocated.Known(); stated {
			began += lot.Allocated.Float64()
		}
	}
	worth := lossShare * began
	switch {
	case !stated && standing.HasPace:
		worth = lossOfBalance * b.Amount.Float64()
	case !stated:
		worth = 0
	}
	if lost <= worth {
		return OK
	}
	s.find(Warning, b.Unit, fmt.Sprintf("%s %s will expire unspent", rounded(lost), b.Unit))
	return Warning
}

// rounded writes an estimate, which has no digits after the point that mean anything unless it is small.
func rounded(amount float64) string {
	if amount >= 10 {
		return fmt.Sprintf("%.0f", amount)
	}
	return fmt.Sprintf("%.2g", amount)
}
