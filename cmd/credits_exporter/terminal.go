package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/credits-exporter/credits_exporter/internal/logging"
)

// style is a colour of the terminal, as the pages use them: what is bad is red, whatever it is. The numbers are those of
// ECMA-48's SGR, which each terminal shows in its own theme.
type style string

const (
	unstyled    style = ""
	styleStrong style = "1"
	styleMuted  style = "2"
	styleGood   style = "32"
	styleWarn   style = "33"
	styleBad    style = "31"
	styleWait   style = "35"
)

// cell is a text of a table, with its colour.
type cell struct {
	text  string
	style style
}

// printCells prints rows in columns that are as wide as their widest text, in colour where that is wanted. Nothing
// stands behind the last text of a row.
func printCells(w io.Writer, rows [][]cell, colour bool) error {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	var out strings.Builder
	for _, row := range rows {
		gap := 0
		for i, c := range row {
			if c.text != "" {
				out.WriteString(strings.Repeat(" ", gap))
				out.WriteString(c.coloured(colour))
				gap = 0
			}
			gap += widths[i] + 2
			if c.text != "" {
				gap -= utf8.RuneCountInString(c.text)
			}
		}
		out.WriteByte('\n')
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (c cell) coloured(colour bool) string {
	if !colour || c.style == unstyled {
		return c.text
	}
	return "\x1b[" + string(c.style) + "m" + c.text + "\x1b[0m"
}

// colourful tells whether what is written to w may be in colour: on a terminal that knows colours, unless the user wants
// none (https://no-color.org).
func (p *program) colourful(w io.Writer) bool {
	kind, _ := p.lookupEnv("TERM")
	return logging.IsTerminal(w) && !p.flags.logging.NoColor && kind != "dumb"
}

// progress is a line that says how far the polls are; it is nil where nobody would see it.
type progress struct {
	w           io.Writer
	done, total int
}

// clearLine goes to the beginning of the line and clears it.
const clearLine = "\r\x1b[2K"

// newProgress shows a line on standard error if that is a terminal.
func (p *program) newProgress(total int) *progress {
	kind, _ := p.lookupEnv("TERM")
	if !logging.IsTerminal(p.stderr) || kind == "dumb" {
		return nil
	}
	line := &progress{w: p.stderr, total: total}
	line.show("")
	return line
}

// tell counts one more account.
func (l *progress) tell(account string) {
	if l != nil {
		l.done++
		l.show(", " + account)
	}
}

func (l *progress) show(latest string) {
	fmt.Fprintf(l.w, "%spolling: %d of %d%s", clearLine, l.done, l.total, latest)
}

// end takes the line away.
func (l *progress) end() {
	if l != nil {
		fmt.Fprint(l.w, clearLine)
	}
}
