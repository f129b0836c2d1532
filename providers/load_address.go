package providers

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

const (
	urlShape  = "a url is https://HOST/PATH, or /PATH where every account gives its base_url"
	urlsMixed = "all urls of a definition name a host, or none does"
)

// pathText is a path as RFC 3986, section 3.3, has it.
var pathText = regexp.MustCompile(`^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$`)

// address reads a URL, or {PARAM: {VALUE: URL}}.
func (l *loader) address(n strict.Node, r *request) {
	r.address.byValue = map[string]location{}
	if n.Form() != strict.Map {
		r.address.byValue[""] = l.location(n)
		return
	}
	m, ok := n.Map()
	if !ok {
		return
	}
	entries := m.Entries()
	if len(entries) != 1 {
		m.Problem("must name one param, with a url for each of its values")
		return
	}
	name := entries[0].Key
	p := l.params[name]
	byValue, ok := entries[0].Value.Map()
	switch {
	case !ok:
		return
	case p == nil:
		entries[0].Problem("is not a param of this definition")
		return
	case p.Optional:
		entries[0].Problem("may be unset: give the param a default")
	}
	l.used[name] = true
	r.address.param = name
	for _, e := range byValue.Entries() {
		if !slices.Contains(p.Values, e.Key) {
			e.Problem("is not one of the param's values")
		}
		r.address.byValue[e.Key] = l.location(e.Value)
	}
	for _, value := range p.Values {
		if !byValue.Has(value) {
			byValue.Problem("has no url for the param's value %s", value)
		}
	}
	if !r.address.uniform() {
		byValue.Problem(urlsMixed)
	}
}

// uniform tells whether all locations name a host, or none does.
func (a address) uniform() bool {
	hosts := 0
	for _, place := range a.byValue {
		if place.host != "" {
			hosts++
		}
	}
	return hosts == 0 || hosts == len(a.byValue)
}

// location reads one URL. Its host is literal, so that a param cannot send a credential elsewhere.
func (l *loader) location(n strict.Node) location {
	source, ok := n.Text()
	if !ok {
		return location{}
	}
	l.required(n)
	if _, err := parseTemplate(source); err != nil {
		return location{}
	}
	var host string
	path := source
	switch rest, secure := strings.CutPrefix(source, "https://"); {
	case secure:
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			rest, slash = rest+"/", len(rest)
		}
		host, path = rest[:slash], rest[slash:]
		if u, err := url.Parse("https://" + host); err != nil || host == "" || u.Host != host || u.User != nil || strings.ContainsAny(host, "{}?#") {
			n.Problem("the host must be literal; %s", urlShape)
			return location{}
		}
	case !strings.HasPrefix(source, "/") || strings.HasPrefix(source, "//"):
		n.Problem("%s", urlShape)
		return location{}
	}
	if strings.ContainsAny(path, "?#") {
		n.Problem("a url has no query and no fragment: write the query under `query`")
	} else if !pathText.MatchString(placeholder.ReplaceAllString(path, "x")) {
		n.Problem("the path holds a character that must be written as a percent escape (RFC 3986)")
	}
	if dotted(path) {
		n.Problem("a url has no segment . or ..")
	}
	t, _ := parseTemplate(path)
	return location{host: strings.ToLower(host), path: t}
}

// dotted tells whether a path has a segment that leads elsewhere.
func dotted(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// sameHost sees to it that both requests go to one host.
func (l *loader) sameHost(m *strict.Mapping) {
	first := l.def.rules.first
	if first == nil {
		return
	}
	a, b := first.address, l.def.rules.request.address
	for value, place := range a.byValue {
		for other, target := range b.byValue {
			if a.param == b.param && value != other {
				continue
			}
			if place.host != target.host {
				m.Problem("first and request must go to one host")
				return
			}
		}
	}
}
