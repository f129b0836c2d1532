package strict

import (
	"strconv"

	"gopkg.in/yaml.v3"
)

// Form is the form of a value as it is written.
type Form int

// The forms that a value can have.
const (
	Missing Form = iota // not in the document
	Null
	Text
	Number
	Bool
	List
	Map
)

// Form tells how the value is written.
func (n Node) Form() Form {
	n, ok := n.resolve()
	if !ok {
		return Missing
	}
	switch n.node.Kind {
	case yaml.MappingNode:
		return Map
	case yaml.SequenceNode:
		return List
	}
	switch n.node.Tag {
	case "!!null":
		return Null
	case "!!bool":
		return Bool
	case "!!int", "!!float":
		return Number
	}
	return Text
}

// Raw is a scalar as it is written, whatever its type.
func (n Node) Raw() (string, bool) {
	n, ok := n.resolve()
	if !ok {
		return "", false
	}
	if n.node.Kind != yaml.ScalarNode || n.node.Tag == "!!null" {
		n.Problem("must be a single value, not %s", describe(n.node))
		return "", false
	}
	return n.node.Value, true
}

// Text is a value that must be text; a number or a boolean must be quoted.
func (n Node) Text() (string, bool) {
	n, ok := n.resolve()
	if !ok {
		return "", false
	}
	switch n.Form() {
	case Text:
		return n.node.Value, true
	case Number, Bool:
		n.Problem("must be text, not %s: write %q in quotes", describe(n.node), n.node.Value)
	case Map, List:
		n.Problem("must be text, not %s%s", describe(n.node), n.flowHint())
	default:
		n.Problem("must be text, not %s", describe(n.node))
	}
	return "", false
}

// flowHint reminds of the quotes where a value became a mapping or a list only by its first character.
func (n Node) flowHint() string {
	if n.node.Style&yaml.FlowStyle == 0 {
		return ""
	}
	if n.node.Kind == yaml.MappingNode {
		return "; quote text that begins with {"
	}
	return "; quote text that begins with ["
}

// Bool is a value that must be true or false.
func (n Node) Bool() (value, ok bool) {
	n, ok = n.resolve()
	if !ok {
		return false, false
	}
	if n.Form() != Bool {
		n.Problem("must be true or false, not %s", describe(n.node))
		return false, false
	}
	if err := n.node.Decode(&value); err != nil {
		n.Problem("must be true or false")
		return false, false
	}
	return value, true
}

// Int is a value that must be a whole number from low to high.
func (n Node) Int(low, high int) (int, bool) {
	n, ok := n.resolve()
	if !ok {
		return 0, false
	}
	if n.Form() != Number {
		n.Problem("must be a whole number, not %s", describe(n.node))
		return 0, false
	}
	i, err := strconv.Atoi(n.node.Value)
	if err != nil || i < low || i > high {
		n.Problem("must be a whole number from %d to %d", low, high)
		return 0, false
	}
	return i, true
}

// List is a value that must be a list.
func (n Node) List() ([]Node, bool) {
	n, ok := n.resolve()
	if !ok {
		return nil, false
	}
	if n.Form() != List {
		n.Problem("must be a list, not %s", describe(n.node))
		return nil, false
	}
	items := make([]Node, len(n.node.Content))
	for i, item := range n.node.Content {
		items[i] = Node{doc: n.doc, node: item, path: n.path + "[" + strconv.Itoa(i) + "]"}
	}
	return items, true
}
