package providers_test

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// The format of a case, catalog/<vendor>/testdata/<case>.yml
//
// A case says what is sent to the vendor, what the vendor answers, and what must come of it. It is read strictly: an
// unknown key is an error. What a case leaves out of `account`, `now` and each `request` is what ok.yml says.
//
//	note: what the case shows, or where the answer was taken from
//	now: 2026-11-21T12:00:00Z             # the clock of the poll; this is what it is where ok.yml has none
//	account:                              # optional, and so is each part of it
//	  credentials: {api_key: test-key-x}  # those left out are test-key-<name>
//	  params: {team: "12"}                # those left out have their defaults
//	  base_url: https://proxy.example/p
//	request:                              # compared to the letter: nothing more may be sent, and nothing less
//	  method: POST                        # GET where left out
//	  url: https://api.vendor.example/v1/balance?team=12   # with the query, encoded and sorted by name
//	  headers: {X-Api-Key: test-key-api_key}               # besides User-Agent, and Accept where JSON is read
//	  basic: {username: u, password: p}   # instead of a header with base64
//	  json: {clientKey: test-key-api_key} # or form: {name: value}; the Content-Type goes without saying. {{uuid}} in
//	                                      # any text stands for a random UUID
//	answer:
//	  status: 429                         # 200 where left out
//	  headers: {Retry-After: "30"}        # a list where a header comes several times
//	  body: |
//	    {"error": "slow down"}
//	  bodies: ['{"error": 1}', '{}']      # or several, each of which must have the same outcome
//
// A vendor that is asked twice has `exchanges:` instead, a list of {request, answer} in the order of the requests.
//
// Then one of the two outcomes. `go test ./providers -run TestCatalog -update` writes it anew; read what it wrote.
//
//	report:
//	  balances:
//	    - unit: credits                   # besides: unlimited, remaining, allocated, used, plan_allocated, period,
//	      remaining: 12.5                 # resets, period_length, returns, and kind and expires of a balance that
//	      lots:                           # is its own lot. A balance whose definition reads lots has `lots`, even []
//	        - {label: top-up, kind: top-up, remaining: 12.5}   # besides: allocated, used, starts, expires, period
//	  plan: {id: p1, name: Pro}
//	  usage_allowed: true
//	  as_of: 2026-11-21T12:00:00Z
//
//	fails:
//	  reason: rate_limited
//	  retry_after: 30s                    # none where left out
//	  text: what the error's text holds   # optional; -update writes it for a bad_response with one body
//
// Every vendor has the cases ok, bad-key, rate-limited, malformed and missing-field. The body of each case whose name
// begins with `ok` is damaged in every place, as catalogdamage_test.go says; where that rightly changes a figure:
//
//	exceptions:
//	  - path: .items[].kind               # [] is every element
//	    damage: ["null", delete]          # which damage; every one where left out
//	    of: first                         # in the answer to the definition's `first` request
//	    because: a plan without a limit has null here, and so is unlimited

// caseNow is the clock of a poll whose ok.yml has none.
var caseNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// catalogCase is one file of testdata.
type catalogCase struct {
	file       string
	data       []byte
	now        time.Time
	account    caseAccount
	exchanges  []caseExchange
	report     *caseReport
	fails      *caseFailure
	exceptions []*caseException
	several    bool // one of the variants of a case with several bodies
}

type caseAccount struct {
	credentials map[string]string
	params      map[string]string
	baseURL     *url.URL
}

type caseExchange struct {
	request *caseRequest
	answer  caseAnswer
}

type caseAnswer struct {
	status int
	header http.Header
	body   string
	bodies []string // instead of body, when there are several
}

type caseFailure struct {
	reason     providers.Reason
	retryAfter time.Duration
	text       string
}

type caseException struct {
	path    string
	damage  []string
	first   bool
	because string
	used    bool
}

// loadCase reads a case and takes what it leaves out from ok, which is nil for ok.yml itself.
func loadCase(t *testing.T, file string, ok *catalogCase) *catalogCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, problems := parseCase(file, data)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if ok == nil {
		ok = &catalogCase{now: caseNow}
	}
	if problem := c.inherit(ok); problem != "" {
		t.Fatalf("%s: %s", file, problem)
	}
	return c
}

// variants are the case with each body of an answer that has several.
func (c *catalogCase) variants() []*catalogCase {
	for i, exchange := range c.exchanges {
		if len(exchange.answer.bodies) == 0 {
			continue
		}
		var variants []*catalogCase
		for _, body := range exchange.answer.bodies {
			variant := *c
			variant.several = true
			variant.exchanges = slices.Clone(c.exchanges)
			variant.exchanges[i].answer.body, variant.exchanges[i].answer.bodies = body, nil
			variants = append(variants, variant.variants()...)
		}
		return variants
	}
	return []*catalogCase{c}
}

