package ledger

import (
	"math"
	"slices"
	"strings"
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
type History struct {
	units []unitHistory // sorted by unit
}

// unitHistory is the history of one unit.
type unitHistory struct {
	unit    string
	last    int64 // when the latest sample was taken, in seconds of Unix time
	samples samples
}

// Sample is a balance at a moment, in whole seconds, and what had been consumed of it by then.
type Sample struct {
	At time.Time
	// Balance and Consumed are what /metrics showed, so floats: for charts and paces, not for books.
	Balance  float64
	Consumed float64
}

// Samples are those of a unit, oldest first, at most 336. They are decoded for the caller, who owns them.
func (h History) Samples(unit string) []Sample {
	i, found := h.find(unit)
	if !found {
		return nil
	}
	// The storage checks what it reads, so samples that cannot be decoded are none of ours.
	row, _ := h.units[i].samples.unpack()
	return row
}

func (h History) find(unit string) (int, bool) {
	return slices.BinarySearchFunc(h.units, unit, func(u unitHistory, unit string) int { return strings.Compare(u.unit, unit) })
}

// wants tells whether it is time for another note of any of these units.
func (h History) wants(now time.Time, said []providers.Balance) bool {
	return slices.ContainsFunc(said, func(b providers.Balance) bool {
		i, found := h.find(b.Unit)
		return !b.Unlimited && (!found || now.Sub(time.Unix(h.units[i].last, 0)) >= sampleEvery)
	})
}

// noted is the history with what is known now, where it is time for another note.
func (h History) noted(now time.Time, balances []Balance, totals []book.Totals) (_ History, changed bool) {
	for _, b := range balances {
		i, found := h.find(b.Unit)
		if !b.Amount.Known() || found && now.Sub(time.Unix(h.units[i].last, 0)) < sampleEvery {
			continue
		}
		if !changed {
			h.units, changed = slices.Clone(h.units), true
		}
		if !found {
			h.units = slices.Insert(h.units, i, unitHistory{unit: b.Unit})
		}
		kept := h.Samples(b.Unit)
		for len(kept) > 0 && (len(kept) >= historyLength || now.Sub(kept[0].At) > historyLength*sampleEvery) {
			kept = kept[1:]
		}
		h.units[i].last = now.Unix()
		h.units[i].samples = packRow(append(kept, Sample{now, b.Amount.Float64(), consumed(totals, b.Unit).Float64()}))
	}
	return h, changed
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
	for _, sample := range s.History.Samples(unit) {
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
	if !known {
		return 0, false
	}
	return b.Runway(pace)
}

// Runway is how long the balance lasts at a pace, in units a second; not known where nothing is spent.
func (b Balance) Runway(perSecond float64) (left time.Duration, known bool) {
	if perSecond == 0 || !b.Amount.Known() {
		return 0, false
	}
	const longest = float64(math.MaxInt64 / int64(time.Second))
	seconds := math.Max(b.Amount.Float64(), 0) / perSecond
	return time.Duration(math.Min(seconds, longest)) * time.Second, true
}
