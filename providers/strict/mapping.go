package strict

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Mapping is a mapping that is being read key by key. What nobody took is unknown, and Done says so.
type Mapping struct {
	Node

	entries []Entry
	known   []string
	// room is for the first of the known keys, because there is a mapping for nearly everything.
	room [8]string
}

// Entry is one key of a mapping with its value. The value's path ends in the key.
type Entry struct {
	Key   string
	Value Node
	key   *yaml.Node
	taken bool
}

// Problem records that the key itself, not its value, is wrong.
func (e Entry) Problem(format string, args ...any) {
	Node{doc: e.Value.doc, node: e.key, path: e.Value.path}.Problem(format, args...)
}

// Map is a value that must be a mapping. Duplicate keys, keys that are not text and merge keys are problems.
func (n Node) Map() (*Mapping, bool) {
	n, ok := n.resolve()
	if !ok {
		return nil, false
	}
	if n.Form() != Map {
		n.Problem("must be a mapping, not %s", describe(n.node))
		return nil, false
	}
	m := &Mapping{Node: n, entries: make([]Entry, 0, len(n.node.Content)/2)}
	m.known = m.room[:0]
	lines := map[string]int{}
	for i := 0; i+1 < len(n.node.Content); i += 2 {
		m.read(n.node.Content[i], n.node.Content[i+1], lines)
	}
	return m, true
}

func (m *Mapping) read(key, value *yaml.Node, lines map[string]int) {
	keyNode := Node{doc: m.doc, node: key, path: m.path}
	switch {
	case key.Kind == yaml.MappingNode:
		keyNode.Problem("a mapping stands where a key is expected; quote text that begins with {")
		return
	case key.Kind != yaml.ScalarNode:
		keyNode.Problem("a key must be text")
		return
	case key.Tag == "!!merge":
		keyNode.Problem("merge keys (<<) are not supported; write the keys out")
		return
	}
	keyNode.path = join(m.path, key.Value)
	if first, twice := lines[key.Value]; twice {
		keyNode.Problem("this key stands here a second time, first on line %d", first)
		return
	}
	lines[key.Value] = keyNode.Line()
	m.entries = append(m.entries, Entry{
		Key:   key.Value,
		Value: Node{doc: m.doc, node: value, path: keyNode.path},
		key:   key,
	})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Take gives the value of a known key; it does not exist when the key is not there or its value is empty (null).
func (m *Mapping) Take(key string) Node {
	m.known = append(m.known, key)
	for i := range m.entries {
		if e := &m.entries[i]; e.Key == key {
			e.taken = true
			if e.Value.Form() == Null {
				return Node{}
			}
			return e.Value
		}
	}
	return Node{}
}

// TakeFilled is Take for a key that may be left out, but not left empty.
func (m *Mapping) TakeFilled(key string) Node {
	n := m.Take(key)
	if !n.Exists() {
		for _, e := range m.entries {
			if e.Key == key {
				e.Problem("is empty: give it a value or leave the key out")
			}
		}
	}
	return n
}

// Has tells whether the key is there, even with an empty value. It does not take it.
func (m *Mapping) Has(key string) bool {
	return slices.ContainsFunc(m.entries, func(e Entry) bool { return e.Key == key })
}

// Require is Take for a key that must be there.
func (m *Mapping) Require(key string) Node {
	n := m.Take(key)
	if !n.Exists() {
		m.Problem("%s is missing", key)
	}
	return n
}

// Entries gives every key with its value, in the order of the file, and takes them all: for mappings whose keys are
// the user's own.
func (m *Mapping) Entries() []Entry {
	for i := range m.entries {
		m.entries[i].taken = true
	}
	return m.entries
}

// Done records a problem for every key that was not taken.
func (m *Mapping) Done() {
	for _, e := range m.entries {
		if e.taken {
			continue
		}
		if near, ok := Nearest(e.Key, m.known); ok {
			e.Problem("unknown key; did you mean %s?", near)
			continue
		}
		e.Problem("unknown key; %s", m.knownKeys())
	}
}

// DoneHidden is Done for a mapping in which secrets stand: an unknown key may be one, written in the wrong place, so
// the problem says where it is and what may stand there, and never the key itself.
func (m *Mapping) DoneHidden() {
	for _, e := range m.entries {
		if !e.taken {
			Node{doc: m.doc, node: e.key, path: m.path}.Problem("unknown key; %s", m.knownKeys())
		}
	}
}

func (m *Mapping) knownKeys() string {
	if len(m.known) == 0 {
		return "none is known here"
	}
	known := slices.Clone(m.known)
	slices.Sort(known)
	return "known here: " + strings.Join(slices.Compact(known), ", ")
}

// Nearest finds the candidate that a mistyped word most likely meant: at most two letters off, or a third of a longer one.
func Nearest(word string, candidates []string) (string, bool) {
	best, bestDistance := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance && d < len(c) {
			best, bestDistance = c, d
		}
	}
	return best, best != ""
}

// distance is the Levenshtein distance of two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
