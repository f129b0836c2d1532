package providers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// pollOnce makes one poll of a vendor that gives one answer.
func pollOnce(t *testing.T, definition string, params map[string]string, status int, header http.Header, body string) string {
	t.Helper()
	d := mustParse(t, "test.yml", definition)
	vendor := transportFunc(func(r *http.Request) (*http.Response, error) {
		answer := reply(r, status, body)
		if header != nil {
			answer.Header = header
		}
		return answer, nil
	})
	account := testAccount(d, vendor)
	account.Params = params
	return outcome(NewEngine(d, testClock).Fetch(t.Context(), account))
}

// What a definition reads from an answer. The definitions begin after the request.
func TestReports(t *testing.T) {
	const lone = `"lots":[{"id":"default","kind":"default",`
	tests := []struct{ name, rules, in, want string }{
		// Amounts.
		{"text", oneBalance, `{"credits": "+5."}`, `{"balances":[{"unit":"credits","remaining":"5",` + lone + `"remaining":"5"}]}]}`},
		{"0 is 0", oneBalance, `{"credits": 0}`, `{"balances":[{"unit":"credits","remaining":"0",` + lone + `"remaining":"0"}]}]}`},
		{"debt", oneBalance, `{"credits": -0.5}`, `{"balances":[{"unit":"credits","remaining":"-0.5",` + lone + `"remaining":"-0.5"}]}]}`},
		{"null", oneBalance, `{"credits": null}`, `bad_response: balances[0].remaining: .credits: missing`},
		{"an object", oneBalance, `{"credits": {}}`, `bad_response: balances[0].remaining: .credits: expected a number, found an object`},
		{"not a number", oneBalance, `{"credits": "NaN"}`, `bad_response: balances[0].remaining: .credits: expected a number of at most 64 characters, found text: not a decimal number`},
		{"2^53", oneBalance, `{"credits": 9007199254740992}`, `bad_response: balances[0].remaining: .credits: a number of 2^53 or more, which a sample cannot hold exactly`},
		{"2^53 before it is divided", "balances: [{unit: credits, divide_by: 1000, remaining: .credits}]\n", `{"credits": 9007199254740992}`, `{"balances":[{"unit":"credits","remaining":"9007199254740.992",` + lone + `"remaining":"9007199254740.992"}]}]}`},
		{"2^53 by subtraction", "balances: [{unit: credits, allocated: .a, used: .u}]\n", `{"a": 9007199254740991, "u": -1}`, `bad_response: balances[0].used: .u: a number of 2^53 or more, which a sample cannot hold exactly`},
		{"2^53 by the sum of lots", "balances: [{unit: credits, lots: [{kind: a, remaining: .a}, {kind: b, remaining: .b}]}]\n", `{"a": 9007199254740991, "b": 1}`, `bad_response: balances[0].lots: a number of 2^53 or more, which a sample cannot hold exactly`},
		{"exact cents", "balances: [{unit: USD, divide_by: 100, remaining: .c}]\n", `{"c": 9972.2324}`, `{"balances":[{"unit":"USD","remaining":"99.722324",` + lone + `"remaining":"99.722324"}]}]}`},
		{"a divisor of the answer", "balances: [{unit: USD, divide_by: {jq: .scale}, remaining: .c}]\n", `{"c": 5, "scale": 10}`, `{"balances":[{"unit":"USD","remaining":"0.5",` + lone + `"remaining":"0.5"}]}]}`},
		{"a divisor that is missing", "balances: [{unit: USD, divide_by: {jq: .scale}, remaining: .c}]\n", `{"c": 5}`, `bad_response: balances[0].divide_by: .scale: missing`},
		{"a divisor of 0", "balances: [{unit: USD, divide_by: {jq: .scale}, remaining: .c}]\n", `{"c": 5, "scale": 0}`, `bad_response: balances[0].divide_by: .scale: is 0`},
		{
			"an inner divisor replaces the outer",
			"balances: [{unit: USD, divide_by: 100, remaining: {jq: .c, divide_by: 10}, used: .u, lots: [{kind: a, remaining: .l}, {kind: b, divide_by: 2, remaining: .l}]}]\n",
			`{"c": 5, "u": 5, "l": 4}`,
			`{"balances":[{"unit":"USD","remaining":"0.5","used":"0.05","listed":true,"lots":[{"kind":"a","remaining":"0.04"},{"kind":"b","remaining":"2"}]}]}`,
		},
		{"used is missing where it is needed", "balances: [{unit: credits, allocated: .a, used: .u}]\n", `{"a": 1}`, `bad_response: balances[0].used: .u: missing`},
		{"allocated is missing where it is needed", "balances: [{unit: credits, allocated: .a, used: .u}]\n", `{"u": 1}`, `bad_response: balances[0].allocated: .a: missing`},
		{"both are missing where they are not", "balances: [{unit: credits, remaining: .r, allocated: .a, used: .u, plan_allocated: .p}]\n", `{"r": 1}`, `{"balances":[{"unit":"credits","remaining":"1",` + lone + `"remaining":"1"}]}]}`},
		{"garbage is never absent", "balances: [{unit: credits, remaining: .r, allocated: .a}]\n", `{"r": 1, "a": "lots"}`, `bad_response: balances[0].allocated: .a: expected a number of at most 64 characters, found text: not a decimal number`},
		{"eNom's thousands", "balances: [{unit: USD, remaining: '.AvailableBalance | gsub(\",\"; \"\")'}]\n", `{"AvailableBalance": "1,234.50"}`, `{"balances":[{"unit":"USD","remaining":"1234.5",` + lone + `"remaining":"1234.5"}]}]}`},
		{"Vultr's sign", "balances: [{unit: USD, divide_by: -1, remaining: (.b | amount) + (.p | amount)}]\n", `{"b": -10.1, "p": 0.2}`, `{"balances":[{"unit":"USD","remaining":"9.9",` + lone + `"remaining":"9.9"}]}]}`},

		// Balances.
		{
			"each of a list", "balances: [{each: .l, unit: {jq: .u}, remaining: .r}]\n", `{"l": [{"u": "a", "r": 1}, {"u": "b_2", "r": 2}]}`,
			`{"balances":[{"unit":"a","remaining":"1",` + lone + `"remaining":"1"}]},{"unit":"b_2","remaining":"2",` + lone + `"remaining":"2"}]}]}`,
		},
		{"each of an object", "balances: [{each: .l, unit: credits, remaining: .r}]\n", `{"l": {"r": 1}}`, `{"balances":[{"unit":"credits","remaining":"1",` + lone + `"remaining":"1"}]}]}`},
		{"each of nothing", "balances: [{each: .l, unit: credits, remaining: .r}]\n", `{}`, `bad_response: balances[0].each: .l: missing`},
		{"each of text", "balances: [{each: .l, unit: credits, remaining: .r}]\n", `{"l": "x"}`, `bad_response: balances[0].each: .l: expected a list or an object, found text`},
		{"element of another type", "balances: [{each: .l, unit: credits, remaining: .r}]\n", `{"l": [5]}`, `bad_response: balances[0][0].remaining: .r: a number stands where an object is expected`},
		{"a unit that is none", "balances: [{unit: {jq: .u}, remaining: .r}]\n", `{"u": "Main credits", "r": 1}`, `bad_response: balances[0].unit: .u: not a unit: an ISO code such as USD, or a lower-case plural`},
		{"a unit that is a number", "balances: [{unit: {jq: .u}, remaining: .r}]\n", `{"u": 5, "r": 1}`, `bad_response: balances[0].unit: .u: expected text, found a number`},
		{"a unit that is missing", "balances: [{unit: {jq: .u}, remaining: .r}]\n", `{"r": 1}`, `bad_response: balances[0].unit: .u: missing`},
		{"a currency of four letters", "balances: [{unit: {currency: .u}, remaining: .r}]\n", `{"u": "usdt", "r": 1}`, `bad_response: balances[0].unit: .u: not the three letters of a currency`},
		{"when", "balances: [{unit: a, when: .x == 1, remaining: .r}, {unit: b, when: .x == 2, remaining: .r}]\n", `{"x": 2, "r": 1}`, `{"balances":[{"unit":"b","remaining":"1",` + lone + `"remaining":"1"}]}]}`},
		{"when is no condition", "balances: [{unit: a, when: .x, remaining: .r}]\n", `{"x": 1, "r": 1}`, `bad_response: balances[0].when: .x: expected true or false, found a number`},
		{"unlimited", "balances: [{unit: a, unlimited: .un, remaining: .r, used: .u, resets: .t, allocated: .al, period: true}]\n", `{"un": true, "u": 3, "t": "2026-12-01"}`, `{"balances":[{"unit":"a","unlimited":true,"used":"3","resets":"2026-12-01T00:00:00Z"}]}`},
		{"unlimited that is missing", "balances: [{unit: a, unlimited: .un, remaining: .r}]\n", `{"r": 1}`, `bad_response: balances[0].unlimited: .un: missing`},
		{
			"returns, period_seconds, as_of", "balances: [{unit: a, remaining: .r, returns: true, period_seconds: (.e | amount) - (.s | amount)}]\nas_of: .t\n", `{"r": 1, "s": 1000, "e": 3601000, "t": 1798761600}`,
			`{"balances":[{"unit":"a","remaining":"1","period_length":3600000000000000,"returns":true,` + lone + `"remaining":"1"}]}],"as_of":"2027-01-01T00:00:00Z"}`,
		},
		{"period_seconds in milliseconds", "balances: [{unit: a, divide_by: 7, remaining: .r, period_seconds: {jq: .ms, divide_by: 1000}}]\n", `{"r": 7, "ms": 60500}`, `{"balances":[{"unit":"a","remaining":"1","period_length":60500000000,` + lone + `"remaining":"1"}]}]}`},
		{"period_seconds that is negative", "balances: [{unit: a, remaining: .r, period_seconds: .p}]\n", `{"r": 1, "p": -5}`, `bad_response: balances[0].period_seconds: .p: not the length of a period`},
		{"period_seconds between two times", "balances: [{unit: a, remaining: .r, period_seconds: {from: .s, to: .e}}]\n", `{"r": 1, "s": "2026-11-01", "e": "2026-12-01T00:00:00Z"}`, `{"balances":[{"unit":"a","remaining":"1","period_length":2592000000000000,` + lone + `"remaining":"1"}]}]}`},
		{"period_seconds between epochs of two forms", "balances: [{unit: a, remaining: .r, period_seconds: {from: .s, to: .e}}]\n", `{"r": 1, "s": 1798761600000, "e": "1798761660"}`, `{"balances":[{"unit":"a","remaining":"1","period_length":60000000000,` + lone + `"remaining":"1"}]}]}`},
		{"period_seconds without its beginning", "balances: [{unit: a, remaining: .r, period_seconds: {from: .s, to: .e}}]\n", `{"r": 1, "s": null, "e": "2026-12-01"}`, `{"balances":[{"unit":"a","remaining":"1",` + lone + `"remaining":"1"}]}]}`},
		{"period_seconds that ends where it begins", "balances: [{unit: a, remaining: .r, period_seconds: {from: .s, to: .e}}]\n", `{"r": 1, "s": "2026-12-01", "e": "2026-12-01"}`, `bad_response: balances[0].period_seconds.to: .e: not the length of a period`},
		{"period_seconds as a duration", "balances: [{unit: a, remaining: .r, period: true, period_seconds: 30d}]\n", `{"r": 1}`, `{"balances":[{"unit":"a","remaining":"1","period":true,"period_length":2592000000000000,` + lone + `"remaining":"1","period":true}]}]}`},
		{"plan_allocated beside a period", "balances: [{unit: a, allocated: .a, used: .u, plan_allocated: .p, period: true}]\n", `{"a": 5, "u": 1, "p": 3}`, `{"balances":[{"unit":"a","remaining":"4","allocated":"5","used":"1","plan_allocated":"3","period":true,` + lone + `"remaining":"4","allocated":"5","used":"1","period":true}]}]}`},
		{"kind and expires of the only lot", "balances: [{unit: a, remaining: .r, kind: {jq: .k}, expires: .e}]\n", `{"r": 1, "k": "Free Trial", "e": "2026-12-31"}`, `{"balances":[{"unit":"a","remaining":"1","lots":[{"id":"default","kind":"free-trial","remaining":"1","expires":"2027-01-01T00:00:00Z"}]}]}`},
		{"resets at the next word", "balances: [{unit: a, remaining: .r, resets: {next: .w}}]\n", `{"r": 1, "w": 15}`, `{"balances":[{"unit":"a","remaining":"1","resets":"2026-12-15T00:00:00Z",` + lone + `"remaining":"1"}]}]}`},
		{"resets at no word", "balances: [{unit: a, remaining: .r, resets: {next: .w}}]\n", `{"r": 1, "w": "yearly"}`, `bad_response: balances[0].resets.next: .w: expected day, week, month or a day of the month from 1 to 31, found another word`},
		{"resets that has passed", "balances: [{unit: a, remaining: .r, resets: .t}]\n", `{"r": 1, "t": "2026-11-21"}`, `{"balances":[{"unit":"a","remaining":"1",` + lone + `"remaining":"1"}]}]}`},
		{"a time that is none", "balances: [{unit: a, remaining: .r, resets: .t}]\n", `{"r": 1, "t": "soon"}`, `bad_response: balances[0].resets: .t: expected a time, found text: neither an RFC 3339 time, nor a date, nor an epoch`},

		// Lots.
		{
			"lots of a list", "balances: [{unit: a, lots: [{each: .l, id: .i, kind: {jq: .k}, allocated: .a, used: .u, starts: .s, expires: .e}]}]\n",
			`{"l": [{"i": 17, "k": "Top-up", "a": "2.5", "u": 0.5, "s": "2027-01-01", "e": "2026-12-31T23:59:59.5+01:00"}]}`,
			`{"balances":[{"unit":"a","listed":true,"lots":[{"id":"17","kind":"top-up","remaining":"2","allocated":"2.5","used":"0.5","starts":"2027-01-01T00:00:00Z","expires":"2026-12-31T22:59:59.5Z"}]}]}`,
		},
		{"an empty list is no lots", "balances: [{unit: a, lots: [{each: .l, id: .i, remaining: .r}]}]\n", `{"l": []}`, `{"balances":[{"unit":"a","listed":true}]}`},
		{"a lot that is not there", "balances: [{unit: a, remaining: .r, lots: [{kind: k, when: .x != null, remaining: .x}]}]\n", `{"r": 1}`, `{"balances":[{"unit":"a","remaining":"1","listed":true}]}`},
		{"a lot without an id", "balances: [{unit: a, lots: [{each: .l, id: .i, remaining: .r}]}]\n", `{"l": [{"r": 1}]}`, `bad_response: balances[0].lots[0][0].id: .i: missing`},
		{"a lot with an empty id", "balances: [{unit: a, lots: [{each: .l, id: .i, remaining: .r}]}]\n", `{"l": [{"i": "", "r": 1}]}`, `bad_response: balances[0].lots[0][0].id: .i: missing`},
		{"a lot with an id that is a list", "balances: [{unit: a, lots: [{each: .l, id: .i, remaining: .r}]}]\n", `{"l": [{"i": [], "r": 1}]}`, `bad_response: balances[0].lots[0][0].id: .i: expected text or a number, found a list`},
		{"a lot with a long id", "balances: [{unit: a, lots: [{each: .l, id: .i, remaining: .r}]}]\n", `{"l": [{"i": "` + strings.Repeat("x", 257) + `", "r": 1}]}`, `bad_response: balances[0].lots[0][0].id: .i: a name of more than 256 bytes`},
		{"a kind that is missing", "balances: [{unit: a, lots: [{each: .l, kind: {jq: .k}, remaining: .r}]}]\n", `{"l": [{"r": 1}]}`, `bad_response: balances[0].lots[0][0].kind: .k: missing`},
		{"a kind that is empty", "balances: [{unit: a, lots: [{each: .l, kind: {jq: .k}, remaining: .r}]}]\n", `{"l": [{"r": 1, "k": " "}]}`, `bad_response: balances[0].lots[0][0].kind: .k: empty text`},
		{"a sum that lacks a part", "balances: [{unit: a, lots: [{kind: x, remaining: .x}, {kind: y, remaining: .y}]}]\n", `{"x": 1}`, `bad_response: balances[0].lots[1].remaining: .y: missing`},
		{"10,000 lots", "balances: [{unit: a, lots: [{each: .l, kind: k, remaining: .}]}]\n", "{\"l\": [" + strings.Repeat("1,", 10_000) + "1]}", `bad_response: balances[0].lots[0].each: .l: more than 10000 of them`},
		{"10,000 lots in two lists", "balances: [{unit: a, lots: [{each: .l, kind: k, remaining: .}, {each: .l, kind: m, remaining: .}]}]\n", "{\"l\": [" + strings.Repeat("1,", 5_000) + "1]}", `bad_response: balances[0].lots[1].each: .l: more than 10000 of them`},

		// The rest.
		{"plan", oneBalance + "plan: {id: .i, name: .n}\n", `{"credits": 1, "i": 5, "n": "Pro"}`, `{"balances":[{"unit":"credits","remaining":"1",` + lone + `"remaining":"1"}]}],"plan":{"id":"5","name":"Pro"}}`},
		{"a plan that is an object", oneBalance + "plan: {name: .n}\n", `{"credits": 1, "n": {}}`, `bad_response: plan.name: .n: expected text or a number, found an object`},
		{"a plan with a line break", oneBalance + "plan: {name: .n}\n", `{"credits": 1, "n": "a\nb"}`, `bad_response: plan.name: .n: a name with a control character`},
		{"not", oneBalance + "usage_allowed: {not: .s}\n", `{"credits": 1, "s": true}`, `{"balances":[{"unit":"credits","remaining":"1",` + lone + `"remaining":"1"}]}],"usage_allowed":false}`},
		{"not of nothing", oneBalance + "usage_allowed: {not: .s}\n", `{"credits": 1}`, `{"balances":[{"unit":"credits","remaining":"1",` + lone + `"remaining":"1"}]}]}`},
		{"not of text", oneBalance + "usage_allowed: {not: .s}\n", `{"credits": 1, "s": "no"}`, `bad_response: usage_allowed: .s: expected true or false, found text`},
		{"is of a number", oneBalance + "usage_allowed: {jq: .s, is: [a]}\n", `{"credits": 1, "s": 1}`, `bad_response: usage_allowed: .s: expected text, found a number`},
		{"no balance", "balances: [{unit: a, when: .x == 1, remaining: .r}]\n", `{}`, `bad_response: balances: no balance in the answer`},
		{"a param as a limit", "params: {limit: {type: number, default: 10}}\nbalances: [{unit: a, allocated: $limit, used: .u}]\n", `{"u": 2.5}`, `{"balances":[{"unit":"a","remaining":"7.5","allocated":"10","used":"2.5",` + lone + `"remaining":"7.5","allocated":"10","used":"2.5"}]}]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			compare(t, pollOnce(t, small(keyInHeader+test.rules), nil, 200, nil, test.in), test.want)
		})
	}
}

// Bodies of other forms than JSON.
func TestBodies(t *testing.T) {
	const request = "request: {url: 'https://api.example/', headers: {X-Key: '{{api_key}}'}, body: %s}\nbalances: [{unit: credits, remaining: %s}]\n"
	want := `{"balances":[{"unit":"credits","remaining":"7.5","lots":[{"id":"default","kind":"default","remaining":"7.5"}]}]}`
	for _, test := range []struct{ form, x, body, want string }{
		{"json", ".b", "\ufeff{\"b\": 7.5}\n", want},
		{"json", ".b", `{"b": 7.5} x`, "bad_response: the body is not JSON: something follows the first value"},
		{"json", ".b", "", "bad_response: the body is empty"},
		{"text", ".", " 7.5\r\n", want},
		{"keyvalue", ".b", "a=1\r\nb=7.5\r\n", want},
		{"keyvalue", ".b", "a=1\nb\n", "bad_response: line 2 of the body is not key=value"},
		{"xml", ".r.b", "<r><b>7.5</b></r>", want},
		{"xml", `'.r."@b"'`, "<r b='7.5'/>", want},
	} {
		compare(t, pollOnce(t, small(fmt.Sprintf(request, test.form, test.x)), nil, 200, nil, test.body), test.want)
	}
}

// A value of the answer's headers.
func TestHeadersVariable(t *testing.T) {
	definition := small(keyInHeader + "balances: [{unit: credits, remaining: '$headers[\"x-credits-left\"]'}]\n")
	compare(t, pollOnce(t, definition, nil, 200, http.Header{"X-Credits-Left": {"12", "13"}}, `{}`),
		`{"balances":[{"unit":"credits","remaining":"12","lots":[{"id":"default","kind":"default","remaining":"12"}]}]}`)
	compare(t, pollOnce(t, definition, nil, 200, nil, `{}`), `bad_response: balances[0].remaining: $headers["x-credits-left"]: missing`)
}
