package providers

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReadAmount(t *testing.T) {
	sixtyFour := strings.Repeat("1", 64)
	tests := map[string]struct {
		in   any
		want string // the exact decimal; empty: an error
	}{
		"number":                  {json.Number("12500"), "12500"},
		"fraction":                {json.Number("12.345"), "12.345"},
		"beyond float64":          {json.Number("9007199254740993"), "9007199254740993"},
		"exponent":                {json.Number("1.25e3"), "1250"},
		"signed exponent":         {json.Number("1E+2"), "100"},
		"negative exponent":       {json.Number("125e-2"), "1.25"},
		"negative zero":           {json.Number("-0"), "0"},
		"debt":                    {json.Number("-3.5"), "-3.5"},
		"64 characters":           {json.Number(sixtyFour), sixtyFour},
		"65 characters":           {json.Number(sixtyFour + "1"), ""},
		"exponent of 400":         {json.Number("1e400"), "1" + strings.Repeat("0", 400)},
		"exponent of 401":         {json.Number("1e401"), ""},
		"exponent of -401":        {json.Number("1e-401"), ""},
		"huge exponent":           {json.Number("1e999999999999999999999"), ""},
		"tiny exponent":           {json.Number("1e-999999999"), ""},
		"text":                    {"12500", "12500"},
		"text, plus":              {"+5", "5"},
		"text, minus":             {"-3", "-3"},
		"text, point last":        {"5.", "5"},
		"text, point first":       {".5", "0.5"},
		"text, minus point":       {"-.5", "-0.5"},
		"text, leading zeros":     {"0005", "5"},
		"text, 64 characters":     {sixtyFour, sixtyFour},
		"text, 65 characters":     {sixtyFour + "1", ""},
		"text, exponent":          {"1e3", ""},
		"text, empty":             {"", ""},
		"text, point alone":       {".", ""},
		"text, sign alone":        {"-", ""},
		"text, two signs":         {"+-5", ""},
		"text, two points":        {"1.2.3", ""},
		"text, space":             {" 5", ""},
		"text, newline":           {"5\n", ""},
		"text, thousands":         {"1,234", ""},
		"text, NaN":               {"NaN", ""},
		"text, Infinity":          {"Infinity", ""},
		"text, -Inf":              {"-Inf", ""},
		"text, hex":               {"0x10", ""},
		"text, hex float":         {"0x1p4", ""},
		"text, underscore":        {"1_000", ""},
		"text, fraction":          {"1/2", ""},
		"text, other digits":      {"\u0661\u0662", ""},
		"text, word":              {"garbage", ""},
		"int of an expression":    {5, "5"},
		"float of an expression":  {1.25, "1.25"},
		"sum of floats":           {0.30000000000000004, "0.30000000000000004"},
		"large float":             {1e21, "1000000000000000000000"},
		"float NaN":               {math.NaN(), ""},
		"float infinity":          {math.Inf(-1), ""},
		"big int of expression":   {new(big.Int).Lsh(big.NewInt(1), 70), "1180591620717411303424"},
		"big int, too many digit": {new(big.Int).Lsh(big.NewInt(1), 1<<20), ""},
		"null":                    {nil, ""},
		"true":                    {true, ""},
		"list":                    {[]any{json.Number("5")}, ""},
		"object":                  {map[string]any{"amount": json.Number("5")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readAmount(test.in)
			switch {
			case test.want == "" && (err == nil || got.Known()):
				t.Errorf("readAmount = %v, %v; want an error and nothing known", got, err)
			case test.want != "" && (err != nil || got.String() != test.want):
				t.Errorf("readAmount = %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

// Errors are shown to users and written to logs: they say what type was found and nothing of the vendor's text.
func TestReadersDoNotQuote(t *testing.T) {
	tests := map[string]struct {
		err  func(any) error
		in   any
		want string
	}{
		"amount, null":     {amountError, nil, "missing"},
		"amount, boolean":  {amountError, true, "expected a number, found a boolean"},
		"amount, list":     {amountError, []any{}, "expected a number, found a list"},
		"amount, object":   {amountError, map[string]any{"key": "sk-secret"}, "expected a number, found an object"},
		"amount, empty":    {amountError, "", "expected a number, found empty text"},
		"amount, text":     {amountError, "sk-scrt-1", "expected a number of at most 64 characters, found text: not a decimal number"},
		"amount, exponent": {amountError, "1e5", "expected a number, found text: not a decimal number"},
		"amount, huge":     {amountError, json.Number("1e999"), "expected a number of at most 64 characters, found a number: exponent beyond 400"},
		"condition, null":  {conditionError, nil, "missing"},
		"condition, text":  {conditionError, "sk-secret", "expected true or false, found text"},
		"condition, 1":     {conditionError, json.Number("1"), "expected true or false, found a number"},
		"kind, empty":      {kindError, " ", "empty text"},
		"kind, long":       {kindError, strings.Repeat("k", 257), "a name of more than 256 bytes"},
		"kind, control":    {kindError, "sk-\x00secret", "a name with a control character"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := test.err(test.in); err == nil || err.Error() != test.want {
				t.Errorf("error: %v\nwant:  %s", err, test.want)
			}
		})
	}
}

func amountError(v any) error    { _, err := readAmount(v); return err }
func conditionError(v any) error { _, err := readCondition(v); return err }
func kindError(v any) error      { _, err := readKind(v.(string)); return err }

func TestCheckMagnitude(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "9007199254740991": true, "9007199254740991.999": true, "-9007199254740991": true,
		"9007199254740992": false, "-9007199254740992": false, "1e400": false, "-1e400": false,
	} {
		a, err := ParseAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := checkMagnitude(a); (got == nil) != want {
			t.Errorf("checkMagnitude(%s) = %v, want it to pass: %v", text, got, want)
		}
	}
	if err := checkMagnitude(Amount{}); err != nil {
		t.Errorf("an unknown amount: %v", err)
	}
}

func TestReadCondition(t *testing.T) {
	for _, want := range []bool{true, false} {
		if got, err := readCondition(want); err != nil || got != want {
			t.Errorf("readCondition(%v) = %v, %v", want, got, err)
		}
	}
	for _, v := range []any{nil, json.Number("0"), 1, 1.0, "true", "", []any{}, map[string]any{}} {
		if got, err := readCondition(v); err == nil {
			t.Errorf("readCondition(%v of type %T) = %v, want an error", v, v, got)
		}
	}
}

func TestTypeName(t *testing.T) {
	for want, values := range map[string][]any{
		"null":    {nil},
		"boolean": {true, false},
		"number":  {json.Number("1"), 1, 1.5, big.NewInt(1)},
		"text":    {"", "1"},
		"list":    {[]any{}, []any{nil}},
		"object":  {map[string]any{}},
		"unknown": {struct{}{}},
	} {
		for _, v := range values {
			if got := typeName(v); got != want {
				t.Errorf("typeName(%T) = %s, want %s", v, got, want)
			}
		}
	}
}

func TestReadKind(t *testing.T) {
	for in, want := range map[string]string{
		"Subscription": "subscription", "Top-up": "top-up", "Top Up": "top-up", " top  up\u00a0": "top-up",
		"ÜBERTRAG": "übertrag", "plan_a": "plan_a",
	} {
		if got, err := readKind(in); err != nil || got != want {
			t.Errorf("readKind(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	// Ⱥ has two bytes, its lower case three.
	if got, err := readKind(strings.Repeat("\u023a", 128)); err == nil {
		t.Errorf("a kind that grows over the limit: %d bytes, want an error", len(got))
	}
}

func TestCheckName(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "word": "SUB_PRO", "spaces": "Pro plan", "other letters": "计划", "256 bytes": strings.Repeat("a", 256),
	} {
		if err := checkName(in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, in := range map[string]string{
		"257 bytes": strings.Repeat("a", 257), "not UTF-8": "a\xff", "replaced by decoding": "a\ufffd",
		"newline": "a\nb", "NUL": "\x00", "DEL": "\x7f", "C1": "\u0085",
	} {
		if checkName(in) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzReadAmount(f *testing.F) {
	for _, s := range []string{
		"0", "-0", "5.", ".5", "+5", "0005", "1e3", "1e400", "1e401", "1e-999999", "NaN", "0x10", "", "-", "1_0",
		"9007199254740993", strings.Repeat("9", 65),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		asText, textErr := readAmount(s)
		asNumber, numberErr := readAmount(json.Number(s))
		if asText.Known() != (textErr == nil) || asNumber.Known() != (numberErr == nil) {
			t.Fatal("an amount is known exactly when there is no error")
		}
		if textErr == nil && (numberErr != nil || asText.Cmp(asNumber) != 0) {
			t.Fatalf("as text %v, as a number %v, %v", asText, asNumber, numberErr)
		}
		if textErr == nil && len(s) > 64 {
			t.Fatal("more than 64 characters were read")
		}
		_ = checkMagnitude(asNumber)
	})
}

func FuzzReadKind(f *testing.F) {
	for _, s := range []string{"Top Up", "", " ", "\u023a", "a\xffb", "İ", "ẞ", "a\u2028b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kind, err := readKind(s)
		if err != nil {
			return
		}
		if kind == "" || len(kind) > 256 || !utf8.ValidString(kind) {
			t.Fatalf("readKind(%q) = %q", s, kind)
		}
		if again, err := readKind(kind); err != nil || again != kind {
			t.Fatalf("read again: %q, %v; want %q", again, err, kind)
		}
	})
}

func FuzzReadCondition(f *testing.F) {
	for _, s := range []string{"true", "false", "null", "0", `"true"`, "[]", "{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseBody(bodyJSON, []byte(s))
		if err != nil {
			return
		}
		_, isCondition := v.(bool)
		if _, err := readCondition(v); (err == nil) != isCondition {
			t.Fatalf("readCondition of %s: %v", typeName(v), err)
		}
		if typeName(v) == "unknown" {
			t.Fatal("a decoded value has no type name")
		}
	})
}
