// Package httpclient sends the requests to the vendors. It bounds what an answer's header may cost, follows nothing,
// and logs nothing.
package httpclient

import (
	"net/http"
	"net/url"
	"sync"

	promconfig "github.com/prometheus/common/config"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/providers"
)

// project is what a vendor finds in the User-Agent and can ask about us.
const project = "https://github.com/credits-exporter/credits_exporter"

// Pool makes transports, one for all accounts whose settings are equal. It is safe for concurrent use.
type Pool struct {
	userAgent string

	mu         sync.Mutex
	transports map[key]*transport
}

// key stands for settings that are equal.
type key = [32]byte

// NewPool makes an empty pool. The version of this program goes to the vendors as part of the User-Agent.
func NewPool(version string) *Pool {
	product := "credits_exporter"
	if version != "" {
		product += "/" + version
	}
	return &Pool{userAgent: product + " (+" + project + ")", transports: map[key]*transport{}}
}

// Transport sends requests with these settings. Certificate files are read before each request; while one cannot be
// used, every request fails with a *providers.Error of the reason credentials.
func (p *Pool) Transport(client config.HTTPClient) http.RoundTripper {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := client.Key()
	if t, ok := p.transports[k]; ok {
		return t
	}
	t := &transport{client: client, proxy: client.Proxy(), userAgent: p.userAgent}
	p.transports[k] = t
	return t
}

// Retain forgets all transports but those of the settings in use, and closes their idle connections. Requests in
// flight end as they would have.
func (p *Pool) Retain(used []config.HTTPClient) {
	keep := map[key]bool{}
	for _, client := range used {
		keep[client.Key()] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for k, t := range p.transports {
		if !keep[k] {
			t.closeIdle()
			delete(p.transports, k)
		}
	}
}

// transport is an http.Transport that is made anew when a certificate file changes.
type transport struct {
	client    config.HTTPClient
	proxy     func(*http.Request) (*url.URL, error)
	userAgent string

	mu      sync.Mutex
	tls     promconfig.TLSConfig // what current was made of
	current *http.Transport
}

// RoundTrip sends one request and gives the answer as it is, a redirect too.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	base, err := t.fresh()
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper closes it whatever happens
		}
		return nil, &providers.Error{Reason: providers.ReasonCredentials, Text: "http_client.tls_config: " + err.Error()}
	}
	if _, set := r.Header["User-Agent"]; !set {
		// A RoundTripper may not change the request that it is given.
		r = r.Clone(r.Context())
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.Header.Set("User-Agent", t.userAgent)
	}
	return base.RoundTrip(r)
}

// fresh gives a transport that uses the certificate files as they are now.
func (t *transport) fresh() (*http.Transport, error) {
	settings, err := t.client.ReadTLS()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil && settings == t.tls {
		return t.current, nil
	}
	return t.renew(settings)
}

// renew makes the transport of these settings. The lock is held. It has its own copy of them, so that a request that
// changes nothing allocates none.
func (t *transport) renew(settings promconfig.TLSConfig) (*http.Transport, error) {
	tlsConfig, err := promconfig.NewTLSConfig(&settings)
	if err != nil {
		return nil, err
	}
	if t.current != nil {
		t.current.CloseIdleConnections()
	}
	t.tls, t.current = settings, newTransport(t.proxy, tlsConfig)
	return t.current, nil
}

func (t *transport) closeIdle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil {
		t.current.CloseIdleConnections()
	}
}
