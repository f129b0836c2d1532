package providers

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestRetryWindow(t *testing.T) {
	const (
		inTwoMinutes   = "1795262520" // testNow + 120 s
		inTwoMinutesMs = "1795262520000"
		httpNow        = "Sat, 21 Nov 2026 12:00:00 GMT"
		httpTwoMinutes = "Sat, 21 Nov 2026 12:02:00 GMT"
		vendorsNow     = "Sat, 21 Nov 2026 11:00:00 GMT" // a vendor whose clock is an hour behind
		vendorsSoon    = "Sat, 21 Nov 2026 11:00:30 GMT"
	)
	tests := map[string]struct {
		header http.Header
		body   string
		status string // `not limited` for an answer that is no rate limit
		want   time.Duration
	}{
		"nothing":  {headers(), "", "", 0},
		"sentence": {headers(), "Rate limit was exceeded; please retry in 180 seconds", "", 3 * time.Minute},

		"Retry-After":                        {headers("Retry-After", "120"), "", "", 2 * time.Minute},
		"Retry-After, not limited":           {headers("Retry-After", "120"), "", "not limited", 2 * time.Minute},
		"Retry-After, white space":           {headers("Retry-After", " 120 "), "", "", 2 * time.Minute},
		"Retry-After, fraction":              {headers("Retry-After", "1.2"), "", "", 2 * time.Second},
		"Retry-After, tiny":                  {headers("Retry-After", "0.001"), "", "", time.Second},
		"Retry-After, date, Date":            {headers("Retry-After", vendorsSoon, "Date", vendorsNow), "", "", 30 * time.Second},
		"Retry-After, date, no Date":         {headers("Retry-After", httpTwoMinutes), "", "", 2 * time.Minute},
		"Retry-After, date, odd Date":        {headers("Retry-After", httpTwoMinutes, "Date", "yesterday"), "", "", 2 * time.Minute},
		"Retry-After, RFC 850 date":          {headers("Retry-After", "Saturday, 21-Nov-26 12:02:00 GMT"), "", "", 2 * time.Minute},
		"Retry-After, asctime":               {headers("Retry-After", "Sat Nov 21 12:02:00 2026"), "", "", 2 * time.Minute},
		"Retry-After, past date":             {headers("Retry-After", vendorsNow, "Date", httpNow), "", "", 0},
		"Retry-After, zero":                  {headers("Retry-After", "0"), "", "", 0},
		"Retry-After, negative":              {headers("Retry-After", "-5"), "", "", 0},
		"Retry-After, NaN":                   {headers("Retry-After", "NaN"), "", "", 0},
		"Retry-After, Infinity":              {headers("Retry-After", "Infinity"), "", "", 0},
		"Retry-After, hex":                   {headers("Retry-After", "0x10"), "", "", 0},
		"Retry-After, exponent":              {headers("Retry-After", "1e3"), "", "", 0},
		"Retry-After, words":                 {headers("Retry-After", "soon"), "", "", 0},
		"Retry-After, unit":                  {headers("Retry-After", "120s"), "", "", 0},
		"Retry-After, empty":                 {headers("Retry-After", ""), "", "", 0},
		"Retry-After, overflow":              {headers("Retry-After", strings.Repeat("9", 30)), "", "", maxWindow},
		"Retry-After, over 1e9 is no epoch":  {headers("Retry-After", "1795262520"), "", "", 1795262520 * time.Second},
		"Retry-After, date in 9999":          {headers("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), "", "", maxWindow},
		"Retry-After, twice":                 {headers("Retry-After", "10", "Retry-After", "20"), "", "", 20 * time.Second},
		"Retry-After, twice, one nonsense":   {headers("Retry-After", "x", "Retry-After", "20"), "", "", 20 * time.Second},
		"Retry-After before all else":        {headers("Retry-After", "10", "X-RateLimit-Reset", "20"), "retry in 30 seconds", "", 10 * time.Second},
		"nonsense, then the next source":     {headers("Retry-After", "0", "X-RateLimit-Reset", "20"), "", "", 20 * time.Second},
		"nonsense twice, then the body":      {headers("Retry-After", "-1", "RateLimit-Reset", "x"), `{"retry_after": 7}`, "", 7 * time.Second},
		"nonsense three times, the sentence": {headers("Retry-After", "-1", "RateLimit-Reset", "x"), `{"retry_after": 0, "error": "retry in 9 seconds"}`, "", 9 * time.Second},

		"RateLimit":                      {headers("RateLimit", `"default";r=0;t=30`), "", "", 30 * time.Second},
		"RateLimit, not limited":         {headers("RateLimit", `"default";r=0;t=30`), "", "not limited", 0},
		"RateLimit, spaces":              {headers("RateLimit", `"default" ; r=0 ; t=30`), "", "", 30 * time.Second},
		"RateLimit, token":               {headers("RateLimit", `default;t=30`), "", "", 30 * time.Second},
		"RateLimit, exhausted of two":    {headers("RateLimit", `"daily";r=9;t=600, "burst";r=0;t=30`), "", "", 30 * time.Second},
		"RateLimit, two exhausted":       {headers("RateLimit", `"daily";r=0;t=600, "burst";r=0;t=30`), "", "", 10 * time.Minute},
		"RateLimit, none exhausted":      {headers("RateLimit", `"daily";t=600, "burst";t=30`), "", "", 10 * time.Minute},
		"RateLimit, two lines":           {headers("RateLimit", `"a";r=0;t=5`, "RateLimit", `"b";r=0;t=6`), "", "", 6 * time.Second},
		"RateLimit, separators in names": {headers("RateLimit", `"a,b;t=9\";t=8";r=0;t=7`), "", "", 7 * time.Second},
		"RateLimit, no t":                {headers("RateLimit", `"default";r=0`), "", "", 0},
		"RateLimit, broken":              {headers("RateLimit", `"default;r=0;t=30`), "", "", 0},
		"RateLimit, old draft":           {headers("RateLimit", "limit=100, remaining=0, reset=50"), "", "", 50 * time.Second},
		"RateLimit before the others":    {headers("RateLimit", `"a";r=0;t=5`, "RateLimit-Reset", "6"), "", "", 5 * time.Second},

		"RateLimit-Reset":                 {headers("RateLimit-Reset", "60"), "", "", time.Minute},
		"RateLimit-Reset, not limited":    {headers("RateLimit-Reset", "60"), "", "not limited", 0},
		"RateLimit-Reset first":           {headers("RateLimit-Reset", "60", "X-RateLimit-Reset", "70"), "", "", time.Minute},
		"X-RateLimit-Reset, seconds":      {headers("X-RateLimit-Reset", "45"), "", "", 45 * time.Second},
		"X-RateLimit-Reset, fraction":     {headers("X-RateLimit-Reset", "44.1"), "", "", 45 * time.Second},
		"X-RateLimit-Reset, not limited":  {headers("X-RateLimit-Reset", "45"), "", "not limited", 0},
		"X-RateLimit-Reset, epoch":        {headers("X-RateLimit-Reset", inTwoMinutes), "", "", 2 * time.Minute},
		"X-RateLimit-Reset, epoch ms":     {headers("X-RateLimit-Reset", inTwoMinutesMs), "", "", 2 * time.Minute},
		"X-RateLimit-Reset, vendor clock": {headers("X-RateLimit-Reset", inTwoMinutes, "Date", vendorsNow), "", "", time.Hour + 2*time.Minute},
		"X-RateLimit-Reset, past epoch":   {headers("X-RateLimit-Reset", "1600000000"), "", "", 0},
		"X-RateLimit-Reset, 1e9":          {headers("X-RateLimit-Reset", "1000000000"), "", "", 1e9 * time.Second},
		"X-RateLimit-Reset, absurd":       {headers("X-RateLimit-Reset", strings.Repeat("9", 40)), "", "", maxWindow},
		"X-RateLimit-Reset, date":         {headers("X-RateLimit-Reset", httpTwoMinutes), "", "", 0},
		"X-Rate-Limit-Reset":              {headers("X-Rate-Limit-Reset", "45"), "", "", 45 * time.Second},

		"retry_after":               {headers(), `{"retry_after": 30}`, "", 30 * time.Second},
		"retry_after, not limited":  {headers(), `{"retry_after": 30}`, "not limited", 0},
		"retry_after, fraction":     {headers(), `{"retry_after": 29.3}`, "", 30 * time.Second},
		"retry_after, text":         {headers(), `{"retry_after": "30"}`, "", 30 * time.Second},
		"retry_after, exponent":     {headers(), `{"retry_after": 3e1}`, "", 30 * time.Second},
		"retry_after, epoch":        {headers(), `{"retry_after": ` + inTwoMinutes + `}`, "", 2 * time.Minute},
		"retry_after, overflow":     {headers(), `{"retry_after": 1e300}`, "", maxWindow},
		"retry_after, too absurd":   {headers(), `{"retry_after": 1e999}`, "", 0},
		"retry_after, null":         {headers(), `{"retry_after": null}`, "", 0},
		"retry_after, true":         {headers(), `{"retry_after": true}`, "", 0},
		"retry_after, words":        {headers(), `{"retry_after": "soon"}`, "", 0},
		"retry_after, negative":     {headers(), `{"retry_after": -30}`, "", 0},
		"cooldown_seconds":          {headers(), `{"cooldown_seconds": 40}`, "", 40 * time.Second},
		"retry_after first":         {headers(), `{"cooldown_seconds": 40, "retry_after": 30}`, "", 30 * time.Second},
		"one level deep":            {headers(), `{"code": 1, "error": {"retry_after": 31}}`, "", 31 * time.Second},
		"one level deep, in a list": {headers(), `[{"cooldown_seconds": 32}]`, "", 32 * time.Second},
		"top before deep":           {headers(), `{"a": {"retry_after": 31}, "retry_after": 30}`, "", 30 * time.Second},
		"deep, in order of names":   {headers(), `{"b": {"retry_after": 31}, "a": {"retry_after": 33}}`, "", 33 * time.Second},
		"two levels deep":           {headers(), `{"a": {"b": {"retry_after": 31}}}`, "", 0},

		"minutes":                  {headers(), "Please try again in 3 minutes.", "", 3 * time.Minute},
		"seconds, short":           {headers(), "retry after 20s", "", 20 * time.Second},
		"seconds, fraction":        {headers(), "Please retry after 1.5s", "", 2 * time.Second},
		"milliseconds":             {headers(), "try again in 250ms", "", time.Second},
		"hours":                    {headers(), "Try again in about 2 hours", "", 2 * time.Hour},
		"one day":                  {headers(), "try again after 1 day", "", 24 * time.Hour},
		"upper case":               {headers(), "RETRY IN 5 SECONDS", "", 5 * time.Second},
		"Go's form":                {headers(), "Please try again in 6m0.5s. Visit us", "", 361 * time.Second},
		"two lengths":              {headers(), "try again in 1 minute and 30 seconds", "", 90 * time.Second},
		"wait":                     {headers(), "You must wait 15 seconds", "", 15 * time.Second},
		"in JSON":                  {headers(), `{"message": "please retry in 12 seconds"}`, "", 12 * time.Second},
		"second sentence":          {headers(), "try again in 0 seconds, or retry in 8 seconds", "", 8 * time.Second},
		"sentence, not limited":    {headers(), "please retry in 180 seconds", "not limited", 0},
		"sentence, negative":       {headers(), "retry in -5 seconds", "", 0},
		"sentence, zero":           {headers(), "retry in 0 seconds", "", 0},
		"sentence, no number":      {headers(), "retry in a few minutes", "", 0},
		"sentence, no unit":        {headers(), "retry in 5", "", 0},
		"sentence, other unit":     {headers(), "retry in 5 months", "", 0},
		"sentence, other sentence": {headers(), "5 requests in 60 seconds are allowed", "", 0},
		"sentence, overflow":       {headers(), "retry in " + strings.Repeat("9", 50) + " days", "", maxWindow},
		"sentence, far down":       {headers(), strings.Repeat(" ", maxWindowText) + "retry in 5 seconds", "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			parsed, _ := parseBody(bodyJSON, []byte(test.body))
			got := retryWindow(test.header, []byte(test.body), parsed, test.status != "not limited", testNow)
			if got != test.want {
				t.Errorf("retryWindow = %v, want %v", got, test.want)
			}
		})
	}
}

// A definition whose good answers are text or XML may still get its errors as JSON.
func TestRetryWindowReadsJSONOfOtherForms(t *testing.T) {
	body := `{"retry_after": 30}`
	for name, parsed := range map[string]any{"unparsed": nil, "as text": body} {
		if got := retryWindow(headers(), []byte(body), parsed, true, testNow); got != 30*time.Second {
			t.Errorf("%s: %v, want 30s", name, got)
		}
	}
}

func TestReadRetryValue(t *testing.T) {
	tests := map[string]struct {
		in   any
		want time.Duration
	}{
		"seconds":              {json.Number("30"), 30 * time.Second},
		"seconds, fraction":    {json.Number("0.2"), time.Second},
		"of an expression":     {30.5, 31 * time.Second},
		"text":                 {"30", 30 * time.Second},
		"text, white space":    {" 30 ", 30 * time.Second},
		"under 1e9":            {json.Number("999999999"), 999999999 * time.Second},
		"epoch":                {json.Number("1795262520"), 2 * time.Minute},
		"epoch, fraction":      {json.Number("1795262519.5"), 2 * time.Minute},
		"epoch as text":        {"1795262520", 2 * time.Minute},
		"epoch ms":             {json.Number("1795262520000"), 2 * time.Minute},
		"epoch, past":          {json.Number("1795262400"), 0},
		"RFC 3339":             {"2026-11-21T12:02:00Z", 2 * time.Minute},
		"no zone":              {"2026-11-21 12:02:00", 2 * time.Minute},
		"RFC 3339, past":       {"2026-11-21T11:02:00Z", 0},
		"HTTP date":            {"Sat, 21 Nov 2026 12:02:00 GMT", 2 * time.Minute},
		"rounded up":           {"2026-11-21T12:00:00.001Z", time.Second},
		"year 9999":            {"9999-12-31T00:00:00Z", maxWindow},
		"overflow":             {json.Number("1e300"), maxWindow},
		"null":                 {nil, 0},
		"empty":                {"", 0},
		"zero":                 {json.Number("0"), 0},
		"negative":             {json.Number("-30"), 0},
		"NaN":                  {math.NaN(), 0},
		"boolean":              {true, 0},
		"list":                 {[]any{json.Number("30")}, 0},
		"words":                {"soon", 0},
		"beyond what is read":  {json.Number("1e999"), 0},
		"beyond what has room": {strings.Repeat("9", 65), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := readRetryValue(test.in, testNow); got != test.want {
				t.Errorf("readRetryValue = %v, want %v", got, test.want)
			}
		})
	}
}

