package providers_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
)

// damageBody gives every damage of a body as it comes over the wire. Other forms than JSON know only text.
func damageBody(t *testing.T, form, body string, yield func(damaged, string)) {
	t.Helper()
	v, err := providers.ParseBody(form, []byte(body))
	if err != nil {
		t.Fatalf("the body of an ok case is not %s: %v", form, err)
	}
	yield(damaged{path: ".", damage: "delete", deleted: true, was: v}, "")
	damageAll(v, "", func(d damaged) {
		if !strings.HasPrefix(d.path, ".") {
			d.path = "." + d.path
		}
		if text, ok := encodeBody(form, d); ok {
			yield(d, text)
		}
	})
}

// encodeBody is ok when the form can express the damage.
func encodeBody(form string, d damaged) (text string, ok bool) {
	if form == providers.BodyJSON {
		data, err := json.Marshal(d.body)
		return string(data), err == nil
	}
	if d.damage != "delete" && d.damage != garbage && d.damage != "empty" {
		return "", false
	}
	switch form {
	case providers.BodyText:
		text, ok = d.body.(string)
		return text, ok
	case providers.BodyKeyValue:
		object, ok := d.body.(map[string]any)
		lines := make([]string, 0, len(object))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			lines = append(lines, fmt.Sprintf("%s=%s", key, object[key]))
		}
		return strings.Join(lines, "\n"), ok
	}
	object, ok := d.body.(map[string]any)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for name, v := range object {
		encodeXML(&b, name, v)
	}
	return b.String(), true
}

// encodeXML writes what parseXML reads.
func encodeXML(b *strings.Builder, name string, v any) {
	if list, ok := v.([]any); ok {
		for _, item := range list {
			encodeXML(b, name, item)
		}
		return
	}
	text, _ := v.(string)
	object, _ := v.(map[string]any)
	b.WriteString("<" + name)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if attribute, ok := strings.CutPrefix(key, "@"); ok {
			fmt.Fprintf(b, " %s=\"%s\"", attribute, escapeXML(object[key].(string)))
		}
	}
	b.WriteString(">" + escapeXML(text))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		switch {
		case key == "#text":
			b.WriteString(escapeXML(object[key].(string)))
		case !strings.HasPrefix(key, "@"):
			encodeXML(b, key, object[key])
		}
	}
	b.WriteString("</" + name + ">")
}

func escapeXML(s string) string {
	var b strings.Builder
	// Writing to a strings.Builder does not fail.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
