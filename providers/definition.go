package providers

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Definition is a vendor as its YAML file says it, checked and compiled.
type Definition struct {
	Name       string   // the `provider` label
	Title      string   // the vendor's name as people write it
	Category   string   // one of Categories
	Aliases    []string // former names, for searching
	Docs       string   // the vendor's own page, or
	Source     string   // what else the facts were taken from
	Verified   string   // the date of the last check, 2006-01-02
	Confidence string   // high, medium or low; absent in a user's own file
	Note       string   // what a user should know, one line

	Credentials []Credential // in the order of the file
	Params      []Param      // in the order of the file

	// MinInterval passes between two requests of one account, HostInterval between two of all accounts to one host.
	MinInterval  time.Duration
	HostInterval time.Duration

	// Override: this definition, from a user's file, replaces the catalogue's of the same name.
	Override bool
	// File is where the definition was read from.
	File string

	yaml                 string
	nameLine, nameColumn int
	fingerprint          string
	rules                rules
}

// Credential is a secret that an account must give.
type Credential struct {
	Name string
	Help string
}

// Param is what else an account gives; it is never secret.
type Param struct {
	Name     string
	Help     string
	Number   bool     // the value is a number; otherwise text
	Values   []string // the values allowed; empty: any
	Default  string
	Optional bool // neither Default nor Optional: the account must give it
}

// NeedsBaseURL tells whether the definition names no host, so that every account must give its base_url.
func (d *Definition) NeedsBaseURL() bool {
	for _, place := range d.rules.request.address.byValue {
		if place.host == "" {
			return true
		}
	}
	return false
}

// Reports tells whether a balance of this unit can come out of the definition. Of a unit that is computed, only the
// form is known.
func (d *Definition) Reports(unit string) bool {
	return slices.ContainsFunc(d.rules.balances, func(b balanceRule) bool { return b.reports(unit) })
}

// Allocates tells whether the definition can state what a balance of this unit, or its lots, began with, or what the
// plan includes of it.
func (d *Definition) Allocates(unit string) bool {
	return slices.ContainsFunc(d.rules.balances, func(b balanceRule) bool {
		return b.reports(unit) && (b.allocated != nil || b.planAllocated != nil ||
			slices.ContainsFunc(b.lots, func(l lotRule) bool { return l.allocated != nil }))
	})
}

// reports tells whether a balance of this unit can come out of the rule.
func (rule *balanceRule) reports(unit string) bool {
	switch {
	case rule.unit.x == nil:
		return rule.unit.literal == unit
	case rule.unit.currency:
		return currencyText.MatchString(unit)
	}
	return unitText.MatchString(unit)
}

// Host is the host, with its port where one is written, that an account's requests go to. Params have their defaults.
// It is empty where the account must give a base_url, or a param, and does not.
func (d *Definition) Host(params map[string]string, base *url.URL) string {
	if base != nil {
		return strings.ToLower(base.Host)
	}
	return d.rules.request.address.location(d.withDefaults(params)).host
}

// Fingerprint changes when what the definition asks or how it reads the answer changes.
func (d *Definition) Fingerprint() string { return d.fingerprint }

// YAML is the definition as it is written.
func (d *Definition) YAML() string { return d.yaml }

// withDefaults is what the account sets, and the defaults of what it does not.
func (d *Definition) withDefaults(params map[string]string) map[string]string {
	all := make(map[string]string, len(d.Params))
	for _, p := range d.Params {
		if value := params[p.Name]; value != "" {
			all[p.Name] = value
		} else if p.Default != "" {
			all[p.Name] = p.Default
		}
	}
	return all
}

// location is the one for the param's value. It is empty for a value that has none.
func (a address) location(params map[string]string) location {
	if a.param == "" {
		return a.byValue[""]
	}
	return a.byValue[params[a.param]]
}
