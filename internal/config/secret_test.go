package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lmittmann/tint" //nolint:depguard // it prints in a way of its own, and this test looks at them all
	"gopkg.in/yaml.v3"

	"github.com/credits-exporter/credits_exporter/internal/config"
)

// However a configuration is printed, what is secret in it stays out.
func TestSecretsAreNeverPrinted(t *testing.T) {
	c, err := config.Parse("config.yml", []byte(`
accounts:
  - provider: acme
    credentials: {api_key: test-key-plain}
    http_client:
      proxy_url: http://user:test-key-proxy@proxy.example
  - provider: bureau
    credentials: {client_id: {env: BUREAU_ID}, client_secret: {file: secret}}
    params: {project: p}
`), catalog(t), environment(map[string]string{"BUREAU_ID": "test-key-variable"}))
	if err != nil {
		t.Fatal(err)
	}
	account := c.Accounts[0]
	read, err := account.Credentials[0].Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []any{
		c, *c, c.Accounts, account, &account, account.Credentials, account.Credentials[0], account.HTTPClient,
		&account.HTTPClient, read, c.Warnings,
	} {
		for form, printed := range printings(t, value) {
			if strings.Contains(printed, "test-key") {
				t.Errorf("%s of %T: %s", form, value, printed)
			}
		}
	}
}

func printings(t *testing.T, value any) map[string]string {
	t.Helper()
	forms := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		forms[verb] = fmt.Sprintf(verb, value)
	}
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		"tint":      func(b *bytes.Buffer) slog.Handler { return tint.NewTextHandler(b, nil) },
	}
	for name, handler := range handlers {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("config", slog.Any("value", value))
		forms[name] = b.String()
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Errorf("JSON of %T: %v", value, err)
	}
	asYAML, err := yaml.Marshal(value)
	if err != nil {
		t.Errorf("YAML of %T: %v", value, err)
	}
	forms["JSON"], forms["YAML"] = string(asJSON), string(asYAML)
	return forms
}
