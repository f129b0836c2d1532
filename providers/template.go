package providers

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The names that every template may use besides credentials, params and what `first` gives.
const (
	builtinUUID  = "uuid"  // version 4, fresh for every request
	builtinToday = "today" // 2026-11-21, UTC
	builtinMonth = "month" // 2026-11, UTC
)

var (
	placeholder = regexp.MustCompile(`\{\{([a-z][a-z0-9_]*)\}\}`)
	variable    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// template is text with {{name}} in it.
type template struct {
	source string
	parts  []part
}

// part is literal text or, if name is set, what the name stands for.
type part struct{ text, name string }

// parseTemplate splits a template at its names. No other {{ may occur; }} alone is literal text.
func parseTemplate(source string) (template, error) {
	t := template{source: source}
	rest := 0
	add := func(text string) error {
		if strings.Contains(text, "{{") {
			return errors.New("{{ begins a name such as {{api_key}}, in lower case and without spaces")
		}
		if text != "" {
			t.parts = append(t.parts, part{text: text})
		}
		return nil
	}
	for _, at := range placeholder.FindAllStringSubmatchIndex(source, -1) {
		if err := add(source[rest:at[0]]); err != nil {
			return t, err
		}
		t.parts = append(t.parts, part{name: source[at[2]:at[3]]})
		rest = at[1]
	}
	return t, add(source[rest:])
}

// names lists what the template names.
func (t template) names() []string {
	var found []string
	for _, p := range t.parts {
		if p.name != "" && !slices.Contains(found, p.name) {
			found = append(found, p.name)
		}
	}
	return found
}

// render fills in the values, each through escape. It is not set when a value is missing: the loader sees to it that
// this is an optional param, in a place that may be left out.
func (t template) render(values map[string]string, escape func(string) string) (text string, set bool) {
	if len(t.parts) == 1 && t.parts[0].name == "" {
		return t.parts[0].text, true
	}
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		value, ok := values[p.name]
		if !ok {
			return "", false
		}
		b.WriteString(escape(value))
	}
	return b.String(), true
}

func verbatim(s string) string { return s }

// sendable tells whether a value can be sent: it is not empty and holds no control character, so that it can neither
// vanish nor begin another header.
func sendable(value string) bool {
	return value != "" && utf8.ValidString(value) && !strings.ContainsFunc(value, unicode.IsControl)
}
