package ledger

import (
	"maps"
	"math"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	// sampleEvery is how often a balance is noted, historyLength how many notes are kept: a week.
	sampleEvery   = 30 * time.Minute
	historyLength = 336
	// paceOver is over how long a pace is taken, and paceFrom how long at least something must be known for one.
	paceOver = 24 * time.Hour
	paceFrom = 3 * time.Hour
)

// History is how an account's balances went in the last week, by unit. It is immutable.
type History map[string][]Sample

// Sample is a balance at a moment, and what had been consumed of it by then.
type Sample struct {
	At time.Time `json:"at"`
	// Balance and Consumed are what /metrics showed, so floats: for charts and paces, not for books.
	Balance  float64 `json:"balance"`
	Consumed float64 `json:"consumed"`
}

// noted is the history with what is known now, where it is time for another note.
func (h History) noted(now time.Time, balances []Balance, totals []book.Totals) (_ History, changed bool) {
	var next History
	for _, b := range balances {
		old := h[b.Unit]
		if !b.Amount.Known() || len(old) > 0 && now.Sub(old[len(old)-1].At) < sampleEvery {
			continue
		}
		if next == nil {
			next = make(History, len(h)+1)
			maps.Copy(next, h)
		}
		kept := old
		for len(kept) > 0 && (len(kept) >= historyLength || now.Sub(kept[0].At) > historyLength*sampleEvery) {
			kept = kept[1:]
		}
		samples := make([]Sample, len(kept), len(kept)+1)
		copy(samples, kept)
		next[b.Unit] = append(samples, Sample{now, b.Amount.Float64(), consumed(totals, b.Unit).Float64()})
	}
	if next == nil {
		return h, false
	}
	return next, true
}

// consumed is what the books say was spent of a unit.
func consumed(totals []book.Totals, unit string) providers.Amount {
	for _, t := range totals {
		if t.Unit == unit {
			return t.Consumed
		}
	}
	return providers.NewAmount(0)
}

// Pace is how fast a unit was spent over the last day, in units a second, from the vendor's own answers. It is not known
// before three hours of history.
func (s *State) Pace(unit string) (perSecond float64, known bool) {
	for _, sample := range s.History[unit] {
		age := s.LastSuccess.Sub(sample.At)
		if age > paceOver {
			continue
		}
		if age < paceFrom {
			return 0, false
		}
		spent := consumed(s.Shown.Books, unit).Float64() - sample.Consumed
		return math.Max(spent, 0) / age.Seconds(), true
	}
	return 0, false
}

// Runway is how long a balance lasts at its pace; not known where the pace is not, or nothing was spent.
func (s *State) Runway(b Balance) (left time.Duration, known bool) {
	pace, known := s.Pace(b.Unit)
	if !known || pace == 0 || !b.Amount.Known() {
		return 0, false
	}
	const longest = float64(math.MaxInt64 / int64(time.Second))
	seconds := math.Max(b.Amount.Float64(), 0) / pace
	return time.Duration(math.Min(seconds, longest)) * time.Second, true
}
