package providers

import (
	"bytes"
	"encoding/json"
	"regexp"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// jsonNumber is a number as JSON writes it (RFC 8259, section 6), which YAML's are not all.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// jsonTemplate is a JSON value whose texts are templates. One of the fields is set.
type jsonTemplate struct {
	members map[string]*jsonTemplate
	list    []*jsonTemplate
	text    *template
	literal any // nil, a boolean or a json.Number
}

// jsonTemplate reads any YAML. It is nil where there is none.
func (l *loader) jsonTemplate(n strict.Node) *jsonTemplate {
	switch n.Form() {
	case strict.Missing:
		return nil
	case strict.Map:
		j := &jsonTemplate{members: map[string]*jsonTemplate{}}
		if m, ok := n.Map(); ok {
			for _, e := range m.Entries() {
				j.members[e.Key] = l.jsonTemplate(e.Value)
			}
		}
		return j
	case strict.List:
		items, _ := n.List()
		j := &jsonTemplate{list: make([]*jsonTemplate, 0, len(items))}
		for _, item := range items {
			j.list = append(j.list, l.jsonTemplate(item))
		}
		return j
	case strict.Bool:
		value, _ := n.Bool()
		return &jsonTemplate{literal: value}
	case strict.Number:
		text, _ := n.Raw()
		if !jsonNumber.MatchString(text) {
			n.Problem("must be a number as JSON writes it, or text in quotes")
		}
		return &jsonTemplate{literal: json.Number(text)}
	case strict.Null:
		return &jsonTemplate{}
	}
	t := l.optional(n)
	return &jsonTemplate{text: &t}
}

// value fills in the values. Members and elements that name an unset param are left out; set is false for such a one.
func (j *jsonTemplate) value(values map[string]string) (v any, set bool) {
	switch {
	case j.text != nil:
		return j.text.render(values, verbatim)
	case j.members != nil:
		object := make(map[string]any, len(j.members))
		for name, member := range j.members {
			if v, set := member.value(values); set {
				object[name] = v
			}
		}
		return object, true
	case j.list != nil:
		list := make([]any, 0, len(j.list))
		for _, item := range j.list {
			if v, set := item.value(values); set {
				list = append(list, v)
			}
		}
		return list, true
	}
	return j.literal, true
}

// render encodes the value: members sorted, and no escapes for HTML.
func (j *jsonTemplate) render(values map[string]string) ([]byte, error) {
	v, _ := j.value(values)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// template is the value with its templates as they are written.
func (j *jsonTemplate) template() string {
	itself := map[string]string{}
	for _, name := range j.names() {
		itself[name] = "{{" + name + "}}"
	}
	text, err := j.render(itself)
	if err != nil {
		return ""
	}
	return string(text)
}

// names lists what the templates in the value name.
func (j *jsonTemplate) names() []string {
	if j == nil {
		return nil
	}
	var found []string
	if j.text != nil {
		found = j.text.names()
	}
	for _, item := range j.list {
		found = append(found, item.names()...)
	}
	for _, member := range j.members {
		found = append(found, member.names()...)
	}
	return found
}
