package providers

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
)

// testNow is a Saturday.
var testNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestReadTime(t *testing.T) {
	const none, invalid = "none", "an error"
	tests := map[string]struct {
		in   any
		use  moment
		want string
	}{
		"seconds":                  {json.Number("1798761600"), momentOther, "2027-01-01T00:00:00Z"},
		"seconds, exponent":        {json.Number("1.7987616e9"), momentOther, "2027-01-01T00:00:00Z"},
		"seconds, fraction":        {json.Number("1798761600.25"), momentOther, "2027-01-01T00:00:00.25Z"},
		"seconds of an expression": {1798761600, momentOther, "2027-01-01T00:00:00Z"},
		"float of an expression":   {1798761600.5, momentOther, "2027-01-01T00:00:00.5Z"},
		"big int":                  {big.NewInt(1798761600), momentOther, "2027-01-01T00:00:00Z"},
		"milliseconds":             {json.Number("1798761600123"), momentOther, "2027-01-01T00:00:00.123Z"},
		"microseconds":             {json.Number("1798761600123456"), momentOther, "2027-01-01T00:00:00.123456Z"},
		"nanoseconds":              {json.Number("1798761600123456789"), momentOther, "2027-01-01T00:00:00.123456789Z"},
		"digits":                   {"1798761600", momentOther, "2027-01-01T00:00:00Z"},
		"digits, milliseconds":     {"1798761600123", momentOther, "2027-01-01T00:00:00.123Z"},
		"last in seconds":          {json.Number("99999999999"), momentOther, none},
		"first in milliseconds":    {json.Number("1e11"), momentOther, invalid}, // 1973
		"first in microseconds":    {json.Number("1e14"), momentOther, invalid}, // 1973
		"first in nanoseconds":     {json.Number("1e17"), momentOther, invalid}, // 1973

		"RFC 3339":              {"2027-01-01T00:00:00Z", momentOther, "2027-01-01T00:00:00Z"},
		"lower case":            {"2027-01-01t00:00:00z", momentOther, "2027-01-01T00:00:00Z"},
		"offset":                {"2027-01-01T02:30:00+02:30", momentOther, "2027-01-01T00:00:00Z"},
		"fraction":              {"2027-01-01T00:00:00.5Z", momentOther, "2027-01-01T00:00:00.5Z"},
		"fraction, 12 digits":   {"2027-01-01T00:00:00.123456789012Z", momentOther, "2027-01-01T00:00:00.123456789Z"},
		"space for T":           {"2027-01-01 00:00:00", momentOther, "2027-01-01T00:00:00Z"},
		"space, offset":         {"2027-01-01 00:00:00+00:00", momentOther, "2027-01-01T00:00:00Z"},
		"no zone":               {"2027-01-01T00:00:00", momentOther, "2027-01-01T00:00:00Z"},
		"no zone, fraction":     {"2027-01-01T00:00:00.250", momentOther, "2027-01-01T00:00:00.25Z"},
		"date":                  {"2027-01-01", momentOther, "2027-01-01T00:00:00Z"},
		"date, resets":          {"2027-01-01", momentResets, "2027-01-01T00:00:00Z"},
		"date, expires":         {"2027-01-01", momentExpires, "2027-01-02T00:00:00Z"},
		"date, expires, leap":   {"2028-02-28", momentExpires, "2028-02-29T00:00:00Z"},
		"today expires":         {"2026-11-21", momentExpires, "2026-11-22T00:00:00Z"},
		"time, expires":         {"2027-01-01T00:00:00Z", momentExpires, "2027-01-01T00:00:00Z"},
		"past, expires":         {"2020-01-01T00:00:00Z", momentExpires, "2020-01-01T00:00:00Z"},
		"past, other":           {"2020-01-01T00:00:00Z", momentOther, "2020-01-01T00:00:00Z"},
		"past, resets":          {"2020-01-01T00:00:00Z", momentResets, none},
		"now, resets":           {"2026-11-21T12:00:00Z", momentResets, none},
		"just ahead, resets":    {"2026-11-21T12:00:01Z", momentResets, "2026-11-21T12:00:01Z"},
		"today, resets":         {"2026-11-21", momentResets, none},
		"2000":                  {"2000-01-01T00:00:00Z", momentOther, "2000-01-01T00:00:00Z"},
		"50 years ahead":        {"2076-11-21T12:00:00Z", momentExpires, "2076-11-21T12:00:00Z"},
		"over 50 years ahead":   {"2076-11-21T12:00:01Z", momentExpires, none},
		"over 50 years, date":   {"2126-01-01", momentExpires, none},
		"year 9999":             {"9999-12-31T23:59:59.9999999Z", momentExpires, none},
		"far epoch":             {json.Number("1e300"), momentExpires, none},
		"far epoch, 60 digits":  {strings.Repeat("9", 60), momentExpires, none},
		"null":                  {nil, momentExpires, none},
		"empty":                 {"", momentExpires, none},
		"0":                     {json.Number("0"), momentExpires, none},
		"0.0":                   {json.Number("0.0"), momentResets, none},
		"-0":                    {json.Number("-0"), momentOther, none},
		"0 of an expression":    {0, momentOther, none},
		"0 as text":             {"0", momentExpires, none},
		"before 2000":           {"1999-12-31T23:59:59Z", momentOther, invalid},
		"before 2000, resets":   {"1999-12-31T23:59:59Z", momentResets, invalid},
		"year 1":                {"0001-01-01T00:00:00Z", momentExpires, invalid},
		"1970":                  {"1970-01-01T00:00:00Z", momentExpires, invalid},
		"small number":          {json.Number("30"), momentOther, invalid},
		"a year":                {"2027", momentOther, invalid},
		"-1":                    {json.Number("-1"), momentExpires, invalid},
		"-1 as text":            {"-1", momentExpires, invalid},
		"digits with a point":   {"1798761600.5", momentExpires, invalid},
		"no such day":           {"2027-02-29", momentOther, invalid},
		"no such hour":          {"2027-01-01T25:00:00Z", momentOther, invalid},
		"no seconds":            {"2027-01-01T00:00Z", momentOther, invalid},
		"zone without a colon":  {"2027-01-01T00:00:00+0000", momentOther, invalid},
		"zone of 99 hours":      {"2027-01-01T00:00:00+99:00", momentOther, invalid},
		"comma":                 {"2027-01-01T00:00:00,5Z", momentOther, invalid},
		"white space":           {" 2027-01-01", momentOther, invalid},
		"newline":               {"2027-01-01\n", momentOther, invalid},
		"HTTP date":             {"Fri, 01 Jan 2027 00:00:00 GMT", momentOther, invalid},
		"word":                  {"never", momentExpires, invalid},
		"boolean":               {true, momentExpires, invalid},
		"false":                 {false, momentExpires, invalid},
		"list":                  {[]any{}, momentExpires, invalid},
		"object":                {map[string]any{}, momentExpires, invalid},
		"number with 65 digits": {json.Number(strings.Repeat("9", 65)), momentExpires, invalid},
		"exponent of 401":       {json.Number("1e401"), momentExpires, invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readTime(test.in, test.use, testNow)
			text := got.Format(time.RFC3339Nano)
			switch {
			case err != nil && !got.IsZero():
				t.Fatalf("both a time and an error: %v, %v", got, err)
			case err != nil:
				text = invalid
			case got.IsZero():
				text = none
			}
			if text != test.want {
				t.Errorf("readTime = %s (%v), want %s", text, err, test.want)
			}
			if s, ok := test.in.(string); ok && err != nil && strings.Contains(err.Error(), s) {
				t.Errorf("the error quotes the value: %v", err)
			}
		})
	}
}

