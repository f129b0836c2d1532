package providers

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

var (
	// durationText is a duration as Prometheus writes it: 90s, 5m, 1h30m, 30d.
	durationText = regexp.MustCompile(`^(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?$`)
	// unitText is a currency's code or a ticker, or a lower-case plural.
	unitText     = regexp.MustCompile(`^(?:[A-Z]{3,5}|[a-z][a-z0-9]*(?:_[a-z0-9]+)*)$`)
	currencyText = regexp.MustCompile(`^[A-Z]{3}$`)
)

var durationUnits = []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}

func parseDuration(text string) (time.Duration, bool) {
	m := durationText.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	var d time.Duration
	for i, unit := range durationUnits {
		if n, err := strconv.Atoi(m[i+1]); err == nil {
			d += time.Duration(n) * unit
		}
	}
	return d, d > 0 && d <= maxPeriod
}

func duration(n strict.Node) time.Duration {
	text, ok := n.Text()
	if !ok {
		return 0
	}
	d, ok := parseDuration(text)
	if !ok {
		n.Problem("must be a duration of days, hours, minutes and seconds, such as 90s, 5m, 1h30m or 30d")
	}
	return d
}

// expression is a value that must be one. It is nil where the value is not there, or is wrong.
func (l *loader) expression(n strict.Node, purpose purpose) *expression {
	source, ok := n.Text()
	if !ok {
		return nil
	}
	x, err := compile(source, purpose, l.variables())
	if err != nil {
		n.Problem("%s: %s", oneLineOf(strings.TrimSpace(source)), err)
		return nil
	}
	for _, name := range x.variables {
		l.used[name] = true
		l.def.rules.headers = l.def.rules.headers || name == headersVariable
	}
	return x
}

// variables are what expressions may name at this point of the definition.
func (l *loader) variables() names {
	known := names{headersVariable: false}
	for name := range l.given {
		known[name] = false
	}
	for name, p := range l.params {
		// A param that is also given may hold whatever the vendor says.
		known[name] = p.Number && !p.Optional
	}
	return known
}

// figure is an amount: an expression, or {jq: , divide_by: }.
func (l *loader) figure(n strict.Node) *figure {
	if n.Form() != strict.Map {
		if x := l.expression(n, forFigure); x != nil {
			return &figure{x: x}
		}
		return nil
	}
	m, _ := n.Map()
	f := &figure{x: l.expression(m.Require("jq"), forFigure), divideBy: l.divisor(m.TakeFilled("divide_by"))}
	m.Done()
	return f
}

// divisor is a number that is not 0, or {jq: }.
func (l *loader) divisor(n strict.Node) *divisor {
	switch n.Form() {
	case strict.Missing:
		return nil
	case strict.Map:
		m, _ := n.Map()
		d := &divisor{x: l.expression(m.Require("jq"), forFigure)}
		m.Done()
		return d
	case strict.Number:
		text, _ := n.Raw()
		a, err := ParseAmount(text)
		if err != nil || a.Sign() == 0 {
			n.Problem("must be a decimal number other than 0")
			return nil
		}
		return &divisor{constant: a}
	}
	n.Problem("must be a number without quotes, or {jq: ...}")
	return nil
}

// unit is a unit's name, {jq: } or {currency: }.
func (l *loader) unit(n strict.Node) word {
	if n.Form() == strict.Map {
		return l.computed(n, true)
	}
	text, ok := n.Text()
	if ok && (!unitText.MatchString(text) || len(text) > maxName) {
		n.Problem("a unit is an ISO code such as USD, or a lower-case plural such as credits or search_credits; " +
			"an expression is written {jq: ...} or {currency: ...}")
	}
	return word{literal: text}
}

// kind is a kind of lot, or {jq: }.
func (l *loader) kind(n strict.Node) *word {
	switch n.Form() {
	case strict.Missing:
		return nil
	case strict.Map:
		w := l.computed(n, false)
		return &w
	}
	text, ok := n.Text()
	if kind, err := readKind(text); ok && (err != nil || kind != text) {
		n.Problem("a kind is lower case, with dashes for spaces; an expression is written {jq: ...}")
	}
	return &word{literal: text}
}

func (l *loader) computed(n strict.Node, isUnit bool) word {
	m, ok := n.Map()
	if !ok {
		return word{}
	}
	w := word{currency: isUnit && m.Has("currency")}
	switch {
	case w.currency && m.Has("jq"):
		m.Problem("jq and currency exclude each other")
	case w.currency:
		w.x = l.expression(m.TakeFilled("currency"), forWord)
	default:
		w.x = l.expression(m.Require("jq"), forWord)
	}
	m.Take("jq")
	if isUnit {
		m.Take("currency")
	}
	m.Done()
	return w
}
