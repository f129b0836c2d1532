package providers

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// build fills in a request. Nothing is sent unless every value can be, but for what a signer has to ask for first.
func (p *poll) build(ctx context.Context, r *request) (*http.Request, error) {
	p.refused = nil
	if r.uuid {
		p.values[builtinUUID] = newUUID()
	}
	if r.dated {
		p.values[builtinToday] = p.now.Format(time.DateOnly)
		p.values[builtinMonth] = p.now.Format("2006-01")
	}
	origin, err := p.origin(r)
	if err != nil {
		return nil, err
	}
	signed, err := p.sign(ctx, r, origin)
	if err != nil {
		return nil, err
	}
	target, err := p.target(r, origin)
	if err != nil {
		return nil, err
	}
	body, contentType, err := p.content(r)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		// The error quotes the URL.
		return nil, credentialsError("the URL of the request cannot be built: look at params and base_url")
	}
	p.header(r, req, contentType)
	if r.username != nil {
		if err := p.basic(r, req); err != nil {
			return nil, err
		}
	}
	if signed.Complete != nil {
		if err := signed.Complete(req, p.copyOf(req)); err != nil {
			return nil, signerError(ctx, r.sign, err)
		}
	}
	p.refused = signed.Refused
	return req, nil
}

// origin is the scheme, host and leading path that a request goes to.
func (p *poll) origin(r *request) (url.URL, error) {
	if base := p.account.BaseURL; base != nil {
		return url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path, RawPath: base.RawPath}, nil
	}
	host := r.address.location(p.params).host
	if host == "" {
		if name := r.address.param; name != "" {
			return url.URL{}, credentialsError("params." + name + " has a value that the definition has no url for")
		}
		return url.URL{}, credentialsError("the account has no base_url, and the definition names no host")
	}
	return url.URL{Scheme: "https", Host: host}, nil
}

// target is the whole URL, which may hold a credential: it goes into no text.
func (p *poll) target(r *request, origin url.URL) (string, error) {
	path, set := r.address.location(p.params).path.render(p.values, url.PathEscape)
	if !set || path == "" {
		return "", credentialsError("the URL of the request cannot be built: look at params")
	}
	if dotted(path) {
		return "", credentialsError("a value in the path of the URL is . or .., which leads elsewhere")
	}
	target := origin.Scheme + "://" + origin.Host + strings.TrimRight(origin.EscapedPath(), "/") + path
	if query := p.encode(r.query); query != "" {
		target += "?" + query
	}
	return target, nil
}

// encode renders the pairs of a query or a form, sorted by name. A pair that names an unset param is left out.
func (p *poll) encode(fields []field) string {
	if len(fields) == 0 {
		return ""
	}
	values := make(url.Values, len(fields))
	for _, f := range fields {
		if text, set := f.value.render(p.values, verbatim); set {
			values.Set(f.name, text)
		}
	}
	return values.Encode()
}

func (p *poll) content(r *request) (body io.Reader, contentType string, err error) {
	switch {
	case r.json != nil:
		data, err := r.json.render(p.values)
		if err != nil {
			return nil, "", &Error{Reason: ReasonInternal, Text: "the JSON of the request cannot be written"}
		}
		return bytes.NewReader(data), "application/json", nil
	case r.form != nil:
		return strings.NewReader(p.encode(r.form)), "application/x-www-form-urlencoded", nil
	}
	return http.NoBody, "", nil
}

// header sets what the definition says; it may also replace what the engine sets by itself.
func (p *poll) header(r *request, req *http.Request, contentType string) {
	values := make([]string, 0, len(r.headers)+3) // for all of them, in one piece
	set := func(name, value string) {
		values = append(values, value)
		req.Header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	set("User-Agent", p.engine.userAgent)
	if r.body == bodyJSON {
		set("Accept", "application/json")
	}
	if contentType != "" {
		set("Content-Type", contentType)
	}
	for _, f := range r.headers {
		if text, ok := f.value.render(p.values, verbatim); ok {
			set(http.CanonicalHeaderKey(f.name), text)
		}
	}
}

func (p *poll) basic(r *request, req *http.Request) error {
	username, _ := r.username.render(p.values, verbatim)
	password, _ := r.password.render(p.values, verbatim)
	if strings.Contains(username, ":") {
		return credentialsError("the user name of basic authentication holds a colon (RFC 7617)")
	}
	req.SetBasicAuth(username, password)
	p.trace.hide(username + ":" + password)
	return nil
}

// sign asks the request's signer for what it gives.
func (p *poll) sign(ctx context.Context, r *request, origin url.URL) (Signed, error) {
	if r.sign == "" {
		return Signed{}, nil
	}
	signer, ok := p.engine.signers[r.sign]
	if !ok {
		return Signed{}, &Error{Reason: ReasonInternal, Text: "this program has no signer " + r.sign}
	}
	signed, err := signer.Sign(ctx, Signing{
		Credentials: maps.Clone(p.account.Credentials),
		Params:      maps.Clone(p.params),
		Now:         p.now,
		Origin:      origin,
		Send:        p.send,
	})
	if err != nil {
		return Signed{}, signerError(ctx, r.sign, err)
	}
	spec, _ := signerByName(r.sign)
	for _, name := range spec.gives {
		if !sendable(signed.Gives[name]) {
			return Signed{}, &Error{Reason: ReasonInternal, Text: fmt.Sprintf("the signer %s gave no %s", r.sign, name)}
		}
		p.values[name] = signed.Gives[name]
	}
	return signed, nil
}

// copyOf is the request's body, for a signature over it.
func (p *poll) copyOf(req *http.Request) []byte {
	if req.GetBody == nil {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	data, _ := io.ReadAll(body)
	return data
}

// newUUID is a random UUID (RFC 9562, section 5.4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// templateNames lists what the templates of a request name.
func (r *request) templateNames() []string {
	names := r.json.names()
	for _, place := range r.address.byValue {
		names = append(names, place.path.names()...)
	}
	for _, fields := range [][]field{r.headers, r.query, r.form} {
		for _, f := range fields {
			names = append(names, f.value.names()...)
		}
	}
	if r.username != nil {
		names = append(names, r.username.names()...)
		names = append(names, r.password.names()...)
	}
	return names
}
