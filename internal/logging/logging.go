// Package logging makes the process' logger from --log.level and --log.format. The formats logfmt and json are
// promslog's, so that a pipeline made for Prometheus and its exporters reads them; console is tint's, for people.
package logging

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"github.com/prometheus/common/promslog"
)

// Options says how to log.
type Options struct {
	Level  Level
	Format Format
	// NoColor keeps the console format plain; set it when the environment has a NO_COLOR that is not empty
	// (https://no-color.org). A writer that is no terminal is never coloured.
	NoColor bool
}

// New returns a logger that writes to w, which is the process' standard error.
func New(w io.Writer, options Options) *slog.Logger {
	terminal := IsTerminal(w)
	switch options.Format.resolve(terminal) {
	case formatConsole:
		return slog.New(tint.NewTextHandler(w, &tint.Options{
			Level:       options.Level.level,
			TimeFormat:  "15:04:05.000",
			NoColor:     options.NoColor || !terminal,
			ReplaceAttr: withoutEscapes,
		}))
	case formatJSON:
		return newPromslog(w, options.Level, formatJSON)
	}
	return newPromslog(w, options.Level, formatLogfmt)
}

// IsTerminal tells whether w is a terminal. Any character device counts, which spares a dependency: the one that is
// no terminal and common, the null device, shows nobody what is written to it.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func newPromslog(w io.Writer, level Level, format string) *slog.Logger {
	promLevel, promFormat := promslog.NewLevel(), promslog.NewFormat()
	// Both take every name that a Level and a Format can hold here; TestFormats would show it if they did not.
	_ = promLevel.Set(level.String())
	_ = promFormat.Set(format)
	logger := promslog.New(&promslog.Config{Level: promLevel, Format: promFormat, Writer: w})
	return slog.New(utc{logger.Handler()})
}

// utc writes the time of a record in UTC with milliseconds. promslog leaves the zone of the machine, so lines of
// several machines would not sort.
type utc struct {
	next slog.Handler
}

func (h utc) Enabled(ctx context.Context, level slog.Level) bool { return h.next.Enabled(ctx, level) }

func (h utc) Handle(ctx context.Context, record slog.Record) error {
	record.Time = record.Time.UTC().Truncate(time.Millisecond)
	return h.next.Handle(ctx, record)
}

func (h utc) WithAttrs(attrs []slog.Attr) slog.Handler { return utc{h.next.WithAttrs(attrs)} }

func (h utc) WithGroup(name string) slog.Handler { return utc{h.next.WithGroup(name)} }
