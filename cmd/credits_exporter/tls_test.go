package main

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// webConfig asks for TLS, and for the password "test-password" of operator.
const webConfig = `tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
basic_auth_users:
  operator: $2a$04$v94SZdNXluSVAZLcTVzNfuDi6Zs.9MZJLCNaC3ZIepBf8gDGAgvu.
`

// writeWebConfig writes a web config file with its certificate, and gives a client that trusts it.
func (f *folder) writeWebConfig(t *testing.T) *http.Client {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	certificate := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	f.write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})))
	f.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	f.write("web.yml", webConfig)
	return server.Client()
}

// TestTLSAndBasicAuth: with a web config file every page asks for the password, and nothing is said in plain.
func TestTLSAndBasicAuth(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	client := f.writeWebConfig(t)
	d := f.serve("--web.config.file="+f.file("web.yml"), "--web.enable-lifecycle")
	secure := strings.Replace(d.base, "http:", "https:", 1)
	ask := func(method, path, password string) (status int, body string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, secure+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			request.SetBasicAuth("operator", password)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	for _, test := range []struct{ method, path string }{
		{http.MethodGet, "/metrics"}, {http.MethodGet, "/"}, {http.MethodGet, "/-/ready"}, {http.MethodPost, "/-/reload"},
	} {
		for _, password := range []string{"", "test-wrong"} {
			if status, body := ask(test.method, test.path, password); status != http.StatusUnauthorized || strings.Contains(body, "credits_") {
				t.Errorf("%s %s with password %q: %d %s", test.method, test.path, password, status, body)
			}
		}
		if status, body := ask(test.method, test.path, "test-password"); status != http.StatusOK || body == "" {
			t.Errorf("%s %s: %d %s", test.method, test.path, status, body)
		}
	}
	if status, body := d.ask(http.MethodGet, "/metrics"); status != http.StatusBadRequest || strings.Contains(body, "credits_") {
		t.Errorf("plain HTTP is answered with %d %s", status, body)
	}
	address := strings.TrimPrefix(d.base, "http://")
	if got := f.run("healthcheck", "--web.config.file="+f.file("web.yml"), "--web.listen-address="+address); got.status != exitOK {
		t.Errorf("healthcheck over TLS: %+v", got)
	}
	if got := f.run("healthcheck", "--web.listen-address="+address); got.status != exitFailed {
		t.Errorf("healthcheck in plain: %+v", got)
	}
	if strings.Contains(d.stderr.String(), "test-password") || strings.Contains(d.stderr.String(), "$2a$") {
		t.Errorf("the log shows a password:\n%s", d.stderr)
	}
}

// TestBadWebConfig: what is wrong with the web config file is said by check and at the start, without what stands in it.
func TestBadWebConfig(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	f.writeWebConfig(t)
	tests := map[string]struct{ file, want string }{
		"a password in plain":   {"basic_auth_users: {operator: test-password}\n", "bcrypt"},
		"an unknown key":        {webConfig + "test-password: 1\n", "web.yml"},
		"no such certificate":   {strings.Replace(webConfig, "cert.pem", "nowhere.pem", 1), "nowhere.pem"},
		"another's key":         {strings.Replace(webConfig, "key.pem", "cert.pem", 1), "web.yml"},
		"not YAML":              {"basic_auth_users: {operator: 'test-password\n", "web.yml"},
		"no certificate at all": {"tls_server_config: {key_file: key.pem}\n", "web.yml"},
	}
	for name, test := range tests {
		f.write("web.yml", test.file)
		for _, args := range [][]string{{"check"}, {"serve", "--web.listen-address=127.0.0.1:0"}} {
			got := f.run(append(args, "--web.config.file="+f.file("web.yml"))...)
			if got.status != exitFailed || !strings.Contains(got.stderr, test.want) {
				t.Errorf("%s: %v: want a word of %q, got %+v", name, args, test.want, got)
			}
			if strings.Contains(got.stderr, "test-password") && name != "an unknown key" {
				t.Errorf("%s: %v shows a password:\n%s", name, args, got.stderr)
			}
		}
	}
}
