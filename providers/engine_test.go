package providers

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// pollTime is when the tests poll.
var pollTime = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func testClock() time.Time { return pollTime }

// exchange is one request that must come, and the answer that it gets.
type exchange struct {
	request string            // GET https://host/path?query
	headers map[string]string // of the request, as far as they matter
	body    string            // of the request
	status  int               // 200 when it is 0
	answer  http.Header
	reply   string
}

// scripted is a vendor that expects exactly these requests, in this order.
type scripted struct {
	t         *testing.T
	exchanges []exchange
	made      int
	closed    int
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	s.t.Helper()
	if s.made >= len(s.exchanges) {
		s.t.Errorf("unexpected request %s %s", r.Method, r.URL)
		return nil, errors.New("unexpected")
	}
	x := s.exchanges[s.made]
	s.made++
	if got := r.Method + " " + r.URL.String(); got != x.request {
		s.t.Errorf("request: %s\nwant:    %s", got, x.request)
	}
	for name, want := range x.headers {
		if got := strings.Join(r.Header.Values(name), "|"); got != want {
			s.t.Errorf("header %s: %q, want %q", name, got, want)
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("body of the request: %v", err)
	}
	if string(body) != x.body {
		s.t.Errorf("body of the request: %s\nwant: %s", body, x.body)
	}
	header := x.answer
	if header == nil {
		header = http.Header{}
	}
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return &http.Response{
		StatusCode: x.status, Header: header, Request: r,
		Body: &countingBody{Reader: strings.NewReader(x.reply), closed: &s.closed},
	}, nil
}

// done checks that every request was made and every body closed.
func (s *scripted) done() {
	s.t.Helper()
	if s.made != len(s.exchanges) {
		s.t.Errorf("%d requests, want %d", s.made, len(s.exchanges))
	}
	if s.closed != s.made {
		s.t.Errorf("%d bodies closed of %d", s.closed, s.made)
	}
}

type countingBody struct {
	io.Reader
	closed *int
}

func (b *countingBody) Close() error { *b.closed++; return nil }

// mustParse reads a definition that must be right.
func mustParse(t testing.TB, file, text string) *Definition {
	t.Helper()
	d, problems := ParseDefinition(file, []byte(text))
	if len(problems) > 0 {
		t.Fatalf("problems:\n%v", problems)
	}
	return d
}

func mustRead(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// small is a definition with one credential around the given lines.
func small(lines string) string {
	return "schema: 1\nname: test\ncredentials: {api_key: {}}\n" + lines
}

const (
	keyInHeader = "request: {url: https://api.example/v1/balance, headers: {X-Key: '{{api_key}}'}}\n"
	oneBalance  = "balances: [{unit: credits, remaining: .credits}]\n"
)

func testAccount(d *Definition, transport http.RoundTripper) Account {
	account := Account{Credentials: map[string]Secret{}, Transport: transport}
	for _, c := range d.Credentials {
		account.Credentials[c.Name] = NewSecret("test-key-" + c.Name)
	}
	return account
}

// mustURL is nil for an empty text.
func mustURL(t testing.TB, text string) *url.URL {
	t.Helper()
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// outcome is a report as JSON, or the error.
func outcome(report Report, err error) string {
	if err != nil {
		var failure *Error
		if !errors.As(err, &failure) {
			return "NOT AN *Error: " + err.Error()
		}
		if failure.RetryAfter > 0 {
			return failure.Error() + " (retry after " + failure.RetryAfter.String() + ")"
		}
		return failure.Error()
	}
	data, err := json.Marshal(report)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:  %s\nwant: %s", got, want)
	}
}

func TestRequests(t *testing.T) {
	good := `{"credits": 5}`
	tests := map[string]struct {
		definition string
		params     map[string]string
		base       string
		exchanges  []exchange
	}{
		"headers": {
			small(keyInHeader + oneBalance), nil, "",
			[]exchange{{
				request: "GET https://api.example/v1/balance",
				headers: map[string]string{"X-Key": "test-key-api_key", "User-Agent": "credits_exporter", "Accept": "application/json"},
			}},
		},
		"a definition's own User-Agent and Accept": {
			small("request: {url: https://api.example/, headers: {x-key: '{{api_key}}', user-agent: mine, accept: '*/*'}}\n" + oneBalance), nil, "",
			[]exchange{{
				request: "GET https://api.example/",
				headers: map[string]string{"X-Key": "test-key-api_key", "User-Agent": "mine", "Accept": "*/*"},
			}},
		},
		"a host alone": {
			small("request: {url: 'https://api.example:8443', query: {key: '{{api_key}}'}}\n" + oneBalance), nil, "",
			[]exchange{{request: "GET https://api.example:8443/?key=test-key-api_key"}},
		},
		"escapes in the path": {
			small("params: {team: {}}\nrequest: {url: 'https://api.example/{{team}}/b', headers: {X-Key: '{{api_key}}'}}\n" + oneBalance),
			map[string]string{"team": "a/b c?d#e%2F"},
			"",
			[]exchange{{request: "GET https://api.example/a%2Fb%20c%3Fd%23e%252F/b"}},
		},
		"the query is encoded and sorted": {
			small("params: {team: {}}\nrequest: {url: 'https://api.example/b', query: {z: '{{api_key}}', a: '{{team}} x', m: 'lit&eral'}}\n" + oneBalance),
			map[string]string{"team": "a/b&c=d+e"},
			"",
			[]exchange{{request: "GET https://api.example/b?a=a%2Fb%26c%3Dd%2Be+x&m=lit%26eral&z=test-key-api_key"}},
		},
		"an unset optional param leaves its entries out": {
			small("params: {team: {optional: true}}\nrequest: {url: 'https://api.example/b', headers: {X-Key: '{{api_key}}', X-Team: 'team {{team}}'}, query: {team: '{{team}}', z: '1'}}\n" + oneBalance), nil, "",
			[]exchange{{request: "GET https://api.example/b?z=1", headers: map[string]string{"X-Team": ""}}},
		},
		"a set one does not": {
			small("params: {team: {optional: true}}\nrequest: {url: 'https://api.example/b', headers: {X-Key: '{{api_key}}', X-Team: 'team {{team}}'}, query: {team: '{{team}}', z: '1'}}\n" + oneBalance),
			map[string]string{"team": "t"},
			"",
			[]exchange{{request: "GET https://api.example/b?team=t&z=1", headers: map[string]string{"X-Team": "team t"}}},
		},
		"the url by a param, its default": {
			small("params: {site: {values: [eu, us], default: us}}\nrequest: {url: {site: {eu: 'https://eu.example/b', us: 'https://us.example/b'}}, headers: {X-Key: '{{api_key}}'}}\n" + oneBalance), nil, "",
			[]exchange{{request: "GET https://us.example/b"}},
		},
		"the url by a param": {
			small("params: {site: {values: [eu, us], default: us}}\nrequest: {url: {site: {eu: 'https://eu.example/b', us: 'https://us.example/b'}}, headers: {X-Key: '{{api_key}}'}}\n" + oneBalance),
			map[string]string{"site": "eu"},
			"",
			[]exchange{{request: "GET https://eu.example/b"}},
		},
		"base_url replaces scheme and host, its path goes before": {
			small(keyInHeader + oneBalance), nil, "http://127.0.0.1:8080/a%2Fb/",
			[]exchange{{request: "GET http://127.0.0.1:8080/a%2Fb/v1/balance"}},
		},
		"base_url without a path": {
			small("request: {url: /v1/balance, headers: {X-Key: '{{api_key}}'}}\n" + oneBalance), nil, "https://gateway.example",
			[]exchange{{request: "GET https://gateway.example/v1/balance"}},
		},
		"basic": {
			small("request: {url: 'https://api.example/b', basic: {username: user, password: '{{api_key}}'}}\n" + oneBalance), nil, "",
			[]exchange{{request: "GET https://api.example/b", headers: map[string]string{"Authorization": "Basic dXNlcjp0ZXN0LWtleS1hcGlfa2V5"}}},
		},
		"POST without a body": {
			small("request: {method: POST, url: 'https://api.example/b', headers: {X-Key: '{{api_key}}'}}\n" + oneBalance), nil, "",
			[]exchange{{request: "POST https://api.example/b", headers: map[string]string{"Content-Type": ""}}},
		},
		"form": {
			small("request: {method: POST, url: 'https://api.example/b', form: {key: '{{api_key}}', a: 'x y'}}\n" + oneBalance), nil, "",
			[]exchange{{
				request: "POST https://api.example/b", body: "a=x+y&key=test-key-api_key",
				headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			}},
		},
		"json": {
			small("params: {team: {optional: true}, who: {}}\nrequest: {method: POST, url: 'https://api.example/b', json: {key: '{{api_key}}', a: [1, 2.5, true, null, '<{{who}}>', '{{team}}', {t: '{{team}}'}], q: '{ me { id }}'}}\n" + oneBalance),
			map[string]string{"who": `"&\`},
			"",
			[]exchange{{
				request: "POST https://api.example/b", body: `{"a":[1,2.5,true,null,"<\"&\\>",{}],"key":"test-key-api_key","q":"{ me { id }}"}`,
				headers: map[string]string{"Content-Type": "application/json"},
			}},
		},
		"json of several lines": {
			small("request:\n  method: POST\n  url: https://api.example/graphql\n  headers: {X-Key: '{{api_key}}'}\n  json:\n    query: |\n      query {\n        me { credits }}\n" + oneBalance), nil, "",
			[]exchange{{request: "POST https://api.example/graphql", body: `{"query":"query {\n  me { credits }}\n"}`}},
		},
		"today and month": {
			small("request: {url: 'https://api.example/b', headers: {X-Key: '{{api_key}}'}, query: {from: '{{month}}-01', to: '{{today}}'}}\n" + oneBalance), nil, "",
			[]exchange{{request: "GET https://api.example/b?from=2026-11-01&to=2026-11-21"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := mustParse(t, "test.yml", test.definition)
			for i := range test.exchanges {
				test.exchanges[i].reply = good
			}
			vendor := &scripted{t: t, exchanges: test.exchanges}
			account := testAccount(d, vendor)
			account.Params = test.params
			account.BaseURL = mustURL(t, test.base)
			if _, err := NewEngine(d, testClock).Fetch(t.Context(), account); err != nil {
				t.Errorf("failed: %v", err)
			}
			vendor.done()
		})
	}
}

// Nothing is sent when something cannot be.
func TestNothingIsSent(t *testing.T) {
	withTeam := small("params: {team: {}}\nrequest: {url: 'https://api.example/{{team}}', headers: {X-Key: '{{api_key}}'}}\n" + oneBalance)
	tests := map[string]struct {
		definition, key string
		params          map[string]string
		want            string
	}{
		"empty credential":     {small(keyInHeader + oneBalance), "", nil, "credentials: credentials.api_key is empty"},
		"line break":           {small(keyInHeader + oneBalance), "test-key\r\nX-Evil: 1", nil, "credentials: credentials.api_key holds a control character, such as a line break, or is not UTF-8"},
		"not UTF-8":            {small(keyInHeader + oneBalance), "test-key\xff", nil, "credentials: credentials.api_key holds a control character, such as a line break, or is not UTF-8"},
		"param not set":        {withTeam, "test-key", nil, "credentials: params.team is not set"},
		"param is ..":          {withTeam, "test-key", map[string]string{"team": ".."}, "credentials: a value in the path of the URL is . or .., which leads elsewhere"},
		"param with a newline": {withTeam, "test-key", map[string]string{"team": "a\nb"}, "credentials: params.team holds a control character, such as a line break, or is not UTF-8"},
		"value not listed": {
			small("params: {site: {values: [eu], default: eu}}\nrequest: {url: {site: {eu: 'https://eu.example/b'}}, headers: {X-Key: '{{api_key}}'}}\n" + oneBalance),
			"test-key",
			map[string]string{"site": "us"},
			"credentials: params.site is none of the values that the definition lists",
		},
		"not a number": {
			small("params: {limit: {type: number}}\n" + keyInHeader + "balances: [{unit: credits, allocated: $limit, used: .used}]\n"),
			"test-key",
			map[string]string{"limit": "lots"},
			"credentials: params.limit is not a number",
		},
		"no base_url": {
			small("request: {url: /v1/balance, headers: {X-Key: '{{api_key}}'}}\n" + oneBalance),
			"test-key", nil, "credentials: the account has no base_url, and the definition names no host",
		},
		"colon in a user name": {
			small("request: {url: 'https://api.example/', basic: {username: '{{api_key}}', password: x}}\n" + oneBalance),
			"test:key", nil, "credentials: the user name of basic authentication holds a colon (RFC 7617)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			vendor := &scripted{t: t}
			account := Account{
				Credentials: map[string]Secret{"api_key": NewSecret(test.key)}, Params: test.params, Transport: vendor,
			}
			compare(t, outcome(NewEngine(mustParse(t, "test.yml", test.definition), testClock).Fetch(t.Context(), account)), test.want)
			vendor.done()
		})
	}
}

// A fresh UUID for every request, of version 4.
func TestUUID(t *testing.T) {
	d := mustParse(t, "test.yml", small("request: {url: 'https://api.example/', headers: {X-Key: '{{api_key}}', X-Id: '{{uuid}}', X-Again: '{{uuid}}'}}\n"+oneBalance))
	var seen []string
	vendor := transportFunc(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.Header.Get("X-Id"))
		if r.Header.Get("X-Id") != r.Header.Get("X-Again") {
			t.Error("one request has two UUIDs")
		}
		return reply(r, 200, `{"credits": 1}`), nil
	})
	for range 2 {
		if _, err := NewEngine(d, testClock).Fetch(t.Context(), testAccount(d, vendor)); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range seen {
		if len(id) != 36 || id[14] != '4' || !strings.Contains("89ab", id[19:20]) {
			t.Errorf("%q is not a UUID of version 4", id)
		}
	}
	if seen[0] == seen[1] {
		t.Error("the UUID is not fresh")
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}
