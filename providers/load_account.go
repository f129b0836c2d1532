package providers

import (
	"slices"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// headersVariable is the variable that holds an answer's headers.
const headersVariable = "headers"

// reserved are the names that neither a credential, nor a param, nor what `first` gives can have.
var reserved = []string{builtinUUID, builtinToday, builtinMonth, headersVariable}

// The types that a param can have.
const (
	paramString = "string"
	paramNumber = "number"
)

func paramTypes() []string { return []string{paramString, paramNumber} }

// credentials reads what secrets an account must give.
func (l *loader) credentials(n strict.Node) []strict.Entry {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	for _, e := range m.Entries() {
		if !l.newName(e) {
			continue
		}
		l.secrets[e.Key] = true
		c := Credential{Name: e.Key}
		if about, ok := e.Value.Map(); ok {
			c.Help = oneLine(about.TakeFilled("help"))
			about.Done()
		}
		l.def.Credentials = append(l.def.Credentials, c)
	}
	return m.Entries()
}

// paramsOf reads what else an account gives.
func (l *loader) paramsOf(n strict.Node) []strict.Entry {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	for _, e := range m.Entries() {
		if !l.newName(e) {
			continue
		}
		p := Param{Name: e.Key}
		if about, ok := e.Value.Map(); ok {
			l.param(about, &p)
		}
		l.def.Params = append(l.def.Params, p)
		l.params[e.Key] = &p
	}
	return m.Entries()
}

func (l *loader) param(m *strict.Mapping, p *Param) {
	p.Help = oneLine(m.TakeFilled("help"))
	if n := m.TakeFilled("type"); n.Exists() {
		p.Number = oneOf(n, paramTypes()) == paramNumber
	}
	if values, ok := m.TakeFilled("values").List(); ok {
		for _, v := range values {
			p.Values = append(p.Values, p.value(v))
		}
	}
	if n := m.TakeFilled("default"); n.Exists() {
		p.Default = p.value(n)
		if len(p.Values) > 0 && !slices.Contains(p.Values, p.Default) {
			n.Problem("is not one of the values")
		}
	}
	if n := m.TakeFilled("optional"); n.Exists() {
		p.Optional, _ = n.Bool()
		if p.Optional && p.Default != "" {
			n.Problem("a param with a default is never unset: leave one of the two out")
		}
	}
	m.Done()
}

// value is a value of the param, as an account would write it.
func (p *Param) value(n strict.Node) string {
	text, ok := n.Raw()
	if !ok {
		return ""
	}
	if !sendable(text) {
		n.Problem("must not be empty, nor hold a control character")
	}
	if _, err := ParseAmount(text); p.Number && err != nil {
		n.Problem("must be a number, as the param's type says")
	}
	return text
}

// newName checks the name of a credential or param.
func (l *loader) newName(e strict.Entry) bool {
	switch {
	case !variable.MatchString(e.Key):
		e.Problem("a name is lower-case letters, digits and _, and begins with a letter")
	case slices.Contains(reserved, e.Key):
		e.Problem("this name is built in")
	case l.secrets[e.Key]:
		e.Problem("a credential has this name already")
	default:
		return true
	}
	return false
}
