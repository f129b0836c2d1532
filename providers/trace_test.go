package providers

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// recorded is a trace as lines of text.
func recorded(lines *[]string) *Trace {
	add := func(format string, args ...any) { *lines = append(*lines, fmt.Sprintf(format, args...)) }
	return &Trace{
		Request: func(r TracedRequest) {
			add("%s: %s %s headers %v query %v form %v json %s", r.Name, r.Method, r.URL, r.Headers, r.Query, r.Form, r.JSON)
		},
		Answer: func(a TracedAnswer) {
			add("%s: %d, %d bytes, %s %s: %s", a.Name, a.Status, a.Bytes, a.Means, a.Rule, a.Shape)
		},
		Expression: func(x TracedExpression) { add("%s: %s = %s", x.Place, x.Expression, x.Result) },
	}
}

// A trace shows each request as its templates, each answer as its shape, and what each expression gave.
func TestTrace(t *testing.T) {
	file := filepath.Join("testdata", "examples", "04-deepgram.yml")
	d := mustParse(t, file, mustRead(t, file))
	vendor := &scripted{t: t, exchanges: []exchange{
		{request: "GET https://proxy.example/v1/projects", reply: `{"projects": [{"project_id": "p1", "test-key-api_key": 1}]}`},
		{request: "GET https://proxy.example/v1/projects/p1/balances", reply: `{"balances": [{"balance_id": "the test-key-api_key", "amount": 1.5, "units": "usd"}]}`},
	}}
	var lines []string
	account := testAccount(d, vendor)
	account.BaseURL = mustURL(t, "https://proxy.example")
	if _, err := NewEngine(d, testClock, WithTrace(recorded(&lines))).Fetch(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	compare(t, strings.Join(lines, "\n"), strings.Join([]string{
		`first: GET <base_url>/v1/projects headers [{Authorization Token {{api_key}}}] query [] form [] json `,
		`first: 200, 59 bytes, ok : {"projects": [1 x {"project_id": text, "<secret>": number}]}`,
		`first.gives.project_id: .projects | if length == 1 then .[0].project_id else error("several projects, set params.project_id") end = "p1"`,
		`request: GET <base_url>/v1/projects/{{project_id}}/balances headers [{Authorization Token {{api_key}}}] query [] form [] json `,
		`request: 200, 85 bytes, ok : {"balances": [1 x {"amount": number, "balance_id": text, "units": text}]}`,
		`balances[0].each: .balances | group_by(.units) = [1 x [1]]`,
		`balances[0][0].unit: .[0].units = "usd"`,
		`balances[0][0].lots[0].each: . = [1 x {...}]`,
		`balances[0][0].lots[0][0].id: .balance_id = "the <secret>"`,
		`balances[0][0].lots[0][0].remaining: .amount = 1.5`,
	}, "\n"))
}

// The rules about answers are traced, and what an expression could not do.
func TestTraceOfFailures(t *testing.T) {
	d := mustParse(t, "test.yml", small(`request:
  method: POST
  url: https://api.example/{{api_key}}
  basic: {username: u, password: "{{api_key}}"}
  json: {key: "{{api_key}}", n: 1}
answers: [{status: 429, when: .a.b == 1, means: unauthorized}]
retry_after: .wait
`+oneBalance))
	vendor := &scripted{t: t, exchanges: []exchange{{
		request: "POST https://api.example/test-key-api_key", body: `{"key":"test-key-api_key","n":1}`,
		status: 429, reply: `{"a": "x", "wait": 7}`,
	}}}
	var lines []string
	_, err := NewEngine(d, testClock, WithTrace(recorded(&lines))).Fetch(t.Context(), testAccount(d, vendor))
	compare(t, outcome(Report{}, err), "rate_limited: the vendor answered with status 429 (retry after 7s)")
	compare(t, strings.Join(lines, "\n"), strings.Join([]string{
		`request: POST https://api.example/{{api_key}} headers [{Authorization basic u:{{api_key}}}] query [] form [] json {"key":"{{api_key}}","n":1}`,
		`answers[0].when: .a.b == 1 = does not work here, where . is an object`,
		`request: 429, 21 bytes, rate_limited : {"a": text, "wait": number}`,
		`retry_after: .wait = 7`,
	}, "\n"))
}

// A shape is bounded, whatever the answer is.
func TestShapeIsBounded(t *testing.T) {
	tracing := &tracing{Trace: &Trace{}}
	deep := decode(t, strings.Repeat(`{"a":[`, 20)+strings.Repeat(`]}`, 20))
	compare(t, tracing.shape(deep, 0), `{"a": [1 x {"a": [1 x {"a": [1 x {...}]}]}]}`)
	wide := map[string]any{}
	for i := range 100 {
		wide[fmt.Sprintf("%0200d", i)] = nil
	}
	if got := tracing.shape(wide, 0); len(got) > 40*140 || !strings.HasSuffix(got, ", ...}") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// A vendor may send back what it was sent, in the form in which it was sent.
func TestATraceHidesASecretInEveryForm(t *testing.T) {
	d := mustParse(t, "test.yml", small(`request:
  url: https://api.example/{{api_key}}
  basic: {username: u, password: "{{api_key}}"}
balances: [{unit: credits, lots: [{each: .lots, id: .id, remaining: .left}]}]
`))
	const key = "test-key/with space+"
	basic := base64.StdEncoding.EncodeToString([]byte("u:" + key))
	forms := []string{key, url.PathEscape(key), url.QueryEscape(key), base64.StdEncoding.EncodeToString([]byte(key)), basic}
	var lots []string
	for _, form := range forms {
		lots = append(lots, fmt.Sprintf(`{"id": "echo %s", "left": 1}`, form))
	}
	vendor := transportFunc(func(r *http.Request) (*http.Response, error) {
		return reply(r, http.StatusOK, `{"lots": [`+strings.Join(lots, ", ")+`]}`), nil
	})
	account := testAccount(d, vendor)
	account.Credentials = map[string]Secret{"api_key": NewSecret(key)}
	var lines []string
	if _, err := NewEngine(d, testClock, WithTrace(recorded(&lines))).Fetch(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(lines, "\n")
	if got := strings.Count(shown, `"echo <secret>"`); got != len(forms) {
		t.Errorf("%d of %d forms are hidden:\n%s", got, len(forms), shown)
	}
}
