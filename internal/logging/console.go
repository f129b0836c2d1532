package logging

import (
	"encoding"
	"fmt"
	"log/slog"
	"strings"
)

// escapes shows an escape character as a picture of it. tint passes escapes on to a terminal when it colours, also
// those that are spelt out as \x1b in a quoted value, so text of a vendor or a file could clear the screen or lie.
var escapes = strings.NewReplacer("\x1b", "\u241b", `\x1b`, `\x1B`)

// withoutEscapes makes every value that is printed as text harmless to a terminal.
func withoutEscapes(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Value.Kind() {
	case slog.KindString:
		attr.Value = slog.StringValue(escapes.Replace(attr.Value.String()))
	case slog.KindAny:
		attr.Value = plainValue(attr.Value)
	default:
		// Numbers, times and the like cannot hold one.
	}
	return attr
}

func plainValue(value slog.Value) slog.Value {
	switch v := value.Any().(type) {
	case slog.Level:
		return value
	case error:
		return slog.StringValue(escapes.Replace(fmt.Sprintf("%+v", v)))
	case encoding.TextMarshaler:
		if text, err := v.MarshalText(); err == nil {
			return slog.StringValue(escapes.Replace(string(text)))
		}
	}
	return slog.StringValue(escapes.Replace(fmt.Sprintf("%+v", value.Any())))
}
