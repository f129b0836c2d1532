package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/logging"
	"github.com/credits-exporter/credits_exporter/providers"
)

func options(t *testing.T, level, format string) logging.Options {
	t.Helper()
	var o logging.Options
	if err := o.Level.Set(level); err != nil {
		t.Fatal(err)
	}
	if err := o.Format.Set(format); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestFlagValues(t *testing.T) {
	for _, name := range []string{"debug", "info", "warn", "error"} {
		var level logging.Level
		if err := level.Set(name); err != nil || level.String() != name {
			t.Errorf("level %s: got %s, %v", name, level.String(), err)
		}
	}
	for _, name := range []string{"auto", "console", "logfmt", "json"} {
		var format logging.Format
		if err := format.Set(name); err != nil || format.String() != name {
			t.Errorf("format %s: got %s, %v", name, format.String(), err)
		}
	}
	var level logging.Level
	if got := level.String(); got != "info" {
		t.Errorf("the zero level is %s, want info", got)
	}
	if err := level.Set("WARN"); err != nil || level.Level() != slog.LevelWarn {
		t.Errorf("WARN: got %s, %v", level.Level(), err)
	}
	var format logging.Format
	if got := format.String(); got != "auto" {
		t.Errorf("the zero format is %s, want auto", got)
	}
}

func TestBadFlagValues(t *testing.T) {
	level, format := logging.Level{}, logging.Format{}
	tests := []struct {
		set   func(string) error
		value string
		want  string
	}{
		{level.Set, "loud", `unknown log level "loud": choose one of debug, info, warn, error`},
		{level.Set, "", `unknown log level "": choose one of debug, info, warn, error`},
		{format.Set, "xml", `unknown log format "xml": choose one of auto, console, logfmt, json`},
		{format.Set, "", `unknown log format "": choose one of auto, console, logfmt, json`},
		{format.Set, "JSON", `unknown log format "JSON": choose one of auto, console, logfmt, json`},
	}
	for _, test := range tests {
		if err := test.set(test.value); err == nil || err.Error() != test.want {
			t.Errorf("%q: got error %v, want %s", test.value, err, test.want)
		}
	}
}

func TestFormats(t *testing.T) {
	tests := []struct {
		format string
		want   string
	}{
		{"logfmt", `^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=INFO source=logging_test\.go:\d+ ` +
			`msg="Account recovered" account=a/b after=1m30s` + "\n$"},
		{"auto", `^time=\S+Z level=INFO source=logging_test\.go:\d+ msg="Account recovered" account=a/b after=1m30s` + "\n$"},
		{"json", `^\{"time":"[^"]+Z","level":"INFO","source":"logging_test\.go:\d+",` +
			`"msg":"Account recovered","account":"a/b","after":"1m30s"\}` + "\n$"},
		{"console", `^\d\d:\d\d:\d\d\.\d{3} INF Account recovered account=a/b after=1m30s` + "\n$"},
	}
	for _, test := range tests {
		t.Run(test.format, func(t *testing.T) {
			var out bytes.Buffer
			logger := logging.New(&out, options(t, "info", test.format))
			logger.Debug("Not shown")
			logger.Info("Account recovered", "account", "a/b", "after", 90*time.Second)
			if !regexp.MustCompile(test.want).Match(out.Bytes()) {
				t.Errorf("got %q, want a match of %s", out.String(), test.want)
			}
		})
	}
}

func TestTimeIsUTCWithMilliseconds(t *testing.T) {
	var out bytes.Buffer
	handler := logging.New(&out, options(t, "info", "json")).Handler().WithAttrs([]slog.Attr{slog.Int("n", 1)}).WithGroup("g")
	zone := time.FixedZone("far east", 9*3600)
	record := slog.NewRecord(time.Date(2026, 11, 21, 8, 0, 0, 123456789, zone), slog.LevelInfo, "hello", 0)
	if err := handler.Handle(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	var line struct{ Time string }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if want := "2026-11-20T23:00:00.123Z"; line.Time != want {
		t.Errorf("got %s, want %s", line.Time, want)
	}
}

func TestLevelFilters(t *testing.T) {
	for _, format := range []string{"console", "logfmt", "json"} {
		var out bytes.Buffer
		logger := logging.New(&out, options(t, "warn", format))
		logger.Info("quiet")
		logger.Warn("loud")
		if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "loud") {
			t.Errorf("%s: got %q", format, got)
		}
	}
}

// TestSecretsAreMasked logs a credential in every place where a program might put one by accident.
func TestSecretsAreMasked(t *testing.T) {
	const key = "test-key-5f2c"
	secret := providers.NewSecret(key)
	type exported struct{ Key providers.Secret }
	type hidden struct{ key providers.Secret }
	for _, format := range []string{"console", "logfmt", "json"} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			logger := logging.New(&out, options(t, "debug", format))
			logger.Debug("plain", "secret", secret, "pointer", &secret)
			logger.Info("nested", "struct", exported{secret}, "hidden", hidden{secret},
				"map", map[string]providers.Secret{"api_key": secret}, "list", []providers.Secret{secret},
				"account", providers.Account{Credentials: map[string]providers.Secret{"api_key": secret}})
			logger.With("bound", secret).WithGroup("g").Warn("group", slog.Group("inner", "secret", secret))
			logger.Error("error", "err", fmt.Errorf("reading %v: %w", secret, errors.New("gone")))
			logging.ErrorLog(logger).Println("failed:", secret)

			if strings.Contains(out.String(), key) {
				t.Errorf("the key is in the log:\n%s", out.String())
			}
			if lines := strings.Count(out.String(), "\n"); lines != 5 {
				t.Errorf("got %d lines, want 5:\n%s", lines, out.String())
			}
			for line := range strings.Lines(out.String()) {
				// encoding/json escapes angle brackets inside of values that marshal themselves.
				if !strings.Contains(line, "<secret>") && !strings.Contains(line, `\u003csecret\u003e`) {
					t.Errorf("the secret is not shown as masked: %s", line)
				}
			}
		})
	}
}

