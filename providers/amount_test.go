package providers

import (
	"strings"
	"testing"
)

func TestParseAmount(t *testing.T) {
	tests := map[string]string{
		"0": "0", "-0": "0", "+5": "5", "5.": "5", ".5": "0.5", "-.5": "-0.5", "0005": "5", "12.50": "12.5",
		"9223372036854775808": "9223372036854775808", "-9223372036854775808": "-9223372036854775808",
		"1e3": "1000", "25e-1": "2.5", "0.1": "0.1", "123456789.000000001": "123456789.000000001",
	}
	for text, want := range tests {
		a, err := ParseAmount(text)
		if err != nil || a.String() != want {
			t.Errorf("%q: %v, %v; want %s", text, a, err, want)
		}
	}
	for _, text := range []string{"", " 5", "5 ", ".", "+", "1_000", "0x10", "1,5", "NaN", "Inf", "1e401", "1e-401", "1e", "--5", "٣", strings.Repeat("0", 64) + "5"} {
		if a, err := ParseAmount(text); err == nil {
			t.Errorf("%q is read as %v", text, a)
		}
	}
}

// What an amount is written as in our own files is read back exactly, also where no decimal is exact.
func TestAmountsSurviveStorage(t *testing.T) {
	third := NewAmount(1).Div(NewAmount(3))
	for _, a := range []Amount{{}, NewAmount(0), NewAmount(-7), third, third.Mul(NewAmount(-1))} {
		text, err := a.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Amount
		if err := back.UnmarshalText(text); err != nil || back.Known() != a.Known() || back.Cmp(a) != 0 {
			t.Errorf("%v is written as %q and read as %v, %v", a, text, back, err)
		}
	}
	for _, text := range []string{"1/0", "1/-3", "a/b", "1/", "x", "1e5"} {
		var a Amount
		if a.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is read as %v", text, a)
		}
	}
}
