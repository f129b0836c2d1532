package vendorsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// document is a vendor's OpenAPI document, of which the tests know as much as the four documents use.
type document struct {
	root      map[string]any
	responses map[string]any // of the one operation
}

func openAPI(t *testing.T, vendor vendorsim.Vendor) document {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", string(vendor)+".openapi.*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("want one OpenAPI document of %s, have %v (%v)", vendor, files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := yaml.Unmarshal(text, &d.root); err != nil {
		t.Fatal(err)
	}
	for _, path := range d.root["paths"].(map[string]any) {
		d.responses = path.(map[string]any)["get"].(map[string]any)["responses"].(map[string]any)
	}
	return d
}

// resolve follows a $ref within the document.
func (d document) resolve(node map[string]any) map[string]any {
	ref, is := node["$ref"].(string)
	if !is {
		return node
	}
	var at any = d.root
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[part]
	}
	return d.resolve(at.(map[string]any))
}

// content is the documented media type and schema of a status; documented is false where the status is not.
func (d document) content(status int) (mediaType string, schema map[string]any, documented bool) {
	node, documented := d.responses[fmt.Sprint(status)].(map[string]any)
	if !documented {
		return "", nil, false
	}
	content, _ := d.resolve(node)["content"].(map[string]any)
	for mediaType, value := range content {
		return mediaType, value.(map[string]any)["schema"].(map[string]any), true
	}
	return "", nil, true
}

// check lists how a JSON value differs from a schema. A property that the schema does not name is a difference too.
func (d document) check(place string, schema map[string]any, value any) []string {
	schema = d.resolve(schema)
	if options, is := schema["anyOf"].([]any); is {
		var all []string
		for _, option := range options {
			found := d.check(place, option.(map[string]any), value)
			if len(found) == 0 {
				return nil
			}
			all = append(all, found...)
		}
		return all
	}
	if want, is := schema["type"].(string); is && !hasType(want, value) {
		return []string{fmt.Sprintf("%s: want %s, have %v", place, want, value)}
	}
	var found []string
	switch value := value.(type) {
	case map[string]any:
		found = d.checkObject(place, schema, value)
	case []any:
		for i, element := range value {
			found = append(found, d.check(fmt.Sprintf("%s[%d]", place, i), schema["items"].(map[string]any), element)...)
		}
	case string:
		found = checkString(place, schema, value)
	}
	return found
}

func (d document) checkObject(place string, schema, value map[string]any) (found []string) {
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(value)) {
		property, documented := properties[name].(map[string]any)
		if !documented {
			found = append(found, fmt.Sprintf("%s.%s: not documented", place, name))
			continue
		}
		found = append(found, d.check(place+"."+name, property, value[name])...)
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, has := value[name.(string)]; !has {
			found = append(found, fmt.Sprintf("%s.%s: required", place, name))
		}
	}
	return found
}

// creditsLeft is LiveAvatar's pattern in the syntax of package regexp, which has no lookahead.
var creditsLeft = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)$`)

func checkString(place string, schema map[string]any, value string) (found []string) {
	if words, is := schema["enum"].([]any); is && !slices.Contains(words, any(value)) {
		found = append(found, fmt.Sprintf("%s: %q is none of %v", place, value, words))
	}
	if _, is := schema["pattern"]; is && !creditsLeft.MatchString(value) {
		found = append(found, fmt.Sprintf("%s: %q does not match the pattern", place, value))
	}
	return found
}

func hasType(want string, value any) bool {
	switch value := value.(type) {
	case json.Number:
		return want == "number" || (want == "integer" && !strings.ContainsAny(value.String(), ".eE"))
	case string:
		return want == "string"
	case bool:
		return want == "boolean"
	case nil:
		return want == "null"
	case []any:
		return want == "array"
	case map[string]any:
		return want == "object"
	}
	return false
}

func decode(t *testing.T, body []byte) (value any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return value
}

// conforms fails the test unless an answer is what the document says of its status. A status without content in the
// document, and one that it does not name, may have any body.
func (d document) conforms(t *testing.T, a answer) {
	t.Helper()
	mediaType, schema, documented := d.content(a.status)
	if !documented || schema == nil {
		return
	}
	if have := a.header.Get("Content-Type"); !strings.HasPrefix(have, mediaType) {
		t.Errorf("status %d: Content-Type %q, documented is %q", a.status, have, mediaType)
	}
	if mediaType != "application/json" {
		return
	}
	for _, difference := range d.check("", schema, decode(t, a.body)) {
		t.Errorf("status %d: %s", a.status, difference)
	}
}
