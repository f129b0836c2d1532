package strict

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Piece is where one item of a JSON array is.
type Piece struct {
	// From and To are where its text begins and ends, in bytes.
	From, To int
	// Line is how many lines are before the one that it begins in, Column how many characters of that line are before it.
	Line, Column int
}

// CutJSON cuts a JSON array into its items. It is false for anything else, and for what the YAML parser may see in another
// way.
func CutJSON(data []byte) (pieces []Piece, ok bool) {
	if !isJSONList(data) {
		return nil, false
	}
	r := jsonReader{data: data}
	r.open()
	for r.more() {
		piece := Piece{From: r.at, Line: r.line, Column: r.column}
		r.pass()
		piece.To = r.at
		pieces = append(pieces, piece)
	}
	return pieces, true
}

// ParseJSON reads a JSON array as ParseAll reads the same text, which is YAML, too, and in a fraction of the time. When data
// is anything else, or the YAML parser may see it in another way, ok is false and ParseAll says what is wrong, if anything is.
func ParseJSON(file string, data []byte) (doc *Document, root Node, ok bool) {
	if !isJSONList(data) {
		return nil, Node{}, false
	}
	r := jsonReader{data: data}
	r.skip()
	node := r.value()
	if r.odd {
		return nil, Node{}, false
	}
	doc = &Document{File: file}
	return doc, Node{doc: doc, node: node}, true
}

// ParseJSONItems reads items that CutJSON cut out, each as if it stood alone at the beginning of the file: its line and its
// column are the first, and all else is as ParseItems has it.
func ParseJSONItems(file string, texts [][]byte) (items []Item, ok bool) {
	r := jsonReader{}
	items = make([]Item, len(texts))
	for i, text := range texts {
		r.data, r.jsonPlace = text, jsonPlace{}
		d := &Document{File: file}
		items[i] = Item{Document: d, Node: Node{doc: d, node: r.value(), path: "[0]"}}
	}
	return items, !r.odd
}

// isJSONList tells whether data is a JSON array, in which the YAML parser sees the same line breaks.
func isJSONList(data []byte) bool {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \n"), []byte("[")) {
		return false
	}
	for _, otherBreak := range []string{"\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(data, []byte(otherBreak)) {
			return false
		}
	}
	return utf8.Valid(data) && json.Valid(data)
}

// jsonReader makes the nodes of JSON that the YAML parser makes of it. The text was found to be JSON before, so what is
// left is to find where each value begins and ends: for the sake of these places and of the order of keys, and because
// the tokens of encoding/json take as long as reading YAML.
type jsonReader struct {
	data []byte
	jsonPlace
	// odd: an escape was found that is no character.
	odd bool

	room   []yaml.Node  // for the next nodes
	inside []*yaml.Node // of the mappings and lists that are not at their end yet
}

// jsonPlace is a place in a file: how many bytes, lines, and characters of its line are before it.
type jsonPlace struct{ at, line, column int }

// move goes on to a place.
func (r *jsonReader) move(to int) {
	passed := r.data[r.at:to]
	if breaks := bytes.Count(passed, []byte("\n")); breaks > 0 {
		r.line += breaks
		r.column = 0
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	r.column += utf8.RuneCount(passed)
	r.at = to
}

// skip goes on to the next value, or to the end of a mapping or list.
func (r *jsonReader) skip() {
	to := r.at
	for to < len(r.data) && strings.IndexByte(" \t\n,:", r.data[to]) >= 0 {
		to++
	}
	r.move(to)
}

// open goes into a list.
func (r *jsonReader) open() {
	r.skip()
	r.move(r.at + 1)
}

// more goes on to the next value in a mapping or list, or behind its end.
func (r *jsonReader) more() bool {
	r.skip()
	if c := r.data[r.at]; c != '}' && c != ']' {
		return true
	}
	r.move(r.at + 1)
	return false
}

// pass goes behind a value.
func (r *jsonReader) pass() {
	depth, to := 0, r.at
	for {
		switch r.data[to] {
		case '{', '[':
			depth++
			to++
		case '}', ']':
			depth--
			to++
		case ' ', '\t', '\n', ',', ':':
			to++
			continue
		default:
			to = r.end(to)
		}
		if depth == 0 {
			r.move(to)
			return
		}
	}
}

// end is where a text, a number or a word ends that begins at a place.
func (r *jsonReader) end(at int) int {
	if r.data[at] != '"' {
		for at < len(r.data) && strings.IndexByte(" \t\n,:]}", r.data[at]) < 0 {
			at++
		}
		return at
	}
	for at++; r.data[at] != '"'; at++ {
		if r.data[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// value reads a value, or the key of one.
func (r *jsonReader) value() *yaml.Node {
	n := r.node()
	n.Line, n.Column = r.line+1, r.column+1
	switch r.data[r.at] {
	case '{':
		n.Kind, n.Tag, n.Style, n.Content = yaml.MappingNode, "!!map", yaml.FlowStyle, r.values()
	case '[':
		n.Kind, n.Tag, n.Style, n.Content = yaml.SequenceNode, "!!seq", yaml.FlowStyle, r.values()
	case '"':
		n.Kind, n.Tag, n.Style, n.Value = yaml.ScalarNode, "!!str", yaml.DoubleQuotedStyle, r.text()
	default:
		end := r.end(r.at)
		n.Kind, n.Value = yaml.ScalarNode, string(r.data[r.at:end])
		n.Tag = n.ShortTag()
		r.move(end)
	}
	return n
}

// values reads what is in a list or in a mapping, keys and values in turn, and its end.
func (r *jsonReader) values() []*yaml.Node {
	first := len(r.inside)
	for r.open(); r.more(); {
		n := r.value()
		r.inside = append(r.inside, n)
	}
	all := append([]*yaml.Node(nil), r.inside[first:]...)
	r.inside = r.inside[:first]
	return all
}

func (r *jsonReader) text() (text string) {
	end := r.end(r.at)
	quoted := r.data[r.at:end]
	r.move(end)
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	if json.Unmarshal(quoted, &text) != nil || strings.ContainsRune(text, utf8.RuneError) {
		r.odd = true // perhaps half of a pair of escapes
	}
	return text
}

// node is a new node. Nodes are made many at once, because none lives longer than the others.
func (r *jsonReader) node() *yaml.Node {
	const atOnce = 64
	if len(r.room) == 0 {
		r.room = make([]yaml.Node, atOnce)
	}
	n := &r.room[0]
	r.room = r.room[1:]
	return n
}
