// Package shape says what YAML documents that package strict reads look like, in the words of JSON Schema, so that
// editors complete and check them. A document's shape is written beside its loader as a table of fields, with the
// loader's own lists, bounds and patterns; package shapetest holds the two against each other.
//
// The draft is 7, the newest that editors' YAML support knows whole. No keyword refers elsewhere in the schema: what
// occurs twice is written twice, which every reader of schemas understands.
package shape

import (
	"fmt"
	"regexp"
	"slices"
)

// Draft is what a root schema's Draft is.
const Draft = "http://json-schema.org/draft-07/schema#"

// The types of a value.
const (
	typeText    = "string"
	typeNumber  = "number"
	typeInteger = "integer"
	typeBool    = "boolean"
	typeObject  = "object"
	typeList    = "array"
	typeNull    = "null"
)

// Schema is what a value may be: the keywords of JSON Schema that are used here. The zero Schema is any value.
type Schema struct {
	Draft         string   `json:"$schema,omitempty"`
	ID            string   `json:"$id,omitempty"`
	Title         string   `json:"title,omitempty"`
	Description   string   `json:"description,omitempty"`
	Type          Types    `json:"type,omitempty"`
	Enum          []any    `json:"enum,omitempty"`
	Pattern       string   `json:"pattern,omitempty"`
	MinLength     int      `json:"minLength,omitempty"`
	MaxLength     int      `json:"maxLength,omitempty"`
	Minimum       *int     `json:"minimum,omitempty"`
	Maximum       *int     `json:"maximum,omitempty"`
	MinItems      int      `json:"minItems,omitempty"`
	Items         *Schema  `json:"items,omitempty"`
	Properties    Fields   `json:"properties,omitempty"`
	Required      []string `json:"required,omitempty"`
	MinProperties int      `json:"minProperties,omitempty"`
	MaxProperties int      `json:"maxProperties,omitempty"`
	PropertyNames *Schema  `json:"propertyNames,omitempty"`
	// Others is what the value of a key may be that is not among Properties; Nothing refuses all of them.
	Others   *Schema   `json:"additionalProperties,omitempty"`
	AnyOf    []*Schema `json:"anyOf,omitempty"`
	Not      *Schema   `json:"not,omitempty"`
	Default  any       `json:"default,omitempty"`
	Examples []any     `json:"examples,omitempty"`

	nothing bool
}

// Types are the types that a value may have, any of them.
type Types []string

// Field is one key of a mapping and what its value may be.
type Field struct {
	Name   string
	Schema *Schema

	required bool
}

// Fields are the keys of a mapping in the order of the documentation.
type Fields []Field

// Require is a field that must be there, as strict.Mapping.Require takes it.
func Require(name string, value *Schema, description string) Field {
	value.Description = description
	return Field{Name: name, Schema: value, required: true}
}

// Take is a field that may be left out, as strict.Mapping.Take takes it.
func Take(name string, value *Schema, description string) Field {
	value.Description = description
	return Field{Name: name, Schema: value}
}

// Any is any value but null.
func Any() *Schema { return &Schema{Type: Types{typeObject, typeList, typeText, typeNumber, typeBool}} }

// Text is text, in quotes where YAML would take it for something else.
func Text() *Schema { return &Schema{Type: Types{typeText}} }

// Line is text or a number, which is taken as it is written. A loader may take a boolean so as well, of which an editor
// had better warn.
func Line() *Schema { return &Schema{Type: Types{typeText, typeNumber}} }

// Scalar is text, a number or a boolean, which are all taken as they are written.
func Scalar() *Schema { return &Schema{Type: Types{typeText, typeNumber, typeBool}} }

// Number is a number.
func Number() *Schema { return &Schema{Type: Types{typeNumber}} }

// Bool is true or false.
func Bool() *Schema { return &Schema{Type: Types{typeBool}} }

// Integer is a whole number from low to high.
func Integer(low, high int) *Schema {
	return &Schema{Type: Types{typeInteger}, Minimum: &low, Maximum: &high}
}

// Words is one word of a closed list.
func Words(list ...string) *Schema {
	s := Text()
	for _, word := range list {
		s.Enum = append(s.Enum, word)
	}
	return s
}

// List is a list of such items.
func List(item *Schema) *Schema { return &Schema{Type: Types{typeList}, Items: item} }

// Object is a mapping that takes these keys and no others.
func Object(fields ...Field) *Schema {
	s := &Schema{Type: Types{typeObject}, Properties: fields, Others: Nothing()}
	for _, f := range fields {
		if f.required {
			s.Required = append(s.Required, f.Name)
		}
	}
	return s
}

// Map is a mapping whose keys are the user's own.
func Map(names, value *Schema) *Schema {
	return &Schema{Type: Types{typeObject}, PropertyNames: names, Others: value}
}

// Offered has editors offer the examples that a mapping's names have.
func (s *Schema) Offered() *Schema {
	for _, name := range s.PropertyNames.Examples {
		s.Properties = append(s.Properties, Field{Name: fmt.Sprint(name), Schema: s.Others})
	}
	return s
}

// Either is a value of one shape or another.
func Either(shapes ...*Schema) *Schema { return &Schema{AnyOf: shapes} }

// Nothing is no value at all.
func Nothing() *Schema { return &Schema{nothing: true} }

// IsNothing tells whether no value has this shape.
func (s *Schema) IsNothing() bool { return s.nothing }

// OrEmpty lets a mapping or a list be empty in the sense of YAML, null, for a loader to which this is the same as none:
// all that stands in it may be commented out. Of a single value that is empty an editor had better warn.
func (s *Schema) OrEmpty() *Schema {
	if slices.Contains(s.Type, typeObject) || slices.Contains(s.Type, typeList) {
		s.Type = append(s.Type, typeNull)
	}
	return s
}

// Like asks that text matches a pattern, which JavaScript must understand as well.
func (s *Schema) Like(pattern *regexp.Regexp) *Schema {
	s.Pattern = pattern.String()
	return s
}

// Lengths asks that text has from low to high characters; 0 sets no bound.
func (s *Schema) Lengths(low, high int) *Schema {
	s.MinLength, s.MaxLength = low, high
	return s
}

// Filled asks that a list has an item, or a mapping a key.
func (s *Schema) Filled() *Schema {
	if slices.Contains(s.Type, typeList) {
		s.MinItems = 1
	} else {
		s.MinProperties = 1
	}
	return s
}

// AtMostOne asks that a mapping has no two keys.
func (s *Schema) AtMostOne() *Schema {
	s.MaxProperties = 1
	return s
}

// Needs asks that a mapping has all keys of one of the lists.
func (s *Schema) Needs(lists ...[]string) *Schema {
	for _, keys := range lists {
		s.AnyOf = append(s.AnyOf, &Schema{Required: keys})
	}
	return s
}

// Unless asks that the value has not this shape.
func (s *Schema) Unless(other *Schema) *Schema {
	s.Not = other
	return s
}

// Otherwise says what is in force when the value is left out.
func (s *Schema) Otherwise(value any) *Schema {
	s.Default = value
	return s
}

// Example adds values that an editor may offer.
func (s *Schema) Example(values ...any) *Schema {
	s.Examples = append(s.Examples, values...)
	return s
}

// Root makes a schema that stands for a whole document, with the address where it is published.
func (s *Schema) Root(id, title, description string) *Schema {
	s.Draft, s.ID, s.Title, s.Description = Draft, id, title, description
	return s
}
