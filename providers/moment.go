package providers

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// moment is what a time is used for, which decides what a date alone means.
type moment int

const (
	momentOther   moment = iota // a date alone is its first instant
	momentResets                // likewise, and a time that has passed is absent
	momentExpires               // a date alone is the end of that day
)

// maxYearsAhead is how far a time may lie ahead; vendors write years such as 2126 and 9999 for "never".
const maxYearsAhead = 50

var (
	errNotATime = errors.New("neither an RFC 3339 time, nor a date, nor an epoch")
	errTooEarly = errors.New("a time before the year 2000")
)

// timeText is a date, and the time of day after a T or a space, and its zone.
var timeText = regexp.MustCompile(
	`^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?$`)

var digitsOnly = regexp.MustCompile(`^[0-9]+$`)

// secondsBelow is the number from which on an epoch is not in seconds.
const secondsBelow = 100_000_000_000

// epochUnits are the units of an epoch by its magnitude: the first whose limit lies above the number holds.
var epochUnits = []struct{ below, perSecond Amount }{
	{NewAmount(secondsBelow), NewAmount(1)},
	{NewAmount(100_000_000_000_000), NewAmount(1_000)},
	{NewAmount(100_000_000_000_000_000), NewAmount(1_000_000)},
}

var nanosecondsPerSecond = NewAmount(1_000_000_000)

// readTime reads a decoded value as a time, in UTC. The zero time is "none": null, "", 0 and what lies over 50 years
// ahead, and a reset that has passed. Numbers, and text of digits, are an epoch in seconds, milliseconds, microseconds
// or nanoseconds by their magnitude. Text is RFC 3339 with any fraction, a space allowed for the T, UTC where no zone
// is given; or a date. All else, and every time before 2000, is an error, which does not quote the value.
func readTime(v any, use moment, now time.Time) (time.Time, error) {
	t, said, err := readInstant(v, use, now)
	switch {
	case err != nil || !said:
		return time.Time{}, err
	case t.Year() < 2000:
		return time.Time{}, errTooEarly
	case t.After(now.AddDate(maxYearsAhead, 0, 0)):
		return time.Time{}, nil
	case use == momentResets && !t.After(now):
		return time.Time{}, nil
	}
	return t, nil
}

// readInstant tells besides whether there is a time at all: vendors write the year 1 too, which is Go's zero time.
func readInstant(v any, use moment, now time.Time) (t time.Time, said bool, err error) {
	text, isText := v.(string)
	switch {
	case v == nil || isText && text == "":
		return time.Time{}, false, nil
	case isText && digitsOnly.MatchString(text):
		return readEpoch(json.Number(text), now)
	case isText:
		t, err = parseTime(text, use)
		return t, err == nil, err
	case typeName(v) == "number":
		return readEpoch(v, now)
	}
	return time.Time{}, false, fmt.Errorf("expected a time, found %s", article(v))
}

// readEpoch says nothing for 0 and for what lies too far ahead for a time.Time.
func readEpoch(v any, now time.Time) (t time.Time, said bool, err error) {
	if seconds, whole := epochSeconds(v); whole {
		if seconds > now.AddDate(maxYearsAhead+1, 0, 0).Unix() {
			return time.Time{}, false, nil
		}
		return time.Unix(seconds, 0).UTC(), true, nil
	}
	a, err := readAmount(v)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("as an epoch: %w", err)
	}
	if a.Sign() == 0 {
		return time.Time{}, false, nil
	}
	perSecond := nanosecondsPerSecond
	for _, unit := range epochUnits {
		if a.Cmp(unit.below) < 0 {
			perSecond = unit.perSecond
			break
		}
	}
	seconds := a.Div(perSecond)
	switch {
	case seconds.Sign() < 0:
		return time.Time{}, false, errTooEarly
	case seconds.Cmp(NewAmount(now.AddDate(maxYearsAhead+1, 0, 0).Unix())) > 0:
		return time.Time{}, false, nil
	}
	nanoseconds := seconds.Mul(nanosecondsPerSecond).rat()
	whole := new(big.Int).Quo(nanoseconds.Num(), nanoseconds.Denom())
	quotient, remainder := new(big.Int).QuoRem(whole, big.NewInt(int64(time.Second)), new(big.Int))
	return time.Unix(quotient.Int64(), remainder.Int64()).UTC(), true, nil
}

// epochSeconds is the short way for an epoch in whole seconds, as nearly all are.
func epochSeconds(v any) (seconds int64, whole bool) {
	text, isText := scalarText(v)
	if !isText {
		return 0, false
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return seconds, err == nil && len(text) <= maxAmountText && seconds > 0 && seconds < secondsBelow
}

// parseTime reads RFC 3339 and the near misses that vendors write.
func parseTime(text string, use moment) (time.Time, error) {
	m := timeText.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, fmt.Errorf("expected a time, found text: %w", errNotATime)
	}
	date, clock, fraction, zone := m[1], m[2], m[3], strings.ToUpper(m[4])
	if clock == "" {
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return time.Time{}, fmt.Errorf("expected a time, found text: %w", errNotATime)
		}
		if use == momentExpires {
			t = t.AddDate(0, 0, 1)
		}
		return t, nil
	}
	if zone == "" {
		zone = "Z"
	}
	t, err := time.Parse(time.RFC3339Nano, date+"T"+clock+fraction+zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("expected a time, found text: %w", errNotATime)
	}
	return t.UTC(), nil
}

// nextMidnight is the first midnight UTC after now at which an allowance renews that is known only by a word: day,
// daily, week, weekly (on Mondays), month, monthly (on the first), in any case, or a day of the month from 1 to 31. In
// a month that is too short for the day, it is that month's last.
func nextMidnight(word string, now time.Time) (time.Time, error) {
	now = now.UTC()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch strings.ToLower(word) {
	case "day", "daily":
		return today.AddDate(0, 0, 1), nil
	case "week", "weekly":
		sinceMonday := (int(today.Weekday()) + 6) % 7
		return today.AddDate(0, 0, 7-sinceMonday), nil
	case "month", "monthly":
		word = "1"
	}
	day, err := strconv.Atoi(word)
	if err != nil || !digitsOnly.MatchString(word) || day < 1 || day > 31 {
		return time.Time{}, errors.New("expected day, week, month or a day of the month from 1 to 31, found another word")
	}
	if next := dayOfMonth(today.Year(), today.Month(), day); next.After(now) {
		return next, nil
	}
	return dayOfMonth(today.Year(), today.Month()+1, day), nil
}

// dayOfMonth is the midnight at which a day begins, or the last day of a month that is shorter.
func dayOfMonth(year int, month time.Month, day int) time.Time {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(year, month, min(day, last), 0, 0, 0, 0, time.UTC)
}
