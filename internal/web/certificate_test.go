package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// testUsers is a basic_auth_users section: operator with the password "test-password".
const testUsers = "basic_auth_users:\n  operator: $2a$04$yPGsGMwp2FijD.iz1lhOnecU2J3cFX4deDOhxNgDtvhyU.AjK5Bya\n"

// testTLS is a tls_server_config section that names the files of writeCertificate.
const testTLS = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"

// writeFile writes a file of a test and returns its path.
func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeCertificate writes cert.pem and key.pem into dir: self-signed, expired, and for a name that no test asks for,
// as a healthcheck must cope with.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "exporter.example"},
		DNSNames:     []string{"exporter.example"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Unix(1e9, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	writeFile(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})))
}
