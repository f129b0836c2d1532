package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// defaultName is the name of an account that has none.
const defaultName = "default"

var (
	accountName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	// labelName is the classic form of a label's name, which every Prometheus accepts.
	labelName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// takenLabels are set by the exporter or by Prometheus itself.
var takenLabels = []string{
	"provider", "account", "wallet", "unit", "lot", "kind", "severity", "reason", "job", "instance",
}

// account reads one account. Where its definition is unknown, what depends on it is read for its form only.
func (l *loader) account(n strict.Node) {
	m, ok := n.Map()
	if !ok {
		return
	}
	a := Account{Name: defaultName, Enabled: true}
	provider, providerOK := text(m.Require("provider"))
	if providerOK {
		a.Definition = l.definition(m.Take("provider"), provider)
	}
	nameNode := m.Take("name")
	if name, ok := nameNode.Raw(); ok {
		a.Name = name
		if !accountName.MatchString(name) {
			nameNode.Problem("must be 1 to 64 letters, digits, dots, dashes or underscores")
		}
	}
	a.Wallet = provider + "/" + a.Name
	if wallet, ok := text(m.Take("wallet")); ok {
		a.Wallet = wallet
	}
	if enabled, ok := m.Take("enabled").Bool(); ok {
		a.Enabled = enabled
	}
	l.address(m, &a)
	l.times(m, &a)
	a.Credentials = l.credentials(m, a.Definition)
	a.Params = params(m, a.Definition)
	a.thresholds(m.Take("thresholds"))
	a.prices(m.Take("price"))
	a.Labels = labels(m.Take("labels"))
	a.HTTPClient = l.httpClient(m.Take("http_client"))
	m.Done()

	if providerOK {
		l.unique(m.Node, accountKey{provider, a.Name})
	}
	if a.Definition != nil {
		l.config.Accounts = append(l.config.Accounts, a)
	}
}

// unique records that an account stands at n, and a problem when it stands elsewhere already.
func (l *loader) unique(n strict.Node, key accountKey) {
	known, twice := l.places[key]
	if !twice {
		here := n.Note("")
		l.places[key] = place{alone: &here}
		return
	}
	first := known.problem()
	n.Problem("the account %s/%s stands here a second time, first at %s:%d:%d; give each a name of its own",
		key.provider, key.name, first.File, first.Line, first.Column)
}

// definition finds the provider that an account names; nil when there is none, which is then a problem.
func (l *loader) definition(n strict.Node, name string) *providers.Definition {
	if d, ok := l.catalog.Lookup(name); ok {
		return d
	}
	if l.broken[name] {
		return nil
	}
	var names []string
	for _, d := range l.catalog.Definitions() {
		names = append(names, d.Name)
		if slices.ContainsFunc(d.Aliases, func(alias string) bool { return strings.EqualFold(alias, name) }) {
			n.Problem("unknown provider; did you mean %s?", d.Name)
			return nil
		}
	}
	if near, ok := strict.Nearest(name, names); ok {
		n.Problem("unknown provider; did you mean %s?", near)
		return nil
	}
	n.Problem("unknown provider; `credits_exporter providers` lists all, and provider_files adds your own")
	return nil
}

// params reads what else the provider asks for, and fills in the definition's defaults.
func params(account *strict.Mapping, d *providers.Definition) map[string]string {
	given := map[string]string{}
	n := account.Take("params")
	m, ok := n.Map()
	if n.Exists() && !ok {
		return given
	}
	if d == nil {
		if ok {
			m.Entries()
		}
		return given
	}
	for _, p := range d.Params {
		var n strict.Node
		if ok {
			n = m.Take(p.Name)
		}
		switch v, valid := param(n, p); {
		case valid:
			given[p.Name] = v
		case p.Default != "":
			given[p.Name] = p.Default
		case !p.Optional && !n.Exists():
			account.Problem("params.%s is missing%s", p.Name, explain(p.Help))
		}
	}
	if ok {
		m.Done()
	}
	return given
}

func param(n strict.Node, p providers.Param) (string, bool) {
	v, ok := text(n)
	if !ok {
		return "", false
	}
	if p.Number {
		if _, err := providers.ParseAmount(v); err != nil {
			n.Problem("must be a number")
			return "", false
		}
	}
	if len(p.Values) > 0 && !slices.Contains(p.Values, v) {
		n.Problem("must be one of %s", strings.Join(p.Values, ", "))
		return "", false
	}
	return v, true
}

// explain appends a definition's help to a message.
func explain(help string) string {
	if help == "" {
		return ""
	}
	return ": " + help
}

func labels(n strict.Node) map[string]string {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	given := map[string]string{}
	for _, e := range m.Entries() {
		switch {
		case !labelName.MatchString(e.Key):
			e.Problem("a label's name is made of letters, digits and underscores and does not begin with a digit")
		case strings.HasPrefix(e.Key, "__"), slices.Contains(takenLabels, e.Key):
			e.Problem("this label's name is taken; choose another")
		default:
			if v, ok := text(e.Value); ok {
				given[e.Key] = v
			}
		}
	}
	return given
}