func FuzzRetryWindow(f *testing.F) {
	f.Add("120", "", "", "", `{"retry_after": 30}`)
	f.Add("", `"default";r=0;t=30`, "", "", "retry in 6m0s")
	f.Add("Sat, 21 Nov 2026 12:02:00 GMT", `"a,b;t=9\";t=8"`, "1795262520", "Sat, 21 Nov 2026 11:00:00 GMT", "")
	f.Add("x", `"`, "-1", "", `[{"cooldown_seconds": 1e300}]`)
	f.Add("", "", "", "", "try again in 1 minute and 30 seconds")
	f.Fuzz(func(t *testing.T, after, limit, reset, date, body string) {
		h := headers("Retry-After", after, "RateLimit", limit, "X-RateLimit-Reset", reset, "Date", date)
		always := retryWindow(h, []byte(body), nil, false, testNow)
		limited := retryWindow(h, []byte(body), nil, true, testNow)
		for _, d := range []time.Duration{always, limited} {
			if d < 0 || d > maxWindow || d%time.Second != 0 {
				t.Fatalf("a window of %v", d)
			}
		}
		if always > 0 && always != limited {
			t.Fatalf("Retry-After gives %v, but %v for a rate limit", always, limited)
		}
	})
}

func FuzzReadRetryValue(f *testing.F) {
	for _, s := range []string{"30", "1e300", "1795262520", "2026-11-21T12:02:00Z", "-1", "", "NaN"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range []any{s, json.Number(s)} {
			if d := readRetryValue(v, testNow); d < 0 || d > maxWindow || d%time.Second != 0 {
				t.Fatalf("a window of %v", d)
			}
		}
	})
}
