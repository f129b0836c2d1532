package shapetest

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/credits-exporter/credits_exporter/providers/shape"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// Loader reads a document and tells what is wrong with it.
type Loader func(document []byte) strict.Problems

// unknown is neither a key nor a word of any document, nor near to one.
const unknown = "zzzzzzzzzzzzzzzzzzzzzzzzzzzz"

var (
	knownKeys   = regexp.MustCompile(`^unknown key; (?:known here: (.*)|none is known here)$`)
	knownWords  = regexp.MustCompile(`^(?:unknown word; known here:|must be one of) (.*)$`)
	lacksKey    = regexp.MustCompile(`^[a-z_]+ is missing`)
	refusesForm = regexp.MustCompile(`^must be .*, not (?:a mapping|a list|text|a number|a boolean|nothing)\b|^is empty: give it a value`)
)

// Compare holds a shape against the loader of its documents and lists where they differ: keys that one of them knows
// and the other does not, keys that only one wants, values whose form only one refuses, and words of closed lists. It
// asks the loader by giving it documents with something wrong in every place, and reading what it answers.
func Compare(root *shape.Schema, load Loader) []string {
	c := &comparison{load: load}
	for _, p := range places(root) {
		c.forms(p)
		for _, s := range p.schemas {
			if s.Enum != nil {
				c.words(p, s)
			}
			if s.Others != nil && s.Others.IsNothing() {
				c.keys(p, s)
				c.required(p, s)
			}
		}
	}
	return c.found
}

type comparison struct {
	load  Loader
	found []string
}

func (c *comparison) add(p place, format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf("%q: ", p.path)+fmt.Sprintf(format, args...))
}

// problems is what the loader says of a document.
func (c *comparison) problems(document any) strict.Problems {
	text, err := yaml.Marshal(document)
	if err != nil {
		panic(err) // maps, lists and scalars always have a YAML form
	}
	return c.load(text)
}

// keys compares which keys a mapping may have.
func (c *comparison) keys(p place, s *shape.Schema) {
	members := full(s)
	members[unknown] = "x"
	want := []string{}
	for _, f := range s.Properties {
		want = append(want, f.Name)
	}
	slices.Sort(want)
	for _, problem := range c.problems(p.with(members)) {
		// A mapping in which secrets stand gives its own place instead of the key's.
		m := knownKeys.FindStringSubmatch(problem.Text)
		if m == nil || problem.Key != join(p.path, unknown) && problem.Key != p.path {
			continue
		}
		if got := strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' }); !slices.Equal(got, want) {
			c.add(p, "the loader knows the keys %q, the shape %q", got, want)
		}
		return
	}
	c.add(p, "the loader takes a key that it should not know")
}

// required compares which keys a mapping must have.
func (c *comparison) required(p place, s *shape.Schema) {
	members := full(s)
	before := c.problems(p.with(members))
	for _, f := range s.Properties {
		if len(members) == s.MinProperties {
			return // one key must be left, whichever
		}
		wanted := slices.ContainsFunc(c.added(before, p.with(without(members, f.Name))), func(problem strict.Problem) bool {
			return problem.Key == p.path && lacksKey.MatchString(problem.Text)
		})
		if required := slices.Contains(s.Required, f.Name); wanted != required {
			c.add(p, "%s: the loader must have it: %t, the shape: %t", f.Name, wanted, required)
		}
	}
}

// forms compares whether a value may be text, a number, and so on.
func (c *comparison) forms(p place) {
	forms := map[string]any{
		"string": "x", "number": 7, "boolean": true, "array": []any{}, "object": map[string]any{}, "null": nil,
	}
	before := c.problems(p.with(sample(p.schemas[0])))
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		// A whole document is never empty.
		if p.path == "" && name == "null" {
			continue
		}
		takes := slices.ContainsFunc(p.schemas, func(s *shape.Schema) bool {
			return slices.Contains(s.Type, name) || name == "number" && slices.Contains(s.Type, "integer")
		})
		document := p.with(forms[name])
		refused := slices.ContainsFunc(c.problems(document), func(problem strict.Problem) bool {
			return problem.Key == p.path && refusesForm.MatchString(problem.Text)
		})
		switch {
		case takes && refused:
			c.add(p, "the shape takes the type %s, the loader refuses it", name)
		case !takes && !refused && !advice(p, name) && len(c.added(before, document)) == 0:
			c.add(p, "the shape refuses the type %s, the loader takes it", name)
		}
	}
}

// advice tells whether a shape may refuse what the loader takes: where a single value
// is wanted and nothing stands, or text and a boolean stands, it is more often a mistake than meant.
func advice(p place, name string) bool {
	single := slices.ContainsFunc(p.schemas, func(s *shape.Schema) bool {
		return slices.Contains(s.Type, "string") || slices.Contains(s.Type, "boolean") || slices.Contains(s.Type, "integer")
	})
	return single && (name == "null" || name == "boolean")
}

// words compares a closed list.
func (c *comparison) words(p place, s *shape.Schema) {
	var want []string
	for _, word := range s.Enum {
		if text, ok := word.(string); ok {
			want = append(want, text)
		}
	}
	slices.Sort(want)
	for _, problem := range c.problems(p.with(unknown)) {
		if m := knownWords.FindStringSubmatch(problem.Text); m != nil && problem.Key == p.path {
			got := strings.Split(m[1], ", ")
			slices.Sort(got)
			if !reflect.DeepEqual(got, want) {
				c.add(p, "the loader knows the words %q, the shape %q", got, want)
			}
			return
		}
	}
	c.add(p, "the loader takes a word that it should not know")
}

// added is what the loader says of a document that it did not say before.
func (c *comparison) added(before strict.Problems, document any) strict.Problems {
	var added strict.Problems
	for _, problem := range c.problems(document) {
		if !slices.ContainsFunc(before, func(old strict.Problem) bool { return old.Key == problem.Key && old.Text == problem.Text }) {
			added = append(added, problem)
		}
	}
	return added
}
