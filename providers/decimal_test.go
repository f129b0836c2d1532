package providers

import (
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// Whatever form an amount is kept in, it is the fraction that its text states.
func TestAmountsAreFractions(t *testing.T) {
	texts := []string{
		"0", "-0", "1", "-1", "10", "0.1", "-0.07", "1.50", "12.345678901234567890", "999999999999999999", "9223372036854775807",
		"-9223372036854775808", "9223372036854775808", "0.000000000000000001", "0.0000000000000000001", "1e20", "1e-20", "123456789.987654321", "4503599627370497.5",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		r := big.NewRat(random.Int64N(1<<uint(1+random.IntN(62)))-random.Int64N(1<<20), 1)
		texts = append(texts, r.Quo(r, big.NewRat(pow10(random.IntN(19)), 1)).FloatString(18))
	}
	type pair struct {
		a Amount
		r *big.Rat
	}
	var all []pair
	for _, text := range texts {
		a, err := ParseAmount(text)
		r, ok := new(big.Rat).SetString(text)
		if err != nil || !ok {
			t.Fatalf("%q: %v", text, err)
		}
		all = append(all, pair{a, r})
	}
	third := NewAmount(1).Div(NewAmount(3))
	all = append(all, pair{third, big.NewRat(1, 3)})
	for _, x := range all {
		holds(t, "", x.a, x.r)
		for _, y := range all {
			holds(t, "+", x.a.Add(y.a), new(big.Rat).Add(x.r, y.r))
			holds(t, "-", x.a.Sub(y.a), new(big.Rat).Sub(x.r, y.r))
			holds(t, "*", x.a.Mul(y.a), new(big.Rat).Mul(x.r, y.r))
			if y.r.Sign() != 0 {
				holds(t, "/", x.a.Div(y.a), new(big.Rat).Quo(x.r, y.r))
			}
			if got, want := x.a.Cmp(y.a), x.r.Cmp(y.r); got != want {
				t.Errorf("%v compares with %v as %d, want %d", x.r, y.r, got, want)
			}
		}
	}
}

func holds(t *testing.T, what string, a Amount, r *big.Rat) {
	t.Helper()
	text := r.RatString()
	if digits, exact := r.FloatPrec(); exact {
		text = r.FloatString(digits)
	}
	if got := a.String(); got != text {
		t.Fatalf("%s %v is written as %s", what, text, got)
	}
	if f, _ := r.Float64(); a.Float64() != f || math.Signbit(a.Float64()) != math.Signbit(f) {
		t.Fatalf("%s %v is the float %v, want %v", what, text, a.Float64(), f)
	}
	if a.Sign() != r.Sign() || a.rat().Cmp(r) != 0 {
		t.Fatalf("%s %v has another sign or fraction", what, text)
	}
	if again := amountOf(new(big.Rat).Set(r)); !reflect.DeepEqual(again, a) && !strings.Contains(text, "/") {
		t.Fatalf("%s %v has two forms: %+v and %+v", what, text, again.number, a.number)
	}
	var back Amount
	marshalled, _ := a.MarshalText()
	if err := back.UnmarshalText(marshalled); err != nil || back.Cmp(a) != 0 {
		t.Fatalf("%s %v is read back as %v, %v", what, text, back, err)
	}
}
