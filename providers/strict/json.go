package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxJSONDepth is how deep the values of a document may lie in each other for the fast way.
const maxJSONDepth = 100

// errNotJSON is for what only the YAML parser can judge.
var errNotJSON = errors.New("not to be read as JSON")

// Piece is where one item of a JSON array is.
type Piece struct {
	// From and To are where its text begins and ends, in bytes.
	From, To int
	// Line is how many lines are before the one that it begins in, Column how many characters of that line are before it.
	Line, Column int
}

// CutJSON cuts a JSON array into its items. It is false for anything else.
func CutJSON(data []byte) ([]Piece, bool) {
	r := newJSONReader(data)
	if token, err := r.tokens.Token(); !plainJSON(data) || err != nil || token != json.Delim('[') {
		return nil, false
	}
	var pieces []Piece
	for r.tokens.More() {
		var item extent
		if r.tokens.Decode(&item) != nil {
			return nil, false
		}
		end := int(r.tokens.InputOffset())
		r.place.move(data, end-int(item))
		pieces = append(pieces, Piece{From: r.place.at, To: end, Line: r.place.line, Column: r.place.column})
	}
	if _, err := r.tokens.Token(); err != nil || !r.atEnd() {
		return nil, false
	}
	return pieces, true
}

// extent is how long the text of a JSON value is.
type extent int

// UnmarshalJSON is for encoding/json.
func (e *extent) UnmarshalJSON(text []byte) error {
	*e = extent(len(text))
	return nil
}

// ParseJSON reads a JSON array as ParseAll reads the same text, which is YAML, too, and in a fraction of the time. When data
// is anything else, or the YAML parser may see it in another way, ok is false and ParseAll says what is wrong, if anything is.
func ParseJSON(file string, data []byte) (doc *Document, root Node, ok bool) {
	r := newJSONReader(data)
	if !strings.HasPrefix(string(bytes.TrimLeft(data[:min(len(data), 1<<10)], " \n")), "[") || !plainJSON(data) {
		return nil, Node{}, false
	}
	node, err := r.value(0)
	if err != nil || !r.atEnd() {
		return nil, Node{}, false
	}
	doc = &Document{File: file}
	return doc, Node{doc: doc, node: node}, true
}

// ParseJSONItems reads the items that CutJSON cut out, each as if it stood alone at the beginning of the file. Its line
// and its column are the first, and all else is as ParseItems has it.
func ParseJSONItems(file string, texts [][]byte) (items []Item, ok bool) {
	r := newJSONReader(bytes.Join(texts, []byte("\n")))
	items = make([]Item, len(texts))
	for i := range items {
		node, err := r.value(1)
		if err != nil {
			return nil, false
		}
		d := &Document{File: file, above: node.Line - 1}
		items[i] = Item{Document: d, Node: Node{doc: d, node: node, path: "[0]"}}
	}
	return items, r.atEnd()
}

// plainJSON tells whether text has no characters in which YAML sees line breaks and JSON does not, and is UTF-8.
func plainJSON(data []byte) bool {
	for _, odd := range []string{"\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(data, []byte(odd)) {
			return false
		}
	}
	return utf8.Valid(data)
}

// jsonReader makes of JSON the nodes that the YAML parser makes of it.
type jsonReader struct {
	data   []byte
	tokens *json.Decoder
	place  jsonPlace
	// room is for nodes, open holds those whose parents are not read to their end.
	room []yaml.Node
	open []*yaml.Node
}

// jsonPlace is a place in a file: how many bytes, lines, and characters of its line are before it.
type jsonPlace struct{ at, line, column int }

func (p *jsonPlace) move(data []byte, to int) {
	passed := data[p.at:to]
	if breaks := bytes.Count(passed, []byte("\n")); breaks > 0 {
		p.line += breaks
		p.column = 0
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	p.column += utf8.RuneCount(passed)
	p.at = to
}

func newJSONReader(data []byte) *jsonReader {
	r := &jsonReader{data: data, tokens: json.NewDecoder(bytes.NewReader(data))}
	r.tokens.UseNumber()
	return r
}

// atEnd tells whether nothing follows.
func (r *jsonReader) atEnd() bool {
	_, err := r.tokens.Token()
	return errors.Is(err, io.EOF)
}

// value reads a value, or the key of one.
func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	before := int(r.tokens.InputOffset())
	token, err := r.tokens.Token()
	if err != nil {
		return nil, err
	}
	end := int(r.tokens.InputOffset())
	text := bytes.TrimLeft(r.data[before:end], " \t\n:,")
	r.place.move(r.data, end-len(text))
	n := r.node()
	n.Line, n.Column = r.place.line+1, r.place.column+1
	switch token := token.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		if token == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		n.Style = yaml.FlowStyle
		n.Content, err = r.values(depth + 1)
	case string:
		n.Kind, n.Tag, n.Style, n.Value = yaml.ScalarNode, "!!str", yaml.DoubleQuotedStyle, token
		if strings.ContainsRune(token, utf8.RuneError) && bytes.ContainsRune(text, '\\') {
			err = errNotJSON // perhaps half of a pair of escapes, which is no character
		}
	default:
		n.Kind, n.Value = yaml.ScalarNode, string(text)
		n.Tag = n.ShortTag()
	}
	return n, err
}

// values reads what is in a list or in a mapping, keys and values in turn, and its end.
func (r *jsonReader) values(depth int) ([]*yaml.Node, error) {
	if depth > maxJSONDepth {
		return nil, errNotJSON
	}
	first := len(r.open)
	for r.tokens.More() {
		n, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		r.open = append(r.open, n)
	}
	content := append([]*yaml.Node(nil), r.open[first:]...)
	r.open = r.open[:first]
	_, err := r.tokens.Token()
	return content, err
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
