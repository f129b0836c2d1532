package vendorsim_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// The documented example answers, from accounts that hold what the examples say.
func TestExamples(t *testing.T) {
	examples := []struct {
		spec vendorsim.Spec
		body string
	}{
		{
			vendorsim.Spec{Vendor: vendorsim.Massive, Email: "user@example.com", Balance: 1000 * vendorsim.Credit},
			`[{"email":"user@example.com","credits":1000}]`,
		},
		{
			vendorsim.Spec{Vendor: vendorsim.Deepixels, Email: "user@example.com", Balance: 12_345},
			`{"email":"user@example.com","balance":12.345}`,
		},
		{
			vendorsim.Spec{
				Vendor: vendorsim.Olostep,
				Lots: []vendorsim.Lot{
					{Kind: "Top-up", Allocated: 5000 * vendorsim.Credit, Remaining: 4000 * vendorsim.Credit, Expires: time.Unix(1743465600, 0)},
					{Kind: "Subscription", Allocated: 10000 * vendorsim.Credit, Remaining: 8500 * vendorsim.Credit, Expires: time.Unix(1735689600, 0)},
				},
			},
			`{"credits":12500,"breakdown":[` +
				`{"purchase_kind":"Subscription","allocated_units":10000,"remaining_units":8500,"expiry_date":1735689600},` +
				`{"purchase_kind":"Top-up","allocated_units":5000,"remaining_units":4000,"expiry_date":1743465600}],` +
				`"active_subscription":{"id":"SUB_BASE","display_name":"Base","credits":0},"allow_usage":true}`,
		},
		{
			vendorsim.Spec{Vendor: vendorsim.LiveAvatar, Balance: 8_500},
			`{"code":100,"data":{"credits_left":"8.5"},"message":"Success"}`,
		},
	}
	for _, example := range examples {
		t.Run(string(example.spec.Vendor), func(t *testing.T) {
			simulator, _ := newSimulator(t)
			add(t, simulator, example.spec)
			have := ask(t, simulator, example.spec.Vendor, testKey(example.spec.Vendor))
			if have.status != http.StatusOK || string(have.body) != example.body {
				t.Errorf("have %d %s\nwant 200 %s", have.status, have.body, example.body)
			}
			openAPI(t, example.spec.Vendor).conforms(t, have)
		})
	}
}

