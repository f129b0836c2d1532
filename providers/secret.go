package providers

import (
	"fmt"
	"log/slog"
)

// masked is what every rendering of a Secret shows.
const masked = "<secret>"

// Secret is a credential. Only Reveal gives its value; printing, logging and marshalling give "<secret>". The value
// sits behind a pointer, because fmt cannot call methods on unexported fields and would print a plain string there.
type Secret struct {
	value *string
}

// NewSecret wraps a credential's value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal returns the credential itself, for the request that needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// String masks the value.
func (Secret) String() string { return masked }

// Format masks the value for every verb of fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue masks the value in slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the value in JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
