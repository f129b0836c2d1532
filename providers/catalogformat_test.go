package providers_test

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// The catalogue's tests are only worth what they notice. The tests here break a case, a request or a definition, and
// expect to be told.

func TestCaseIsReadStrictly(t *testing.T) {
	const request = "request: {url: https://api.example/}\n"
	tests := map[string]struct{ in, want string }{
		"unknown key":          {request + "anser: {}\n", "anser: unknown key"},
		"no answer":            {request, "answer is missing"},
		"unknown in answer":    {request + "answer: {stauts: 401}\n", "answer.stauts: unknown key"},
		"status out of range":  {request + "answer: {status: 1000}\n", "answer.status: must be a whole number from 100 to 999"},
		"body and bodies":      {request + "answer: {body: a, bodies: [b]}\n", "answer.bodies: an answer has either body or bodies"},
		"unknown in request":   {"request: {url: https://api.example/, query: {a: b}}\nanswer: {}\n", "request.query: unknown key"},
		"request without url":  {"request: {method: GET}\nanswer: {}\n", "url is missing"},
		"both outcomes":        {request + "answer: {}\nreport: {balances: []}\nfails: {reason: timeout}\n", "a case has either report or fails"},
		"unknown in report":    {request + "answer: {}\nreport: {balances: [{unit: credits, left: 5}]}\n", "report.balances[0].left: unknown key"},
		"lot without label":    {request + "answer: {}\nreport: {balances: [{unit: credits, lots: [{kind: a, remaining: 1}]}]}\n", "label is missing"},
		"amount that is none":  {request + "answer: {}\nreport: {balances: [{unit: credits, remaining: many}]}\n", "must be a decimal number"},
		"time that is none":    {request + "answer: {}\nreport: {balances: [], as_of: today}\n", "must be a time such as"},
		"failure, no reason":   {request + "answer: {}\nfails: {}\n", "reason is missing"},
		"duration, no unit":    {request + "answer: {}\nfails: {reason: timeout, retry_after: '30'}\n", "must be a duration such as 90s"},
		"exception, no reason": {request + "answer: {}\nexceptions: [{path: .a, because: ' '}]\n", "an exception needs a reason"},
		"exception of another": {request + "answer: {}\nexceptions: [{path: .a, of: second, because: x}]\n", "must be first"},
		"clock that is none":   {request + "answer: {}\nnow: yesterday\n", "must be a time such as"},
		"request beside exchanges": {
			request + "exchanges: [{request: {url: https://api.example/}, answer: {}}]\n",
			"request: unknown key",
		},
		"header that is a number": {request + "answer: {headers: {Retry-After: 30}}\n", "must be text, not a number"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, problems := parseCase("case.yml", []byte(test.in))
			if err := problems.Err(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("problems: %v\nwant: %s", err, test.want)
			}
		})
	}
}

