package strict

import (
	"cmp"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// AppendCanonical appends the value in a form that depends neither on layout and comments, nor on the order of keys,
// nor on how text is quoted: for telling whether two documents say the same.
func (n Node) AppendCanonical(dst []byte) []byte {
	n, ok := n.resolve()
	if !ok {
		return append(dst, '-')
	}
	switch n.Form() {
	case Map:
		return n.appendMapping(dst)
	case List:
		dst = append(dst, '[')
		for _, item := range n.node.Content {
			dst = append(Node{doc: n.doc, node: item}.AppendCanonical(dst), ',')
		}
		return append(dst, ']')
	case Text:
		return strconv.AppendQuote(dst, n.node.Value)
	}
	return append(dst, n.node.Value...)
}

func (n Node) appendMapping(dst []byte) []byte {
	type pair struct{ key, value *yaml.Node }
	var pairs []pair
	for i := 0; i+1 < len(n.node.Content); i += 2 {
		pairs = append(pairs, pair{n.node.Content[i], n.node.Content[i+1]})
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.key.Value, b.key.Value) })
	dst = append(dst, '{')
	for _, p := range pairs {
		dst = append(strconv.AppendQuote(dst, p.key.Value), ':')
		dst = append(Node{doc: n.doc, node: p.value}.AppendCanonical(dst), ',')
	}
	return append(dst, '}')
}
