package shape

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode is the schema as a file: JSON, indented, the same at every call.
func (s *Schema) Encode() ([]byte, error) {
	plain, err := encode(s)
	if err != nil {
		return nil, fmt.Errorf("the schema %s has no JSON form: %w", s.Title, err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, plain, "", "  "); err != nil {
		return nil, fmt.Errorf("the schema %s: %w", s.Title, err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

// encode is json.Marshal that leaves <, > and & as they are, because people read the file.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// MarshalJSON writes false for the schema that nothing satisfies, which is how the draft has it.
func (s *Schema) MarshalJSON() ([]byte, error) {
	if s.nothing {
		return []byte("false"), nil
	}
	type keywords Schema // without this method
	return encode((*keywords)(s))
}

// MarshalJSON writes a lone type as a word.
func (t Types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return encode(t[0])
	}
	return encode([]string(t))
}

// MarshalJSON writes an object whose members are in the order of the fields.
func (f Fields) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, field := range f {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := encode(field.Name)
		if err != nil {
			return nil, err
		}
		value, err := encode(field.Schema)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}
