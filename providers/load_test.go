package providers

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// complete is a definition that nothing is wrong with; the tests below change one line of it.
const complete = `schema: 1
name: test
title: Test
category: proxy
docs: https://docs.example/balance
verified: 2026-11-21
credentials: {api_key: {help: "a key"}}
params: {team: {help: "a team", default: a}}
request:
  url: https://api.example/{{team}}
  headers: {X-Key: "{{api_key}}"}
balances:
  - unit: credits
    remaining: .credits
`

// One definition for every check: what is wrong, where, and what to write instead.
func TestProblems(t *testing.T) {
	tests := []struct {
		name     string
		old, new string // what is changed in the complete definition; an empty old appends
		want     string // after `test.yml:`
	}{
		// The head.
		{"schema missing", "schema: 1\n", "", "1:1: schema is missing"},
		{"schema of the future", "schema: 1", "schema: 2", "1:9: schema: this program reads schema 1"},
		{"schema in quotes", "schema: 1", "schema: '1'", "1:9: schema: must be a whole number, not text"},
		{"name", "name: test", "name: My_Vendor", "2:7: name: must be lower-case words joined by dashes, such as my-vendor"},
		{"unknown key", "title:", "tilte:", "3:1: tilte: unknown key; did you mean title?"},
		{"two lines", "title: Test", "title: \"a\\nb\"", "3:8: title: must be one line"},
		{"category", "proxy", "proxi", "4:11: category: unknown word; did you mean proxy?"},
		{"docs", "https://docs.example/balance", "the dashboard", "5:7: docs: must be the URL of the vendor's own page; what else the facts come from is `source`"},
		{"verified", "2026-11-21", "November", "6:11: verified: must be a date such as 2026-11-21"},
		{"confidence", "", "confidence: maybe\n", "15:13: confidence: unknown word; known here: high, medium, low"},
		{"empty key", "", "note:\n", "15:1: note: is empty: give it a value or leave the key out"},
		{"min_interval", "", "min_interval: 1 minute\n", "15:15: min_interval: must be a duration of days, hours, minutes and seconds, such as 90s, 5m, 1h30m or 30d"},
		{"host_interval of nothing", "", "host_interval: 0s\n", "15:16: host_interval: must be a duration of days, hours, minutes and seconds, such as 90s, 5m, 1h30m or 30d"},

		// What an account gives.
		{"no credentials", "credentials: {api_key: {help: \"a key\"}}\n", "", "1:1: credentials is missing\ntest.yml:10:20: request.headers.X-Key: {{api_key}} is not declared: it is neither a credential, nor a param, nor given by first"},
		{"credential's name", "", "first: {url: https://api.example/, gives: {API: .a}}\n", "15:44: first.gives.API: a name is lower-case letters, digits and _, and begins with a letter"},
		{"built-in name", "params: {team:", "params: {today: {}, team:", "8:10: params.today: this name is built in"},
		{"name of a credential", "params: {team:", "params: {api_key: {}, team:", "8:10: params.api_key: a credential has this name already"},
		{"unused credential", "{api_key:", "{other: {}, api_key:", "7:15: credentials.other: nothing uses this credential: write {{other}} where it belongs, or take it out"},
		{"unused param", "params: {team:", "params: {other: {}, team:", "8:10: params.other: nothing uses this param: write {{other}} where it belongs, or take it out"},
		{"type", "default: a", "type: int", "8:39: params.team.type: unknown word; known here: string, number"},
		{"default not listed", "default: a", "default: a, values: [b, c]", "8:42: params.team.default: is not one of the values"},
		{"default not a number", "default: a", "default: a, type: number", "8:42: params.team.default: must be a number, as the param's type says"},
		{"default and optional", "default: a", "default: a, optional: true", "8:55: params.team.optional: a param with a default is never unset: leave one of the two out\ntest.yml:10:8: request.url: {{team}} may be unset, and nothing can be left out here: give the param a default, or let first give it"},

		// The request.
		{"method", "request:\n", "request:\n  method: PUT\n", "10:11: request.method: unknown word; known here: GET, POST"},
		{"a body with GET", "request:\n", "request:\n  json: {a: b}\n", "10:9: request.json: only a POST has a body: add method: POST"},
		{"two bodies", "request:\n", "request:\n  method: POST\n  json: {a: b}\n  form: {a: b}\n", "11:9: request.json: a request has one body: form or json"},
		{"plain http", "https://api", "http://api", "10:8: request.url: a url is https://HOST/PATH, or /PATH where every account gives its base_url"},
		{"host from a param", "https://api.example/{{team}}", "https://{{team}}.example/", "10:8: request.url: the host must be literal; a url is https://HOST/PATH, or /PATH where every account gives its base_url"},
		{"user in the url", "https://api.example/", "https://user@api.example/", "10:8: request.url: the host must be literal; a url is https://HOST/PATH, or /PATH where every account gives its base_url"},
		{"query in the url", "{{team}}\n", "{{team}}?a=b\n", "10:8: request.url: a url has no query and no fragment: write the query under `query`"},
		{"dots in the url", "https://api.example/", "https://api.example/../", "10:8: request.url: a url has no segment . or .."},
		{"not a url", "https://api.example/{{team}}", "'https://api.example/a b/{{team}}'", "10:8: request.url: the path holds a character that must be written as a percent escape (RFC 3986)"},
		{"urls by no param", "url: https://api.example/{{team}}", "url: {x: {a: https://api.example/}}", "8:10: params.team: nothing uses this param: write {{team}} where it belongs, or take it out\ntest.yml:10:9: request.url.x: is not a param of this definition"},
		{"urls by two params", "url: https://api.example/{{team}}", "url: {team: {}, x: {}}", "8:10: params.team: nothing uses this param: write {{team}} where it belongs, or take it out\ntest.yml:10:8: request.url: must name one param, with a url for each of its values"},
		{"a value without a url", "default: a}}\nrequest:\n  url: https://api.example/{{team}}", "default: a, values: [a, b]}}\nrequest:\n  url: {team: {a: 'https://api.example/'}}", "10:15: request.url.team: has no url for the param's value b"},
		{"a url without a value", "default: a}}\nrequest:\n  url: https://api.example/{{team}}", "default: a, values: [a]}}\nrequest:\n  url: {team: {a: 'https://api.example/', b: 'https://api.example/'}}", "10:43: request.url.team.b: is not one of the param's values"},
		{"with and without a host", "default: a}}\nrequest:\n  url: https://api.example/{{team}}", "default: a, values: [a, b]}}\nrequest:\n  url: {team: {a: 'https://api.example/', b: /}}", "10:15: request.url.team: all urls of a definition name a host, or none does"},
		{"header", "X-Key:", "'X Key':", "11:13: request.headers.X Key: is not the name of a header"},
		{"header of the engine", "{X-Key:", "{Accept-Encoding: br, X-Key:", "11:13: request.headers.Accept-Encoding: this header is the engine's to set"},
		{"header twice", "{X-Key:", "{x-key: a, X-Key:", "11:23: request.headers.X-Key: this header stands here a second time"},
		{"control character", "\"{{api_key}}\"", "\"{{api_key}}\\n\"", "11:20: request.headers.X-Key: a header cannot hold a line break or another control character"},
		{"undeclared name", "{{team}}", "{{tem}}", "8:10: params.team: nothing uses this param: write {{team}} where it belongs, or take it out\ntest.yml:10:8: request.url: {{tem}} is not declared: it is neither a credential, nor a param, nor given by first"},
		{"spaces in a name", "{{team}}", "{{ team }}", "8:10: params.team: nothing uses this param: write {{team}} where it belongs, or take it out\ntest.yml:10:8: request.url: {{ begins a name such as {{api_key}}, in lower case and without spaces"},
		{"unquoted template", "\"{{api_key}}\"", "{{api_key}}", "7:15: credentials.api_key: nothing uses this credential: write {{api_key}} where it belongs, or take it out\ntest.yml:11:20: request.headers.X-Key: must be text, not a mapping; quote text that begins with {"},
		{"colon in a user name", "request:\n", "request:\n  basic: {username: 'a:b', password: c}\n", "10:10: request.basic: a user name cannot hold a colon (RFC 7617)"},
		{"basic twice over", "headers: {X-Key:", "basic: {username: a, password: b}\n  headers: {authorization:", "11:10: request.basic: basic sets the header Authorization, which headers sets too"},
		{"number that JSON has not", "request:\n", "request:\n  method: POST\n  json: {a: 0x10}\n", "11:13: request.json.a: must be a number as JSON writes it, or text in quotes"},
		{"signer", "request:\n", "request:\n  sign: aws-sigv4\n", "10:9: request.sign: unknown word; known here: alibaba-acs3, decodo-login, exoscale-exo2, kling-jwt, oauth2-client-credentials, tencent-tc3"},
		{"signer's credential", "request:\n", "request:\n  sign: exoscale-exo2\n", "10:9: request.sign: exoscale-exo2 needs the credential api_secret: declare it"},
		{"body", "request:\n", "request:\n  body: yaml\n", "10:9: request.body: unknown word; known here: json, text, xml, keyvalue"},

		// first.
		{"no gives", "", "first: {url: https://api.example/}\n", "15:8: first: gives is missing"},
		{"another host", "", "first: {url: https://other.example/, gives: {x: .x}}\n", "10:3: request: first and request must go to one host"},
		{"param that is not optional", "", "first: {url: https://api.example/, gives: {team: .x}}\n", "15:44: first.gives.team: the param of this name must be optional: it is what the account may set instead"},
		{"first uses what it gives", "", "first: {url: 'https://api.example/{{x}}', gives: {x: .x}}\n", "15:14: first.url: {{x}} is not declared: it is neither a credential, nor a param, nor given by first"},

		// answers.
		{"neither status nor when", "", "answers: [{means: ok}]\n", "15:11: answers[0]: needs a status, a when, or both"},
		{"means", "", "answers: [{status: 402, means: payment}]\n", "15:32: answers[0].means: unknown word; known here: ok, zero, unauthorized, payment_required, rate_limited, client_error, server_error, timeout, bad_response"},
		{"status", "", "answers: [{status: 4x2, means: ok}]\n", "15:20: answers[0].status: must be a status such as 402, or 5xx, or a list of them"},
		{"status of a list", "", "answers: [{status: [402, 99], means: ok}]\n", "15:26: answers[0].status[1]: must be a status such as 402, or 5xx, or a list of them"},
		{"no status in a list", "", "answers: [{status: [], means: ok}]\n", "15:20: answers[0].status: is empty: give at least one status, or leave the key out"},
		{"zero of a computed unit", "unit: credits\n    remaining: .credits\n", "unit: {currency: .c}\n    remaining: .credits\nanswers: [{status: 404, means: zero}]\n", "15:11: answers[0]: zero is for definitions whose balances have literal units and no each"},

		// balances.
		{"no balances", "balances:\n  - unit: credits\n    remaining: .credits\n", "", "1:1: balances is missing"},
		{"no balance", "balances:\n  - unit: credits\n    remaining: .credits\n", "balances: []\n", "12:11: balances: is empty: a definition reads at least one balance"},
		{"unit missing", "unit: credits\n    ", "", "13:5: balances[0]: unit is missing"},
		{"unit", "unit: credits", "unit: Credits", "13:11: balances[0].unit: a unit is an ISO code such as USD, or a lower-case plural such as credits or search_credits; an expression is written {jq: ...} or {currency: ...}"},
		{"unit that looks like an expression", "unit: credits", "unit: .unit", "13:11: balances[0].unit: a unit is an ISO code such as USD, or a lower-case plural such as credits or search_credits; an expression is written {jq: ...} or {currency: ...}"},
		{"unit with both forms", "unit: credits", "unit: {jq: .a, currency: .b}", "13:11: balances[0].unit: jq and currency exclude each other"},
		{"unit twice", "balances:\n", "balances:\n  - {unit: credits, remaining: .a}\n", "14:5: balances[1]: another balance has the unit credits already: give each a when, or list the parts as lots"},
		{"no way to a balance", "remaining:", "allocated:", "13:5: balances[0]: has no way to a balance: give remaining, or allocated and used, or lots"},
		{"number for an expression", ".credits", "100", `14:16: balances[0].remaining: must be text, not a number: write "100" in quotes`},
		{"boolean for an expression", ".credits\n", ".credits\n    when: true\n", `15:11: balances[0].when: must be text, not a boolean: write "true" in quotes`},
		{"nothing for an expression", ".credits\n", ".credits\n    when: null\n", "15:5: balances[0].when: is empty: give it a value or leave the key out"},
		{"long form with another key", "remaining: .credits", "remaining: {jq: .credits, scale: 2}", "14:31: balances[0].remaining.scale: unknown key; known here: divide_by, jq"},
		{"divided by 0", ".credits\n", ".credits\n    divide_by: 0\n", "15:16: balances[0].divide_by: must be a decimal number other than 0"},
		{"divided by text", ".credits\n", ".credits\n    divide_by: '100'\n", "15:16: balances[0].divide_by: must be a number without quotes, or {jq: ...}"},
		{"period with expires", ".credits\n", ".credits\n    period: true\n    expires: .e\n", "13:5: balances[0]: period and expires exclude each other: what renews is said by resets"},
		{"kind", ".credits\n", ".credits\n    kind: Top Up\n", "15:11: balances[0].kind: a kind is lower case, with dashes for spaces; an expression is written {jq: ...}"},
		{"period_seconds from nowhere", ".credits\n", ".credits\n    period_seconds: {to: .e}\n", "15:21: balances[0].period_seconds: from is missing"},
		{"period_seconds with another key", ".credits\n", ".credits\n    period_seconds: {from: .s, to: .e, divide_by: 2}\n", "15:40: balances[0].period_seconds.divide_by: unknown key; known here: from, to"},
		{"period in quotes", ".credits\n", ".credits\n    period: 'yes'\n", "15:13: balances[0].period: must be true or false, not text"},
		{"lots beside kind", ".credits\n", ".credits\n    kind: a\n    lots: [{kind: b, remaining: .b}]\n", "13:5: balances[0]: with lots, kind belongs to each lot"},
		{"no lot", ".credits\n", ".credits\n    lots: []\n", "15:11: balances[0].lots: is empty: give at least one lot or leave the key out"},
		{"lot without a name", ".credits\n", ".credits\n    lots: [{remaining: .b}]\n", "15:12: balances[0].lots[0]: needs a kind or an id, which its label is made of"},
		{"lot without a figure", ".credits\n", ".credits\n    lots: [{kind: b, used: .b}]\n", "15:12: balances[0].lots[0]: has no way to a balance: give remaining, or allocated and used"},
		{"period lot that expires", ".credits\n", ".credits\n    lots: [{kind: b, remaining: .b, period: true, expires: .e}]\n", "15:12: balances[0].lots[0]: period and expires exclude each other: what renews is said by resets of the balance"},
		{"period lots of a list", ".credits\n", ".credits\n    lots: [{kind: b, remaining: .b, period: true, each: .l}]\n", "15:12: balances[0].lots[0]: period and each exclude each other: an allowance that renews is one lot"},
		{"resets in a long form", ".credits\n", ".credits\n    resets: {jq: .r}\n", "15:13: balances[0].resets: next is missing\ntest.yml:15:14: balances[0].resets.jq: unknown key; known here: next"},
		{"is of no word", "", "usage_allowed: {jq: .a, is: []}\n", "15:29: usage_allowed.is: must list the words that mean that usage is allowed"},
		{"not with another key", "", "usage_allowed: {not: .a, is: [b]}\n", "15:26: usage_allowed.is: unknown key; known here: not"},

		// YAML and expressions.
		{"comment that cuts an expression", ".credits\n", ".credits | select(. == 1 # 2)\n", "14:16: balances[0].remaining: .credits | select(. == 1: not jq: it ends too early; a # after a space begins a comment, and text with one needs quotes"},
		{"expression in flow style", "balances:\n  - unit: credits\n    remaining: .credits\n", "balances: [{unit: credits, remaining: .a[0].b}]\n", "11:1: not valid YAML: did not find expected ',' or '}'; inside { } and [ ], text that holds one of , [ ] { } must be quoted"},
		{"an expression that is refused", ".credits", ".a + .b", "14:16: balances[0].remaining: .a + .b: + is available between numbers only, and .a may be text or null: write (.a | amount)"},
		{"override", "", "override: 1\n", "15:11: override: must be true or false, not a number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := complete + test.new
			if test.old != "" {
				if !strings.Contains(complete, test.old) {
					t.Fatalf("%q is not in the definition", test.old)
				}
				text = strings.Replace(complete, test.old, test.new, 1)
			}
			_, problems := ParseDefinition("test.yml", []byte(text))
			compare(t, problems.Error(), "test.yml:"+test.want)
		})
	}
}

