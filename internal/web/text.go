package web

import (
	"regexp"
	"strconv"
	"strings"
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

// printableLines is printable for a text of several lines.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
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

// counted writes a number with its noun, whose plural takes an s.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(strconv.Itoa(n)) + " " + noun + "s"
}
