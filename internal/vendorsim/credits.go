package vendorsim

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// Credits is an amount of a vendor's unit, counted in thousandths so that sums stay exact: write 250*Credit as one
// writes 5*time.Minute. Massive and Olostep count whole credits only; for them every amount is rounded down to one.
type Credits int64

// Credit is one whole credit.
const Credit Credits = 1000

// creditsText bounds the digits so that a parsed amount always fits, with room for sums.
var creditsText = regexp.MustCompile(`^-?[0-9]{1,14}(\.[0-9]{1,3})?$`)

// errNotCredits is returned for text that is not an amount.
var errNotCredits = errors.New("not an amount: want a decimal number of at most 14 digits and three decimals")

// ParseCredits reads a plain decimal with up to three decimals, such as "12", "-3.5" or "0.025".
func ParseCredits(text string) (Credits, error) {
	if !creditsText.MatchString(text) {
		return 0, errNotCredits
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits := whole + (fraction + "000")[:3]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, errNotCredits
	}
	return Credits(n), nil
}

// String is the shortest exact decimal: "12", "-3.5", "0.025".
func (c Credits) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	text := sign + strconv.FormatInt(int64(c/Credit), 10)
	rest := int64(c % Credit)
	if rest == 0 {
		return text
	}
	fraction := strconv.FormatInt(rest+int64(Credit), 10)[1:] // adding 1000 keeps the leading zeros
	return text + "." + strings.TrimRight(fraction, "0")
}

// MarshalJSON writes a JSON number.
func (c Credits) MarshalJSON() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalJSON reads a JSON number without an exponent.
func (c *Credits) UnmarshalJSON(text []byte) error {
	parsed, err := ParseCredits(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
