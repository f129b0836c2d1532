package providers

import (
	"maps"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// maxWindow bounds what a vendor can ask for before it is compared with anything; the poller cuts further.
	maxWindow = 100 * 365 * 24 * time.Hour
	// maxWindowText bounds how much of a body is searched for a sentence about waiting.
	maxWindowText = 64 << 10
)

var (
	secondsLimit      = NewAmount(1_000_000_000)     // from here on, a number of seconds is an epoch
	millisecondsLimit = NewAmount(1_000_000_000_000) // from here on, that epoch is in milliseconds
	thousand          = NewAmount(1_000)
)

// retryWindow is how long the vendor asks to wait, counted from its answer, in whole seconds; 0 when it says nothing.
// It is for answers of 4xx and 5xx. What makes no sense (text, nothing, negative numbers) is nothing said, and the next
// source is asked. parsed is the body as expressions see it, or nil. Only a rate limit lets more than Retry-After
// count, because other answers carry the same headers about a limit that was not hit.
func retryWindow(header http.Header, body []byte, parsed any, rateLimited bool, now time.Time) time.Duration {
	answered := answerTime(header, now)
	if d := longest(header.Values("Retry-After"), func(s string) time.Duration { return readRetryAfter(s, answered) }); d > 0 {
		return d
	}
	if !rateLimited {
		return 0
	}
	if d := readRateLimit(header.Values("RateLimit")); d > 0 {
		return d
	}
	for _, name := range []string{"RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset"} {
		reset := func(s string) time.Duration { return secondsOrEpoch(strings.TrimSpace(s), answered) }
		if d := longest(header.Values(name), reset); d > 0 {
			return d
		}
	}
	if d := retryFields(body, parsed, answered); d > 0 {
		return d
	}
	return retrySentence(body)
}

// answerTime is the vendor's own clock at its answer, so that instants in the answer are measured without the
// difference between the two clocks; now where the answer has no date.
func answerTime(header http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(header.Get("Date")); err == nil {
		return t
	}
	return now
}

func longest(values []string, read func(string) time.Duration) time.Duration {
	var d time.Duration
	for _, v := range values {
		d = max(d, read(v))
	}
	return d
}

// readRetryAfter reads seconds, or an HTTP date (RFC 9110, section 10.2.3).
func readRetryAfter(s string, answered time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if t, err := http.ParseTime(s); err == nil {
		return until(t, answered)
	}
	return wholeSeconds(amountOrUnknown(s))
}

// readRetryValue reads what a definition's `retry_after` found: seconds, above 1e9 an epoch in seconds or, above 1e12,
// in milliseconds, or a time as text.
func readRetryValue(v any, now time.Time) time.Duration {
	if text, ok := v.(string); ok {
		v = strings.TrimSpace(text)
	}
	if d := secondsOrEpoch(v, now); d > 0 {
		return d
	}
	text, ok := v.(string)
	if !ok {
		return 0
	}
	if t, err := http.ParseTime(text); err == nil {
		return until(t, now)
	}
	if t, err := parseTime(text, momentOther); err == nil {
		return until(t, now)
	}
	return 0
}

// secondsOrEpoch reads a number, or text that is one. What is over 1e9 is no number of seconds to wait but an epoch.
func secondsOrEpoch(v any, answered time.Time) time.Duration {
	a := amountOrUnknown(v)
	if a.Cmp(secondsLimit) <= 0 {
		return wholeSeconds(a)
	}
	if a.Cmp(millisecondsLimit) > 0 {
		a = a.Div(thousand)
	}
	sinceEpoch := NewAmount(answered.Unix()).Add(NewAmount(int64(answered.Nanosecond())).Div(nanosecondsPerSecond))
	return wholeSeconds(a.Sub(sinceEpoch))
}

// amountOrUnknown takes what is no amount as nothing said.
func amountOrUnknown(v any) Amount {
	a, err := readAmount(v)
	if err != nil {
		return Amount{}
	}
	return a
}

// wholeSeconds rounds up, and gives 0 for an amount that is unknown or not positive.
func wholeSeconds(seconds Amount) time.Duration {
	if seconds.Sign() <= 0 {
		return 0
	}
	f := math.Ceil(seconds.Float64())
	if f >= maxWindow.Seconds() {
		return maxWindow
	}
	return time.Duration(max(f, 1)) * time.Second
}

