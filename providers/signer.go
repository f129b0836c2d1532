package providers

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Signer is a primitive that a definition names in `sign`, for what a template cannot say: a signature over the
// request, or a token that is earned first. It knows nothing of balances, and is safe for concurrent use.
type Signer interface {
	// Sign is called once for every request, before it is built. It ends with ctx. An *Error is returned as it is; of
	// any other error only the reason is kept, because its text may hold a URL.
	Sign(ctx context.Context, in Signing) (Signed, error)
}

// Signing is what a Signer works with.
type Signing struct {
	Credentials map[string]Secret
	Params      map[string]string // with their defaults
	Now         time.Time
	// Origin is the scheme, host and leading path that the account's requests go to. A credential goes nowhere else.
	Origin url.URL
	// Send makes a request of the signer's own, such as one for a token, with the account's transport and our
	// User-Agent. An answer that is not 2xx is an *Error with the reason of its status, as an unreadable one is; what
	// could be read of it is returned as well.
	Send func(*http.Request) (Answer, error)
}

// Signed is what a Signer adds to one request.
type Signed struct {
	// Gives has a value for every name that the signer is known to give; templates of this request name them.
	Gives map[string]string
	// Complete changes the finished request, of which body is a copy; nil: nothing is left to do.
	Complete func(request *http.Request, body []byte) error
	// Refused is called when the answer to the request is 401, or means that the key is refused, so that a token is not
	// used again; nil: nothing is kept.
	Refused func()
}

// Answer is an answer whose body is read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// signerSpec is what the loader knows of a signer: what it needs and what it gives.
type signerSpec struct {
	name        string
	credentials []string // the definition must declare them
	params      []string // likewise
	gives       []string // the request's templates may name them
}

// signerSpecs is the closed list. The primitives themselves are in providers/native.
func signerSpecs() []signerSpec {
	return []signerSpec{
		// ACS3-HMAC-SHA256, https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
		{name: "alibaba-acs3", credentials: []string{"access_key_id", "access_key_secret"}},
		// POST /v1/auth of Decodo's API, which answers with a user id and a token.
		{name: "decodo-login", credentials: []string{"username", "password"}, gives: []string{"user_id"}},
		// EXO2-HMAC-SHA256, as egoscale signs.
		{name: "exoscale-exo2", credentials: []string{"api_key", "api_secret"}},
		// A JWT of half an hour; the vendor shows the packs that were bought in a window of time, in milliseconds.
		{name: "kling-jwt", credentials: []string{"access_key", "secret_key"}, gives: []string{"start_time", "end_time"}},
		// RFC 6749, section 4.4, with JSON in place of a form, as Verda wants it.
		{name: "oauth2-client-credentials", credentials: []string{"client_id", "client_secret"}},
		// TC3-HMAC-SHA256, https://www.tencentcloud.com/document/product/1021/34193
		{name: "tencent-tc3", credentials: []string{"secret_id", "secret_key"}},
	}
}

// SignerNames lists every name that `sign` can have, so that a program can see to it that it has them all.
func SignerNames() []string {
	var names []string
	for _, spec := range signerSpecs() {
		names = append(names, spec.name)
	}
	return names
}

func signerByName(name string) (signerSpec, bool) {
	for _, spec := range signerSpecs() {
		if spec.name == name {
			return spec, true
		}
	}
	return signerSpec{}, false
}