// The catalogue asks for what a user's own file may leave out.
func TestProblemsOfTheCatalogue(t *testing.T) {
	bare := small(keyInHeader + oneBalance)
	if _, problems := ParseDefinition("test.yml", []byte(bare)); len(problems) > 0 {
		t.Errorf("a user's own file: %v", problems)
	}
	tests := map[string]struct{ folder, text, want string }{
		"bare": {"test", bare, "catalog/test/provider.yml:1:1: title is missing\n" +
			"catalog/test/provider.yml:1:1: category is missing\n" +
			"catalog/test/provider.yml:1:1: docs is missing, or source where the vendor has no page about it\n" +
			"catalog/test/provider.yml:1:1: verified is missing"},
		"folder":   {"other", complete, "catalog/other/provider.yml:2:7: name: must be the name of its folder, other"},
		"override": {"test", complete + "override: true\n", "catalog/test/provider.yml:15:11: override: is for a user's own file: it replaces the catalogue's definition of the same name"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadCatalog(fstest.MapFS{"catalog/" + test.folder + "/provider.yml": {Data: []byte(test.text)}})
			if err == nil {
				t.Fatal("no error")
			}
			compare(t, err.Error(), test.want)
		})
	}
}

func TestCatalogWith(t *testing.T) {
	c, err := loadCatalog(fstest.MapFS{"catalog/test/provider.yml": {Data: []byte(complete)}})
	if err != nil {
		t.Fatal(err)
	}
	own := func(file, name, more string) *Definition {
		return mustParse(t, file, strings.Replace(complete, "name: test", "name: "+name, 1)+more)
	}
	all, problems := c.With([]*Definition{own("a.yml", "mine", ""), own("b.yml", "test", "override: true\n")})
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	var files []string
	for _, d := range all.Definitions() {
		files = append(files, d.Name+" "+d.File)
	}
	compare(t, strings.Join(files, ", "), "mine a.yml, test b.yml")
	if d, ok := c.Lookup("test"); !ok || d.File != "catalog/test/provider.yml" {
		t.Error("With changed the catalogue")
	}
	if _, ok := c.Lookup("mine"); ok {
		t.Error("With changed the catalogue")
	}
	_, problems = c.With([]*Definition{own("a.yml", "test", ""), own("b.yml", "mine", ""), own("c.yml", "mine", "")})
	compare(t, problems.Error(), "a.yml:2:7: name: the catalogue has a definition of this name: choose another, or write override: true to replace it\n"+
		"c.yml:2:7: name: b.yml defines mine already")
}

