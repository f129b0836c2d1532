package logging

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/lmittmann/tint"
)

func TestAutoIsConsoleOnATerminal(t *testing.T) {
	tests := []struct {
		format   string
		terminal bool
		want     string
	}{
		{"auto", true, "console"},
		{"auto", false, "logfmt"},
		{"console", false, "console"},
		{"logfmt", true, "logfmt"},
		{"json", true, "json"},
	}
	for _, test := range tests {
		var format Format
		if err := format.Set(test.format); err != nil {
			t.Fatal(err)
		}
		if got := format.resolve(test.terminal); got != test.want {
			t.Errorf("%s, terminal %v: got %s, want %s", test.format, test.terminal, got, test.want)
		}
	}
}

type marshaler string

func (m marshaler) MarshalText() ([]byte, error) { return []byte(m), nil }

// TestConsoleNeverPassesEscapes writes with colours and looks for a sequence that came from a value.
func TestConsoleNeverPassesEscapes(t *testing.T) {
	hostile := []any{
		"\x1b[2Jcleared", `spelt out \x1b[2J with spaces`, errors.New("\x1b[2Jcleared"), marshaler("\x1b[2J"),
		[]string{"\x1b[2J"},
		struct{ Text string }{"a \x1b[2J"},
		map[string]any{"k": "\x1b[2J"},
		[]byte("\x1b[2J x"),
	}
	for _, value := range hostile {
		var out bytes.Buffer
		handler := tint.NewTextHandler(&out, &tint.Options{ReplaceAttr: withoutEscapes})
		slog.New(handler).With("bound", value).Info("hello", "value", value, slog.Group("g", "value", value))
		if strings.Contains(out.String(), "\x1b[2J") {
			t.Errorf("%#v: an escape came through: %q", value, out.String())
		}
		if !strings.Contains(out.String(), "\x1b[92mINF\x1b[0m hello") {
			t.Errorf("%#v: our own colours are gone: %q", value, out.String())
		}
	}
}
