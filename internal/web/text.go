package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// decimal is a plain number, split where its digits may be grouped.
var decimal = regexp.MustCompile(`^([+-]?)([0-9]+)(\.[0-9]+)?$`)

// printable replaces what would not show as itself: control characters, marks that turn the direction of the text
// around them, and bytes that are no UTF-8. The joiners stay, because scripts and emoji need them to be read at all.
func printable(text string) string {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) || r == zeroWidthNonJoiner || r == zeroWidthJoiner {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// grouped writes a decimal number with a comma between groups of three digits; other text stays as it is.
func grouped(number string) string {
	parts := decimal.FindStringSubmatch(number)
	if parts == nil {
		return number
	}
	sign, whole, fraction := parts[1], parts[2], parts[3]
	var groups []string
	for len(whole) > 3 {
		groups = append([]string{whole[len(whole)-3:]}, groups...)
		whole = whole[:len(whole)-3]
	}
	return sign + strings.Join(append([]string{whole}, groups...), ",") + fraction
}

// span writes a length of time in its two largest units.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return twoUnits(d, time.Minute, "m", time.Second, "s")
	case d < 2*day:
		return twoUnits(d, time.Hour, "h", time.Minute, "m")
	}
	return twoUnits(d, day, "d", time.Hour, "h")
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d%s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf(" %d%s", rest, smallName)
	}
	return text
}

// ago writes how long before now t was. A clock that was set back can leave t ahead of it.
func ago(now, t time.Time) string {
	if !t.Before(now) {
		return "just now"
	}
	return span(now.Sub(t)) + " ago"
}

// ahead writes how long after now t is.
func ahead(now, t time.Time) string {
	if !t.After(now) {
		return "now"
	}
	return "in " + span(t.Sub(now))
}

// counted writes a number with its noun, whose plural takes an s.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(strconv.Itoa(n)) + " " + noun + "s"
}
