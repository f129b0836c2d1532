package httpclient_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/httpclient"
)

const userAgent = "credits_exporter/1.2.3 (+https://github.com/credits-exporter/credits_exporter)"

// serve starts a vendor and gives its address.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func newRequest(t *testing.T, target string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// get asks for a target and reads the whole answer.
func get(t *testing.T, rt http.RoundTripper, target string) (status int, body string, err error) {
	t.Helper()
	return send(rt, newRequest(t, target))
}

func send(rt http.RoundTripper, request *http.Request) (status int, body string, err error) {
	response, err := rt.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return response.StatusCode, string(data), err
}

// transport is one of a fresh pool, whose connections end with the test.
func transport(t *testing.T, client config.HTTPClient) http.RoundTripper {
	t.Helper()
	pool := httpclient.NewPool("1.2.3")
	t.Cleanup(func() { pool.Retain(nil) })
	return pool.Transport(client)
}

func TestRedirectIsNotFollowed(t *testing.T) {
	var requests atomic.Int32
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	status, _, err := get(t, transport(t, config.HTTPClient{}), target)
	if err != nil || status != http.StatusFound || requests.Load() != 1 {
		t.Errorf("status %d, %v after %d requests, want 302 after 1", status, err, requests.Load())
	}
}

func TestUserAgent(t *testing.T) {
	target := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.UserAgent()) })
	rt := transport(t, config.HTTPClient{})
	if _, body, err := get(t, rt, target); err != nil || body != userAgent {
		t.Errorf("User-Agent %q, %v, want %q", body, err, userAgent)
	}

	request := newRequest(t, target)
	if _, _, err := send(rt, request); err != nil || len(request.Header) != 0 {
		t.Errorf("%v, and the request was changed: %v", err, request.Header)
	}

	request.Header.Set("User-Agent", "what the vendor asks for")
	if _, body, err := send(rt, request); err != nil || body != "what the vendor asks for" {
		t.Errorf("User-Agent %q, %v, want the request's own", body, err)
	}
}

func TestGzipIsDecompressed(t *testing.T) {
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "gzip" {
			t.Errorf("Accept-Encoding %q, want gzip", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"credits": 5}`)
		_ = z.Close()
	})
	if _, body, err := get(t, transport(t, config.HTTPClient{}), target); err != nil || body != `{"credits": 5}` {
		t.Errorf("body %q, %v", body, err)
	}
}

// An answer's header block may have 64 KiB in all, over HTTP/1.1 and HTTP/2.
func TestHeaderBlockIsBounded(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Proto != protocol {
				t.Errorf("asked over %s, want %s", r.Proto, protocol)
			}
			if r.URL.Path == "/large" {
				for range 10 {
					w.Header().Add("X-Filler", strings.Repeat("x", 10<<10))
				}
			} else {
				w.Header().Add("X-Filler", strings.Repeat("x", 40<<10))
			}
		}))
		server.EnableHTTP2 = protocol == "HTTP/2.0"
		server.StartTLS()
		t.Cleanup(server.Close)
		rt := transport(t, config.NewHTTPClient(promconfig.ProxyConfig{}, promconfig.TLSConfig{CA: certificatePEM(server)}))
		if _, _, err := get(t, rt, server.URL+"/small"); err != nil {
			t.Errorf("%s: a header of 40 KiB: %v", protocol, err)
		}
		if _, _, err := get(t, rt, server.URL+"/large"); err == nil {
			t.Errorf("%s: a header of 100 KiB was taken", protocol)
		}
	}
}

func TestEqualSettingsShareOneTransport(t *testing.T) {
	pool := httpclient.NewPool("1.2.3")
	with := func(serverName string) config.HTTPClient {
		return config.NewHTTPClient(promconfig.ProxyConfig{}, promconfig.TLSConfig{ServerName: serverName})
	}
	first := pool.Transport(with("a.example"))
	if pool.Transport(with("a.example")) != first {
		t.Error("equal settings got another transport")
	}
	if pool.Transport(with("b.example")) == first {
		t.Error("other settings got the same transport")
	}
	if pool.Transport(config.HTTPClient{}) != pool.Transport(with("")) {
		t.Error("no settings and empty settings got two transports")
	}
	pool.Retain([]config.HTTPClient{with("a.example")})
	if pool.Transport(with("a.example")) != first {
		t.Error("a transport in use was forgotten")
	}
	pool.Retain(nil)
	if pool.Transport(with("a.example")) == first {
		t.Error("a transport that nobody uses was kept")
	}
}

// proxied gives the settings of an account behind a proxy.
func proxied(t *testing.T, proxyURL, noProxy string) config.HTTPClient {
	t.Helper()
	u, err := url.Parse(proxyURL)
	if err != nil {
		t.Fatal(err)
	}
	return config.NewHTTPClient(promconfig.ProxyConfig{ProxyURL: promconfig.URL{URL: u}, NoProxy: noProxy}, promconfig.TLSConfig{})
}

func TestProxy(t *testing.T) {
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "by proxy: "+r.URL.String()) })
	direct := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "direct") })

	t.Run("proxy_url", func(t *testing.T) {
		_, body, err := get(t, transport(t, proxied(t, proxy, "")), "http://vendor.example/balance")
		if err != nil || body != "by proxy: http://vendor.example/balance" {
			t.Errorf("%q, %v", body, err)
		}
	})
	t.Run("no_proxy", func(t *testing.T) {
		if _, body, err := get(t, transport(t, proxied(t, proxy, "127.0.0.1")), direct); err != nil || body != "direct" {
			t.Errorf("%q, %v", body, err)
		}
	})
	t.Run("proxy_from_environment", func(t *testing.T) {
		t.Setenv("HTTP_PROXY", proxy)
		t.Setenv("NO_PROXY", "")
		client := config.NewHTTPClient(promconfig.ProxyConfig{ProxyFromEnvironment: true}, promconfig.TLSConfig{})
		_, body, err := get(t, transport(t, client), "http://vendor.example/balance")
		if err != nil || body != "by proxy: http://vendor.example/balance" {
			t.Errorf("%q, %v", body, err)
		}
	})
	t.Run("environment alone", func(t *testing.T) {
		t.Setenv("HTTP_PROXY", proxy)
		if (config.HTTPClient{}).Proxy() != nil {
			t.Error("without settings the environment's proxy is used")
		}
	})
}

// To an https vendor the proxy makes a tunnel, and learns the name of the host and nothing else.
func TestProxyTunnel(t *testing.T) {
	seen := make(chan *http.Request, 1)
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Clone(t.Context())
		w.WriteHeader(http.StatusForbidden)
	})
	withUser := strings.Replace(proxy, "http://", "http://user:test-key-proxy@", 1)
	_, _, err := get(t, transport(t, proxied(t, withUser, "")), "https://vendor.example/balance/test-key-path")
	if err == nil {
		t.Fatal("no error although the proxy refuses")
	}
	if strings.Contains(err.Error(), "test-key") {
		t.Errorf("the error holds a secret: %v", err)
	}
	r := <-seen
	if r.Method != http.MethodConnect || r.Host != "vendor.example:443" || strings.Contains(r.RequestURI, "test-key") {
		t.Errorf("the proxy saw %s %s", r.Method, r.RequestURI)
	}
	if r.Header.Get("Proxy-Authorization") == "" {
		t.Error("the proxy got no Proxy-Authorization")
	}
}