func TestNextMidnight(t *testing.T) {
	tests := []struct{ now, word, want string }{
		{"2026-11-21T12:00:00Z", "day", "2026-11-22"},
		{"2026-11-21T00:00:00Z", "daily", "2026-11-22"},
		{"2026-11-21T23:59:59Z", "Daily", "2026-11-22"},
		{"2026-11-21T23:30:00-01:00", "day", "2026-11-23"}, // 00:30 of the 22nd in UTC
		{"2026-11-21T12:00:00Z", "week", "2026-11-23"},     // a Saturday
		{"2026-11-22T23:59:59Z", "weekly", "2026-11-23"},   // a Sunday
		{"2026-11-23T00:00:00Z", "weekly", "2026-11-30"},   // Monday midnight itself
		{"2026-11-21T12:00:00Z", "month", "2026-12-01"},
		{"2026-12-31T12:00:00Z", "monthly", "2027-01-01"},
		{"2026-12-01T00:00:00Z", "MONTHLY", "2027-01-01"},
		{"2026-11-21T12:00:00Z", "1", "2026-12-01"},
		{"2026-11-21T12:00:00Z", "21", "2026-12-21"}, // this midnight has passed
		{"2026-11-21T12:00:00Z", "22", "2026-11-22"},
		{"2026-11-21T12:00:00Z", "31", "2026-11-30"}, // November has 30
		{"2026-11-30T00:00:00Z", "31", "2026-12-31"},
		{"2027-01-31T12:00:00Z", "31", "2027-02-28"},
		{"2027-01-30T12:00:00Z", "30", "2027-02-28"},
		{"2028-01-31T12:00:00Z", "30", "2028-02-29"},
		{"2027-02-28T12:00:00Z", "30", "2027-03-30"},
		{"2026-11-21T12:00:00Z", "05", "2026-12-05"},
		{"2026-11-21T12:00:00Z", "0", ""},
		{"2026-11-21T12:00:00Z", "32", ""},
		{"2026-11-21T12:00:00Z", "-1", ""},
		{"2026-11-21T12:00:00Z", "+1", ""},
		{"2026-11-21T12:00:00Z", "1.5", ""},
		{"2026-11-21T12:00:00Z", "", ""},
		{"2026-11-21T12:00:00Z", "yearly", ""},
		{"2026-11-21T12:00:00Z", "99999999999999999999", ""},
	}
	for _, test := range tests {
		t.Run(test.now+" "+test.word, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, test.now)
			if err != nil {
				t.Fatal(err)
			}
			got, err := nextMidnight(test.word, now)
			if test.want == "" {
				if err == nil {
					t.Errorf("nextMidnight = %v, want an error", got)
				}
				return
			}
			if want := test.want + "T00:00:00Z"; err != nil || got.Format(time.RFC3339) != want {
				t.Errorf("nextMidnight = %v, %v; want %s", got, err, want)
			}
		})
	}
}