// Every situation of every vendor, every documented status among them: the status, the header that matters, the body
// to the letter.
func TestAnswers(t *testing.T) {
	const (
		massive, deepixels  = vendorsim.Massive, vendorsim.Deepixels
		olostep, liveAvatar = vendorsim.Olostep, vendorsim.LiveAvatar
	)
	block := (*vendorsim.Account).Block
	pay := (*vendorsim.Account).RequirePayment
	refuse := (*vendorsim.Account).RefuseKey
	empty := (*vendorsim.Account).Empty
	limit := func(a *vendorsim.Account) { a.RateLimit(180 * time.Second) }
	drain := func(a *vendorsim.Account) { a.SetBalance(0) }
	fail := func(status int) func(*vendorsim.Account) {
		return func(a *vendorsim.Account) { a.Fail(status) }
	}
	const base = `"active_subscription":{"id":"SUB_BASE","display_name":"Base","credits":0}`

	cases := []struct {
		name   string
		vendor vendorsim.Vendor
		do     func(*vendorsim.Account) // nil: the request has no key
		status int
		header [2]string
		body   string
	}{
		{"no key", massive, nil, 401, [2]string{"Content-Type", "text/plain; charset=utf-8"}, `Authorization header must be provided`},
		{"bad key", massive, refuse, 403, [2]string{}, `Valid API token must be provided`},
		{"too fast", massive, limit, 429, [2]string{"Retry-After", ""}, `Rate limit was exceeded; please retry in 180 seconds`},
		{"error", massive, fail(500), 500, [2]string{}, `Unknown error occurred`},
		{"scaling up", massive, fail(503), 503, [2]string{}, `Service Unavailable`},
		{"empty", massive, empty, 200, [2]string{}, `[]`},
		{"nothing left", massive, drain, 200, [2]string{}, `[{"email":"production@customer.example","credits":0}]`},
		{"blocked", massive, block, 402, [2]string{}, `Payment required`},

		{"no key", deepixels, nil, 400, [2]string{}, `{"status":"error","message":"Invalid or missing API key"}`},
		{"bad key", deepixels, refuse, 401, [2]string{}, `{"status":"error","message":"Unauthorized - Invalid or missing API key"}`},
		{"too fast", deepixels, limit, 429, [2]string{"Retry-After", "Sun, 01 Dec 2024 00:03:00 GMT"}, `{"status":"error","message":"Too many requests"}`},
		{"error", deepixels, fail(500), 500, [2]string{}, `{"status":"error","message":"Internal Server Error"}`},
		{"empty", deepixels, empty, 200, [2]string{}, `{"email":"production@customer.example"}`},
		{"nothing left", deepixels, drain, 200, [2]string{}, `{"email":"production@customer.example","balance":0}`},
		{"blocked", deepixels, block, 402, [2]string{}, `{"status":"error","message":"Payment required"}`},

		{"no key", olostep, nil, 401, [2]string{}, `{"invalid_api_key":true,"message":"Missing API key"}`},
		{"bad key", olostep, refuse, 402, [2]string{"Content-Type", ""}, ``},
		{"out of credit", olostep, pay, 402, [2]string{}, `{"usage_limit_reached":true,"message":"Usage limit reached"}`},
		{"too fast", olostep, limit, 429, [2]string{"Retry-After", ""}, `{"error":"Too Many Requests","retry_after":180,"cooldown_seconds":180}`},
		{"error", olostep, fail(500), 500, [2]string{}, `{"error":"Internal Server Error"}`},
		{"busy", olostep, fail(501), 501, [2]string{}, `{"max_capacity_reached":true,"message":"Max capacity reached"}`},
		{"empty", olostep, empty, 200, [2]string{}, `{}`},
		{"nothing left", olostep, drain, 200, [2]string{}, `{"credits":0,"breakdown":[{"purchase_kind":"Top-up","allocated_units":100,"remaining_units":0}],` + base + `,"allow_usage":false}`},
		{"blocked", olostep, block, 200, [2]string{}, `{"credits":100,"breakdown":[{"purchase_kind":"Top-up","allocated_units":100,"remaining_units":100}],` + base + `,"allow_usage":false}`},

		{"no key", liveAvatar, nil, 422, [2]string{}, `{"detail":[{"loc":["header","X-API-KEY"],"msg":"Field required","type":"missing"}]}`},
		{"bad key", liveAvatar, refuse, 401, [2]string{}, `{"data":null,"message":"Unauthorized"}`},
		{"too fast", liveAvatar, limit, 429, [2]string{"Retry-After", "180"}, `{"data":null,"message":"Too many requests"}`},
		{"too fast, reset", liveAvatar, limit, 429, [2]string{"X-RateLimit-Reset", "180"}, `{"data":null,"message":"Too many requests"}`},
		{"error", liveAvatar, fail(500), 500, [2]string{}, `{"data":null,"message":"Internal Server Error"}`},
		{"empty", liveAvatar, empty, 200, [2]string{}, `{"code":100,"data":null,"message":"Success"}`},
		{"nothing left", liveAvatar, drain, 200, [2]string{"X-RateLimit-Reset", "1"}, `{"code":100,"data":{"credits_left":"0"},"message":"Success"}`},
		{"blocked", liveAvatar, block, 402, [2]string{}, `{"data":null,"message":"Payment required"}`},
	}
	played := make(map[vendorsim.Vendor]map[string]bool)
	for _, c := range cases {
		if played[c.vendor] == nil {
			played[c.vendor] = make(map[string]bool)
		}
		played[c.vendor][strconv.Itoa(c.status)] = true
		t.Run(string(c.vendor)+"/"+c.name, func(t *testing.T) {
			simulator, _ := newSimulator(t)
			account := add(t, simulator, vendorsim.Spec{Vendor: c.vendor, Balance: 100 * vendorsim.Credit})
			key := ""
			if c.do != nil {
				c.do(account)
				key = testKey(c.vendor)
			}
			have := ask(t, simulator, c.vendor, key)
			if have.status != c.status || string(have.body) != c.body {
				t.Errorf("have %d %s\nwant %d %s", have.status, have.body, c.status, c.body)
			}
			if c.header[0] != "" && have.header.Get(c.header[0]) != c.header[1] {
				t.Errorf("header %s: have %q, want %q", c.header[0], have.header.Get(c.header[0]), c.header[1])
			}
			openAPI(t, c.vendor).conforms(t, have)
		})
	}
	for _, vendor := range vendorsim.Vendors() {
		for status := range openAPI(t, vendor).responses {
			if !played[vendor][status] {
				t.Errorf("%s documents %s, which no case plays", vendor, status)
			}
		}
	}
}

