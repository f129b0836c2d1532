package logging

import (
	"fmt"
	"log/slog"
	"strings"
)

// LevelNames and FormatNames are what the flags accept, for their help texts.
const (
	LevelNames  = "debug, info, warn, error"
	FormatNames = "auto, console, logfmt, json"
)

// The formats of a log line. The zero Format is auto.
const (
	formatAuto    = ""
	formatConsole = "console"
	formatLogfmt  = "logfmt"
	formatJSON    = "json"
)

// Level is the value of --log.level: the least severe level that is logged. The zero Level is info. It satisfies the
// value interfaces of kingpin and of the standard library's flag package.
type Level struct {
	level slog.Level
}

// Set reads a level's name, in any case. The error says which names there are.
func (l *Level) Set(name string) error {
	switch strings.ToLower(name) {
	case "debug":
		l.level = slog.LevelDebug
	case "info":
		l.level = slog.LevelInfo
	case "warn":
		l.level = slog.LevelWarn
	case "error":
		l.level = slog.LevelError
	default:
		return fmt.Errorf("unknown log level %q: choose one of %s", name, LevelNames)
	}
	return nil
}

// String returns the level's name.
func (l *Level) String() string {
	if l == nil {
		return ""
	}
	return strings.ToLower(l.level.String())
}

// Level makes a Level usable as slog's.
func (l *Level) Level() slog.Level { return l.level }

// Format is the value of --log.format. The zero Format is auto: console on a terminal, logfmt elsewhere. It satisfies
// the value interfaces of kingpin and of the standard library's flag package.
type Format struct {
	name string
}

// Set reads a format's name. The error says which names there are.
func (f *Format) Set(name string) error {
	switch name {
	case "auto":
		f.name = formatAuto
	case formatConsole, formatLogfmt, formatJSON:
		f.name = name
	default:
		return fmt.Errorf("unknown log format %q: choose one of %s", name, FormatNames)
	}
	return nil
}

// String returns the format's name.
func (f *Format) String() string {
	switch {
	case f == nil:
		return ""
	case f.name == formatAuto:
		return "auto"
	}
	return f.name
}

// resolve decides what auto means.
func (f Format) resolve(terminal bool) string {
	switch {
	case f.name != formatAuto:
		return f.name
	case terminal:
		return formatConsole
	}
	return formatLogfmt
}
