package providers

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Amount is an exact number of units, or unknown: the zero Amount is unknown, which is never the same as 0. Amounts
// are immutable; arithmetic gives new ones and keeps every digit.
type Amount struct {
	rat *big.Rat
}

// amountText is what counts as a number in text (format: [+-], digits, at most one point, an exponent in JSON only).
var amountText = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

const (
	maxAmountText     = 64
	maxAmountExponent = 400
)

// errNotAnAmount is returned for text that is no decimal number. It does not quote the text, which is a vendor's.
var errNotAnAmount = errors.New("not a decimal number")

// NewAmount returns a whole number of units.
func NewAmount(n int64) Amount { return Amount{rat: new(big.Rat).SetInt64(n)} }

// ParseAmount reads a decimal number, with or without an exponent. It refuses text over 64 characters, and exponents
// beyond 400 before any big number is built from them. Its errors never quote the text.
func ParseAmount(text string) (Amount, error) {
	if len(text) > maxAmountText {
		return Amount{}, errNotAnAmount
	}
	// Most amounts are whole numbers, which need neither the pattern nor a fraction.
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return NewAmount(n), nil
	}
	if !amountText.MatchString(text) {
		return Amount{}, errNotAnAmount
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(text[i+1:])
		if err != nil || exponent > maxAmountExponent || exponent < -maxAmountExponent {
			return Amount{}, fmt.Errorf("exponent beyond %d", maxAmountExponent)
		}
	}
	rat, ok := new(big.Rat).SetString(text)
	if !ok {
		return Amount{}, errNotAnAmount
	}
	return Amount{rat: rat}, nil
}

// Known tells whether there is an amount at all.
func (a Amount) Known() bool { return a.rat != nil }

// Add returns a + b; it is unknown when either is.
func (a Amount) Add(b Amount) Amount {
	if a.rat == nil || b.rat == nil {
		return Amount{}
	}
	return Amount{rat: new(big.Rat).Add(a.rat, b.rat)}
}

// Sub returns a - b; it is unknown when either is.
func (a Amount) Sub(b Amount) Amount {
	if a.rat == nil || b.rat == nil {
		return Amount{}
	}
	return Amount{rat: new(big.Rat).Sub(a.rat, b.rat)}
}

// Mul returns a x b; it is unknown when either is.
func (a Amount) Mul(b Amount) Amount {
	if a.rat == nil || b.rat == nil {
		return Amount{}
	}
	return Amount{rat: new(big.Rat).Mul(a.rat, b.rat)}
}

// Div returns a / b; it is unknown when either is, and when b is 0.
func (a Amount) Div(b Amount) Amount {
	if a.rat == nil || b.rat == nil || b.rat.Sign() == 0 {
		return Amount{}
	}
	return Amount{rat: new(big.Rat).Quo(a.rat, b.rat)}
}

// Cmp compares two known amounts: -1, 0 or +1. An unknown amount sorts before every known one.
func (a Amount) Cmp(b Amount) int {
	switch {
	case a.rat == nil && b.rat == nil:
		return 0
	case a.rat == nil:
		return -1
	case b.rat == nil:
		return 1
	}
	return a.rat.Cmp(b.rat)
}

// Sign is -1, 0 or +1; 0 for an unknown amount.
func (a Amount) Sign() int {
	if a.rat == nil {
		return 0
	}
	return a.rat.Sign()
}

// Float64 is the nearest float, for a sample; 0 for an unknown amount, so ask Known first. It is never negative zero.
func (a Amount) Float64() float64 {
	if a.rat == nil {
		return 0
	}
	f, _ := a.rat.Float64()
	return f
}

// String is the exact decimal, or a fraction such as "1/3" where no decimal is exact; "unknown" for an unknown amount.
func (a Amount) String() string {
	if a.rat == nil {
		return "unknown"
	}
	if digits, exact := a.rat.FloatPrec(); exact {
		return a.rat.FloatString(digits)
	}
	return a.rat.RatString()
}

// MarshalText writes String's form, and nothing for an unknown amount. UnmarshalText reads both back exactly.
func (a Amount) MarshalText() ([]byte, error) {
	if a.rat == nil {
		return []byte{}, nil
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads what MarshalText wrote. It is for our own files only: a vendor's text goes through ParseAmount.
func (a *Amount) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = Amount{}
		return nil
	}
	if numerator, denominator, fraction := strings.Cut(string(text), "/"); fraction {
		n, okN := new(big.Int).SetString(numerator, 10)
		d, okD := new(big.Int).SetString(denominator, 10)
		if !okN || !okD || d.Sign() <= 0 {
			return errNotAnAmount
		}
		a.rat = new(big.Rat).SetFrac(n, d)
		return nil
	}
	if !amountText.Match(text) || strings.ContainsAny(string(text), "eE") {
		return errNotAnAmount
	}
	rat, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return errNotAnAmount
	}
	a.rat = rat
	return nil
}

// IsZero lets encoding/json leave out unknown amounts with `omitzero`.
func (a Amount) IsZero() bool { return a.rat == nil }