func TestCaseInheritsFromOK(t *testing.T) {
	read := func(text string) *catalogCase {
		c, problems := parseCase("case.yml", []byte(text))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	ok := read("now: 2027-01-01T00:00:00Z\naccount: {credentials: {key: k}, params: {a: b}, base_url: https://proxy.example/}\n" +
		"exchanges:\n- {request: {url: https://api.example/1}, answer: {}}\n- {request: {url: https://api.example/2}, answer: {}}\n")
	c := read("account: {params: {a: c}}\nexchanges:\n- {answer: {status: 401}}\n")
	if problem := c.inherit(ok); problem != "" {
		t.Fatal(problem)
	}
	if !c.now.Equal(ok.now) || c.account.credentials["key"] != "k" || c.account.params["a"] != "c" || c.account.baseURL != ok.account.baseURL ||
		c.exchanges[0].request != ok.exchanges[0].request || c.exchanges[0].answer.status != 401 {
		t.Errorf("the case is %+v", c)
	}
	third := read("exchanges: [{answer: {}}, {answer: {}}, {answer: {}}]\n")
	if problem := third.inherit(ok); problem == "" {
		t.Error("a third exchange has no request, and nobody says so")
	}
}

func TestVariants(t *testing.T) {
	c, problems := parseCase("case.yml", []byte("exchanges:\n- {answer: {bodies: [a, b]}}\n- {answer: {bodies: [c, d]}}\n"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range c.variants() {
		got = append(got, v.exchanges[0].answer.body+v.exchanges[1].answer.body)
	}
	if want := []string{"ac", "ad", "bc", "bd"}; !reflect.DeepEqual(got, want) {
		t.Errorf("variants %v, want %v", got, want)
	}
}

// Whatever differs from the request that a case states is noticed.
func TestRequestIsComparedToTheLetter(t *testing.T) {
	expect := func(text string) *caseRequest {
		c, problems := parseCase("case.yml", []byte("request: "+text+"\nanswer: {}\n"))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return c.exchanges[0].request
	}
	const uuid = "6b1ff6b8-0b3b-4f3a-9d0a-0d0a4a3f2b1c"
	get := `{url: "https://api.example/a?x=1&y=2", headers: {X-Key: k}}`
	post := `{method: POST, url: "https://api.example/a", json: {id: "{{uuid}}", list: [1, true, null]}}`
	form := `{method: POST, url: "https://api.example/a", form: {b: "2 3", a: "1"}}`
	basic := `{url: "https://api.example/a", basic: {username: u, password: p}}`
	type sent struct {
		method, url, body string
		header            []string
	}
	tests := map[string]struct {
		expected string
		sent     sent
		want     string // empty: nothing differs
	}{
		"as stated":          {get, sent{"GET", "https://api.example/a?x=1&y=2", "", []string{"X-Key", "k"}}, ""},
		"other method":       {get, sent{"POST", "https://api.example/a?x=1&y=2", "", []string{"X-Key", "k"}}, "method: POST, want GET"},
		"other host":         {get, sent{"GET", "https://evil.example/a?x=1&y=2", "", []string{"X-Key", "k"}}, "url: "},
		"other scheme":       {get, sent{"GET", "http://api.example/a?x=1&y=2", "", []string{"X-Key", "k"}}, "url: "},
		"other path":         {get, sent{"GET", "https://api.example/b?x=1&y=2", "", []string{"X-Key", "k"}}, "url: "},
		"more in the query":  {get, sent{"GET", "https://api.example/a?x=1&y=2&z=3", "", []string{"X-Key", "k"}}, "url: "},
		"other header":       {get, sent{"GET", "https://api.example/a?x=1&y=2", "", []string{"X-Key", "l"}}, "header X-Key: l, want k"},
		"header missing":     {get, sent{"GET", "https://api.example/a?x=1&y=2", "", nil}, "header X-Key: , want k"},
		"header twice":       {get, sent{"GET", "https://api.example/a?x=1&y=2", "", []string{"X-Key", "k", "X-Key", "k"}}, "header X-Key: k | k, want k"},
		"header besides":     {get, sent{"GET", "https://api.example/a?x=1&y=2", "", []string{"X-Key", "k", "Cookie", "a=b"}}, "header Cookie: a=b, want "},
		"body besides":       {get, sent{"GET", "https://api.example/a?x=1&y=2", "{}", []string{"X-Key", "k"}}, "body: {}, want "},
		"json":               {post, sent{"POST", "https://api.example/a", `{"list": [1, true, null], "id": "` + uuid + `"}`, []string{"Content-Type", "application/json"}}, ""},
		"json, no UUID":      {post, sent{"POST", "https://api.example/a", `{"list": [1, true, null], "id": "1"}`, []string{"Content-Type", "application/json"}}, "json: "},
		"json, more":         {post, sent{"POST", "https://api.example/a", `{"list": [1, true, null], "id": "` + uuid + `", "a": 1}`, []string{"Content-Type", "application/json"}}, "json: "},
		"json, other type":   {post, sent{"POST", "https://api.example/a", `{"list": ["1", true, null], "id": "` + uuid + `"}`, []string{"Content-Type", "application/json"}}, "json: "},
		"json, no type":      {post, sent{"POST", "https://api.example/a", `{"list": [1, true, null], "id": "` + uuid + `"}`, nil}, "header Content-Type: , want application/json"},
		"form":               {form, sent{"POST", "https://api.example/a", "a=1&b=2+3", []string{"Content-Type", "application/x-www-form-urlencoded"}}, ""},
		"form, more":         {form, sent{"POST", "https://api.example/a", "a=1&b=2+3&c=", []string{"Content-Type", "application/x-www-form-urlencoded"}}, "body: "},
		"basic":              {basic, sent{"GET", "https://api.example/a", "", []string{"Authorization", "Basic dTpw"}}, ""},
		"basic, other value": {basic, sent{"GET", "https://api.example/a", "", []string{"Authorization", "Basic dTpx"}}, "header Authorization: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			target, err := url.Parse(test.sent.url)
			if err != nil {
				t.Fatal(err)
			}
			got := &http.Request{Method: test.sent.method, URL: target, Header: http.Header{"User-Agent": {caseUserAgent}}}
			for i := 0; i < len(test.sent.header); i += 2 {
				got.Header.Add(test.sent.header[i], test.sent.header[i+1])
			}
			implied := http.Header{"User-Agent": {caseUserAgent}}
			differences := strings.Join(expect(test.expected).mismatch(got, test.sent.body, implied), "\n")
			if test.want == "" && differences != "" || !strings.HasPrefix(differences, test.want) {
				t.Errorf("differences: %s\nwant: %s", differences, test.want)
			}
		})
	}
}

// What -update writes is read again as the same, and leaves the rest of the file alone.
func TestReplaceOutcome(t *testing.T) {
	const outcome = "report:\n  balances:\n    - unit: credits\n"
	tests := map[string]struct{ in, want string }{
		"none yet":          {"answer: {}\n", "answer: {}\n" + outcome},
		"no newline":        {"answer: {}", "answer: {}\n" + outcome},
		"last":              {"answer: {}\nfails:\n  reason: timeout\n", "answer: {}\n" + outcome},
		"in the middle":     {"report:\n  balances: []\nanswer: {}\n", outcome + "answer: {}\n"},
		"comments stay":     {"# a\nfails: {reason: x} # b\n\n# c\nanswer: {}\n", "# a\n" + outcome + "\n# c\nanswer: {}\n"},
		"text that says so": {"note: |\n  report:\nanswer: {}\nreport: {}\n", "note: |\n  report:\nanswer: {}\n" + outcome},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := replaceOutcome([]byte(test.in), outcome)
			if err != nil || string(got) != test.want {
				t.Errorf("got %v:\n%s\nwant:\n%s", err, got, test.want)
			}
		})
	}
}

