package providers

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// The worked examples of the format, on answers such as their vendors document.
func TestExamples(t *testing.T) {
	tests := []struct {
		name, file string
		params     map[string]string
		base       string
		exchanges  []exchange
		want       string
	}{
		{
			name: "lots, plan and usage_allowed", file: "01-olostep.yml",
			exchanges: []exchange{{
				request: "GET https://api.olostep.com/user/credits/info", headers: map[string]string{"Authorization": "Bearer test-key-api_key"},
				reply: `{"credits": 12500, "breakdown": [
					{"purchase_kind": "Subscription", "allocated_units": 10000, "remaining_units": 8500, "expiry_date": 1798761600},
					{"purchase_kind": "Top-up", "allocated_units": 5000, "remaining_units": 4000, "expiry_date": null}],
					"active_subscription": {"id": "SUB_PRO", "display_name": "Pro", "credits": 10000, "created_at": 1704067200}, "allow_usage": true}`,
			}},
			want: `{"balances":[{"unit":"credits","remaining":"12500","plan_allocated":"10000","listed":true,"lots":[` +
				`{"kind":"subscription","remaining":"8500","allocated":"10000","expires":"2027-01-01T00:00:00Z"},` +
				`{"kind":"top-up","remaining":"4000","allocated":"5000"}]}],"plan":{"id":"SUB_PRO","name":"Pro"},"usage_allowed":true}`,
		},
		{
			name: "a missing list is no lots", file: "01-olostep.yml",
			exchanges: []exchange{{request: "GET https://api.olostep.com/user/credits/info", reply: `{"credits": 0, "allow_usage": false}`}},
			want:      `{"balances":[{"unit":"credits","remaining":"0","listed":true}],"usage_allowed":false}`,
		},
		{
			name: "402 that is out of credit", file: "01-olostep.yml",
			exchanges: []exchange{{request: "GET https://api.olostep.com/user/credits/info", status: 402, reply: `{"usage_limit_reached": true}`}},
			want:      `payment_required: the vendor answered with status 402 (rule answers[0])`,
		},
		{
			name: "402 that is a bad key", file: "01-olostep.yml",
			exchanges: []exchange{{request: "GET https://api.olostep.com/user/credits/info", status: 402, reply: `Payment Required`}},
			want:      `unauthorized: the vendor answered with status 402 (rule answers[1])`,
		},
		{
			name: "a lot without a figure", file: "01-olostep.yml",
			exchanges: []exchange{{request: "GET https://api.olostep.com/user/credits/info", reply: `{"credits": 3, "breakdown": [{"purchase_kind": "Setup", "remaining_units": 1}, {"purchase_kind": "Top-up"}]}`}},
			want:      `bad_response: balances[0].lots[0][1].remaining: .remaining_units: missing`,
		},
		{
			name: "one balance for each currency", file: "02-deepseek.yml",
			exchanges: []exchange{{request: "GET https://api.deepseek.com/user/balance", reply: `{"is_available": true, "balance_infos": [
				{"currency": "CNY", "total_balance": "110.00", "granted_balance": "10.00", "topped_up_balance": "100.00"},
				{"currency": "usd", "total_balance": "0.10", "granted_balance": "0.00", "topped_up_balance": "0.10"}]}`}},
			want: `{"balances":[{"unit":"CNY","remaining":"110","listed":true,"lots":[{"kind":"granted","remaining":"10"},{"kind":"topped-up","remaining":"100"}]},` +
				`{"unit":"USD","remaining":"0.1","listed":true,"lots":[{"kind":"granted","remaining":"0"},{"kind":"topped-up","remaining":"0.1"}]}],"usage_allowed":true}`,
		},
		{
			name: "a currency twice", file: "02-deepseek.yml",
			exchanges: []exchange{{request: "GET https://api.deepseek.com/user/balance", reply: `{"balance_infos": [
				{"currency": "CNY", "total_balance": "1", "granted_balance": "1", "topped_up_balance": "0"},
				{"currency": "CNY", "total_balance": "1", "granted_balance": "1", "topped_up_balance": "0"}]}`}},
			want: `bad_response: balances[0][1].unit: .currency: another balance of the answer has this unit`,
		},
		{
			name: "no currency at all", file: "02-deepseek.yml",
			exchanges: []exchange{{request: "GET https://api.deepseek.com/user/balance", reply: `{"is_available": true, "balance_infos": []}`}},
			want:      `bad_response: balances: no balance in the answer`,
		},
		{
			name: "total minus used, on the host of the plan", file: "03-deepl.yml", params: map[string]string{"plan": "free"},
			exchanges: []exchange{{
				request: "GET https://api-free.deepl.com/v2/usage", headers: map[string]string{"Authorization": "DeepL-Auth-Key test-key-api_key"},
				reply: `{"character_count": 180118, "character_limit": 1250000, "end_time": "2026-12-13T09:29:26Z", "speech_to_text_minutes_count": 12.5, "speech_to_text_minutes_limit": 60}`,
			}},
			want: `{"balances":[{"unit":"characters","remaining":"1069882","allocated":"1250000","used":"180118","plan_allocated":"1250000","period":true,"resets":"2026-12-13T09:29:26Z",` +
				`"lots":[{"id":"default","kind":"default","remaining":"1069882","allocated":"1250000","used":"180118","period":true}]},` +
				`{"unit":"speech_to_text_minutes","remaining":"47.5","allocated":"60","used":"12.5","plan_allocated":"60","period":true,"resets":"2026-12-13T09:29:26Z",` +
				`"lots":[{"id":"default","kind":"default","remaining":"47.5","allocated":"60","used":"12.5","period":true}]}]}`,
		},
		{
			name: "a sentinel that means unlimited, a pool that is absent", file: "03-deepl.yml",
			exchanges: []exchange{{request: "GET https://api.deepl.com/v2/usage", reply: `{"character_count": 5947223, "character_limit": 1000000000000}`}},
			want:      `{"balances":[{"unit":"characters","unlimited":true,"used":"5947223"}]}`,
		},
		{
			name: "a status of its own", file: "03-deepl.yml",
			exchanges: []exchange{{request: "GET https://api.deepl.com/v2/usage", status: 529, answer: http.Header{"Retry-After": {"7"}}}},
			want:      `rate_limited: the vendor answered with status 529 (rule answers[1]) (retry after 7s)`,
		},
		{
			name: "an id first, lots grouped by unit", file: "04-deepgram.yml",
			exchanges: []exchange{
				{request: "GET https://api.deepgram.com/v1/projects", reply: `{"projects": [{"project_id": "p/1", "name": "x"}]}`},
				{request: "GET https://api.deepgram.com/v1/projects/p%2F1/balances", reply: `{"balances": [
					{"balance_id": "b1", "amount": 102.35, "units": "usd"}, {"balance_id": "b2", "amount": 50, "units": "eur"}, {"balance_id": "b3", "amount": 0.01, "units": "usd"}]}`},
			},
			want: `{"balances":[{"unit":"EUR","listed":true,"lots":[{"id":"b2","kind":"default","remaining":"50"}]},` +
				`{"unit":"USD","listed":true,"lots":[{"id":"b1","kind":"default","remaining":"102.35"},{"id":"b3","kind":"default","remaining":"0.01"}]}]}`,
		},
		{
			name: "an id that is configured", file: "04-deepgram.yml", params: map[string]string{"project_id": "p2"},
			exchanges: []exchange{{request: "GET https://api.deepgram.com/v1/projects/p2/balances", reply: `{"balances": [{"balance_id": "b1", "amount": 1, "units": "usd"}]}`}},
			want:      `{"balances":[{"unit":"USD","listed":true,"lots":[{"id":"b1","kind":"default","remaining":"1"}]}]}`,
		},
		{
			name: "several ids", file: "04-deepgram.yml",
			exchanges: []exchange{{request: "GET https://api.deepgram.com/v1/projects", reply: `{"projects": [{"project_id": "p1"}, {"project_id": "p2"}]}`}},
			want:      `bad_response: first.gives.project_id: .projects | if length == 1 then .[0].project_id else error("several projects, set params.project_id") end: several projects, set params.project_id`,
		},
		{
			name: "an id with a line break", file: "04-deepgram.yml",
			exchanges: []exchange{{request: "GET https://api.deepgram.com/v1/projects", reply: `{"projects": [{"project_id": "p1\nX"}]}`}},
			want:      `bad_response: first.gives.project_id: .projects | if length == 1 then .[0].project_id else error("several projects, set params.project_id") end: cannot be sent: it is empty, or holds a control character`,
		},
		{
			name: "the first answer fails", file: "04-deepgram.yml",
			exchanges: []exchange{{request: "GET https://api.deepgram.com/v1/projects", status: 401, reply: `{}`}},
			want:      `unauthorized: the vendor answered with status 401`,
		},
		{
			name: "debt is positive, in cents, as text", file: "05-xai.yml", params: map[string]string{"team_id": "t"},
			exchanges: []exchange{{request: "GET https://management-api.x.ai/v1/billing/teams/t/prepaid/balance", reply: `{"total": {"val": "-1234"}}`}},
			want:      `{"balances":[{"unit":"USD","remaining":"12.34","lots":[{"id":"default","kind":"default","remaining":"12.34"}]}]}`,
		},
		{
			name: "404 that is zero", file: "06-d-id.yml",
			exchanges: []exchange{{request: "GET https://api.d-id.com/credits", headers: map[string]string{"Authorization": "Basic test-key-api_key"}, status: 404, reply: `{"kind": "NotFoundError"}`}},
			want:      `{"balances":[{"unit":"credits","remaining":"0","listed":true}]}`,
		},
		{
			name: "another 404", file: "06-d-id.yml",
			exchanges: []exchange{{request: "GET https://api.d-id.com/credits", status: 404, reply: `not found`}},
			want:      `client_error: the vendor answered with status 404`,
		},
		{
			name: "a computed kind", file: "06-d-id.yml",
			exchanges: []exchange{{request: "GET https://api.d-id.com/credits", reply: `{"remaining": 7, "credits": [{"plan_group": "Deid Pro", "remaining": 3, "total": 5, "expire_at": "2026-12-31"}, {"remaining": 4, "total": 4, "expire_at": ""}]}`}},
			want: `{"balances":[{"unit":"credits","remaining":"7","listed":true,"lots":[{"kind":"deid-pro","remaining":"3","allocated":"5","expires":"2027-01-01T00:00:00Z"},` +
				`{"kind":"default","remaining":"4","allocated":"4"}]}]}`,
		},
		{
			name: "a renewing part and a bought part, a status word", file: "07-serpapi.yml",
			exchanges: []exchange{{request: "GET https://serpapi.com/account.json?api_key=test-key-api_key", reply: `{"account_email": "user@example.com", "api_key": "test-key-api_key",
				"plan_id": "bigdata", "plan_name": "Big Data Plan", "searches_per_month": 30000, "plan_searches_left": 29900, "extra_credits": 10, "total_searches_left": 29910,
				"this_month_usage": 100, "plan_renewal_date": "2026-12-01", "account_status": "Active"}`}},
			want: `{"balances":[{"unit":"searches","remaining":"29910","used":"100","resets":"2026-12-01T00:00:00Z","listed":true,"lots":[` +
				`{"kind":"plan","remaining":"29900","allocated":"30000","period":true},{"kind":"extra","remaining":"10"}]}],"plan":{"id":"bigdata","name":"Big Data Plan"},"usage_allowed":true}`,
		},
		{
			name: "another status word", file: "07-serpapi.yml",
			exchanges: []exchange{{request: "GET https://serpapi.com/account.json?api_key=test-key-api_key", reply: `{"plan_searches_left": 0, "extra_credits": 0, "total_searches_left": 0, "account_status": "Deactivated"}`}},
			want:      `{"balances":[{"unit":"searches","remaining":"0","listed":true,"lots":[{"kind":"plan","remaining":"0","period":true},{"kind":"extra","remaining":"0"}]}],"usage_allowed":false}`,
		},
		{
			name: "attributes of XML", file: "08-namecheap.yml", params: map[string]string{"api_user": "u", "username": "n", "client_ip": "192.0.2.1"},
			exchanges: []exchange{{
				request: "GET https://api.namecheap.com/xml.response?ApiKey=test-key-api_key&ApiUser=u&ClientIp=192.0.2.1&Command=namecheap.users.getBalances&UserName=n",
				reply:   `<?xml version="1.0"?><ApiResponse Status="OK" xmlns="http://api.namecheap.com/xml.response"><Errors/><CommandResponse><UserGetBalancesResult Currency="USD" AvailableBalance="4932.96" AccountBalance="4932.96"/></CommandResponse></ApiResponse>`,
			}},
			want: `{"balances":[{"unit":"USD","remaining":"4932.96","lots":[{"id":"default","kind":"default","remaining":"4932.96"}]}]}`,
		},
		{
			name: "an error inside of a 200", file: "08-namecheap.yml", params: map[string]string{"api_user": "u", "username": "n", "client_ip": "192.0.2.1"},
			exchanges: []exchange{{
				request: "GET https://api.namecheap.com/xml.response?ApiKey=test-key-api_key&ApiUser=u&ClientIp=192.0.2.1&Command=namecheap.users.getBalances&UserName=n",
				reply:   `<ApiResponse Status="ERROR"><Errors><Error Number="1011102">API Key is invalid</Error></Errors></ApiResponse>`,
			}},
			want: `bad_response: request.ok: .ApiResponse."@Status" == "OK": does not hold`,
		},
		{
			name: "self-hosted, two calls, a scale of one field", file: "09-new-api-token.yml", base: "https://gateway.example/api",
			exchanges: []exchange{
				{request: "GET https://gateway.example/api/v1/dashboard/billing/subscription", reply: `{"hard_limit_usd": 20, "access_until": 1798761600}`},
				{request: "GET https://gateway.example/api/v1/dashboard/billing/usage?end_date=2026-11-21&start_date=2026-11-21", reply: `{"total_usage": 1234.5}`},
			},
			want: `{"balances":[{"unit":"USD","remaining":"7.655","allocated":"20","used":"12.345","lots":[` +
				`{"id":"default","kind":"default","remaining":"7.655","allocated":"20","used":"12.345","expires":"2027-01-01T00:00:00Z"}]}]}`,
		},
		{
			name: "a sentinel from the first call", file: "09-new-api-token.yml", base: "https://gateway.example", params: map[string]string{"currency": "tokens"},
			exchanges: []exchange{
				{request: "GET https://gateway.example/v1/dashboard/billing/subscription", reply: `{"hard_limit_usd": 100000000, "access_until": 0}`},
				{request: "GET https://gateway.example/v1/dashboard/billing/usage?end_date=2026-11-21&start_date=2026-11-21", reply: `{"total_usage": 100}`},
			},
			want: `{"balances":[{"unit":"tokens","unlimited":true,"used":"1"}]}`,
		},
		{
			name: "a rule for both answers", file: "09-new-api-token.yml", base: "https://gateway.example",
			exchanges: []exchange{{request: "GET https://gateway.example/v1/dashboard/billing/subscription", reply: `{"error": {"message": "no such token test-key-api_key"}}`}},
			want:      `bad_response: the vendor answered with status 200 (rule answers[0])`,
		},
		{
			name: "a union: a cycle that renews and blocks that expire", file: "10-v0.yml", params: map[string]string{"scope": "team 1"},
			exchanges: []exchange{{request: "GET https://api.v0.dev/v1/user/billing?scope=team+1", reply: `{"billingType": "token", "data": {"plan": "Team",
				"billingCycle": {"start": 1793491200000, "end": 1796083200000}, "balance": {"remaining": 12.5, "total": 20},
				"onDemand": {"balance": 5, "blocks": [{"expirationDate": 1798761600000, "originalBalance": 10, "currentBalance": 4}, {"originalBalance": 1, "currentBalance": 1}]}}}`}},
			want: `{"balances":[{"unit":"USD","resets":"2026-12-01T00:00:00Z","listed":true,"lots":[{"kind":"cycle","remaining":"12.5","allocated":"20","period":true},` +
				`{"kind":"on-demand","remaining":"4","allocated":"10","expires":"2027-01-01T00:00:00Z"},{"kind":"on-demand","remaining":"1","allocated":"1"}]}],"plan":{"name":"Team"}}`,
		},
		{
			name: "its other form", file: "10-v0.yml",
			exchanges: []exchange{{request: "GET https://api.v0.dev/v1/user/billing", reply: `{"billingType": "legacy", "data": {"remaining": 3, "limit": 10, "reset": 1796083200000}}`}},
			want:      `{"balances":[{"unit":"credits","remaining":"3","plan_allocated":"10","resets":"2026-12-01T00:00:00Z","lots":[{"id":"default","kind":"default","remaining":"3"}]}]}`,
		},
		{
			name: "neither form", file: "10-v0.yml",
			exchanges: []exchange{{request: "GET https://api.v0.dev/v1/user/billing", reply: `{"billingType": "new"}`}},
			want:      `bad_response: balances: no balance in the answer`,
		},
		{
			name: "POST with the key in the body, a second pool", file: "11-anti-captcha.yml",
			exchanges: []exchange{{request: "POST https://api.anti-captcha.com/getBalance", body: `{"clientKey":"test-key-api_key"}`, reply: `{"errorId": 0, "balance": 12.3456, "captchaCredits": 5}`}},
			want: `{"balances":[{"unit":"USD","remaining":"12.3456","lots":[{"id":"default","kind":"default","remaining":"12.3456"}]},` +
				`{"unit":"captcha_credits","remaining":"5","lots":[{"id":"default","kind":"default","remaining":"5"}]}]}`,
		},
		{
			name: "a 200 that is a bad key", file: "11-anti-captcha.yml",
			exchanges: []exchange{{request: "POST https://api.anti-captcha.com/getBalance", body: `{"clientKey":"test-key-api_key"}`, reply: `{"errorId": 1, "errorCode": "ERROR_KEY_DOES_NOT_EXIST"}`}},
			want:      `unauthorized: the vendor answered with status 200 (rule answers[0])`,
		},
		{
			name: "a 200 that is another error", file: "11-anti-captcha.yml",
			exchanges: []exchange{{request: "POST https://api.anti-captcha.com/getBalance", body: `{"clientKey":"test-key-api_key"}`, reply: `{"errorId": 2, "errorCode": "ERROR_NO_SLOT_AVAILABLE"}`}},
			want:      `bad_response: request.ok: .errorId == 0: does not hold`,
		},
		{
			name: "a reset known only by its word", file: "12-openrouter-key.yml",
			exchanges: []exchange{{request: "GET https://openrouter.ai/api/v1/key", reply: `{"data": {"limit": 50, "limit_remaining": 12.75, "limit_reset": "monthly"}}`}},
			want: `{"balances":[{"unit":"USD","remaining":"12.75","allocated":"50","plan_allocated":"50","period":true,"resets":"2026-12-01T00:00:00Z",` +
				`"lots":[{"id":"default","kind":"default","remaining":"12.75","allocated":"50","period":true}]}]}`,
		},
		{
			name: "null that means unlimited", file: "12-openrouter-key.yml",
			exchanges: []exchange{{request: "GET https://openrouter.ai/api/v1/key", reply: `{"data": {"limit": null, "limit_remaining": null, "limit_reset": null}}`}},
			want:      `{"balances":[{"unit":"USD","unlimited":true}]}`,
		},
		{
			name: "null that is not there", file: "12-openrouter-key.yml",
			exchanges: []exchange{{request: "GET https://openrouter.ai/api/v1/key", reply: `{"data": {}}`}},
			want:      `bad_response: balances[0].remaining: .data.limit_remaining: missing`,
		},
	}
	seen := map[string]bool{}
	for _, test := range tests {
		t.Run(strings.TrimSuffix(test.file, ".yml")+"/"+test.name, func(t *testing.T) {
			seen[test.file] = true
			file := filepath.Join("testdata", "examples", test.file)
			d := mustParse(t, file, mustRead(t, file))
			vendor := &scripted{t: t, exchanges: test.exchanges}
			account := testAccount(d, vendor)
			account.Params, account.BaseURL = test.params, mustURL(t, test.base)
			compare(t, outcome(NewEngine(d, testClock).Fetch(t.Context(), account)), test.want)
			vendor.done()
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "examples", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !seen[filepath.Base(file)] {
			t.Errorf("%s has no test", file)
		}
	}
}
