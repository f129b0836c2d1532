package providers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// What an answer means, and how long it asks to wait.
func TestAnswers(t *testing.T) {
	rules := func(lines string) string { return small(keyInHeader + oneBalance + lines) }
	const report = `{"balances":[{"unit":"credits","remaining":"1","lots":[{"id":"default","kind":"default","remaining":"1"}]}]}`
	tests := map[string]struct {
		definition string
		status     int
		header     http.Header
		body, want string
	}{
		"200":                     {rules(""), 200, nil, `{"credits": 1}`, report},
		"202":                     {rules(""), 202, nil, `{"credits": 1}`, report},
		"204":                     {rules(""), 204, nil, ``, "bad_response: the body is empty"},
		"302":                     {rules(""), 302, http.Header{"Location": {"https://evil.example/"}}, ``, "client_error: the vendor answered with status 302, a redirect, which is not followed"},
		"401":                     {rules(""), 401, nil, `test-key-api_key is wrong`, "unauthorized: the vendor answered with status 401"},
		"402":                     {rules(""), 402, nil, ``, "payment_required: the vendor answered with status 402"},
		"403":                     {rules(""), 403, nil, `{}`, "unauthorized: the vendor answered with status 403"},
		"403 of a firewall":       {rules(""), 403, nil, `<!DOCTYPE html><p>Blocked`, "client_error: the vendor answered with status 403 and a page of HTML, which is a proxy's or a firewall's and says nothing about the key"},
		"408":                     {rules(""), 408, nil, ``, "client_error: the vendor answered with status 408"},
		"422":                     {rules(""), 422, nil, ``, "client_error: the vendor answered with status 422"},
		"503 with a retry window": {rules(""), 503, http.Header{"Retry-After": {"30"}}, ``, "server_error: the vendor answered with status 503 (retry after 30s)"},

		"429 in a sentence":         {rules(""), 429, nil, `Rate limit was exceeded; please retry in 180 seconds`, "rate_limited: the vendor answered with status 429 (retry after 3m0s)"},
		"429 in a field":            {rules(""), 429, nil, `{"retry_after": 5}`, "rate_limited: the vendor answered with status 429 (retry after 5s)"},
		"429 with seconds left":     {rules(""), 429, http.Header{"X-Ratelimit-Reset": {"12"}}, ``, "rate_limited: the vendor answered with status 429 (retry after 12s)"},
		"a 500 is no rate limit":    {rules(""), 500, http.Header{"X-Ratelimit-Reset": {"12"}}, `{"retry_after": 5}`, "server_error: the vendor answered with status 500"},
		"a 200 that is rate limit":  {rules("answers: [{when: .code == 1005, means: rate_limited}]\n"), 200, nil, `{"code": 1005, "retry_after": 5}`, "rate_limited: the vendor answered with status 200 (rule answers[0]) (retry after 5s)"},
		"the definition's own rule": {rules("retry_after: '$headers[\"x-reset\"]'\n"), 429, http.Header{"X-Reset": {"60"}, "Retry-After": {"5"}}, ``, "rate_limited: the vendor answered with status 429 (retry after 1m0s)"},
		"its epoch, by the vendor's own clock": {
			rules("retry_after: .reset\n"), 429, http.Header{"Date": {"Sat, 21 Nov 2026 13:00:00 GMT"}}, `{"reset": 1795266010}`, "rate_limited: the vendor answered with status 429 (retry after 10s)",
		},
		"its rule says nothing": {rules("retry_after: .reset\n"), 429, http.Header{"Retry-After": {"5"}}, `{"reset": "soon"}`, "rate_limited: the vendor answered with status 429 (retry after 5s)"},
		"its rule fails":        {rules("retry_after: .reset.at\n"), 429, http.Header{"Retry-After": {"5"}}, `{"reset": "soon"}`, "rate_limited: the vendor answered with status 429 (retry after 5s)"},

		"by status":                            {rules("answers: [{status: [402, 5xx], means: rate_limited}]\n"), 599, nil, ``, "rate_limited: the vendor answered with status 599 (rule answers[0])"},
		"by another status":                    {rules("answers: [{status: [402, 5xx], means: rate_limited}]\n"), 499, nil, ``, "client_error: the vendor answered with status 499"},
		"by status and body":                   {rules("answers: [{status: 400, when: .code == 7, means: unauthorized}]\n"), 400, nil, `{"code": 7}`, "unauthorized: the vendor answered with status 400 (rule answers[0])"},
		"by body, another one":                 {rules("answers: [{status: 400, when: .code == 7, means: unauthorized}]\n"), 400, nil, `{"code": 8}`, "client_error: the vendor answered with status 400"},
		"the first rule wins":                  {rules("answers: [{when: .code == 7, means: timeout}, {status: 400, means: unauthorized}]\n"), 400, nil, `{"code": 7}`, "timeout: the vendor answered with status 400 (rule answers[0])"},
		"a rule that fails does not hold":      {rules("answers: [{when: .a.b == 1, means: timeout}]\n"), 200, nil, `{"a": "x", "credits": 1}`, report},
		"a rule that gives text does not hold": {rules("answers: [{when: .a, means: timeout}]\n"), 200, nil, `{"a": "x", "credits": 1}`, report},
		"a rule looks at plain text":           {rules("answers: [{when: 'tostring | contains(\"limit exceeded\")', means: payment_required}]\n"), 401, nil, `Monthly limit exceeded.`, "payment_required: the vendor answered with status 401 (rule answers[0])"},
		"ok whatever the status":               {rules("answers: [{status: 418, means: ok}]\n"), 418, nil, `{"credits": 1}`, report},
		"ok of what is not JSON":               {rules("answers: [{status: 418, means: ok}]\n"), 418, nil, `I'm a teapot`, "bad_response: the body is not JSON"},
		"zero":                                 {small(keyInHeader + "balances: [{unit: credits, when: .x == 1, remaining: .a, period: true}, {unit: USD, remaining: .b, lots: [{kind: k, remaining: .b}]}, {unit: credits, when: .x == 2, remaining: .c}]\nanswers: [{status: 404, means: zero}]\n"), 404, nil, ``, `{"balances":[{"unit":"credits","remaining":"0","period":true,"lots":[{"id":"default","kind":"default","remaining":"0","period":true}]},{"unit":"USD","remaining":"0","listed":true}]}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			compare(t, pollOnce(t, test.definition, nil, test.status, test.header, test.body), test.want)
		})
	}
}

// An error says which status it was.
func TestErrorStatus(t *testing.T) {
	d := mustParse(t, "test.yml", small(keyInHeader+oneBalance))
	for status, body := range map[int]string{401: "", 200: `{}`, 500: "x"} {
		_, err := NewEngine(d, testClock).Fetch(t.Context(), testAccount(d, transportFunc(func(r *http.Request) (*http.Response, error) {
			return reply(r, status, body), nil
		})))
		var failure *Error
		if !errors.As(err, &failure) || failure.Status != status {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

// A body that is too large is an error of its own where the status is good; a bad status is clear without it.
func TestLargeBodies(t *testing.T) {
	large := strings.Repeat(" ", maxBody) + "{}"
	compare(t, pollOnce(t, small(keyInHeader+oneBalance), nil, 200, nil, large), "bad_response: the body is larger than 4 MiB")
	compare(t, pollOnce(t, small(keyInHeader+oneBalance), nil, 502, nil, large), "server_error: the vendor answered with status 502")
}

// The deadline of the poll holds for the expressions, too.
func TestDeadlineWhileReading(t *testing.T) {
	d := mustParse(t, "test.yml", small(keyInHeader+"balances: [{unit: credits, remaining: '[.[] as $a | .[] as $b | 1] | sum'}]\n"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	vendor := transportFunc(func(r *http.Request) (*http.Response, error) {
		cancel()
		return reply(r, 200, `[1, 2]`), nil
	})
	compare(t, outcome(NewEngine(d, testClock).Fetch(ctx, testAccount(d, vendor))), "network: the poll was broken off")
}
