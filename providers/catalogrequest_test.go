package providers_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/native"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// caseRequest is a request as a case expects it.
type caseRequest struct {
	method string
	url    string
	header http.Header
	form   map[string]string // nil: no form
	json   any
	isJSON bool
}

// caseUserAgent is what the engine is told to send besides what a definition says.
const caseUserAgent = "credits_exporter/test"

// caseNonce is what signers that send a nonce send. Whatever else they sign holds the time of the case.
const caseNonce = "test-nonce"

// anyUUID is a UUID of version 4, which `{{uuid}}` in a case stands for.
var anyUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

func readCaseRequest(n strict.Node) *caseRequest {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	r := &caseRequest{method: http.MethodGet}
	if method := m.Take("method"); method.Exists() {
		r.method, _ = method.Text()
	}
	r.url, _ = m.Require("url").Text()
	r.header = readHeaders(m.Take("headers"))
	if basic, ok := m.Take("basic").Map(); ok {
		username, _ := basic.Require("username").Text()
		password, _ := basic.Require("password").Text()
		basic.Done()
		signed := &http.Request{Header: r.header}
		signed.SetBasicAuth(username, password)
	}
	if form := m.Take("form"); form.Exists() {
		r.form = readTexts(form)
		r.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if body := m.Take("json"); body.Exists() {
		r.json, r.isJSON = readYAMLValue(body), true
		r.header.Set("Content-Type", "application/json")
	}
	m.Done()
	return r
}

// readYAMLValue gives a YAML value as parseBody gives JSON.
func readYAMLValue(n strict.Node) any {
	switch n.Form() {
	case strict.Map:
		m, _ := n.Map()
		object := map[string]any{}
		for _, e := range m.Entries() {
			object[e.Key] = readYAMLValue(e.Value)
		}
		return object
	case strict.List:
		nodes, _ := n.List()
		list := make([]any, len(nodes))
		for i, item := range nodes {
			list[i] = readYAMLValue(item)
		}
		return list
	case strict.Text:
		text, _ := n.Text()
		return text
	case strict.Number, strict.Bool:
		raw, _ := n.Raw()
		v, err := providers.ParseBody(providers.BodyJSON, []byte(raw))
		if err != nil {
			n.Problem("must be a value that JSON has")
		}
		return v
	}
	return nil
}

// impliedHeader is what the engine sends where the case does not say otherwise.
func impliedHeader(definition *providers.Definition, isFirst bool) http.Header {
	header := http.Header{"User-Agent": {caseUserAgent}}
	if definition.BodyForm(isFirst) == providers.BodyJSON {
		header.Set("Accept", "application/json")
	}
	return header
}

// mismatch says how a request differs from the one expected.
func (r *caseRequest) mismatch(got *http.Request, body string, implied http.Header) []string {
	var differences []string
	differ := func(what, got, want string) {
		if strings.Contains(want, "{{uuid}}") {
			got = anyUUID.ReplaceAllLiteralString(got, "{{uuid}}")
		}
		if got != want {
			differences = append(differences, fmt.Sprintf("%s: %s, want %s", what, got, want))
		}
	}
	differ("method", got.Method, r.method)
	differ("url", got.URL.String(), r.url)
	if got.Host != "" {
		differ("host", got.Host, got.URL.Host)
	}
	want := maps.Clone(implied)
	maps.Copy(want, r.header)
	names := maps.Clone(want)
	maps.Copy(names, got.Header)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		differ("header "+name, strings.Join(got.Header[name], " | "), strings.Join(want[name], " | "))
	}
	if r.isJSON {
		sent, err := providers.ParseBody(providers.BodyJSON, []byte(anyUUID.ReplaceAllLiteralString(body, "{{uuid}}")))
		if err != nil || !reflect.DeepEqual(sent, r.json) {
			differences = append(differences, fmt.Sprintf("json: %s, want %v", body, r.json))
		}
		return differences
	}
	values := url.Values{}
	for name, value := range r.form {
		values.Set(name, value)
	}
	differ("body", body, values.Encode())
	return differences
}

// caseVendor stands for the vendor: it answers what the case says, in order.
type caseVendor struct {
	t          *testing.T
	definition *providers.Definition
	exchanges  []caseExchange
	// lenient: the requests are not looked at, because the answer before was damaged.
	lenient bool
	asked   int
}

var errNotExpected = errors.New("the case has no answer to this request")

func (v *caseVendor) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	v.asked++
	if v.asked > len(v.exchanges) {
		if !v.lenient {
			v.t.Errorf("request %d, %s %s, where the case has %d", v.asked, r.Method, r.URL, len(v.exchanges))
		}
		return nil, errNotExpected
	}
	exchange := v.exchanges[v.asked-1]
	if !v.lenient {
		for _, difference := range exchange.request.mismatch(r, string(body), impliedHeader(v.definition, v.asked < len(v.exchanges))) {
			v.t.Errorf("request %d: %s", v.asked, difference)
		}
	}
	return &http.Response{
		StatusCode:    exchange.answer.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        exchange.answer.header.Clone(),
		Body:          io.NopCloser(strings.NewReader(exchange.answer.body)),
		ContentLength: int64(len(exchange.answer.body)),
		Request:       r,
	}, nil
}

// poll asks the vendor of a case through the real engine.
func (c *catalogCase) poll(t *testing.T, definition *providers.Definition, vendor *caseVendor) (providers.Report, error) {
	t.Helper()
	vendor.t, vendor.definition = t, definition
	account := providers.Account{
		Credentials: map[string]providers.Secret{},
		Params:      c.account.params,
		BaseURL:     c.account.baseURL,
		Transport:   vendor,
	}
	for _, credential := range definition.Credentials {
		account.Credentials[credential.Name] = providers.NewSecret(c.credential(credential.Name))
	}
	engine := providers.NewEngine(definition, func() time.Time { return c.now }, providers.WithUserAgent(caseUserAgent),
		providers.WithSigners(native.Signers(func() string { return caseNonce })))
	return engine.Fetch(t.Context(), account)
}

func (c *catalogCase) credential(name string) string {
	if value, set := c.account.credentials[name]; set {
		return value
	}
	return "test-key-" + name
}