// Each vendor takes the key in its own place only.
func TestAuthenticationPlace(t *testing.T) {
	simulator, _ := newSimulator(t)
	for _, vendor := range vendorsim.Vendors() {
		add(t, simulator, vendorsim.Spec{Vendor: vendor, Balance: vendorsim.Credit})
	}
	headers := map[string]func(key string) http.Header{
		"bearer":     func(key string) http.Header { return http.Header{"Authorization": {"bearer " + key}} },
		"bare":       func(key string) http.Header { return http.Header{"Authorization": {key}} },
		"basic":      func(key string) http.Header { return http.Header{"Authorization": {"Basic " + key}} },
		"x-api-key":  func(key string) http.Header { return http.Header{"X-Api-Key": {key}} },
		"no header":  func(string) http.Header { return http.Header{} },
		"empty key":  func(string) http.Header { return http.Header{"Authorization": {"Bearer "}, "X-Api-Key": {""}} },
		"other key":  func(string) http.Header { return authenticationBoth("test-key-unknown") },
		"both right": authenticationBoth,
	}
	accepted := map[vendorsim.Vendor]string{
		vendorsim.Massive: "bearer", vendorsim.Olostep: "bearer",
		vendorsim.Deepixels: "x-api-key", vendorsim.LiveAvatar: "x-api-key",
	}
	refused := 0
	for vendor, path := range paths() {
		for place, header := range headers {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header = header(testKey(vendor))
			have, err := send(simulator.Transport(), request)
			if err != nil {
				t.Fatal(err)
			}
			want := place == accepted[vendor] || place == "both right"
			if (have.status == http.StatusOK) != want {
				t.Errorf("%s takes a key by %s: status %d", vendor, place, have.status)
			}
			if !want {
				refused++
			}
			openAPI(t, vendor).conforms(t, have)
		}
	}
	if simulator.Strays() != refused {
		t.Errorf("%d strays, want %d", simulator.Strays(), refused)
	}
}

func authenticationBoth(key string) http.Header {
	return http.Header{"Authorization": {"Bearer " + key}, "X-Api-Key": {key}}
}

func TestOtherPathsAndMethodsAreStrays(t *testing.T) {
	simulator, _ := newSimulator(t)
	add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive})
	for _, target := range []struct{ method, path string }{
		{http.MethodGet, "/"},
		{http.MethodGet, "/massive/users"},
		{http.MethodGet, "/massive/user/"},
		{http.MethodPost, "/massive/user"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), target.method, "http://127.0.0.1"+target.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = authentication(vendorsim.Massive, testKey(vendorsim.Massive))
		if have, err := send(simulator.Transport(), request); err != nil || have.status != http.StatusNotFound {
			t.Errorf("%s %s: %d, %v", target.method, target.path, have.status, err)
		}
	}
	if simulator.Strays() != 4 {
		t.Errorf("%d strays, want 4", simulator.Strays())
	}
}

// Within the process, the vendors' own addresses work as well, and the request is left as it was.
func TestTransportKnowsTheVendorsHosts(t *testing.T) {
	simulator, _ := newSimulator(t)
	for vendor, address := range map[vendorsim.Vendor]string{
		vendorsim.Massive:    "https://render.joinmassive.com/user",
		vendorsim.Deepixels:  "https://api.deepixels.co/v1/account/balance",
		vendorsim.Olostep:    "https://api.olostep.com/user/credits/info",
		vendorsim.LiveAvatar: "https://api.liveavatar.com/v1/users/credits",
	} {
		add(t, simulator, vendorsim.Spec{Vendor: vendor})
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = authentication(vendor, testKey(vendor))
		if have, err := send(simulator.Transport(), request); err != nil || have.status != http.StatusOK || request.URL.String() != address {
			t.Errorf("%s: %d, %v, and then %s", vendor, have.status, err, request.URL)
		}
	}
}