func TestErrorLog(t *testing.T) {
	tests := []struct {
		name string
		in   []any
		want string
	}{
		{
			name: "error of several lines", in: []any{"error gathering metrics:", errors.New("2 error(s) occurred:\n* a\n\n* b")},
			want: `level=ERROR msg="HTTP request failed" err="error gathering metrics: 2 error(s) occurred:; * a; * b"`,
		},
		{
			name: "scraper gone", in: []any{"error encoding and sending metric family:", errors.New("write tcp 1->2: write: broken pipe")},
			want: `level=DEBUG msg="HTTP request failed" err="error encoding and sending metric family: write tcp 1->2: write: broken pipe"`,
		},
		{
			name: "TCP probe of a TLS port", in: []any{"http: TLS handshake error from 10.0.0.1:5: EOF"},
			want: `level=DEBUG msg="HTTP request failed" err="http: TLS handshake error from 10.0.0.1:5: EOF"`,
		},
		{
			name: "TLS client that trusts another authority", in: []any{"http: TLS handshake error from 10.0.0.1:5: remote error: tls: bad certificate"},
			want: `level=WARN msg="HTTP request failed" err="http: TLS handshake error from 10.0.0.1:5: remote error: tls: bad certificate"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			logging.ErrorLog(logging.New(&out, options(t, "debug", "logfmt"))).Println(test.in...)
			got := regexp.MustCompile(`^time=\S+ | source=\S+`).ReplaceAllString(out.String(), "")
			if got != test.want+"\n" {
				t.Errorf("got  %swant %s", got, test.want)
			}
		})
	}
}

// shut closes what a test has only looked at.
func shut(closer io.Closer) { _ = closer.Close() }

func TestIsTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer shut(file)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer shut(reader)
	defer shut(writer)
	for name, w := range map[string]io.Writer{"buffer": &bytes.Buffer{}, "file": file, "pipe": writer} {
		if logging.IsTerminal(w) {
			t.Errorf("%s counts as a terminal", name)
		}
	}
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this machine has no pseudo terminals")
	}
	defer shut(pty)
	if !logging.IsTerminal(pty) {
		t.Error("a pseudo terminal does not count as a terminal")
	}
}