// until is the time from one instant to a later one, rounded up; 0 when the other is not later.
func until(t, from time.Time) time.Duration {
	d := t.Sub(from)
	if d >= maxWindow {
		return maxWindow
	}
	return max(0, (d + time.Second - 1).Truncate(time.Second))
}

// readRateLimit reads the RateLimit field of draft-ietf-httpapi-ratelimit-headers: `"burst";r=0;t=30, "daily";r=9;t=600`,
// and the form of its drafts before 08: `limit=10, remaining=0, reset=30`. Of several policies those count that have
// nothing left; where none is marked so, all do. The longest wait wins.
func readRateLimit(fields []string) time.Duration {
	var exhausted, stated time.Duration
	for _, field := range fields {
		for _, item := range splitUnquoted(field, ',') {
			wait, left := readPolicy(item)
			stated = max(stated, wait)
			if left.Known() && left.Sign() == 0 {
				exhausted = max(exhausted, wait)
			}
		}
	}
	if exhausted > 0 {
		return exhausted
	}
	return stated
}

// readPolicy reads one item of the field: the seconds until its quota renews, and how much of it is left.
func readPolicy(item string) (wait time.Duration, left Amount) {
	for _, part := range splitUnquoted(item, ';') {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "t", "reset":
			wait = wholeSeconds(amountOrUnknown(value))
		case "r":
			left = amountOrUnknown(value)
		}
	}
	return wait, left
}

// splitUnquoted splits at a separator that stands outside of quoted strings.
func splitUnquoted(s string, separator byte) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && s[i] == separator:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// retryFields looks for the fields at the top of a JSON body and one level below, such as error.retry_after.
func retryFields(body []byte, parsed any, answered time.Time) time.Duration {
	switch parsed.(type) {
	case map[string]any, []any:
	default:
		v, err := parseBody(bodyJSON, body)
		if err != nil {
			return 0
		}
		parsed = v
	}
	if d := retryField(parsed, answered); d > 0 {
		return d
	}
	switch parsed := parsed.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(parsed)) {
			if d := retryField(parsed[key], answered); d > 0 {
				return d
			}
		}
	case []any:
		for _, v := range parsed {
			if d := retryField(v, answered); d > 0 {
				return d
			}
		}
	}
	return 0
}

func retryField(v any, answered time.Time) time.Duration {
	object, _ := v.(map[string]any)
	for _, name := range []string{"retry_after", "cooldown_seconds"} {
		if d := secondsOrEpoch(object[name], answered); d > 0 {
			return d
		}
	}
	return 0
}

var (
	// askToWait is "retry in", "please try again in about", "retry after", "wait for" and the like.
	askToWait = regexp.MustCompile(
		`(?i)\b(?:(?:retry|try)(?:ing)?(?: again)? (?:in|after)|retry-after|wait)(?::| for| about| another| at least)*`)

	// lengthOfTime is one length of time, such as "3 minutes" or, as a part of "6m0s", "6m".
	lengthOfTime = regexp.MustCompile(`(?i)^(?:,? and |, | )?([0-9]+(?:\.[0-9]+)?) ?` +
		`(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)`)
)

// retrySentence finds the first sentence in a body that names a time to wait.
func retrySentence(body []byte) time.Duration {
	body = body[:min(len(body), maxWindowText)]
	for _, place := range askToWait.FindAllIndex(body, -1) {
		if d := wholeSeconds(secondsAt(body[place[1]:])); d > 0 {
			return d
		}
	}
	return 0
}

// secondsAt adds up the lengths of time with which a text begins.
func secondsAt(text []byte) Amount {
	sum := NewAmount(0)
	for {
		m := lengthOfTime.FindSubmatchIndex(text)
		if m == nil || m[1] < len(text) && isLetter(text[m[1]]) {
			return sum
		}
		unit := strings.ToLower(string(text[m[4]:m[5]]))
		sum = sum.Add(amountOrUnknown(string(text[m[2]:m[3]])).Mul(secondsPer(unit)))
		text = text[m[1]:]
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// secondsPer is how many seconds a unit has, by the first letters of its name.
func secondsPer(unit string) Amount {
	switch {
	case strings.HasPrefix(unit, "ms"), strings.HasPrefix(unit, "milli"):
		return NewAmount(1).Div(thousand)
	case strings.HasPrefix(unit, "m"):
		return NewAmount(60)
	case strings.HasPrefix(unit, "h"):
		return NewAmount(3600)
	case strings.HasPrefix(unit, "d"):
		return NewAmount(86_400)
	}
	return NewAmount(1)
}
