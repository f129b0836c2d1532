package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

type object = map[string]any

// openAPI is the API's description, and what was seen of it in answers.
type openAPI struct {
	document object
	// seen are the places of the description that an answer had something for.
	seen map[string]bool
}

func loadOpenAPI(t *testing.T) *openAPI {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "api", "openapi.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var document object
	if err := yaml.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	return &openAPI{document, map[string]bool{}}
}

// at is what stands at a place of the description, and that place; references are followed.
func (o *openAPI) at(place string) (object, string) {
	var node any = o.document
	for name := range strings.SplitSeq(strings.TrimPrefix(place, "#/"), "/") {
		parent, _ := node.(object)
		node = parent[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
	}
	found, _ := node.(object)
	if reference, ok := found["$ref"].(string); ok {
		return o.at(reference)
	}
	return found, place
}

func escaped(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// check gives what is wrong with a value by the schema at a place.
func (o *openAPI) check(place, where string, value any) []string {
	schema, place := o.at(place)
	if schema == nil {
		return []string{where + ": there is no schema at " + place}
	}
	o.seen[place] = true
	var wrong []string
	if allowed, ok := schema["enum"].([]any); ok && !slices.Contains(allowed, value) {
		wrong = append(wrong, fmt.Sprintf("%s: %v is none of %v", where, value, allowed))
	}
	if only, ok := schema["const"]; ok && only != value {
		wrong = append(wrong, fmt.Sprintf("%s: %v is not %v", where, value, only))
	}
	switch v := value.(type) {
	case object:
		return append(wrong, o.checkObject(schema, place, where, v)...)
	case []any:
		wrong = append(wrong, typed(schema, where, "array")...)
		for i, item := range v {
			wrong = append(wrong, o.check(place+"/items", fmt.Sprintf("%s[%d]", where, i), item)...)
		}
	case json.Number:
		wrong = append(wrong, checkNumber(schema, where, v)...)
	case string:
		if schema["enum"] == nil && schema["const"] == nil {
			wrong = append(wrong, typed(schema, where, "string")...)
		}
		if _, err := time.Parse(time.RFC3339, v); schema["format"] == "date-time" && (err != nil || !strings.HasSuffix(v, "Z")) {
			wrong = append(wrong, where+": "+v+" is no moment in UTC")
		}
	case bool:
		if schema["const"] == nil {
			wrong = append(wrong, typed(schema, where, "boolean")...)
		}
	default:
		wrong = append(wrong, fmt.Sprintf("%s is %v: what is not known is absent", where, value))
	}
	return wrong
}

func typed(schema object, where, kind string) []string {
	if schema["type"] != kind {
		return []string{fmt.Sprintf("%s is %s, not %v", where, kind, schema["type"])}
	}
	return nil
}

func checkNumber(schema object, where string, v json.Number) []string {
	f, err := v.Float64()
	if err != nil {
		return []string{where + ": " + err.Error()}
	}
	if kind := schema["type"]; kind != "number" && (kind != "integer" || f != math.Trunc(f)) {
		return []string{fmt.Sprintf("%s: %s is not %v", where, v, kind)}
	}
	if least, ok := schema["minimum"].(int); ok && f < float64(least) {
		return []string{fmt.Sprintf("%s: %s is less than %d", where, v, least)}
	}
	if above, ok := schema["exclusiveMinimum"].(int); ok && f <= float64(above) {
		return []string{fmt.Sprintf("%s: %s is not above %d", where, v, above)}
	}
	return nil
}

func (o *openAPI) checkObject(schema object, place, where string, v object) []string {
	wrong := typed(schema, where, "object")
	properties, _ := schema["properties"].(object)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s lacks %s", where, name))
		}
	}
	for name, value := range v {
		switch _, described := properties[name]; {
		case described:
			o.seen[place+"/properties/"+name] = true
			wrong = append(wrong, o.check(place+"/properties/"+name, where+"."+name, value)...)
		case schema["additionalProperties"] == false || schema["additionalProperties"] == nil:
			wrong = append(wrong, where+"."+name+" is not described")
		default:
			wrong = append(wrong, o.check(place+"/additionalProperties", where+"."+name, value)...)
		}
	}
	return wrong
}

// properties lists every place that describes a field.
func properties(place string, node any) []string {
	var all []string
	switch n := node.(type) {
	case object:
		for name, child := range n {
			if fields, ok := child.(object); ok && name == "properties" {
				for field := range fields {
					all = append(all, place+"/properties/"+field)
				}
			}
			all = append(all, properties(place+"/"+escaped(name), child)...)
		}
	case []any:
		for i, child := range n {
			all = append(all, properties(fmt.Sprintf("%s/%d", place, i), child)...)
		}
	}
	return all
}

