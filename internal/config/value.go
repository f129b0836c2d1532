package config

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/common/model"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// maxText bounds every name, label and path.
const maxText = 1024

// text is a single value as it is written, so that numbers need no quotes: not empty, one line, of bounded length.
func text(n strict.Node) (string, bool) {
	raw, ok := n.Raw()
	if !ok {
		return "", false
	}
	switch {
	case strings.TrimSpace(raw) == "":
		n.Problem("must not be empty")
	case len(raw) > maxText:
		n.Problem("must have %d bytes at most", maxText)
	case !utf8.ValidString(raw):
		n.Problem("must be valid UTF-8")
	case strings.ContainsFunc(raw, unicode.IsControl):
		n.Problem("must not contain a line break or another control character")
	default:
		return raw, true
	}
	return "", false
}

// duration is a Prometheus duration from low to high.
func duration(n strict.Node, low, high time.Duration) (time.Duration, bool) {
	raw, ok := n.Raw()
	if !ok {
		return 0, false
	}
	parsed, err := model.ParseDuration(raw)
	d := time.Duration(parsed)
	switch {
	case err != nil:
		n.Problem("must be a duration such as 30s, 5m or 1h30m")
	case d < low || d > high:
		n.Problem("must be from %s to %s", show(low), show(high))
	default:
		return d, true
	}
	return 0, false
}

// show writes a duration as users write it.
func show(d time.Duration) string { return model.Duration(d).String() }
