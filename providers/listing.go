package providers

import (
	"slices"

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

// Nearest finds the definition that a mistyped name most likely means.
func (c *Catalog) Nearest(name string) (string, bool) {
	names := make([]string, 0, len(c.byName))
	for _, d := range c.Definitions() {
		names = append(names, d.Name)
	}
	return strict.Nearest(name, names)
}
