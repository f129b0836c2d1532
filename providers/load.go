package providers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// schema is the version of the format that this program reads.
const schema = 1

// fewWords is how many words a message lists rather than to guess which was meant.
const fewWords = 10

// defaultMinInterval passes between two requests of one account where a definition does not say.
const defaultMinInterval = time.Minute

var definitionName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// loader reads one definition. What is wrong is recorded in the document, and reading goes on, so that everything is
// reported at once.
type loader struct {
	def *Definition
	// folder is where the catalogue holds the definition; empty for a user's own file.
	folder string

	secrets map[string]bool
	params  map[string]*Param
	given   map[string]bool // the names that `first` gives, once it is read
	used    map[string]bool // the credentials and params that something names
	signed  []string        // the names that the signer of the request being read gives
}

// parseDefinition reads a definition of the catalogue, which stands in folder, or, with an empty folder, a user's own.
func parseDefinition(folder, file string, data []byte) (*Definition, strict.Problems) {
	doc, root, ok := strict.Parse(file, data)
	if !ok {
		return nil, doc.Problems
	}
	m, ok := root.Map()
	if !ok {
		return nil, doc.Problems
	}
	l := &loader{
		def:     &Definition{File: file, MinInterval: defaultMinInterval, yaml: string(data)},
		folder:  folder,
		secrets: map[string]bool{},
		params:  map[string]*Param{},
		given:   map[string]bool{},
		used:    map[string]bool{},
	}
	l.definition(m)
	if len(doc.Problems) > 0 {
		return nil, doc.Problems.Sorted()
	}
	return l.def, nil
}

func (l *loader) definition(m *strict.Mapping) {
	if version, ok := m.Require("schema").Int(1, 1_000_000); ok && version != schema {
		m.Take("schema").Problem("this program reads schema %d", schema)
	}
	l.name(m)
	l.about(m)
	l.intervals(m)
	credentials := l.credentials(m.Require("credentials"))
	params := l.paramsOf(m.TakeFilled("params"))
	l.asking(m)
	l.reading(m)
	l.def.fingerprint = l.fingerprint(m)
	m.Done()
	l.unused(credentials, "credential")
	l.unused(params, "param")
}

func (l *loader) name(m *strict.Mapping) {
	n := m.Require("name")
	name, ok := n.Text()
	switch {
	case !ok:
	case !definitionName.MatchString(name) || len(name) > maxName:
		n.Problem("must be lower-case words joined by dashes, such as my-vendor")
	case l.folder != "" && name != l.folder:
		n.Problem("must be the name of its folder, %s", l.folder)
	}
	l.def.Name = name
	l.def.nameLine, l.def.nameColumn = n.Line(), n.Column()
	if override := m.TakeFilled("override"); override.Exists() {
		l.def.Override, _ = override.Bool()
		if l.folder != "" {
			override.Problem("is for a user's own file: it replaces the catalogue's definition of the same name")
		}
	}
}

// about reads what people want to know of the vendor. A user's own file may leave it out.
func (l *loader) about(m *strict.Mapping) {
	take := m.TakeFilled
	if l.folder != "" {
		take = m.Require
	}
	l.def.Title = oneLine(take("title"))
	if n := take("category"); n.Exists() {
		l.def.Category = oneOf(n, Categories())
	}
	l.def.Aliases = texts(m.TakeFilled("aliases"))
	if n := m.TakeFilled("docs"); n.Exists() {
		l.def.Docs = oneLine(n)
		if u, err := url.Parse(l.def.Docs); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			n.Problem("must be the URL of the vendor's own page; what else the facts come from is `source`")
		}
	}
	l.def.Source = oneLine(m.TakeFilled("source"))
	if l.folder != "" && !m.Has("docs") && !m.Has("source") {
		m.Problem("docs is missing, or source where the vendor has no page about it")
	}
	if n := take("verified"); n.Exists() {
		l.def.Verified = oneLine(n)
		if _, err := time.Parse(time.DateOnly, l.def.Verified); err != nil {
			n.Problem("must be a date such as 2026-11-21")
		}
	}
	if n := m.TakeFilled("confidence"); n.Exists() {
		l.def.Confidence = oneOf(n, confidences())
	}
	l.def.Note = oneLine(m.TakeFilled("note"))
}

// confidences say how sure the facts of a definition are.
func confidences() []string { return []string{"high", "medium", "low"} }

func (l *loader) intervals(m *strict.Mapping) {
	if n := m.TakeFilled("min_interval"); n.Exists() {
		l.def.MinInterval = duration(n)
	}
	if n := m.TakeFilled("host_interval"); n.Exists() {
		l.def.HostInterval = duration(n)
	}
}

// fingerprint hashes what a definition asks and how it reads the answer, and neither what it says about the vendor nor
// how often it may ask.
func (l *loader) fingerprint(m *strict.Mapping) string {
	var said []byte
	for _, p := range l.def.Params {
		said = fmt.Appendf(said, "%s %t %q\n", p.Name, p.Number, p.Default)
	}
	for _, key := range []string{
		"first", "request", "answers", "retry_after", "balances", "as_of", "plan", "usage_allowed",
	} {
		said = append(said, key...)
		said = append(m.Take(key).AppendCanonical(said), '\n')
	}
	sum := sha256.Sum256(said)
	return hex.EncodeToString(sum[:16])
}

// unused finds what the account would have to give for nothing.
func (l *loader) unused(entries []strict.Entry, what string) {
	for _, e := range entries {
		if (l.secrets[e.Key] || l.params[e.Key] != nil) && !l.used[e.Key] {
			e.Problem("nothing uses this %s: write {{%s}} where it belongs, or take it out", what, e.Key)
		}
	}
}

// oneOf is a word of a closed list.
func oneOf(n strict.Node, words []string) string {
	word, ok := n.Text()
	if !ok || slices.Contains(words, word) {
		return word
	}
	if near, ok := strict.Nearest(word, words); ok && len(words) > fewWords {
		n.Problem("unknown word; did you mean %s?", near)
		return ""
	}
	n.Problem("unknown word; known here: %s", strings.Join(words, ", "))
	return ""
}

// oneLine is text without a line break.
func oneLine(n strict.Node) string {
	text, ok := n.Text()
	if ok && strings.ContainsAny(text, "\r\n") {
		n.Problem("must be one line")
	}
	return text
}

func texts(n strict.Node) []string {
	items, _ := n.List()
	list := make([]string, 0, len(items))
	for _, item := range items {
		if text, ok := item.Text(); ok {
			list = append(list, text)
		}
	}
	return list
}
