package config

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// runway is the key under `thresholds` that is no unit: how long the balance lasts.
const runway = "runway"

const (
	shortestRunway = time.Minute
	longestRunway  = 10 * 365 * 24 * time.Hour
)

var (
	errNotAPrice  = errors.New("must be an amount and a currency code, such as 0.002 USD")
	errPriceRange = errors.New("must be 0 or more, and below 2^53")
)

var (
	unitName     = regexp.MustCompile(`^([A-Z]{3,5}|[a-z][a-z0-9]*(_[a-z0-9]+)*)$`)
	currencyCode = regexp.MustCompile(`^[A-Z]{3,5}$`)
)

// thresholds reads the account's thresholds.
func (r *reader) thresholds(n strict.Node, a *Account) {
	m, ok := n.Map()
	if !ok {
		return
	}
	for _, e := range m.Entries() {
		if e.Key == runway {
			a.RunwayThresholds = runwayThresholds(e.Value)
			continue
		}
		if !a.checkUnit(e) {
			continue
		}
		both := unitThresholds(e)
		a.Thresholds = append(a.Thresholds, both...)
		isPercent := func(t Threshold) bool { return t.Percent.Known() }
		if d := a.Definition; d != nil && slices.ContainsFunc(both, isPercent) && !d.Allocates(e.Key) {
			r.warn(e.Value.Note("%s does not state what was allocated in %s, so a percentage of it raises no alert; write an amount", d.Name, e.Key))
		}
	}
	slices.SortStableFunc(a.Thresholds, func(x, y Threshold) int { return cmp.Compare(x.Unit, y.Unit) })
}

// checkUnit records a problem when an entry's key is no unit that the provider can report.
func (a *Account) checkUnit(e strict.Entry) bool {
	switch {
	case !unitName.MatchString(e.Key):
		e.Problem("a unit is written in small letters, such as credits, or as a currency code in capitals, such as USD")
		return false
	case a.Definition != nil && !a.Definition.Reports(e.Key):
		e.Problem("%s cannot report this unit; `credits_exporter providers %s` shows which it can", a.Definition.Name, a.Definition.Name)
		return false
	}
	return true
}

// severities takes both severities of a mapping.
func severities(n strict.Node) (warning, critical strict.Node, ok bool) {
	m, ok := n.Map()
	if !ok {
		return warning, critical, false
	}
	warning, critical = m.Take(SeverityWarning), m.Take(SeverityCritical)
	m.Done()
	if !warning.Exists() && !critical.Exists() {
		m.Problem("warning or critical is missing")
	}
	return warning, critical, true
}

func unitThresholds(e strict.Entry) []Threshold {
	warningNode, criticalNode, ok := severities(e.Value)
	if !ok {
		return nil
	}
	warning, warningOK := threshold(warningNode, e.Key, SeverityWarning)
	critical, criticalOK := threshold(criticalNode, e.Key, SeverityCritical)
	var both []Threshold
	if warningOK {
		both = append(both, warning)
	}
	if criticalOK {
		both = append(both, critical)
	}
	// An amount and a percentage cannot be compared before the vendor says what was allocated.
	if len(both) == 2 && warning.Amount.Known() == critical.Amount.Known() &&
		cmp.Or(warning.Amount.Cmp(critical.Amount), warning.Percent.Cmp(critical.Percent)) <= 0 {
		warningNode.Problem("must lie above critical")
	}
	return both
}

// threshold reads an amount of units, or percent of what was allocated.
func threshold(n strict.Node, unit, severity string) (Threshold, bool) {
	t := Threshold{Unit: unit, Severity: severity}
	raw, ok := n.Raw()
	if !ok {
		return t, false
	}
	number, isPercent := strings.CutSuffix(raw, "%")
	amount, err := providers.ParseAmount(strings.TrimSpace(number))
	switch {
	case err != nil:
		n.Problem("must be an amount such as 500, or a percentage such as 20%%")
		return t, false
	case isPercent && (amount.Sign() < 0 || amount.Cmp(providers.NewAmount(100)) > 0):
		n.Problem("must be from 0%% to 100%%")
		return t, false
	case beyondFloat(amount):
		n.Problem("must lie between -2^53 and 2^53")
		return t, false
	case isPercent:
		t.Percent = amount
	default:
		t.Amount = amount
	}
	return t, true
}

// From here on whole numbers are no longer exact in a sample.
var highestExact, lowestExact = providers.NewAmount(1 << 53), providers.NewAmount(-1 << 53)

// beyondFloat tells whether whole numbers of this size are no longer exact in a sample.
func beyondFloat(a providers.Amount) bool { return a.Cmp(highestExact) >= 0 || a.Cmp(lowestExact) <= 0 }

func runwayThresholds(n strict.Node) map[string]time.Duration {
	warningNode, criticalNode, ok := severities(n)
	if !ok {
		return nil
	}
	given := map[string]time.Duration{}
	warning, warningOK := duration(warningNode, shortestRunway, longestRunway)
	if warningOK {
		given[SeverityWarning] = warning
	}
	critical, criticalOK := duration(criticalNode, shortestRunway, longestRunway)
	if criticalOK {
		given[SeverityCritical] = critical
	}
	if warningOK && criticalOK && warning <= critical {
		warningNode.Problem("must lie above critical")
	}
	return given
}

// prices reads what one unit of each kind costs.
func (a *Account) prices(n strict.Node) {
	m, ok := n.Map()
	if !ok {
		return
	}
	for _, e := range m.Entries() {
		if !a.checkUnit(e) {
			continue
		}
		raw, ok := e.Value.Raw()
		if !ok {
			continue
		}
		price, err := parsePrice(raw)
		if err != nil {
			e.Value.Problem("%v", err)
			continue
		}
		price.Unit = e.Key
		a.Prices = append(a.Prices, price)
	}
	slices.SortFunc(a.Prices, func(x, y Price) int { return cmp.Compare(x.Unit, y.Unit) })
}

func parsePrice(raw string) (Price, error) {
	fields := strings.Fields(raw)
	if len(fields) != 2 || !currencyCode.MatchString(fields[1]) {
		return Price{}, errNotAPrice
	}
	amount, err := providers.ParseAmount(fields[0])
	switch {
	case err != nil:
		return Price{}, errNotAPrice
	case amount.Sign() < 0 || beyondFloat(amount):
		return Price{}, errPriceRange
	}
	return Price{Amount: amount, Currency: fields[1]}, nil
}
