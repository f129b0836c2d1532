package logging

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"unicode"
)

// ErrorLog adapts logger to what net/http's Server.ErrorLog and promhttp's HandlerOpts.ErrorLog ask for. A message of
// several lines, such as a MultiError or the stack of a panic, becomes one line. A client that went away is logged at
// debug and a failed TLS handshake, which is often the client's mistake, at warn; the rest at error.
func ErrorLog(logger *slog.Logger) *log.Logger {
	return log.New(errorWriter{logger}, "", 0)
}

type errorWriter struct {
	logger *slog.Logger
}

func (w errorWriter) Write(text []byte) (int, error) {
	line := oneLine(string(text))
	w.logger.Log(context.Background(), severity(line), "HTTP request failed", "err", line)
	return len(text), nil
}

// oneLine joins the lines of a text with "; " and drops their indentation.
func oneLine(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	kept := lines[:0]
	for _, line := range lines {
		if line = strings.TrimFunc(line, unicode.IsSpace); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "; ")
}

// severity judges by the text, because text is all that both callers hand over. The endings are those of a connection
// that the other side gave up: a scraper that timed out, or a TCP probe of a TLS port.
func severity(line string) slog.Level {
	for _, end := range []string{"broken pipe", "connection reset by peer", ": EOF"} {
		if strings.HasSuffix(line, end) {
			return slog.LevelDebug
		}
	}
	if strings.HasPrefix(line, "http: TLS handshake error") {
		return slog.LevelWarn
	}
	return slog.LevelError
}
