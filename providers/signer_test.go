package providers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

type signerFunc func(context.Context, Signing) (Signed, error)

func (f signerFunc) Sign(ctx context.Context, in Signing) (Signed, error) { return f(ctx, in) }

const signedDefinition = `schema: 1
name: test
credentials: {access_key: {}, secret_key: {}}
params: {pack: {default: all}}
request:
  method: POST
  sign: kling-jwt
  url: https://api.example/costs
  query: {start_time: "{{start_time}}", end_time: "{{end_time}}"}
  json: {pack: "{{pack}}"}
balances: [{unit: credits, remaining: .credits}]
`

// A signer gives names for templates, may ask for a token, and completes the request.
func TestSigner(t *testing.T) {
	d := mustParse(t, "test.yml", signedDefinition)
	signer := signerFunc(func(ctx context.Context, in Signing) (Signed, error) {
		if in.Credentials["secret_key"].Reveal() != "test-key-secret_key" || in.Params["pack"] != "all" || !in.Now.Equal(pollTime) {
			t.Errorf("%+v", in)
		}
		token, err := http.NewRequestWithContext(ctx, http.MethodPost, in.Origin.JoinPath("token").String(), http.NoBody)
		if err != nil {
			return Signed{}, err
		}
		answer, err := in.Send(token)
		if err != nil {
			return Signed{}, err
		}
		return Signed{
			Gives: map[string]string{"start_time": "1", "end_time": "2"},
			Complete: func(r *http.Request, body []byte) error {
				r.Header.Set("Authorization", string(answer.Body)+" "+string(body))
				return nil
			},
		}, nil
	})
	vendor := &scripted{t: t, exchanges: []exchange{
		{request: "POST https://api.example/token", headers: map[string]string{"User-Agent": "credits_exporter"}, reply: "test-token"},
		{
			request: "POST https://api.example/costs?end_time=2&start_time=1", body: `{"pack":"all"}`,
			headers: map[string]string{"Authorization": `test-token {"pack":"all"}`}, reply: `{"credits": 1}`,
		},
	}}
	engine := NewEngine(d, testClock, WithSigners(map[string]Signer{"kling-jwt": signer}))
	compare(t, outcome(engine.Fetch(t.Context(), testAccount(d, vendor))), `{"balances":[{"unit":"credits","remaining":"1","lots":[{"id":"default","kind":"default","remaining":"1"}]}]}`)
	vendor.done()
}

func TestSignerFails(t *testing.T) {
	d := mustParse(t, "test.yml", signedDefinition)
	good := Signed{Gives: map[string]string{"start_time": "1", "end_time": "2"}}
	tests := map[string]struct {
		signer Signer
		want   string
	}{
		"no such signer": {nil, "internal: this program has no signer kling-jwt"},
		"an error with a URL": {signerFunc(func(context.Context, Signing) (Signed, error) {
			return Signed{}, &url.Error{Op: "Post", URL: "https://x/?k=test-key-secret_key", Err: io.EOF}
		}), "credentials: the signer kling-jwt cannot sign with these credentials"},
		"a deadline": {signerFunc(func(context.Context, Signing) (Signed, error) {
			return Signed{}, context.DeadlineExceeded
		}), "timeout: the signer kling-jwt did not end in time"},
		"an error of ours": {signerFunc(func(context.Context, Signing) (Signed, error) {
			return Signed{}, &Error{Reason: ReasonUnauthorized, Text: "no token for this client"}
		}), "unauthorized: no token for this client"},
		"a name is missing": {signerFunc(func(context.Context, Signing) (Signed, error) {
			return Signed{Gives: map[string]string{"start_time": "1"}}, nil
		}), "internal: the signer kling-jwt gave no end_time"},
		"it cannot complete": {signerFunc(func(context.Context, Signing) (Signed, error) {
			s := good
			s.Complete = func(*http.Request, []byte) error { return errors.New("test-key-secret_key is no key") }
			return s, nil
		}), "credentials: the signer kling-jwt cannot sign with these credentials"},
		"the token is refused": {signerFunc(func(ctx context.Context, in Signing) (Signed, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, in.Origin.String(), http.NoBody)
			if err != nil {
				return Signed{}, err
			}
			_, err = in.Send(r)
			return Signed{}, err
		}), "unauthorized: the request for a token was answered with status 401"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			signers := map[string]Signer{}
			if test.signer != nil {
				signers["kling-jwt"] = test.signer
			}
			vendor := transportFunc(func(r *http.Request) (*http.Response, error) { return reply(r, 401, ""), nil })
			got := outcome(NewEngine(d, testClock, WithSigners(signers)).Fetch(t.Context(), testAccount(d, vendor)))
			compare(t, got, test.want)
		})
	}
}

// A signer that keeps a token hears of it when the token is refused, by the status or by a rule.
func TestSignerHearsOfRefusal(t *testing.T) {
	d := mustParse(t, "test.yml", signedDefinition+"answers: [{status: 200, when: .code == 1, means: unauthorized}, {status: 401, when: .busy, means: rate_limited}]\n")
	tests := map[string]struct {
		status int
		body   string
		want   bool
	}{
		"good":                {200, `{"credits": 1}`, false},
		"401":                 {401, "", true},
		"401 of another kind": {401, `{"busy": true}`, true},
		"403":                 {403, "", true},
		"a rule":              {200, `{"code": 1}`, true},
		"busy":                {429, "", false},
		"broken":              {500, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			heard := false
			signer := signerFunc(func(context.Context, Signing) (Signed, error) {
				return Signed{Gives: map[string]string{"start_time": "1", "end_time": "2"}, Refused: func() { heard = true }}, nil
			})
			vendor := transportFunc(func(r *http.Request) (*http.Response, error) { return reply(r, test.status, test.body), nil })
			engine := NewEngine(d, testClock, WithSigners(map[string]Signer{"kling-jwt": signer}))
			_, err := engine.Fetch(t.Context(), testAccount(d, vendor))
			if heard != test.want {
				t.Errorf("heard %v, want %v (%v)", heard, test.want, err)
			}
		})
	}
}

// The names and what they need stand in one place; every one of them can be written in a definition.
func TestSignerNames(t *testing.T) {
	for _, name := range SignerNames() {
		spec, ok := signerByName(name)
		if !ok || len(spec.credentials) == 0 {
			t.Errorf("%s: %+v", name, spec)
			continue
		}
		definition := "schema: 1\nname: test\ncredentials: {" + strings.Join(spec.credentials, ": {}, ") + ": {}}\n" +
			"request: {sign: " + name + ", url: 'https://api.example/'}\n" + oneBalance
		mustParse(t, "test.yml", definition)
	}
}
