package web_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

// port returns the port of a server's first address.
func port(t *testing.T, server *web.Server) string {
	t.Helper()
	_, number, err := net.SplitHostPort(server.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// TestHealthcheckAddresses spells the address in every way that --web.listen-address knows.
func TestHealthcheckAddresses(t *testing.T) {
	server := listen(t, 1, "")
	serve(t, server, newHandler(t, testOptions()))
	for _, host := range []string{"", "0.0.0.0", "[::]", "127.0.0.1", "[::ffff:127.0.0.1]"} {
		if err := web.CheckHealth(t.Context(), []string{host + ":" + port(t, server)}, ""); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
	server.Close()
	for _, host := range []string{"", "0.0.0.0", "[::]", "127.0.0.1"} {
		err := web.CheckHealth(t.Context(), []string{host + ":" + port(t, server)}, "")
		if err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%q with nobody there: got %v", host, err)
		}
	}
}

func TestHealthcheckBadAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"10069":          "it must look like :10069",
		"127.0.0.1":      "it must look like :10069",
		"127.0.0.1:":     "it must look like :10069",
		"127.0.0.1:0":    "it must look like :10069",
		"vsock://:10069": "name a TCP address",
	} {
		err := web.CheckHealth(t.Context(), []string{address}, "")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--web.listen-address="+address) {
			t.Errorf("%q: got %v, want %q", address, err, want)
		}
	}
	if err := web.CheckHealth(t.Context(), nil, ""); err == nil {
		t.Error("no address: no error")
	}
}

// TestHealthcheckAnswers: what shows that the process lives, and what does not.
func TestHealthcheckAnswers(t *testing.T) {
	for status, healthy := range map[int]bool{
		200: true, 401: true, 429: true, 301: false, 404: false, 500: false, 503: false,
	} {
		server := listen(t, 1, "")
		serve(t, server, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/-/healthy" || r.Header.Get("Authorization") != "" {
				t.Errorf("asked %s %s with %v", r.Method, r.URL.Path, r.Header)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		err := web.CheckHealth(t.Context(), []string{":" + port(t, server)}, "")
		if healthy != (err == nil) {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestHealthcheckWithWebConfig(t *testing.T) {
	tests := []struct{ name, config string }{
		{"nothing", "{}\n"},
		{"basic auth", testUsers},
		{"TLS", testTLS},
		{"TLS and basic auth", testTLS + testUsers},
		{"TLS 1.3 with client certificates", testTLS + "  client_auth_type: RequireAnyClientCert\n"},
		{"TLS 1.2 with client certificates", testTLS + "  client_auth_type: RequireAnyClientCert\n  max_version: TLS12\n"},
		{"rate limit", testTLS + "rate_limit: {interval: 1h, burst: 0}\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			writeCertificate(t, dir)
			configFile := writeFile(t, dir, "web.yml", test.config)
			server := listen(t, 1, configFile)
			serve(t, server, newHandler(t, testOptions()))
			address := ":" + port(t, server)
			if err := web.CheckHealth(t.Context(), []string{address}, configFile); err != nil {
				t.Error(err)
			}
			server.Close()
			if err := web.CheckHealth(t.Context(), []string{address}, configFile); err == nil {
				t.Error("nobody is there, and no error")
			}
		})
	}
}

// TestHealthcheckWantsItsOwnCertificate: another program on the port must not pass for the process.
func TestHealthcheckWantsItsOwnCertificate(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	writeCertificate(t, dir)
	writeCertificate(t, other)
	server := listen(t, 1, writeFile(t, other, "web.yml", testTLS))
	serve(t, server, newHandler(t, testOptions()))
	err := web.CheckHealth(t.Context(), []string{":" + port(t, server)}, writeFile(t, dir, "web.yml", testTLS))
	if err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("got %v", err)
	}
}

func TestHealthcheckBadWebConfig(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "empty.pem", "")
	for name, test := range map[string]struct{ config, want string }{
		"no YAML":        {"a: [\n", "--web.config.file="},
		"no certificate": {testTLS, "cert.pem"},
		"empty file":     {"tls_server_config: {cert_file: empty.pem, key_file: empty.pem}\n", "no certificate in it"},
		"value quoted":   {"tls_server_config: test-key-secret\n", "`...`"},
	} {
		err := web.CheckHealth(t.Context(), []string{":10069"}, writeFile(t, dir, "web.yml", test.config))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "test-key") {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if err := web.CheckHealth(t.Context(), []string{":10069"}, dir+"/none.yml"); err == nil || !strings.Contains(err.Error(), "none.yml") {
		t.Errorf("no file: got %v", err)
	}
}
