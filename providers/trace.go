package providers

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Trace shows what a poll does, for people who write a definition. Functions that are nil are not called. Nothing that
// it is told holds a credential: requests are their templates, and a value that holds one is masked.
type Trace struct {
	Request    func(TracedRequest)
	Answer     func(TracedAnswer)
	Expression func(TracedExpression)
}

// TracedRequest is a request as its templates.
type TracedRequest struct {
	Name    string // first or request
	Method  string
	URL     string
	Headers []TracedField
	Query   []TracedField
	Form    []TracedField
	JSON    string
	Signer  string
}

// TracedField is a header, or a pair of a query or form.
type TracedField struct{ Name, Template string }

// TracedAnswer is what came back: keys and types, and no value.
type TracedAnswer struct {
	Name   string // first or request
	Status int
	Bytes  int
	Shape  string // such as {"credits": number, "lots": [2 x {"id": text}]}
	Means  string // ok, zero or a reason
	Rule   string // the rule that says so, such as answers[1]; empty: the status does
}

// TracedExpression is an expression and what it gave.
type TracedExpression struct {
	Place      string // such as balances[0].lots[0][3].remaining
	Expression string
	Result     string // a value, such as 12.5, or a type, or what was wrong
}

const (
	maxShapeDepth = 6
	maxShapeKeys  = 40
	maxTraceText  = 120
)

// tracing is a Trace of one poll, with the values that it must not show. A nil one does nothing.
type tracing struct {
	*Trace
	secrets []string
}

func (e *Engine) tracing(account Account) *tracing {
	if e.trace == nil {
		return nil
	}
	t := &tracing{Trace: e.trace}
	for _, secret := range account.Credentials {
		t.hide(secret.Reveal())
	}
	return t
}

// hide keeps a secret from being shown, also in the forms that it is sent in.
func (t *tracing) hide(secret string) {
	if t == nil || secret == "" {
		return
	}
	t.secrets = append(t.secrets, secret, url.PathEscape(secret), url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)))
}

func (p *poll) traceRequest(r *request) {
	if p.trace == nil || p.trace.Request == nil {
		return
	}
	location := r.address.location(p.params)
	address := "https://" + location.host
	if p.account.BaseURL != nil || location.host == "" {
		address = "<base_url>"
	}
	traced := TracedRequest{
		Name: p.current, Method: r.method, URL: address + location.path.source, Signer: r.sign,
		Headers: tracedFields(r.headers), Query: tracedFields(r.query), Form: tracedFields(r.form),
	}
	if r.username != nil {
		basic := "basic " + r.username.source + ":" + r.password.source
		traced.Headers = append(traced.Headers, TracedField{Name: "Authorization", Template: basic})
	}
	if r.json != nil {
		traced.JSON = r.json.template()
	}
	p.trace.Request(traced)
}

func tracedFields(fields []field) []TracedField {
	var traced []TracedField
	for _, f := range fields {
		traced = append(traced, TracedField{Name: f.name, Template: f.value.source})
	}
	return traced
}

func (p *poll) traceAnswer(a *answer) {
	t := p.trace
	if t == nil || t.Answer == nil {
		return
	}
	traced := TracedAnswer{
		Name: p.current, Status: a.Status, Bytes: len(a.Body), Means: string(a.means), Shape: t.shape(a.value, 0),
	}
	if a.unparsed != nil {
		traced.Shape = "not " + a.form.body
	}
	if a.rule >= 0 {
		traced.Rule = fmt.Sprintf("answers[%d]", a.rule)
	}
	t.Answer(traced)
}

// shape is a value's keys and types.
func (t *tracing) shape(v any, depth int) string {
	switch v := v.(type) {
	case map[string]any:
		if depth >= maxShapeDepth {
			return "{...}"
		}
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		var members []string
		for _, key := range keys[:min(len(keys), maxShapeKeys)] {
			members = append(members, fmt.Sprintf("%q: %s", short(t.mask(key)), t.shape(v[key], depth+1)))
		}
		if len(keys) > maxShapeKeys {
			members = append(members, "...")
		}
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		if len(v) == 0 || depth >= maxShapeDepth {
			return fmt.Sprintf("[%d]", len(v))
		}
		return fmt.Sprintf("[%d x %s]", len(v), t.shape(v[0], depth+1))
	}
	return typeName(v)
}

func (t *tracing) expression(at place, field string, x *expression, v any, err error) {
	if t == nil || t.Expression == nil {
		return
	}
	traced := TracedExpression{Place: field, Expression: x.source}
	if where := at.String(); where != "" {
		traced.Place = where + "." + field
	}
	switch v := v.(type) {
	case map[string]any, []any:
		traced.Result = t.shape(v, maxShapeDepth-1)
	case string:
		traced.Result = fmt.Sprintf("%q", short(t.mask(v)))
	case nil:
		traced.Result = "null"
	default:
		traced.Result = short(t.mask(fmt.Sprint(v)))
	}
	if err != nil {
		traced.Result = err.Error()
	}
	t.Expression(traced)
}

// mask takes the account's credentials out of a text.
func (t *tracing) mask(text string) string {
	for _, secret := range t.secrets {
		text = strings.ReplaceAll(text, secret, masked)
	}
	return text
}

// short cuts a text that is too long to read.
func short(text string) string {
	if utf8.RuneCountInString(text) <= maxTraceText {
		return text
	}
	return string([]rune(text)[:maxTraceText]) + "..."
}
