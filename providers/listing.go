package providers

import (
	"slices"
	"strings"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// Units are the units that can come out of the definition, in the order of the file. One that the vendor's answer
// decides is "a currency" or "as answered".
func (d *Definition) Units() []string {
	var units []string
	for _, b := range d.rules.balances {
		unit := b.unit.literal
		switch {
		case b.unit.x != nil && b.unit.currency:
			unit = "a currency"
		case b.unit.x != nil:
			unit = "as answered"
		}
		if !slices.Contains(units, unit) {
			units = append(units, unit)
		}
	}
	return units
}

// States lists what the vendor states besides the balance itself, in words: allocated, lots, expiry, renewal, period,
// plan, unlimited, usage allowed, as of.
func (d *Definition) States() []string {
	r := &d.rules
	some := func(has func(*balanceRule) bool) bool {
		return slices.ContainsFunc(r.balances, func(b balanceRule) bool { return has(&b) })
	}
	anyLot := func(has func(*lotRule) bool) bool {
		return some(func(b *balanceRule) bool {
			return slices.ContainsFunc(b.lots, func(l lotRule) bool { return has(&l) })
		})
	}
	var states []string
	for _, s := range []struct {
		word string
		said bool
	}{
		{"allocated", some(func(b *balanceRule) bool { return b.allocated != nil }) || anyLot(func(l *lotRule) bool { return l.allocated != nil })},
		{"lots", some(func(b *balanceRule) bool { return len(b.lots) > 0 })},
		{"expiry", some(func(b *balanceRule) bool { return b.expires != nil }) || anyLot(func(l *lotRule) bool { return l.expires != nil })},
		{"renewal", some(func(b *balanceRule) bool { return b.resets != nil || b.next != nil })},
		{"plan", r.planID != nil || r.planName != nil || some(func(b *balanceRule) bool { return b.planAllocated != nil })},
		{"unlimited", some(func(b *balanceRule) bool { return b.unlimited != nil })},
		{"usage allowed", r.usageAllowed != nil},
		{"as of", r.asOf != nil},
	} {
		if s.said {
			states = append(states, s.word)
		}
	}
	return states
}

// CountersFrom says what the books of spending are kept from, the best source that the vendor states: use, lots, or
// the balance alone.
func (d *Definition) CountersFrom() string {
	source := "balance"
	for _, b := range d.rules.balances {
		switch {
		case b.used != nil:
			return "use"
		case slices.ContainsFunc(b.lots, func(l lotRule) bool { return l.used != nil }):
			return "use"
		case len(b.lots) > 0:
			source = "lots"
		}
	}
	return source
}

// Matches tells whether a person who searches for a word may mean this vendor.
func (d *Definition) Matches(word string) bool {
	texts := append([]string{d.Name, d.Title, d.Category, d.Note}, d.Aliases...)
	return slices.ContainsFunc(append(texts, d.Units()...), func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(word))
	})
}

// Nearest finds the definition that a mistyped name most likely means.
func (c *Catalog) Nearest(name string) (string, bool) {
	names := make([]string, 0, len(c.byName))
	for _, d := range c.Definitions() {
		names = append(names, d.Name)
	}
	return strict.Nearest(name, names)
}
