package book

import (
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// zero is the known amount 0. Amounts are immutable.
var zero = providers.NewAmount(0)

// orZero reads an amount that is kept only when it is not 0.
func orZero(a providers.Amount) providers.Amount {
	if !a.Known() {
		return zero
	}
	return a
}

// unlessZero is the reverse of orZero.
func unlessZero(a providers.Amount) providers.Amount {
	if a.Sign() == 0 {
		return providers.Amount{}
	}
	return a
}

func least(a, b providers.Amount) providers.Amount {
	if a.Cmp(b) <= 0 {
		return a
	}
	return b
}

func most(a, b providers.Amount) providers.Amount {
	if a.Cmp(b) >= 0 {
		return a
	}
	return b
}

// above is what of a lies above 0.
func above(a providers.Amount) providers.Amount {
	if a.Sign() > 0 {
		return a
	}
	return zero
}

// below is what of a lies below 0, as a positive amount.
func below(a providers.Amount) providers.Amount {
	if a.Sign() < 0 {
		return zero.Sub(a)
	}
	return zero
}

// plus and minus are Add and Sub; most of what is booked is 0, and adding that costs nothing.
func plus(a, b providers.Amount) providers.Amount {
	switch {
	case a.Known() && b.Known() && b.Sign() == 0:
		return a
	case a.Known() && b.Known() && a.Sign() == 0:
		return b
	}
	return a.Add(b)
}

func minus(a, b providers.Amount) providers.Amount {
	if a.Known() && b.Known() && b.Sign() == 0 {
		return a
	}
	return a.Sub(b)
}

// reduce sets one amount off against another and returns what is left of each; one of them is then 0.
func reduce(a, b providers.Amount) (providers.Amount, providers.Amount) {
	both := least(a, b)
	return minus(a, both), minus(b, both)
}

// storable is a time as JSON gives it back: UTC, without the monotonic clock, and within the years that RFC 3339 can
// write. Any other time is absent.
func storable(t time.Time) time.Time {
	t = t.UTC().Round(0)
	if year := t.Year(); year < 1 || year > 9999 {
		return time.Time{}
	}
	return t
}
