package providers

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// headerName is a token of RFC 9110, section 5.6.2.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// ownHeaders are the engine's to set, or break the connection when they are wrong.
var ownHeaders = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding", "Trailer", "Upgrade", "Te"}

// methods are those that a request can have.
func methods() []string { return []string{http.MethodGet, http.MethodPost} }

// bodies are the forms that an answer can have.
func bodies() []string { return []string{bodyJSON, bodyText, bodyXML, bodyKeyValue} }

// asking reads the two requests.
func (l *loader) asking(m *strict.Mapping) {
	if first, ok := m.TakeFilled("first").Map(); ok {
		l.def.rules.first = &request{}
		l.request(first, l.def.rules.first)
		l.gives(first, l.def.rules.first)
		first.Done()
	}
	if r, ok := m.Require("request").Map(); ok {
		l.request(r, &l.def.rules.request)
		r.Done()
		l.sameHost(r)
	}
	l.markSent()
}

func (l *loader) request(m *strict.Mapping, r *request) {
	r.method = http.MethodGet
	if n := m.TakeFilled("method"); n.Exists() {
		r.method = oneOf(n, methods())
	}
	l.signer(m.TakeFilled("sign"), r)
	l.address(m.Require("url"), r)
	r.headers = l.headers(m.TakeFilled("headers"))
	r.query = l.fields(m.TakeFilled("query"))
	l.basic(m.TakeFilled("basic"), r)
	l.content(m, r)
	r.body = bodyJSON
	if n := m.TakeFilled("body"); n.Exists() {
		r.body = oneOf(n, bodies())
	}
	r.ok = l.expression(m.TakeFilled("ok"), forCondition)
	names := r.templateNames()
	r.uuid = slices.Contains(names, builtinUUID)
	r.dated = slices.Contains(names, builtinToday) || slices.Contains(names, builtinMonth)
	l.signed = nil
}

// content reads what the request carries.
func (l *loader) content(m *strict.Mapping, r *request) {
	form, json := m.TakeFilled("form"), m.TakeFilled("json")
	for _, n := range []strict.Node{form, json} {
		if n.Exists() && r.method != http.MethodPost {
			n.Problem("only a POST has a body: add method: POST")
		}
	}
	if form.Exists() && json.Exists() {
		json.Problem("a request has one body: form or json")
	}
	r.form = l.fields(form)
	r.json = l.jsonTemplate(json)
}

func (l *loader) signer(n strict.Node, r *request) {
	if !n.Exists() {
		return
	}
	r.sign = oneOf(n, SignerNames())
	spec, ok := signerByName(r.sign)
	if !ok {
		return
	}
	for _, name := range spec.credentials {
		if !l.secrets[name] {
			n.Problem("%s needs the credential %s: declare it", r.sign, name)
		}
		l.used[name] = true
	}
	for _, name := range spec.params {
		if l.params[name] == nil {
			n.Problem("%s needs the param %s: declare it", r.sign, name)
		}
		l.used[name] = true
	}
	l.signed = spec.gives
}

// gives reads what `first` finds. From here on the names are known.
func (l *loader) gives(m *strict.Mapping, r *request) {
	entries, ok := m.Require("gives").Map()
	if !ok {
		return
	}
	found := map[string]bool{}
	if len(entries.Entries()) == 0 {
		entries.Problem("must give at least one name: what is the first request for?")
	}
	for _, e := range entries.Entries() {
		switch p := l.params[e.Key]; {
		case p != nil && p.Optional:
		case p != nil:
			e.Problem("the param of this name must be optional: it is what the account may set instead")
		case !l.newName(e):
			continue
		}
		if x := l.expression(e.Value, forGiven); x != nil {
			r.gives = append(r.gives, given{name: e.Key, x: x})
		}
		found[e.Key] = true
	}
	l.given = found
}

// headers are fields whose names are those of HTTP headers.
func (l *loader) headers(n strict.Node) []field {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	var fields []field
	for _, e := range m.Entries() {
		name := http.CanonicalHeaderKey(e.Key)
		switch {
		case !headerName.MatchString(e.Key):
			e.Problem("is not the name of a header")
		case slices.Contains(ownHeaders, name):
			e.Problem("this header is the engine's to set")
		case slices.ContainsFunc(fields, func(f field) bool { return f.name == name }):
			e.Problem("this header stands here a second time")
		}
		f := field{name: name, value: l.optional(e.Value)}
		if strings.ContainsFunc(f.value.source, unicode.IsControl) {
			e.Value.Problem("a header cannot hold a line break or another control character")
		}
		fields = append(fields, f)
	}
	return fields
}

func (l *loader) fields(n strict.Node) []field {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	var fields []field
	for _, e := range m.Entries() {
		fields = append(fields, field{name: e.Key, value: l.optional(e.Value)})
	}
	return fields
}

func (l *loader) basic(n strict.Node, r *request) {
	m, ok := n.Map()
	if !ok {
		return
	}
	username := l.required(m.Require("username"))
	if strings.Contains(username.source, ":") {
		m.Problem("a user name cannot hold a colon (RFC 7617)")
	}
	r.username, r.password = &username, l.required(m.Require("password"))
	if slices.ContainsFunc(r.headers, func(f field) bool { return f.name == "Authorization" }) {
		m.Problem("basic sets the header Authorization, which headers sets too")
	}
	m.Done()
}

// optional is a template in a place that is left out when an optional param in it is unset.
func (l *loader) optional(n strict.Node) template { return l.template(n, true) }

// required is a template that must always have a value.
func (l *loader) required(n strict.Node) template { return l.template(n, false) }

func (l *loader) template(n strict.Node, optional bool) template {
	source, ok := n.Text()
	if !ok {
		return template{}
	}
	t, err := parseTemplate(source)
	if err != nil {
		n.Problem("%s", err)
	}
	for _, name := range t.names() {
		l.used[name] = true
		p := l.params[name]
		switch {
		case l.secrets[name], l.given[name], slices.Contains(l.signed, name):
		case name == builtinUUID, name == builtinToday, name == builtinMonth:
		case p == nil:
			n.Problem("{{%s}} is not declared: it is neither a credential, nor a param, nor given by first", name)
		case p.Optional && !optional:
			n.Problem("{{%s}} may be unset, and nothing can be left out here: give the param a default, or let first give it", name)
		}
	}
	return t
}

// markSent tells `first` which of its names templates send.
func (l *loader) markSent() {
	first := l.def.rules.first
	if first == nil {
		return
	}
	sent := l.def.rules.request.templateNames()
	for i := range first.gives {
		first.gives[i].sent = slices.Contains(sent, first.gives[i].name)
	}
}
