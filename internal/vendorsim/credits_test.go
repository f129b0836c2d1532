package vendorsim_test

import (
	"encoding/json"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

func TestCredits(t *testing.T) {
	for text, want := range map[string]vendorsim.Credits{
		"0": 0, "12": 12_000, "-3.5": -3_500, "0.025": 25, "-0.025": -25, "99999999999999.999": 99_999_999_999_999_999,
	} {
		have, err := vendorsim.ParseCredits(text)
		if err != nil || have != want || have.String() != text {
			t.Errorf("%s: have %d (%s), %v; want %d", text, have, have, err, want)
		}
	}
	for _, text := range []string{"", "-", "+1", "1.", ".5", "1e3", "0x1", "1.0001", "123456789012345", " 1", "NaN"} {
		if have, err := vendorsim.ParseCredits(text); err == nil {
			t.Errorf("%q is read as %s", text, have)
		}
	}
}

func FuzzParseCredits(f *testing.F) {
	for _, seed := range []string{"0", "-0.001", "12.5", "1e9", "99999999999999.999", "--1", "1.2.3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, err := vendorsim.ParseCredits(text)
		if err != nil {
			return
		}
		if again, err := vendorsim.ParseCredits(amount.String()); err != nil || again != amount {
			t.Errorf("%q: %d is written as %s and read back as %d, %v", text, amount, amount, again, err)
		}
		if encoded, err := json.Marshal(amount); err != nil || !json.Valid(encoded) {
			t.Errorf("%q: JSON %s, %v", text, encoded, err)
		}
	})
}