// holds checks one answer against what is described for its path and status.
func (o *openAPI) holds(t *testing.T, path, method string, got answer) {
	t.Helper()
	place := fmt.Sprintf("#/paths/%s/%s/responses/%d", escaped(path), strings.ToLower(method), got.status)
	response, place := o.at(place)
	if response == nil {
		t.Errorf("%s %s: the status %d is not described", method, path, got.status)
		return
	}
	o.seen[place] = true
	if _, ok := response["content"]; !ok {
		if got.text != "" {
			t.Errorf("%s %s: %d has a body", method, path, got.status)
		}
		return
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("%s %s: Content-Type is %q", method, path, kind)
	}
	decoder := json.NewDecoder(strings.NewReader(got.text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	for _, wrong := range o.check(place+"/content/application~1json/schema", "answer", value) {
		t.Errorf("%s %s: %s", method, path, wrong)
	}
}

// TestOpenAPI holds the description and the answers together: every field of an answer is described, and every field,
// status, parameter and value that is described comes in an answer.
func TestOpenAPI(t *testing.T) {
	o := loadOpenAPI(t)
	w := exampleWorld(t)
	options := w.options()
	options.Definition = func(string) (web.Definition, bool) {
		return web.Definition{Title: "Olostep", Docs: "https://docs.example/", Verified: "2026-11-20", YAML: "schema: 1\n"}, true
	}
	var outcome error
	options.Poller = pollerFunc(func(context.Context, ledger.ID) error { return outcome })
	handler := newHandler(t, options)

	const list, one = "/api/v1/accounts", "/api/v1/accounts/{provider}/{account}"
	o.holds(t, list, "GET", ask(t.Context(), handler, "GET", list))
	o.holds(t, list, "GET", ask(t.Context(), handler, "GET", list+"?sort=nonsense"))
	o.holds(t, list, "GET", again(t, handler, list))
	for _, entry := range w.ledger.Listing().Entries {
		o.holds(t, one, "GET", ask(t.Context(), handler, "GET", "/api/v1/accounts/"+entry.ID.String()))
	}
	o.holds(t, one, "GET", ask(t.Context(), handler, "GET", "/api/v1/accounts/olostep/nobody"))
	o.holds(t, one, "GET", again(t, handler, "/api/v1/accounts/olostep/production"))
	for _, outcome = range []error{
		nil, web.ErrUnknownAccount, &web.WaitError{Until: testNow.Add(time.Minute)}, &web.WaitError{Until: testNow.Add(time.Minute), Window: true},
		context.DeadlineExceeded, fmt.Errorf("the program ends"),
	} {
		o.holds(t, one+"/poll", "POST", ask(t.Context(), handler, "POST", "/api/v1/accounts/olostep/production/poll"))
	}
	options.Lifecycle = false
	o.holds(t, one+"/poll", "POST", ask(t.Context(), newHandler(t, options), "POST", "/api/v1/accounts/olostep/production/poll"))

	for _, place := range properties("#", o.document) {
		if !o.seen[place] {
			t.Errorf("no answer has what %s describes", place)
		}
	}
	for path, operations := range o.document["paths"].(object) {
		for method, operation := range operations.(object) {
			responses, _ := operation.(object)
			described, _ := responses["responses"].(object)
			for status := range described {
				_, place := o.at("#/paths/" + escaped(path) + "/" + method + "/responses/" + status)
				if !o.seen[place] {
					t.Errorf("%s %s never answers %s", method, path, status)
				}
			}
		}
	}
	parameters, _ := o.document["paths"].(object)[list].(object)["get"].(object)["parameters"].([]any)
	for _, p := range parameters {
		parameter, _ := p.(object)
		values, _ := parameter["schema"].(object)["enum"].([]any)
		for _, value := range values {
			if got := ask(t.Context(), handler, "GET", fmt.Sprintf("%s?%s=%s", list, parameter["name"], value)); got.status != 200 {
				t.Errorf("%s=%s: %d %s", parameter["name"], value, got.status, got.text)
			}
		}
	}
	if reasons, _ := o.at("#/components/schemas/Reason"); len(reasons["enum"].([]any)) != len(providers.Reasons()) {
		t.Error("not all reasons are described")
	}
}

// TestNumbers: amounts keep every digit, and what has none that is exact is the nearest number.
func TestNumbers(t *testing.T) {
	w := newWorld(t, account("massive", "a", func(a *ledger.Account) {
		a.Thresholds = []ledger.Threshold{{Unit: "credits", Severity: "warning", Amount: providers.NewAmount(1).Div(providers.NewAmount(3))}}
	}))
	left, err := providers.ParseAmount("123456789012345.678901234567890123")
	if err != nil {
		t.Fatal(err)
	}
	w.says("massive", "a", time.Minute, providers.Balance{Unit: "credits", Remaining: left})
	got := ask(t.Context(), newHandler(t, w.options()), "GET", "/api/v1/accounts/massive/a").text
	for _, want := range []string{`"balance":123456789012345.678901234567890123,`, `"amount":0.3333333333333333}`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if found := regexp.MustCompile(`null|"unknown"`).FindString(got); found != "" {
		t.Errorf("what is not known is absent, but there is %s", found)
	}
}
