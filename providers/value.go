package providers

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxName bounds every text that becomes a label: ids, kinds, plans.
	maxName = 256
	// maxIntegerBits bounds whole numbers before they are written out; 64 digits need no more than 213 bits.
	maxIntegerBits = 213
)

var (
	errMissing     = errors.New("missing")
	errMagnitude   = errors.New("a number of 2^53 or more, which a sample cannot hold exactly")
	errEmpty       = errors.New("empty text")
	errNameLength  = fmt.Errorf("a name of more than %d bytes", maxName)
	errNameUTF8    = errors.New("a name that is not valid UTF-8")
	errNameControl = errors.New("a name with a control character")
)

// magnitudeLimit is 2^53: from there on, not every whole number is a float64.
var magnitudeLimit = NewAmount(1 << 53)

// readAmount reads a decoded value as an amount: a JSON number, or text that is a plain decimal number. Text has no
// exponent. A number that an expression has computed is read as its shortest decimal. The errors name the type of what
// was found and never quote it.
func readAmount(v any) (Amount, error) {
	switch v := v.(type) {
	case nil:
		return Amount{}, errMissing
	case json.Number:
		return parseFound(v, v.String())
	case string:
		if v == "" {
			return Amount{}, fmt.Errorf("expected a number, found %w", errEmpty)
		}
		if strings.ContainsAny(v, "eE") {
			return Amount{}, fmt.Errorf("expected a number, found text: %w", errNotAnAmount)
		}
		return parseFound(v, v)
	case int:
		return NewAmount(int64(v)), nil
	case *big.Int:
		if v.BitLen() > maxIntegerBits {
			return Amount{}, fmt.Errorf("expected a number, found one with more than %d digits", maxAmountText)
		}
		return parseFound(v, v.String())
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Amount{}, errors.New("expected a number, found one that is not finite")
		}
		return parseFound(v, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return Amount{}, fmt.Errorf("expected a number, found %s", article(v))
}

// parseFound adds to the error of ParseAmount what kind of value it was.
func parseFound(v any, text string) (Amount, error) {
	a, err := ParseAmount(text)
	if err != nil {
		return Amount{}, fmt.Errorf("expected a number of at most %d characters, found %s: %w", maxAmountText, article(v), err)
	}
	return a, nil
}

// checkMagnitude refuses amounts that a sample cannot hold exactly. An unknown amount passes.
func checkMagnitude(a Amount) error {
	if a.Cmp(magnitudeLimit) >= 0 || NewAmount(0).Sub(a).Cmp(magnitudeLimit) >= 0 {
		return errMagnitude
	}
	return nil
}

// readCondition reads true and false, and nothing else: neither null nor 0 nor text is a condition.
func readCondition(v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, errMissing
	case bool:
		return v, nil
	}
	return false, fmt.Errorf("expected true or false, found %s", article(v))
}

// typeName names the JSON type of a decoded value.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number, int, float64, *big.Int:
		return "number"
	case string:
		return "text"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	}
	return "unknown"
}

// article is the name of a value's type as it stands in a sentence.
func article(v any) string {
	switch name := typeName(v); name {
	case "null", "text":
		return name
	case "object", "unknown":
		return "an " + name
	default:
		return "a " + name
	}
}

// readKind brings a vendor's word for a kind of lot into one form: lower case, with a dash for each run of spaces.
func readKind(s string) (string, error) {
	if err := checkName(s); err != nil {
		return "", err
	}
	kind := strings.ToLower(s)
	if strings.ContainsFunc(kind, unicode.IsSpace) {
		kind = strings.Join(strings.Fields(kind), "-")
	}
	switch kind {
	case "":
		return "", errEmpty
	case s:
		return s, nil
	}
	// Some letters are longer in lower case.
	return kind, checkName(kind)
}

// checkName refuses text that cannot be a label. JSON decoding turns bytes that are not UTF-8 into U+FFFD, so that
// different names may have become one: it counts as not valid.
func checkName(s string) error {
	switch {
	case len(s) > maxName:
		return errNameLength
	case !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError):
		return errNameUTF8
	case strings.ContainsFunc(s, unicode.IsControl):
		return errNameControl
	}
	return nil
}
