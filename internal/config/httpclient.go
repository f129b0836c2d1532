package config

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// HTTPClient is how an account's requests travel: through which proxy and with which TLS settings. The zero value is
// direct, with the machine's own certificate authorities.
type HTTPClient struct {
	// A pointer, because there may be a proxy's password or a private key behind it, and printing does not follow one.
	settings *httpSettings
}

type httpSettings struct {
	place strict.Problem // where tls_config stands in the configuration
	proxy promconfig.ProxyConfig
	tls   promconfig.TLSConfig
}

// NewHTTPClient makes the settings in Go. File paths are as they are opened.
func NewHTTPClient(proxy promconfig.ProxyConfig, certificates promconfig.TLSConfig) HTTPClient {
	return HTTPClient{&httpSettings{proxy: proxy, tls: certificates}}
}

// Key is the same for two sets of settings that are equal.
func (c HTTPClient) Key() [sha256.Size]byte {
	var settings httpSettings
	if c.settings != nil {
		settings = *c.settings
	}
	p, t := settings.proxy, settings.tls
	var proxyURL string
	if p.ProxyURL.URL != nil {
		proxyURL = p.ProxyURL.String()
	}
	// Strings, numbers and booleans always have a JSON form.
	all, _ := json.Marshal([]any{
		proxyURL, p.NoProxy, p.ProxyFromEnvironment,
		t.CA, t.Cert, string(t.Key), t.CAFile, t.CertFile, t.KeyFile,
		t.ServerName, t.InsecureSkipVerify, uint16(t.MinVersion), uint16(t.MaxVersion),
	})
	return sha256.Sum256(all)
}

// Proxy finds the proxy of a request; nil means that there never is one. proxy_from_environment reads the environment
// now.
func (c HTTPClient) Proxy() func(*http.Request) (*url.URL, error) {
	if c.settings == nil {
		return nil
	}
	proxy := c.settings.proxy
	return proxy.Proxy()
}

// ReadTLS gives the TLS settings with every certificate file read as it is now and put in place of its path. The error
// names the file.
func (c HTTPClient) ReadTLS() (promconfig.TLSConfig, error) {
	if c.settings == nil {
		return promconfig.TLSConfig{}, nil
	}
	t := c.settings.tls
	key := string(t.Key)
	for _, f := range []struct{ path, text *string }{{&t.CAFile, &t.CA}, {&t.CertFile, &t.Cert}, {&t.KeyFile, &key}} {
		if *f.path == "" {
			continue
		}
		data, err := readRegular(*f.path, maxTLSFile)
		if err == nil && len(data) == 0 {
			err = errEmpty
		}
		if err != nil {
			return promconfig.TLSConfig{}, fmt.Errorf("file %s: %w", *f.path, err)
		}
		*f.path, *f.text = "", string(data)
	}
	t.Key = promconfig.Secret(key)
	return t, checkPEM(t)
}

// checkPEM says in words of the configuration what is wrong with certificates.
func checkPEM(t promconfig.TLSConfig) error {
	if t.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(t.CA)) {
		return errors.New("ca: no certificate in PEM form")
	}
	if t.Cert != "" || t.Key != "" {
		if _, err := tls.X509KeyPair([]byte(t.Cert), []byte(t.Key)); err != nil {
			return fmt.Errorf("cert and key: %w", err)
		}
	}
	return nil
}

// check reads the certificate files.
func (c HTTPClient) check() strict.Problems {
	if _, err := c.ReadTLS(); err != nil {
		p := c.settings.place
		p.Text = err.Error()
		return strict.Problems{p}
	}
	return nil
}

func (r *reader) httpClient(n strict.Node) HTTPClient {
	m, ok := n.Map()
	if !ok {
		return HTTPClient{}
	}
	s := &httpSettings{}
	s.readProxy(m)
	r.readTLS(m.Take("tls_config"), s)
	m.Done()
	return HTTPClient{s}
}

var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

func (s *httpSettings) readProxy(m *strict.Mapping) {
	n := m.Take("proxy_url")
	if raw, ok := n.Raw(); ok {
		u, err := url.Parse(raw)
		if err != nil || !slices.Contains(proxySchemes, u.Scheme) || u.Hostname() == "" || !validPort(u) {
			// Not quoted: it may hold a password.
			n.Problem("must be a URL that begins with one of %s", strings.Join(proxySchemes, "://, ")+"://")
		}
		s.proxy.ProxyURL = promconfig.URL{URL: u}
	}
	if raw, ok := text(m.Take("no_proxy")); ok {
		s.proxy.NoProxy = raw
	}
	s.proxy.ProxyFromEnvironment, _ = m.Take("proxy_from_environment").Bool()
	if err := s.proxy.Validate(); err != nil && (!n.Exists() || s.proxy.ProxyURL.URL != nil) {
		m.Problem("%v", err)
	}
}

func (r *reader) readTLS(n strict.Node, s *httpSettings) {
	m, ok := n.Map()
	if !ok {
		return
	}
	s.place = m.Note("")
	t := &s.tls
	key := m.Take("key")
	t.CA, _ = m.Take("ca").Raw()
	t.Cert, _ = m.Take("cert").Raw()
	if raw, ok := key.Raw(); ok {
		t.Key = promconfig.Secret(raw)
		r.warn(key.Note("the private key stands here in plain text; key_file keeps it out of this file"))
	}
	for name, field := range map[string]*string{"ca_file": &t.CAFile, "cert_file": &t.CertFile, "key_file": &t.KeyFile} {
		if path, ok := text(m.Take(name)); ok {
			*field = resolve(r.dir, path)
		}
	}
	if name, ok := text(m.Take("server_name")); ok {
		t.ServerName = name
	}
	insecure := m.Take("insecure_skip_verify")
	if t.InsecureSkipVerify, _ = insecure.Bool(); t.InsecureSkipVerify {
		r.warn(insecure.Note("the vendor's certificate is not verified; whoever is on the way can read the credential"))
	}
	t.MinVersion = tlsVersion(m.Take("min_version"))
	t.MaxVersion = tlsVersion(m.Take("max_version"))
	m.Done()
	validateTLS(m.Node, t)
}

// validateTLS checks what can be checked without reading a file.
func validateTLS(n strict.Node, t *promconfig.TLSConfig) {
	switch {
	case t.CA != "" && t.CAFile != "":
		n.Problem("ca and ca_file exclude each other")
		return
	case t.Cert != "" && t.CertFile != "":
		n.Problem("cert and cert_file exclude each other")
		return
	case t.Key != "" && t.KeyFile != "":
		n.Problem("key and key_file exclude each other")
		return
	}
	if err := t.Validate(); err != nil {
		n.Problem("%v", err)
		return
	}
	if t.MinVersion != 0 && t.MaxVersion != 0 && t.MaxVersion < t.MinVersion {
		n.Problem("max_version must not lie below min_version")
	}
	inline := *t
	if inline.CertFile != "" || inline.KeyFile != "" {
		inline.Cert, inline.Key = "", ""
	}
	if err := checkPEM(inline); err != nil {
		n.Problem("%v", err)
	}
}

func tlsVersion(n strict.Node) promconfig.TLSVersion {
	raw, ok := n.Raw()
	if !ok {
		return 0
	}
	version, ok := promconfig.TLSVersions[raw]
	if !ok {
		n.Problem("must be one of TLS10, TLS11, TLS12, TLS13")
	}
	return version
}
