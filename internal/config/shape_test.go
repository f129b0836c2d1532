package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/shape/shapetest"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

//go:generate go test . -run TestSchemaFile -update-schema

var updateSchema = flag.Bool("update-schema", false, "write docs/schema/config.schema.json anew")

func TestSchemaFile(t *testing.T) {
	var names []string
	for _, d := range builtIn(t).Definitions() {
		names = append(names, d.Name)
	}
	shapetest.File(t, "../../docs/schema/config.schema.json", config.Schema(names), *updateSchema)
}

// asked wants what the schema's examples give.
const asked = `schema: 1
name: asked
credentials: {api_key: {}}
params: {region: {optional: true}}
request: {url: https://api.example/, query: {key: "{{api_key}}", region: "{{region}}"}}
balances: [{unit: credits, remaining: .credits}, {unit: USD, remaining: .usd}]
`

// What editors are told of a configuration is what the loader does.
func TestSchemaIsTheLoaders(t *testing.T) {
	definition, wrong := providers.ParseDefinition("asked.yml", []byte(asked))
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	catalog, wrong := builtIn(t).With([]*providers.Definition{definition})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	load := func(document []byte) strict.Problems {
		_, err := config.ParseWithoutDisk("config.yml", document, catalog, noEnvironment)
		problems, _ := errors.AsType[strict.Problems](err)
		return problems
	}
	for _, difference := range shapetest.Compare(config.Schema([]string{"asked"}), load) {
		t.Error(difference)
	}
}

// Editors find nothing wrong with what loads, in the files that the documentation shows and in those of the tests.
func TestSchemaTakesWhatLoads(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.ok.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range append(paths, documented(t)...) {
		// Single values that are left empty load, and an editor had better warn of them.
		if filepath.Base(path) == "empty-values.ok.yml" {
			continue
		}
		for _, wrong := range checkSchema(t, path) {
			t.Errorf("%s: %s", path, wrong)
		}
	}
}

// What the loader says of an unknown key. Which credentials and params a provider wants, the schema does not know.
var (
	unknownKey = regexp.MustCompile(`(?m)^#> .*: unknown key;`)
	ofProvider = regexp.MustCompile(`(?m)^#> .*accounts\[\d+\]\.(?:credentials|params\.\w+): unknown key;`)
)

func TestSchemaRefusesUnknownKeys(t *testing.T) {
	refused := 0
	testdata(t, "*.bad.yml", func(t *testing.T, path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !unknownKey.Match(data) || ofProvider.Match(data) {
			return
		}
		refused++
		if wrong := strings.Join(checkSchema(t, path), "\n"); !strings.Contains(wrong, "unknown key") {
			t.Errorf("the schema finds %q", wrong)
		}
	})
	if refused == 0 {
		t.Error("no file has an unknown key")
	}
}

func checkSchema(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	document, err := shapetest.Decode(data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return shapetest.Check(config.Schema(nil), document)
}