func TestReportIsReadAsItIsWritten(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	allowed := false
	amount := providers.NewAmount
	third := amount(1).Div(amount(3))
	report := providers.Report{
		Balances: []providers.Balance{
			{
				Unit: "credits", Remaining: amount(-5), Allocated: third, Used: amount(0), PlanAllocated: amount(7), Period: true,
				Resets: at("2026-12-01T00:00:00.5Z"), PeriodLength: 90 * time.Minute, Returns: true, Listed: true,
				Lots: []providers.Lot{
					{ID: "5", Kind: "true", Remaining: amount(1), Allocated: amount(2), Used: amount(1), Starts: at("2026-01-01T00:00:00Z"), Period: true},
					{Kind: `odd "kind", {x}`, Remaining: amount(0), Expires: at("2027-01-01T00:00:00Z")},
				},
			},
			{Unit: "searches", Listed: true, Remaining: amount(1)},
			{Unit: "USD", Remaining: amount(3), Lots: []providers.Lot{{ID: "default", Kind: "trial", Remaining: amount(3), Expires: at("2027-01-01T00:00:00Z")}}},
			{Unit: "minutes", Unlimited: true, Used: amount(3)},
		},
		Plan:         providers.Plan{ID: "12", Name: "- x: y #z"},
		UsageAllowed: &allowed,
		AsOf:         at("2026-11-21T00:00:00Z"),
	}
	stated, faults := toCaseReport(report)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	text := stated.yaml()
	c, problems := parseCase("case.yml", []byte("answer: {}\n"+text))
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if again := c.report.yaml(); again != text {
		t.Errorf("written:\n%s\nread and written again:\n%s", text, again)
	}
}

func TestFaultsOfAReport(t *testing.T) {
	five, four := providers.NewAmount(5), providers.NewAmount(4)
	lot := func(left providers.Amount) []providers.Lot { return []providers.Lot{{ID: "default", Remaining: left}} }
	for name, balances := range map[string][]providers.Balance{
		"unit twice":              {{Unit: "credits", Remaining: five, Lots: lot(five)}, {Unit: "credits", Remaining: five, Lots: lot(five)}},
		"unlimited, and a number": {{Unit: "credits", Unlimited: true, Remaining: five}},
		"own lot says other":      {{Unit: "credits", Remaining: five, Lots: lot(four)}},
		"no own lot":              {{Unit: "credits", Remaining: five}},
		"nothing known":           {{Unit: "credits", Lots: lot(providers.Amount{})}},
	} {
		if _, faults := toCaseReport(providers.Report{Balances: balances}); len(faults) == 0 {
			t.Errorf("%s: no fault is found", name)
		}
	}
}

// The vendor of a case answers what the case says and nothing else.
func TestCaseVendor(t *testing.T) {
	vendor := &caseVendor{t: t, lenient: true, exchanges: []caseExchange{
		{answer: caseAnswer{status: 503, header: http.Header{"Retry-After": {"5"}}, body: "busy"}},
	}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := vendor.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "5" || string(body) != "busy" {
		t.Errorf("answer %d %v %q, %v", response.StatusCode, response.Header, body, err)
	}
	if second, err := vendor.RoundTrip(request); err == nil {
		second.Body.Close()
		t.Error("a second request is answered")
	}
}
