package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxAliases bounds how often aliases are followed in one document, so that a few lines cannot stand for millions.
const maxAliases = 10_000

// Document is one YAML document that is being read, and what was found wrong with it so far.
type Document struct {
	File     string
	Problems Problems

	aliases int
	above   int // lines that do not count
}

var (
	yamlLine   = regexp.MustCompile(`line (\d+): `)
	yamlAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
)

// Parse reads the only document in data. When it is not YAML, is empty or holds several documents, ok is false and
// Problems says why.
func Parse(file string, data []byte) (doc *Document, root Node, ok bool) {
	doc = &Document{File: file}
	roots, ok := doc.decode(data)
	switch {
	case !ok:
		return doc, Node{}, false
	case len(roots) == 0:
		doc.add(Problem{Text: "the file is empty"})
		return doc, Node{}, false
	case len(roots) > 1:
		doc.add(Problem{Line: roots[1].Line, Column: 1, Text: "a second document begins here; one file holds one document"})
		return doc, Node{}, false
	}
	return doc, Node{doc: doc, node: roots[0].Content[0]}, true
}

// ParseAll reads every document of data; an empty file has none.
func ParseAll(file string, data []byte) (doc *Document, roots []Node, ok bool) {
	doc = &Document{File: file}
	nodes, ok := doc.decode(data)
	for _, n := range nodes {
		roots = append(roots, Node{doc: doc, node: n.Content[0]})
	}
	return doc, roots, ok
}

// Item is one item of a list at the top of a file, as if it were the only one there: its line is the first, its path is
// [0], and its problems are in a document of its own.
type Item struct {
	Document *Document
	Node     Node
}

// ParseItems reads a list at the top and gives its items one by one. Above says for each how many lines are before it. When
// data is not YAML, or anything else than a list of items that begin in those lines, ok is false.
func ParseItems(file string, data []byte, above []int) (items []Item, ok bool) {
	_, roots, ok := ParseAll(file, data)
	if !ok || len(roots) != 1 || roots[0].Form() != List || len(roots[0].node.Content) != len(above) {
		return nil, false
	}
	items = make([]Item, len(above))
	for i, node := range roots[0].node.Content {
		if node.Line != above[i]+1 {
			return nil, false
		}
		d := &Document{File: file, above: above[i]}
		items[i] = Item{Document: d, Node: Node{doc: d, node: node, path: "[0]"}}
	}
	return items, true
}

// decode gives the document nodes of data that are not empty.
func (d *Document) decode(data []byte) ([]*yaml.Node, bool) {
	var roots []*yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return roots, true
		}
		if err != nil {
			d.addYAMLError(err, data)
			return nil, false
		}
		if node.Kind == yaml.DocumentNode && len(node.Content) == 1 && !emptyDocument(node.Content[0]) {
			roots = append(roots, &node)
		}
	}
}

func emptyDocument(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func (d *Document) addYAMLError(err error, data []byte) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	p := Problem{Column: 1, Line: 1}
	if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		// The name may be a credential that begins with an asterisk, so it is looked for and not quoted.
		before, _, _ := bytes.Cut(data, []byte("*"+m[1]))
		p.Line = bytes.Count(before, []byte("\n")) + 1
		text = "an alias (*) stands for an anchor (&) that is not in the file before it; quote text that begins with *"
	} else if m := yamlLine.FindStringSubmatchIndex(text); m != nil {
		p.Line, _ = strconv.Atoi(text[m[2]:m[3]])
		text = text[:m[0]] + text[m[1]:]
	}
	if strings.HasPrefix(text, "did not find expected ',' or") {
		text += "; inside { } and [ ], text that holds one of , [ ] { } must be quoted"
	}
	p.Text = "not valid YAML: " + text
	d.add(p)
}

func (d *Document) add(p Problem) {
	p.File = d.File
	d.Problems = append(d.Problems, p)
}

// Node is one value of a document, with the path that leads to it.
type Node struct {
	doc  *Document
	node *yaml.Node
	path string
}

// Exists tells whether the value is in the document at all. The methods of a value that is not there do nothing and
// give nothing, without a problem.
func (n Node) Exists() bool { return n.node != nil }

// Path is where the value stands, such as accounts[2].interval.
func (n Node) Path() string { return n.path }

// Line is the value's line, 0 for one that does not exist.
func (n Node) Line() int {
	if n.node == nil {
		return 0
	}
	return n.node.Line - n.doc.above
}

// Column is the value's column, 0 for one that does not exist.
func (n Node) Column() int {
	if n.node == nil {
		return 0
	}
	return n.node.Column
}

// Problem records that this value is wrong.
func (n Node) Problem(format string, args ...any) {
	if n.doc == nil {
		return
	}
	n.doc.add(n.Note(format, args...))
}

// Note is a problem with this value that is not recorded: a warning, or what may turn out to be wrong later.
func (n Node) Note(format string, args ...any) Problem {
	p := Problem{Line: n.Line(), Column: n.Column(), Key: n.path, Text: fmt.Sprintf(format, args...)}
	if n.doc != nil {
		p.File = n.doc.File
	}
	return p
}

// resolve follows an alias to the value that it stands for.
func (n Node) resolve() (Node, bool) {
	if n.node == nil {
		return n, false
	}
	for n.node.Kind == yaml.AliasNode {
		n.doc.aliases++
		if n.doc.aliases > maxAliases {
			if n.doc.aliases == maxAliases+1 {
				n.Problem("more than %d aliases are followed in this file; write the values out", maxAliases)
			}
			return n, false
		}
		n.node = n.node.Alias
	}
	return n, true
}

// describe names the form of a value for a message.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "a boolean"
	case "!!int", "!!float":
		return "a number"
	}
	return "text"
}
