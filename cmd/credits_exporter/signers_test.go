package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// tokenVendor is a vendor whose balance needs a token that is asked for first.
type tokenVendor struct {
	mu     sync.Mutex
	tokens int // how many it gave; the last one is good
	polls  int // how many balances it gave
}

func (v *tokenVendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client has gone
	good := fmt.Sprintf("test-token-%d", v.tokens)
	switch {
	case r.URL.Path == "/verda/v1/oauth2/token" && r.Method == http.MethodPost:
		v.tokens++
		fmt.Fprintf(w, `{"access_token": "test-token-%d", "token_type": "Bearer", "expires_in": 3600}`, v.tokens)
	case r.URL.Path == "/verda/v1/balance" && r.Header.Get("Authorization") == "Bearer "+good:
		v.polls++
		fmt.Fprint(w, `{"amount": 50.5, "currency": "usd"}`)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// revoke makes the token that was given last a bad one.
func (v *tokenVendor) revoke() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tokens++
}

func (v *tokenVendor) seen() (tokens, polls int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tokens, v.polls
}

// TestTokensAreKept: a token serves for its lifetime, over a reload too, and one that was refused is not used again.
func TestTokensAreKept(t *testing.T) {
	t.Parallel()
	v := &tokenVendor{}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	f := newFolder(t)
	config := "poll: {interval: 50ms}\naccounts:\n  - provider: verda\n    base_url: VENDORS/verda\n    credentials: {client_id: test-key-id, client_secret: test-key-secret}\n"
	f.configure(config, vendors{url: server.URL})
	d := f.serve("--web.enable-lifecycle")
	d.await(`credits_balance{account="default",provider="verda",unit="USD"}`, "50.5")

	expect := func(when string, want int) {
		t.Helper()
		_, before := v.seen()
		eventually(t, when+": more polls", func() bool { _, polls := v.seen(); return polls > before+3 })
		if tokens, _ := v.seen(); tokens != want {
			t.Errorf("%s: %d tokens, want %d", when, tokens, want)
		}
	}
	expect("at first", 1)
	f.configure(config+"    labels: {team: growth}\n", vendors{url: server.URL})
	d.reload()
	expect("after a reload", 1)
	v.revoke()
	expect("after the token was revoked", 3)
}
