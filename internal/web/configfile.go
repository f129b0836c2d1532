package web

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"gopkg.in/yaml.v3"
)

// quotedValue is how a YAML error quotes the value or the anchor that it complains of, which could be a password.
var quotedValue = regexp.MustCompile("`[^`]*`|'[^']*'")

var errNoCertificate = errors.New("no certificate in it")

// CheckConfigFile reads a web config file and the certificates that it names, and says what is wrong. The error never
// quotes a value. An empty path is no file, and right.
func CheckConfigFile(path string) error {
	err := toolkit.Validate(path)
	if err == nil {
		return nil
	}
	text := withoutValues(strings.TrimPrefix(err.Error(), "open "+path+": "))
	if strings.Contains(text, "bcrypt") {
		text += " (basic_auth_users takes bcrypt hashes, as `htpasswd -nBC 10 USER` prints them)"
	}
	return fmt.Errorf("--web.config.file=%s: %s", path, text)
}

func withoutValues(text string) string { return quotedValue.ReplaceAllString(text, "`...`") }

// valuesHidden keeps what a web config file holds out of the log: exporter-toolkit reads the file for every request
// and logs the YAML error, values and all, when somebody breaks it while the process runs.
type valuesHidden struct {
	slog.Handler
}

func (h valuesHidden) Handle(ctx context.Context, record slog.Record) error {
	hidden := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		if attr.Key == "err" {
			attr.Value = slog.StringValue(withoutValues(attr.Value.String()))
		}
		hidden.AddAttrs(attr)
		return true
	})
	return h.Handler.Handle(ctx, hidden)
}

func (h valuesHidden) WithAttrs(attrs []slog.Attr) slog.Handler {
	return valuesHidden{h.Handler.WithAttrs(attrs)}
}

func (h valuesHidden) WithGroup(name string) slog.Handler {
	return valuesHidden{h.Handler.WithGroup(name)}
}

// daemonTLS is what the web config file says about TLS, as far as a client needs it.
type daemonTLS struct {
	enabled bool
	// certificate is the one that the daemon shows.
	certificate *x509.Certificate
	// asksClients: the daemon demands a certificate of its clients.
	asksClients bool
}

// readDaemonTLS reads the web config file at path; "" is none. Keys that it does not need are not looked at.
func readDaemonTLS(path string) (daemonTLS, error) {
	if path == "" {
		return daemonTLS{}, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return daemonTLS{}, fmt.Errorf("--web.config.file: %w", err)
	}
	var file struct {
		TLS struct {
			Cert       string `yaml:"cert"`
			CertFile   string `yaml:"cert_file"`
			ClientAuth string `yaml:"client_auth_type"`
		} `yaml:"tls_server_config"`
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		return daemonTLS{}, fmt.Errorf("--web.config.file=%s: %s", path, withoutValues(err.Error()))
	}
	if file.TLS.Cert == "" && file.TLS.CertFile == "" {
		return daemonTLS{}, nil
	}
	certificate, err := readCertificate(file.TLS.Cert, file.TLS.CertFile, filepath.Dir(path))
	if err != nil {
		return daemonTLS{}, fmt.Errorf("the certificate that --web.config.file=%s names: %w", path, err)
	}
	return daemonTLS{
		enabled:     true,
		certificate: certificate,
		asksClients: strings.HasPrefix(file.TLS.ClientAuth, "Require"),
	}, nil
}

// readCertificate returns the first certificate of a PEM text or file, which is the one that a TLS server shows.
func readCertificate(inline, path, dir string) (*x509.Certificate, error) {
	content := []byte(inline)
	if path != "" {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		var err error
		if content, err = os.ReadFile(path); err != nil {
			return nil, err
		}
	}
	for len(content) > 0 {
		var block *pem.Block
		block, content = pem.Decode(content)
		if block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	return nil, errNoCertificate
}
