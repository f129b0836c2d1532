package providers

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// number is a known amount. Nearly all are decimals of a few digits, which take one word and no arithmetic of big
// numbers; what does not fit is a fraction. An amount that is such a decimal is never kept as a fraction, so two that
// are equal look the same.
type number struct {
	// units / 10^digits is the number; digits is the least that states it.
	units  int64
	digits int
	rat    *big.Rat // instead of both, where they do not suffice; never modified
}

// maxDigits is how many decimals fit: 10^18 is an int64.
const maxDigits = 18

// pow10 is 10^n; n is 0 to maxDigits.
func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// decimal is the number units / 10^digits.
func decimal(units int64, digits int) *number {
	for digits > 0 && units%10 == 0 {
		units /= 10
		digits--
	}
	return &number{units: units, digits: digits}
}

// rational is the number of a fraction, which must not be modified any more.
func rational(r *big.Rat) *number {
	if r.IsInt() {
		if r.Num().IsInt64() {
			return &number{units: r.Num().Int64()}
		}
		return &number{rat: r}
	}
	digits, exact := r.FloatPrec()
	if !exact || digits > maxDigits {
		return &number{rat: r}
	}
	scaled := new(big.Int).Mul(r.Num(), big.NewInt(pow10(digits)))
	if scaled.Quo(scaled, r.Denom()); !scaled.IsInt64() {
		return &number{rat: r}
	}
	return decimal(scaled.Int64(), digits)
}

// fraction is the number as a fraction, which must not be modified.
func (n *number) fraction() *big.Rat {
	if n.rat != nil {
		return n.rat
	}
	if n.digits == 0 {
		return new(big.Rat).SetInt64(n.units)
	}
	return new(big.Rat).SetFrac64(n.units, pow10(n.digits))
}

// aligned gives the units of both with as many digits; false when that does not fit.
func aligned(a, b *number) (x, y int64, digits int, ok bool) {
	if a.rat != nil || b.rat != nil {
		return 0, 0, 0, false
	}
	digits = max(a.digits, b.digits)
	x, okX := times(a.units, pow10(digits-a.digits))
	y, okY := times(b.units, pow10(digits-b.digits))
	return x, y, digits, okX && okY
}

// times is a x b; false when that does not fit.
func times(a, b int64) (int64, bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if high != 0 || low > math.MaxInt64 {
		return 0, false
	}
	if a < 0 != (b < 0) {
		return -int64(low), true
	}
	return int64(low), true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// plus is a + b; false when that does not fit.
func plus(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

func (n *number) add(m *number) *number {
	switch {
	case n.sign() == 0: // as every sum begins
		return m
	case m.sign() == 0:
		return n
	}
	if x, y, digits, ok := aligned(n, m); ok {
		if sum, ok := plus(x, y); ok {
			return decimal(sum, digits)
		}
	}
	return rational(new(big.Rat).Add(n.fraction(), m.fraction()))
}

func (n *number) sub(m *number) *number {
	if x, y, digits, ok := aligned(n, m); ok && y != math.MinInt64 {
		if difference, ok := plus(x, -y); ok {
			return decimal(difference, digits)
		}
	}
	return rational(new(big.Rat).Sub(n.fraction(), m.fraction()))
}

func (n *number) mul(m *number) *number {
	if n.rat == nil && m.rat == nil && n.digits+m.digits <= maxDigits {
		if product, ok := times(n.units, m.units); ok {
			return decimal(product, n.digits+m.digits)
		}
	}
	return rational(new(big.Rat).Mul(n.fraction(), m.fraction()))
}

// quo is n / m; m is not 0.
func (n *number) quo(m *number) *number {
	if n.rat == nil && m.rat == nil && m.digits == 0 {
		// Vendors count in cents and thousandths, so a few more digits are mostly enough.
		for units, digits, ok := n.units, n.digits, true; ok && digits <= maxDigits; digits++ {
			if units%m.units == 0 && m.units != -1 {
				return decimal(units/m.units, digits)
			}
			units, ok = times(units, 10)
		}
	}
	return rational(new(big.Rat).Quo(n.fraction(), m.fraction()))
}

// isSmall tells at first sight that a number lies within 2^52; for most it is right.
func (n *number) isSmall() bool { return n.rat == nil && magnitude(n.units) < 1<<52 }

func (n *number) cmp(m *number) int {
	if x, y, _, ok := aligned(n, m); ok {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return n.fraction().Cmp(m.fraction())
}

func (n *number) sign() int {
	switch {
	case n.rat != nil:
		return n.rat.Sign()
	case n.units < 0:
		return -1
	case n.units > 0:
		return 1
	}
	return 0
}

func (n *number) float() float64 {
	const exact = 1 << 53
	if n.rat == nil && n.units < exact && n.units > -exact {
		// Both are exact as floats, so the quotient is the nearest one.
		return float64(n.units) / float64(pow10(n.digits))
	}
	f, _ := n.fraction().Float64()
	return f
}

// append appends the exact decimal, or a fraction such as "1/3" where no decimal is exact.
func (n *number) append(b []byte) []byte {
	if n.rat != nil {
		if digits, exact := n.rat.FloatPrec(); exact {
			return append(b, n.rat.FloatString(digits)...)
		}
		return append(b, n.rat.RatString()...)
	}
	if n.digits == 0 {
		return strconv.AppendInt(b, n.units, 10)
	}
	if n.units < 0 {
		b = append(b, '-')
	}
	unit := uint64(pow10(n.digits))
	b = strconv.AppendUint(b, magnitude(n.units)/unit, 10)
	b = append(b, '.')
	start := len(b)
	b = strconv.AppendUint(b, unit+magnitude(n.units)%unit, 10) // with a 1 before, for the zeros
	b[start-1] = '.'
	copy(b[start:], b[start+1:])
	return b[:len(b)-1]
}

// readDecimal reads digits with at most one point and a sign; false for all else, and for what does not fit, which may
// be numbers all the same.
func readDecimal(text string) (*number, bool) {
	rest := text
	negative := false
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		negative = rest[0] == '-'
		rest = rest[1:]
	}
	var units int64
	digits, seen, point := 0, 0, false
	for i := range len(rest) {
		c := rest[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			return nil, false
		}
		if seen++; seen > maxDigits {
			return nil, false
		}
		units = units*10 + int64(c-'0')
		if point {
			digits++
		}
	}
	if seen == 0 {
		return nil, false
	}
	if negative {
		units = -units
	}
	return decimal(units, digits), true
}
