package logging

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"unicode"
)

// ErrorLog adapts logger to what net/http's Server.ErrorLog and promhttp's HandlerOpts.ErrorLog ask for. A message of
// several lines, such as a MultiError or the stack of a panic, becomes one line. What a client caused by going away
// is logged at debug, the rest at error.
func ErrorLog(logger *slog.Logger) *log.Logger {
	return log.New(errorWriter{logger}, "", 0)
}

type errorWriter struct {
	logger *slog.Logger
}

func (w errorWriter) Write(text []byte) (int, error) {
	line := oneLine(string(text))
	level := slog.LevelError
	if clientLeft(line) {
		level = slog.LevelDebug
	}
	w.logger.Log(context.Background(), level, "HTTP request failed", "err", line)
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

// clientLeft tells whether the text reports a connection that the other side ended: a scraper that timed out, or a TCP
// probe of a TLS port. Both callers hand over text only, so text is what there is to look at.
func clientLeft(line string) bool {
	for _, end := range []string{"broken pipe", "connection reset by peer", ": EOF"} {
		if strings.HasSuffix(line, end) {
			return true
		}
	}
	return false
}
