package shapetest

import (
	"maps"
	"slices"

	"github.com/credits-exporter/credits_exporter/providers/shape"
)

// place is where a value stands in documents of a shape.
type place struct {
	path string
	// schemas are the shapes that the value may have.
	schemas []*shape.Schema
	// with is a document that has the value in this place, at the top all else that there may be, and elsewhere what
	// there must be.
	with func(value any) any
}

// places lists every place of a document, the whole of it first.
func places(root *shape.Schema) []place {
	var all []place
	var walk func(p place)
	walk = func(p place) {
		all = append(all, p)
		for _, s := range p.schemas {
			for _, f := range fields(s) {
				walk(place{join(p.path, f.Name), alternatives(f.Schema), func(v any) any {
					whole := full(s)
					if p.path != "" {
						whole = mapping(s, required(s))
					}
					whole[f.Name] = v
					return p.with(whole)
				}})
			}
			if s.Items != nil {
				walk(place{p.path + "[0]", alternatives(s.Items), func(v any) any { return p.with([]any{v}) }})
			}
		}
	}
	walk(place{"", alternatives(root), func(v any) any { return v }})
	return all
}

// Keys lists every key that documents of the shape may have, each once, without those that are the user's own.
func Keys(root *shape.Schema) []string {
	var keys []string
	for _, p := range places(root) {
		for _, s := range p.schemas {
			if _, chosen := ownKey(s); chosen {
				continue
			}
			for _, f := range s.Properties {
				keys = append(keys, f.Name)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// fields are the keys of a mapping, with one that stands for all that are the user's own.
func fields(s *shape.Schema) shape.Fields {
	own, ok := ownKey(s)
	if !ok || slices.ContainsFunc(s.Properties, func(f shape.Field) bool { return f.Name == own }) {
		return s.Properties
	}
	return append(slices.Clone(s.Properties), shape.Field{Name: own, Schema: s.Others})
}

// ownKey is a key that a user may have chosen, in a mapping where users choose.
func ownKey(s *shape.Schema) (string, bool) {
	if s.Others == nil || s.Others.IsNothing() {
		return "", false
	}
	return sample(s.PropertyNames).(string), true
}

// alternatives are the shapes that a value of this shape has one of.
func alternatives(s *shape.Schema) []*shape.Schema {
	if len(s.Type) > 0 || len(s.AnyOf) == 0 {
		return []*shape.Schema{s}
	}
	var all []*shape.Schema
	for _, one := range s.AnyOf {
		all = append(all, alternatives(one)...)
	}
	return all
}

// sample is a value of the shape: the first example, the default, the first word, or of a mapping the keys that it must have. A
// mapping whose keys are the user's own has one.
func sample(s *shape.Schema) any {
	s = alternatives(s)[0]
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Default != nil:
		return s.Default
	case s.Enum != nil:
		return s.Enum[0]
	}
	switch s.Type[0] {
	case "object":
		return mapping(s, required(s))
	case "array":
		return []any{sample(s.Items)}
	case "integer":
		return *s.Minimum
	case "number":
		return 1
	case "boolean":
		return false
	}
	return "x"
}

func required(s *shape.Schema) func(shape.Field) bool {
	own, _ := ownKey(s)
	return func(f shape.Field) bool { return f.Name == own || slices.Contains(s.Required, f.Name) }
}

// full is a mapping with every key, also those that exclude each other, but for mappings that have one key at most.
func full(s *shape.Schema) map[string]any {
	return mapping(s, func(f shape.Field) bool { return s.MaxProperties == 0 || f.Name == fields(s)[0].Name })
}

func mapping(s *shape.Schema, wanted func(shape.Field) bool) map[string]any {
	members := map[string]any{}
	for _, f := range fields(s) {
		if wanted(f) {
			members[f.Name] = sample(f.Schema)
		}
	}
	return members
}

// without is a mapping that lacks a key.
func without(members map[string]any, key string) map[string]any {
	rest := maps.Clone(members)
	delete(rest, key)
	return rest
}