func TestDefinition(t *testing.T) {
	d := mustParse(t, "test.yml", `schema: 1
name: test
note: a poll costs one request
aliases: [old, older]
min_interval: 1h30m
host_interval: 2s
credentials: {api_key: {help: "the key"}}
params:
  site: {values: [eu, us], default: us, help: "the site"}
  limit: {type: number, default: 5}
  team: {optional: true}
request:
  url: {site: {eu: "https://EU.example:8443/", us: "https://us.example/"}}
  headers: {X-Key: "{{api_key}}", X-Team: "{{team}}"}
balances:
  - {unit: credits, remaining: .a}
  - {unit: {currency: .c}, remaining: $limit}
  - {unit: images, remaining: .b, plan_allocated: .plan}
  - {unit: pages, lots: [{each: .lots, kind: .kind, remaining: .left, allocated: .all}]}
`)
	if d.MinInterval != 90*time.Minute || d.HostInterval != 2*time.Second || d.Note == "" || len(d.Aliases) != 2 {
		t.Errorf("%+v", d)
	}
	if len(d.Params) != 3 || d.Params[0].Name != "site" || d.Params[1].Default != "5" || !d.Params[1].Number || !d.Params[2].Optional {
		t.Errorf("params: %+v", d.Params)
	}
	if len(d.Credentials) != 1 || d.Credentials[0] != (Credential{"api_key", "the key"}) {
		t.Errorf("credentials: %+v", d.Credentials)
	}
	for unit, want := range map[string]bool{"credits": true, "USD": true, "USDT": false, "tokens": false} {
		if d.Reports(unit) != want {
			t.Errorf("Reports(%s) = %t", unit, !want)
		}
	}
	for unit, want := range map[string]bool{"credits": false, "USD": false, "images": true, "pages": true, "tokens": false} {
		if d.Allocates(unit) != want {
			t.Errorf("Allocates(%s) = %t", unit, !want)
		}
	}
	compare(t, d.Host(nil, nil), "us.example")
	compare(t, d.Host(map[string]string{"site": "eu"}, nil), "eu.example:8443")
	compare(t, d.Host(map[string]string{"site": "mars"}, nil), "")
	compare(t, d.Host(nil, mustURL(t, "https://Proxy.example:1/x")), "proxy.example:1")
	if d.NeedsBaseURL() {
		t.Error("needs no base_url")
	}
	relative := mustParse(t, "test.yml", small("request: {url: /b, headers: {X-Key: '{{api_key}}'}}\n"+oneBalance))
	if !relative.NeedsBaseURL() || relative.Host(nil, nil) != "" {
		t.Error("needs a base_url")
	}
}

// The fingerprint tells what changes figures from what does not.
func TestFingerprint(t *testing.T) {
	original := mustParse(t, "test.yml", complete).Fingerprint()
	for name, test := range map[string]struct {
		old, new string
		same     bool
	}{
		"title":     {"title: Test", "title: Other", true},
		"help":      {"a key", "another key", true},
		"comment":   {"balances:", "# a comment\nbalances:", true},
		"interval":  {"verified: 2026-11-21\n", "min_interval: 9m\n", true},
		"default":   {"default: a", "default: b", false},
		"url":       {"api.example", "api2.example", false},
		"figure":    {".credits", ".left", false},
		"unit":      {"unit: credits", "unit: tokens", false},
		"new field": {".credits\n", ".credits\n    period: true\n", false},
	} {
		got := mustParse(t, "other.yml", strings.Replace(complete, test.old, test.new, 1)).Fingerprint()
		if (got == original) != test.same {
			t.Errorf("%s: fingerprints %s and %s", name, original, got)
		}
	}
}