// inherit fills in what the case leaves out, and says what neither has.
func (c *catalogCase) inherit(ok *catalogCase) (problem string) {
	if c.now.IsZero() {
		c.now = ok.now
	}
	if c.account.credentials == nil {
		c.account.credentials = ok.account.credentials
	}
	if c.account.params == nil {
		c.account.params = ok.account.params
	}
	if c.account.baseURL == nil {
		c.account.baseURL = ok.account.baseURL
	}
	for i := range c.exchanges {
		if c.exchanges[i].request == nil && i < len(ok.exchanges) {
			c.exchanges[i].request = ok.exchanges[i].request
		}
		if c.exchanges[i].request == nil {
			return "there is no request, and ok.yml has none in its place"
		}
	}
	return ""
}

func parseCase(file string, data []byte) (*catalogCase, strict.Problems) {
	doc, root, ok := strict.Parse(file, data)
	if !ok {
		return nil, doc.Problems
	}
	c := &catalogCase{file: file, data: data}
	m, ok := root.Map()
	if !ok {
		return nil, doc.Problems
	}
	m.Take("note").Text()
	c.now = readCaseTime(m.Take("now"))
	c.account = readCaseAccount(m.Take("account"))
	c.exchanges = readExchanges(m)
	report, fails := m.Take("report"), m.Take("fails")
	switch {
	case report.Exists() && fails.Exists():
		fails.Problem("a case has either report or fails")
	case report.Exists():
		c.report = readCaseReport(report)
	case fails.Exists():
		c.fails = readFailure(fails)
	}
	c.exceptions = readExceptions(m.Take("exceptions"))
	m.Done()
	return c, doc.Problems
}

func readCaseTime(n strict.Node) time.Time {
	text, ok := n.Raw()
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		n.Problem("must be a time such as 2026-11-21T12:00:00Z")
	}
	return t
}

func readCaseAccount(n strict.Node) (account caseAccount) {
	m, ok := n.Map()
	if !ok {
		return account
	}
	account.credentials = readTexts(m.Take("credentials"))
	account.params = readTexts(m.Take("params"))
	if base := m.Take("base_url"); base.Exists() {
		text, _ := base.Text()
		u, err := url.Parse(text)
		if err != nil {
			base.Problem("must be a URL")
		}
		account.baseURL = u
	}
	m.Done()
	return account
}

// readTexts reads a mapping of names to text; nil where there is none.
func readTexts(n strict.Node) map[string]string {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	texts := map[string]string{}
	for _, e := range m.Entries() {
		texts[e.Key], _ = e.Value.Text()
	}
	return texts
}

func readExchanges(m *strict.Mapping) []caseExchange {
	list := m.Take("exchanges")
	if !list.Exists() {
		return []caseExchange{readExchange(m)}
	}
	nodes, _ := list.List()
	exchanges := make([]caseExchange, len(nodes))
	for i, n := range nodes {
		if one, ok := n.Map(); ok {
			exchanges[i] = readExchange(one)
			one.Done()
		}
	}
	return exchanges
}

func readExchange(m *strict.Mapping) caseExchange {
	return caseExchange{request: readCaseRequest(m.Take("request")), answer: readAnswer(m.Require("answer"))}
}

func readAnswer(n strict.Node) caseAnswer {
	answer := caseAnswer{status: http.StatusOK, header: http.Header{}}
	m, ok := n.Map()
	if !ok {
		return answer
	}
	if status := m.Take("status"); status.Exists() {
		answer.status, _ = status.Int(100, 999)
	}
	answer.header = readHeaders(m.Take("headers"))
	body, bodies := m.Take("body"), m.Take("bodies")
	answer.body, _ = body.Text()
	several, _ := bodies.List()
	for _, one := range several {
		text, _ := one.Text()
		answer.bodies = append(answer.bodies, text)
	}
	if body.Exists() && bodies.Exists() {
		bodies.Problem("an answer has either body or bodies")
	}
	m.Done()
	return answer
}

// readHeaders reads text, or lists of text for headers that come several times.
func readHeaders(n strict.Node) http.Header {
	header := http.Header{}
	m, ok := n.Map()
	if !ok {
		return header
	}
	for _, e := range m.Entries() {
		values := []strict.Node{e.Value}
		if e.Value.Form() == strict.List {
			values, _ = e.Value.List()
		}
		for _, v := range values {
			text, _ := v.Text()
			header.Add(e.Key, text)
		}
	}
	return header
}