func FuzzReadTime(f *testing.F) {
	for _, s := range []string{
		"1798761600", "1798761600123456789", "2027-01-01", "2027-01-01 00:00:00.5", "2027-01-01T00:00:00+01:00",
		"0", "", "-1", "1e400", "9999-12-31", "2027-13-01", "1.7e9",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, number bool) {
		var v any = s
		if number {
			v = json.Number(s)
		}
		for _, use := range []moment{momentOther, momentResets, momentExpires} {
			got, err := readTime(v, use, testNow)
			switch {
			case got.IsZero():
			case err != nil:
				t.Fatalf("both a time and an error: %v, %v", got, err)
			case got.Year() < 2000, got.After(testNow.AddDate(50, 0, 0)), got.Location() != time.UTC:
				t.Fatalf("readTime(%q) = %v", s, got)
			case use == momentResets && !got.After(testNow):
				t.Fatalf("a reset that has passed: %v", got)
			}
		}
	})
}

func FuzzNextMidnight(f *testing.F) {
	for _, s := range []string{"day", "weekly", "month", "31", "0", "x"} {
		f.Add(s, int64(1_795_262_400))
	}
	f.Fuzz(func(t *testing.T, word string, epoch int64) {
		now := time.Unix(epoch%253_402_300_800, 0)
		next, err := nextMidnight(word, now)
		if err != nil {
			return
		}
		if !next.After(now) || next.After(now.AddDate(0, 0, 62)) || next.Truncate(24*time.Hour) != next {
			t.Fatalf("nextMidnight(%q, %v) = %v", word, now.UTC(), next)
		}
	})
}
