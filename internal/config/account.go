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

// reader reads accounts.
type reader struct {
	dir   string
	env   LookupEnv
	files files

	catalog  *providers.Catalog
	broken   map[string]bool // names of the user's own definitions that cannot be used
	defaults pollTimes
	shared   *shared
	warnings strict.Problems
}

// entry is an account as it stands in a list.
type entry struct {
	// account has no definition when its provider is not known; then it is of no use.
	account *Account
	key     accountKey // empty when it names no provider
	node    strict.Node
}

type accountKey struct{ provider, name string }

// account reads one account. Where its definition is unknown, what depends on it is read for its form only.
func (r *reader) account(n strict.Node) (e entry, ok bool) {
	m, ok := n.Map()
	if !ok {
		return entry{}, false
	}
	a := &Account{Name: defaultName, Enabled: true}
	e = entry{account: a, node: m.Node}
	provider, providerOK := text(m.Require("provider"))
	if providerOK {
		a.Definition = r.definition(m.Take("provider"), provider)
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
	r.address(m, a)
	r.times(m, a)
	a.Credentials = r.credentials(m, a.Definition)
	a.Params = params(m, a.Definition)
	r.thresholds(m.Take("thresholds"), a)
	a.prices(m.Take("price"))
	a.Labels = r.shared.labelled(labels(m.Take("labels")))
	a.HTTPClient = r.httpClient(m.Take("http_client"))
	m.Done()
	if providerOK {
		e.key = accountKey{provider, a.Name}
	}
	return e, true
}

// accounts reads a list of accounts.
func (l *loader) accounts(n strict.Node) {
	items, ok := n.List()
	if !ok {
		return
	}
	for _, item := range items {
		e, ok := l.account(item)
		if !ok {
			continue
		}
		if e.key.provider != "" {
			l.unique(e.node, e.key)
		}
		if e.account.Definition != nil {
			l.config.Accounts = append(l.config.Accounts, e.account)
		}
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
func (r *reader) definition(n strict.Node, name string) *providers.Definition {
	if d, ok := r.catalog.Lookup(name); ok {
		return d
	}
	if r.broken[name] {
		return nil
	}
	var names []string
	for _, d := range r.catalog.Definitions() {
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
