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
	number *number
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
func NewAmount(n int64) Amount { return Amount{&number{units: n}} }

// amountOf is the amount of a fraction, which must not be modified any more.
func amountOf(r *big.Rat) Amount { return Amount{rational(r)} }

// rat is the amount as a fraction, which must not be modified; nil for an unknown amount.
func (a Amount) rat() *big.Rat {
	if a.number == nil {
		return nil
	}
	return a.number.fraction()
}

// ParseAmount reads a decimal number, with or without an exponent. It refuses text over 64 characters, and exponents
// beyond 400 before any big number is built from them. Its errors never quote the text.
func ParseAmount(text string) (Amount, error) {
	if len(text) > maxAmountText {
		return Amount{}, errNotAnAmount
	}
	// Most amounts need neither the pattern nor a fraction.
	if n, ok := readDecimal(text); ok {
		return Amount{n}, nil
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
	return amountOf(rat), nil
}

// Known tells whether there is an amount at all.
func (a Amount) Known() bool { return a.number != nil }

// Add returns a + b; it is unknown when either is.
func (a Amount) Add(b Amount) Amount {
	if a.number == nil || b.number == nil {
		return Amount{}
	}
	return Amount{a.number.add(b.number)}
}

// Sub returns a - b; it is unknown when either is.
func (a Amount) Sub(b Amount) Amount {
	if a.number == nil || b.number == nil {
		return Amount{}
	}
	return Amount{a.number.sub(b.number)}
}

// Mul returns a x b; it is unknown when either is.
func (a Amount) Mul(b Amount) Amount {
	if a.number == nil || b.number == nil {
		return Amount{}
	}
	return Amount{a.number.mul(b.number)}
}

// Div returns a / b; it is unknown when either is, and when b is 0.
func (a Amount) Div(b Amount) Amount {
	if a.number == nil || b.number == nil || b.number.sign() == 0 {
		return Amount{}
	}
	return Amount{a.number.quo(b.number)}
}

// Cmp compares two known amounts: -1, 0 or +1. An unknown amount sorts before every known one.
func (a Amount) Cmp(b Amount) int {
	switch {
	case a.number == nil && b.number == nil:
		return 0
	case a.number == nil:
		return -1
	case b.number == nil:
		return 1
	}
	return a.number.cmp(b.number)
}

// Sign is -1, 0 or +1; 0 for an unknown amount.
func (a Amount) Sign() int {
	if a.number == nil {
		return 0
	}
	return a.number.sign()
}

// Float64 is the nearest float, for a sample; 0 for an unknown amount, so ask Known first. It is never negative zero.
func (a Amount) Float64() float64 {
	if a.number == nil {
		return 0
	}
	return a.number.float()
}

// String is the exact decimal, or a fraction such as "1/3" where no decimal is exact; "unknown" for an unknown amount.
func (a Amount) String() string {
	if a.number == nil {
		return "unknown"
	}
	return string(a.number.append(nil))
}

// MarshalText writes String's form, and nothing for an unknown amount. UnmarshalText reads both back exactly.
func (a Amount) MarshalText() ([]byte, error) {
	if a.number == nil {
		return []byte{}, nil
	}
	return a.number.append(nil), nil
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
		*a = amountOf(new(big.Rat).SetFrac(n, d))
		return nil
	}
	if n, ok := readDecimal(string(text)); ok {
		*a = Amount{n}
		return nil
	}
	if !amountText.Match(text) || strings.ContainsAny(string(text), "eE") {
		return errNotAnAmount
	}
	rat, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return errNotAnAmount
	}
	*a = amountOf(rat)
	return nil
}

// IsZero lets encoding/json leave out unknown amounts with `omitzero`.
func (a Amount) IsZero() bool { return a.number == nil }
