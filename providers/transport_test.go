package providers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The errors of a transport may hold the URL with the key in it; the texts shown come from a closed list.
func TestTransportErrors(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"anything":    {errors.New("proxy said test-key-api_key"), "network: the request failed without an answer"},
		"refused":     {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, "network: the connection was refused"},
		"reset":       {&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, "network: the connection was reset"},
		"unreachable": {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ENETUNREACH}, "network: the host cannot be reached"},
		"dial":        {&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("test-key-api_key")}, "network: no connection to the host, or to the proxy"},
		"proxy":       {&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("test-key-api_key")}, "network: the proxy did not connect"},
		"no name":     {&net.DNSError{Err: "no such host", Name: "test-key-api_key.example", IsNotFound: true}, "network: the host's name does not exist"},
		"name server": {&net.DNSError{Err: "server misbehaving", Name: "test-key-api_key.example"}, "network: the host's name cannot be resolved"},
		"timeout":     {&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}, "timeout: no whole answer in time"},
		"deadline":    {fmt.Errorf("x: %w", context.DeadlineExceeded), "timeout: no whole answer in time"},
		"end":         {io.ErrUnexpectedEOF, "network: the connection ended before the answer did"},
		"headers":     {errors.New("net/http: server response headers exceeded 65536 bytes; aborted"), "network: the header block of the answer is too large"},
		"authority":   {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "network: the host's certificate is signed by an unknown authority"},
		"hostname":    {&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}}, "network: the host's certificate is for another name"},
		"expired":     {&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, "network: the host's certificate has expired or is not valid yet"},
		"certificate": {&tls.CertificateVerificationError{Err: errors.New("x")}, "network: the host's certificate is not valid"},
		"no TLS":      {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "network: the host does not speak TLS"},
		"alert":       {tls.AlertError(40), "network: the TLS handshake failed"},
		"ours":        {&Error{Reason: ReasonCredentials, Text: "the file is empty"}, "credentials: the file is empty"},
	}
	d := mustParse(t, "test.yml", small("request: {url: 'https://api.example/{{api_key}}', query: {k: '{{api_key}}'}}\n"+oneBalance))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			vendor := transportFunc(func(r *http.Request) (*http.Response, error) {
				return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: test.err}
			})
			got := outcome(NewEngine(d, testClock).Fetch(t.Context(), testAccount(d, vendor)))
			compare(t, got, test.want)
			if strings.Contains(got, "test-key") {
				t.Error("the key is shown")
			}
		})
	}
}

// A vendor that never ends its answer is left at the deadline, and a redirect is not followed.
func TestRealTransport(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow/v1/balance":
			_, _ = io.WriteString(w, `{"credits": `)
			w.(http.Flusher).Flush()
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/redirect/v1/balance":
			http.Redirect(w, r, "/gzip/v1/balance", http.StatusFound)
		case "/cut/v1/balance":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"credits": 1`)
		default:
			_, _ = io.WriteString(w, `{"credits": 1}`)
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	d := mustParse(t, "test.yml", small(keyInHeader+oneBalance))
	fetch := func(path string, timeout time.Duration) string {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		account := testAccount(d, transport)
		account.BaseURL = mustURL(t, server.URL+path)
		return outcome(NewEngine(d, testClock).Fetch(ctx, account))
	}
	compare(t, fetch("/good", time.Minute), `{"balances":[{"unit":"credits","remaining":"1","lots":[{"id":"default","kind":"default","remaining":"1"}]}]}`)
	compare(t, fetch("/slow", 50*time.Millisecond), "timeout: no whole answer in time")
	compare(t, fetch("/redirect", time.Minute), "client_error: the vendor answered with status 302, a redirect, which is not followed")
	compare(t, fetch("/cut", time.Minute), "network: the connection ended before the answer did")
}
