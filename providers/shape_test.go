package providers

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers/shape/shapetest"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

//go:generate go test . -run TestSchemaFile -update-schema

var updateSchema = flag.Bool("update-schema", false, "write docs/schema/definition.schema.json anew")

func TestSchemaFile(t *testing.T) {
	shapetest.File(t, "../docs/schema/definition.schema.json", DefinitionSchema(), *updateSchema)
}

// What editors are told of a definition is what the loader does.
func TestSchemaIsTheLoaders(t *testing.T) {
	load := func(document []byte) strict.Problems {
		_, problems := ParseDefinition("test.yml", document)
		return problems
	}
	for _, difference := range shapetest.Compare(DefinitionSchema(), load) {
		t.Error(difference)
	}
}

// Editors find nothing wrong with a definition that loads.
func TestSchemaTakesWhatLoads(t *testing.T) {
	definitions := documented(t)
	for _, pattern := range []string{"catalog/*/provider.yml", "testdata/examples/*.yml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("nothing matches %s: %v", pattern, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			definitions[path] = string(data)
		}
	}
	for name, text := range definitions {
		for _, wrong := range checkSchema(t, text) {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	for name, change := range map[string]struct{ old, new, want string }{
		"unknown key":            {"title:", "tilte:", "tilte: unknown key"},
		"unknown key in balance": {"remaining:", "remainng:", "balances[0].remainng: unknown key"},
		"missing key":            {"schema: 1\n", "", "schema is missing"},
		"another version":        {"schema: 1", "schema: 2", "schema: out of range"},
		"category":               {"proxy", "proxi", "category: not one of the words"},
		"unit":                   {"unit: credits", "unit: Credits", "balances[0].unit: does not match " + unitText.String()},
		"unquoted template":      {`"{{api_key}}"`, `{{api_key: 1}: 2}`, "request.headers.X-Key: not of type string"},
		"a number, not jq":       {"remaining: .credits", "remaining: 5", "balances[0].remaining: not of type string"},
		"credential's name":      {"{api_key: {help", "{API: {help", "credentials.API: does not match " + variable.String()},
		"plain http":             {"https://api", "http://api", "request.url: does not match " + urlStart.String()},
	} {
		if got := checkSchema(t, strings.Replace(complete, change.old, change.new, 1)); len(got) == 0 || got[0] != change.want {
			t.Errorf("%s: %q, want %s", name, got, change.want)
		}
	}
}

// The documentation names every key, and its definitions load. Editors know the schema of those that are to be copied.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../docs/definition.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range shapetest.Keys(DefinitionSchema()) {
		if !regexp.MustCompile("[`{, ]" + name + "[`:, }]").Match(data) {
			t.Errorf("docs/definition.md does not say what %s is", name)
		}
	}
	for name, text := range documented(t) {
		if _, problems := ParseDefinition(name, []byte(text)); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		if want := "# yaml-language-server: $schema=" + DefinitionSchema().ID + "\n"; !strings.HasPrefix(text, want) {
			t.Errorf("%s does not begin with %s", name, want)
		}
	}
}

// documented are the definitions in docs/definition.md, by their place.
func documented(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../docs/definition.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for i, block := range regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```$").FindAllStringSubmatch(string(data), -1) {
		text := regexp.MustCompile("(?m)^"+block[1]).ReplaceAllString(block[2], "")
		if strings.Contains(text, "schema: 1\n") {
			found[fmt.Sprintf("block %d of docs/definition.md", i+1)] = text
		}
	}
	if len(found) == 0 {
		t.Fatal("docs/definition.md shows no definition")
	}
	return found
}

func checkSchema(t *testing.T, text string) []string {
	t.Helper()
	document, err := shapetest.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return shapetest.Check(DefinitionSchema(), document)
}
