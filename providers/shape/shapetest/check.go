// Package shapetest is for tests of shapes: it checks documents against a shape, and a shape against the loader of its
// documents.
package shapetest

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/credits-exporter/credits_exporter/providers/shape"
)

// Decode reads a YAML document as editors do: nil, bool, float64, string, []any and map[string]any. Merge keys stay
// keys, and dates stay text.
func Decode(data []byte) (any, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	return value(&root), nil
}

func value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return value(n.Content[0])
	case yaml.AliasNode:
		return value(n.Alias)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = value(item)
		}
		return list
	case yaml.MappingNode:
		members := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			members[n.Content[i].Value] = value(n.Content[i+1])
		}
		return members
	}
	switch n.Tag {
	case "!!null", "":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		if number, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return number
		}
	}
	return n.Value
}

// Check lists what in a document is not as the schema says, each with its place.
func Check(s *shape.Schema, document any) []string {
	c := &checker{}
	c.check(s, "", document)
	return c.found
}

type checker struct{ found []string }

func (c *checker) add(path, format string, args ...any) {
	c.found = append(c.found, strings.TrimPrefix(path+": ", ": ")+fmt.Sprintf(format, args...))
}

func (c *checker) check(s *shape.Schema, path string, v any) {
	if s.IsNothing() {
		c.add(path, "unknown key")
		return
	}
	if !typed(s, v) {
		c.add(path, "not of type %s", strings.Join(s.Type, " or "))
		return
	}
	if s.Enum != nil && !slices.ContainsFunc(s.Enum, func(word any) bool { return reflect.DeepEqual(word, v) }) {
		c.add(path, "not one of the words")
	}
	switch v := v.(type) {
	case string:
		c.text(s, path, v)
	case float64:
		if s.Minimum != nil && v < float64(*s.Minimum) || s.Maximum != nil && v > float64(*s.Maximum) {
			c.add(path, "out of range")
		}
	case []any:
		c.list(s, path, v)
	case map[string]any:
		c.members(s, path, v)
	}
	if s.AnyOf != nil {
		c.anyOf(s.AnyOf, path, v)
	}
	if s.Not != nil && len(Check(s.Not, v)) == 0 {
		c.add(path, "what it must not be")
	}
}

func (c *checker) text(s *shape.Schema, path, v string) {
	if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v) {
		c.add(path, "does not match %s", s.Pattern)
	}
	if length := utf8.RuneCountInString(v); length < s.MinLength || s.MaxLength > 0 && length > s.MaxLength {
		c.add(path, "too short or too long")
	}
}

func (c *checker) list(s *shape.Schema, path string, v []any) {
	if len(v) < s.MinItems {
		c.add(path, "too few items")
	}
	for i, item := range v {
		if s.Items != nil {
			c.check(s.Items, fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
}

func (c *checker) members(s *shape.Schema, path string, v map[string]any) {
	if len(v) < s.MinProperties || s.MaxProperties > 0 && len(v) > s.MaxProperties {
		c.add(path, "too few or too many keys")
	}
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			c.add(path, "%s is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		at := join(path, name)
		if s.PropertyNames != nil {
			c.check(s.PropertyNames, at, name)
		}
		i := slices.IndexFunc(s.Properties, func(f shape.Field) bool { return f.Name == name })
		switch {
		case i >= 0:
			c.check(s.Properties[i].Schema, at, v[name])
		case s.Others != nil:
			c.check(s.Others, at, v[name])
		}
	}
}

// anyOf is content when one shape fits; else it tells of the one that fits best.
func (c *checker) anyOf(shapes []*shape.Schema, path string, v any) {
	var best []string
	lowest := math.MaxInt
	for _, s := range shapes {
		one := &checker{}
		one.check(s, path, v)
		score := len(one.found)
		if score == 0 {
			return
		}
		if !typed(s, v) {
			score = math.MaxInt - 1 // worst
		}
		if score < lowest {
			best, lowest = one.found, score
		}
	}
	c.found = append(c.found, best...)
}

func typed(s *shape.Schema, v any) bool {
	return len(s.Type) == 0 || slices.ContainsFunc(s.Type, func(name string) bool { return is(name, v) })
}

// is tells whether a value is of a type that the draft names.
func is(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case string:
		return name == "string"
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }
