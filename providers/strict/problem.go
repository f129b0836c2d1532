// Package strict reads YAML documents that people write by hand: every key must be known, every value of its type, and
// everything that is wrong is reported at once, each with file, line, column and key.
package strict

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong in a document.
type Problem struct {
	File   string
	Line   int // 1 is the first; 0 when the problem has no place in the file
	Column int
	Key    string // the path of the value, such as accounts[2].interval; may be empty
	Text   string // what is wrong, and what to write instead
}

// Error is the problem as `file:line:column: key: text`.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Key != "" {
		b.WriteString(": " + p.Key)
	}
	b.WriteString(": " + p.Text)
	return b.String()
}

// Offset is what stands in a file before the item of a list at the top: other items, lines, and characters of the line
// that it begins in.
type Offset struct{ Items, Lines, Columns int }

// Moved is the problem as it is when the item of a list that it is about, which was read alone, stands behind all that.
func (p Problem) Moved(by Offset) Problem {
	if rest, inItem := strings.CutPrefix(p.Key, "[0]"); inItem {
		p.Key = "[" + strconv.Itoa(by.Items) + "]" + rest
	}
	if p.Line == 1 {
		p.Column += by.Columns
	}
	p.Line += by.Lines
	return p
}

// Problems is all that is wrong, one a line.
type Problems []Problem

// Error joins the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is nil when there are no problems, else the problems in the order of their places.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps.Sorted()
}

// Sorted is the problems in the order of their places.
func (ps Problems) Sorted() Problems {
	return slices.SortedStableFunc(slices.Values(ps), func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
