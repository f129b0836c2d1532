package native_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/native"
)

// A definition can name exactly what there is.
func TestSigners(t *testing.T) {
	if got := slices.Sorted(maps.Keys(native.Signers(rand.Text))); !slices.Equal(got, providers.SignerNames()) {
		t.Errorf("signers %v, but a definition can name %v", got, providers.SignerNames())
	}
}

// signed lets a signer complete a request whose credentials and time are given.
func signed(t *testing.T, name, nonce string, now time.Time, credentials map[string]string, r *http.Request, body string) {
	t.Helper()
	in := providers.Signing{
		Credentials: map[string]providers.Secret{}, Now: now, Origin: url.URL{Scheme: "https", Host: r.URL.Host},
		Send: func(*http.Request) (providers.Answer, error) {
			t.Error("a signature needs no request")
			return providers.Answer{}, io.EOF
		},
	}
	for name, value := range credentials {
		in.Credentials[name] = providers.NewSecret(value)
	}
	got, err := native.Signers(func() string { return nonce })[name].Sign(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Complete(r, []byte(body)); err != nil {
		t.Fatal(err)
	}
}

func newRequest(t *testing.T, method, target string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func expectHeader(t *testing.T, r *http.Request, name, want string) {
	t.Helper()
	if got := r.Header.Get(name); got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

// The example of the vendor's page "Request structure and signature", with its fixed parameters.
func TestACS3(t *testing.T) {
	r := newRequest(t, http.MethodPost,
		"https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai")
	r.Header.Set("x-acs-action", "RunInstances")
	r.Header.Set("x-acs-version", "2014-05-26")
	r.Header.Set("Accept", "application/json") // is not signed
	signed(t, "alibaba-acs3", "3156853299f313e23d1673dc12e1703d", time.Date(2023, 10, 26, 18, 22, 32, 0, time.FixedZone("CST", 8*3600)),
		map[string]string{"access_key_id": "YourAccessKeyId", "access_key_secret": "YourAccessKeySecret"}, r, "")
	expectHeader(t, r, "x-acs-date", "2023-10-26T10:22:32Z")
	expectHeader(t, r, "x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d")
	expectHeader(t, r, "x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	expectHeader(t, r, "Authorization", "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"+
		"SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"+
		"Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
}

// A body, its type, and characters that must be escaped; the signature was computed with another program.
func TestACS3WithBody(t *testing.T) {
	r := newRequest(t, http.MethodPost, "https://api.example.com/a%20b/c?b=x+y&a=2&a=1*~%2F")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Acs-Action", "Do")
	r.Header.Set("X-Acs-Version", "2017-12-14")
	signed(t, "alibaba-acs3", "n1", time.Unix(1795262400, 0),
		map[string]string{"access_key_id": "test-key-id", "access_key_secret": "test-key-secret"}, r, `{"a":1}`)
	expectHeader(t, r, "Authorization", "ACS3-HMAC-SHA256 Credential=test-key-id,"+
		"SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"+
		"Signature=3c6bb5c519b7ba60d7c6fc7e60b896b20340ce5f7737ddbb762905ed7b9994aa")
}

// The example of the vendor's page "Signature v3", where the key is shown with asterisks: the signature there is that of
// the asterisks.
func TestTC3(t *testing.T) {
	r := newRequest(t, http.MethodPost, "https://cvm.tencentcloudapi.com/")
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("X-TC-Action", "DescribeInstances")
	r.Header.Set("X-TC-Version", "2017-03-12")
	signed(t, "tencent-tc3", "", time.Unix(1551113065, 0),
		map[string]string{"secret_id": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", "secret_key": "Gu5t9xGARNpq86cd98joQYCN3*******"}, r,
		`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`)
	expectHeader(t, r, "X-TC-Timestamp", "1551113065")
	expectHeader(t, r, "Authorization", "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request, "+
		"SignedHeaders=content-type;host;x-tc-action, Signature=be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3")
}

// The first two are the tests of the vendor's own Python client, requests-exoscale-auth; there the signature ends in
// 2077. The others were computed with another program.
func TestEXO2(t *testing.T) {
	tests := map[string]struct {
		method, url, body string
		expires           int64
		key, secret       string
		want              string
	}{
		"without a query": {
			method: http.MethodGet, url: "https://api.exoscale.com/v2/zone", expires: 3376684800,
			key: "EXOxxxxxxxxxxxxxxxxxxxxxxxx", secret: strings.Repeat("X", 43),
			want: "EXO2-HMAC-SHA256 credential=EXOxxxxxxxxxxxxxxxxxxxxxxxx,expires=3376684800,signature=Ntbq/p0HVmA3Zg1HHY+Lq1vjFGi7HeMrrgXDS5jRNlY=",
		},
		"with a query": {
			method: http.MethodGet, url: "https://api.exoscale.com/v2/zone?k2=v2&k1=v1", expires: 3376684800,
			key: "EXOxxxxxxxxxxxxxxxxxxxxxxxx", secret: strings.Repeat("X", 43),
			want: "EXO2-HMAC-SHA256 credential=EXOxxxxxxxxxxxxxxxxxxxxxxxx,signed-query-args=k1;k2,expires=3376684800,signature=iqOBz13+44L5j0uJclE8hmUhQQcvtCSoPEOXYK6liqY=",
		},
		"with a body, and a name that comes twice": {
			method: http.MethodPost, url: "https://api.exoscale.com/v2/a%2Fb?z=1&twice=1&twice=2&a=x+y", body: `{"name":"web"}`, expires: 1795263000,
			key: "test-key-a", secret: "test-key-b",
			want: "EXO2-HMAC-SHA256 credential=test-key-a,signed-query-args=a;z,expires=1795263000,signature=1XS+UcLX2JdTfP2omQJEriSB5DIENX4i/d9anNAOOiU=",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRequest(t, test.method, test.url)
			signed(t, "exoscale-exo2", "", time.Unix(test.expires, 0).Add(-10*time.Minute),
				map[string]string{"api_key": test.key, "api_secret": test.secret}, r, test.body)
			expectHeader(t, r, "Authorization", test.want)
		})
	}
}

// A vendor publishes no token for its example key; this one was computed with another program.
func TestKlingJWT(t *testing.T) {
	r := newRequest(t, http.MethodGet, "https://api.klingai.com/account/costs")
	now := time.UnixMilli(1795262400123)
	in := providers.Signing{
		Credentials: map[string]providers.Secret{"access_key": providers.NewSecret("test-key-a"), "secret_key": providers.NewSecret("test-key-b")},
		Now:         now,
	}
	got, err := native.Signers(rand.Text)["kling-jwt"].Sign(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Complete(r, nil); err != nil {
		t.Fatal(err)
	}
	expectHeader(t, r, "Authorization", "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ0ZXN0LWtleS1hIiwiZXhwIjoxNzk1MjY0MjAwLCJuYmYiOjE3OTUyNjIzOTV9.Og9Kt0NQdomnO2H5l857STjaJUZAvQE7Pr7Y-1vD4rk")
	want := map[string]string{"start_time": "1760702400123", "end_time": "1795262400123"}
	if !maps.Equal(got.Gives, want) {
		t.Errorf("gives %v, want %v", got.Gives, want)
	}
}

// transport answers requests in the test.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// vendor is one that gives tokens and takes the last of them.
type vendor struct {
	t         *testing.T
	clock     time.Time
	life      string // the answer's expires_in
	tokens    int
	refuse    bool // the token, with 401
	lastToken string
}

func (v *vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/oauth2/token") {
		v.tokens++
		v.lastToken = "test-token-" + strings.Repeat("x", v.tokens)
		return answer(r, 200, `{"access_token": "`+v.lastToken+`", "token_type": "bearer"`+v.life+`}`), nil
	}
	if got := r.Header.Get("Authorization"); got != "Bearer "+v.lastToken {
		v.t.Errorf("Authorization: %s", got)
	}
	if v.refuse {
		return answer(r, 401, ""), nil
	}
	return answer(r, 200, `{"amount": 5, "currency": "usd"}`), nil
}

// catalogue is read once for all tests.
var catalogue = sync.OnceValues(providers.LoadCatalog)

// verda is an engine of a vendor whose tokens are kept, and an account there.
func verda(t *testing.T, clock func() time.Time, transport http.RoundTripper) (*providers.Engine, providers.Account) {
	t.Helper()
	catalog, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	definition, ok := catalog.Lookup("verda")
	if !ok {
		t.Fatal("the catalogue has no verda")
	}
	return providers.NewEngine(definition, clock, providers.WithSigners(native.Signers(rand.Text))), providers.Account{
		Credentials: map[string]providers.Secret{"client_id": providers.NewSecret("test-key-a"), "client_secret": providers.NewSecret("test-key-b")},
		Transport:   transport,
	}
}

// A token serves until a minute before its end.
func TestTokenIsKept(t *testing.T) {
	tests := map[string]struct {
		life  string
		after time.Duration
		want  int
	}{
		"for its life":          {`, "expires_in": 3600`, 59*time.Minute - time.Second, 1},
		"not to its very end":   {`, "expires_in": 3600`, 59 * time.Minute, 2},
		"not without a life":    {``, time.Second, 2},
		"not for a short life":  {`, "expires_in": 60`, time.Second, 2},
		"not for less than one": {`, "expires_in": -5`, time.Second, 2},
		"a day at most":         {`, "expires_in": 1e300`, 24 * time.Hour, 2},
		"for a day":             {`, "expires_in": 1e300`, 23 * time.Hour, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := &vendor{t: t, clock: time.Unix(1795262400, 0), life: test.life}
			engine, account := verda(t, func() time.Time { return v.clock }, v)
			for range 2 {
				if _, err := engine.Fetch(t.Context(), account); err != nil {
					t.Fatal(err)
				}
				v.clock = v.clock.Add(test.after)
			}
			if v.tokens != test.want {
				t.Errorf("%d tokens, want %d", v.tokens, test.want)
			}
		})
	}
}

// A token that is refused is forgotten; so the poll after the next succeeds.
func TestTokenIsRefused(t *testing.T) {
	v := &vendor{t: t, life: `, "expires_in": 3600`}
	engine, account := verda(t, func() time.Time { return time.Unix(1795262400, 0) }, v)
	for i, want := range []int{1, 1, 2, 2} {
		v.refuse = i == 1
		_, err := engine.Fetch(t.Context(), account)
		if (err != nil) != v.refuse || v.tokens != want {
			t.Errorf("poll %d: %d tokens, want %d: %v", i, v.tokens, want, err)
		}
	}
}

// A token belongs to a credential and to the place that it was sent to.
func TestTokenOfAnother(t *testing.T) {
	v := &vendor{t: t, life: `, "expires_in": 3600`}
	engine, account := verda(t, func() time.Time { return time.Unix(1795262400, 0) }, v)
	other, elsewhere := account, account
	other.Credentials = map[string]providers.Secret{"client_id": providers.NewSecret("test-key-at"), "client_secret": providers.NewSecret("est-key-b")}
	elsewhere.BaseURL = &url.URL{Scheme: "https", Host: "proxy.example", Path: "/verda"}
	for i, a := range []providers.Account{account, other, elsewhere} {
		if _, err := engine.Fetch(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if v.tokens != i+1 {
			t.Errorf("account %d: %d tokens", i, v.tokens)
		}
	}
}

// The request for a token is a part of the poll: what ends it is told as for any other request, and shows nothing.
func TestTokenRequestFails(t *testing.T) {
	tests := map[string]struct {
		transport transport
		reason    providers.Reason
	}{
		"network": {func(*http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Post", URL: "https://test-key-b", Err: io.EOF}
		}, providers.ReasonNetwork},
		"timeout":  {func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }, providers.ReasonTimeout},
		"redirect": {func(r *http.Request) (*http.Response, error) { return answer(r, 307, ""), nil }, providers.ReasonClientError},
		"no token": {func(r *http.Request) (*http.Response, error) { return answer(r, 200, `{"x": "test-key-b"}`), nil }, providers.ReasonBadResponse},
		"a line":   {func(r *http.Request) (*http.Response, error) { return answer(r, 200, `{"access_token": "a\nb"}`), nil }, providers.ReasonBadResponse},
		"a long one": {func(r *http.Request) (*http.Response, error) {
			return answer(r, 200, `{"access_token": "`+strings.Repeat("a", 1<<15)+`"}`), nil
		}, providers.ReasonBadResponse},
		"a large one": {func(r *http.Request) (*http.Response, error) { return answer(r, 200, strings.Repeat(" ", 5<<20)), nil }, providers.ReasonBadResponse},
		"refused": {func(r *http.Request) (*http.Response, error) {
			return answer(r, 400, `{"error": "invalid_client"}`), nil
		}, providers.ReasonUnauthorized},
		"a bad request": {func(r *http.Request) (*http.Response, error) {
			return answer(r, 400, `{"error": "invalid_scope"}`), nil
		}, providers.ReasonClientError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			asked := 0
			engine, account := verda(t, time.Now, transport(func(r *http.Request) (*http.Response, error) {
				asked++
				return test.transport(r)
			}))
			_, err := engine.Fetch(t.Context(), account)
			failure, ok := errors.AsType[*providers.Error](err)
			if !ok || failure.Reason != test.reason {
				t.Fatalf("%v, want %s", err, test.reason)
			}
			if strings.Contains(err.Error(), "test-key") {
				t.Errorf("the credential is shown: %v", err)
			}
			if asked != 1 {
				t.Errorf("%d requests, want one", asked)
			}
		})
	}
}

// The request for a token ends with the poll.
func TestTokenRequestEndsWithThePoll(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	engine, account := verda(t, time.Now, transport(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}))
	_, err := engine.Fetch(ctx, account)
	if failure, ok := errors.AsType[*providers.Error](err); !ok || failure.Reason != providers.ReasonNetwork {
		t.Errorf("%v", err)
	}
}

// Basic authentication cannot send such a user name, so nothing is sent.
func TestDecodoUserNameWithColon(t *testing.T) {
	in := providers.Signing{
		Credentials: map[string]providers.Secret{"username": providers.NewSecret("test-key:a"), "password": providers.NewSecret("test-key-b")},
		Send: func(*http.Request) (providers.Answer, error) {
			t.Error("something was sent")
			return providers.Answer{}, io.EOF
		},
	}
	_, err := native.Signers(rand.Text)["decodo-login"].Sign(t.Context(), in)
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Reason != providers.ReasonCredentials || strings.Contains(failure.Text, "test-key") {
		t.Errorf("%v", err)
	}
}
