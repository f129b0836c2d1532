package httpclient_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/providers"
)

// certificatePEM is the certificate of a test server, which is its own authority.
func certificatePEM(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

// newCertificate makes a certificate that signs itself, for 127.0.0.1 and for clients.
func newCertificate(t *testing.T, name string) (certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true,
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},

		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

// serveTLS starts a server with a certificate of its own; it answers with the name in the client's.
func serveTLS(t *testing.T, certPEM, keyPEM string) string {
	t.Helper()
	certificate, err := tls.X509KeyPair([]byte(certPEM), []byte(keyPEM))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.TLS.PeerCertificates {
			_, _ = io.WriteString(w, c.Subject.CommonName)
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail here on purpose
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequestClientCert,
		MinVersion:   tls.VersionTLS12,
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func withTLS(settings promconfig.TLSConfig) config.HTTPClient {
	return config.NewHTTPClient(promconfig.ProxyConfig{}, settings)
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTLSSettings(t *testing.T) {
	cert, key := newCertificate(t, "vendor.example")
	target := serveTLS(t, cert, key)
	caFile := write(t, filepath.Join(t.TempDir(), "ca.pem"), cert)

	tests := map[string]struct {
		settings promconfig.TLSConfig
		ok       bool
	}{
		"nothing":                {promconfig.TLSConfig{}, false},
		"ca_file":                {promconfig.TLSConfig{CAFile: caFile, ServerName: "vendor.example"}, true},
		"ca":                     {promconfig.TLSConfig{CA: cert, ServerName: "vendor.example"}, true},
		"another server_name":    {promconfig.TLSConfig{CA: cert, ServerName: "other.example"}, false},
		"insecure_skip_verify":   {promconfig.TLSConfig{InsecureSkipVerify: true}, true},
		"a version it has not":   {promconfig.TLSConfig{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}, false},
		"a version that it has":  {promconfig.TLSConfig{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}, true},
		"the machine's, by name": {promconfig.TLSConfig{ServerName: "vendor.example"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := get(t, transport(t, withTLS(test.settings)), target)
			if (err == nil) != test.ok {
				t.Errorf("error %v, want success: %t", err, test.ok)
			}
		})
	}
}

// A certificate that is renewed on disk is used from the next request on.
func TestCertificateFilesAreReadAgain(t *testing.T) {
	serverCert, serverKey := newCertificate(t, "vendor.example")
	target := serveTLS(t, serverCert, serverKey)
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	rt := transport(t, withTLS(promconfig.TLSConfig{
		CA: serverCert, ServerName: "vendor.example", CertFile: certFile, KeyFile: keyFile,
	}))

	_, _, err := get(t, rt, target)
	if failure, ok := errors.AsType[*providers.Error](err); !ok || failure.Reason != providers.ReasonCredentials ||
		!strings.Contains(failure.Text, certFile) {
		t.Errorf("without files: %v, want a credentials error that names the file", err)
	}
	for _, name := range []string{"first.example", "second.example"} {
		cert, key := newCertificate(t, name)
		write(t, certFile, cert)
		write(t, keyFile, key)
		if _, body, err := get(t, rt, target); err != nil || body != name {
			t.Errorf("the vendor saw %q, %v, want %q", body, err, name)
		}
	}
	write(t, keyFile, serverKey)
	if _, _, err := get(t, rt, target); err == nil || strings.Contains(err.Error(), "PRIVATE") {
		t.Errorf("a key that does not belong to the certificate: %v", err)
	}
}
