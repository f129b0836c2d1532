package config_test

import (
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/providers"
)

const examplePath = "../../config.example.yaml"

// catalogue is read once for all tests: it is large, and it is never modified.
var catalogue = sync.OnceValues(providers.LoadCatalog)

func builtIn(t testing.TB) *providers.Catalog {
	t.Helper()
	c, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The example that users begin with loads as it stands, without a warning.
func TestExample(t *testing.T) {
	c, err := config.Load(examplePath, builtIn(t), noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	if len(c.Accounts) < 2 {
		t.Errorf("%d accounts, want 2 or more", len(c.Accounts))
	}
}

// What the example shows in comments is right too.
func TestExampleWithoutComments(t *testing.T) {
	data, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	commented := regexp.MustCompile(`(?m)^( *)# ((?: *(?:- )?[a-z_]+: ?\S.*)|(?: *[a-z_]+:))$`)
	c, err := config.ParseWithoutDisk("config.yml", commented.ReplaceAll(data, []byte("$1$2")), builtIn(t), noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Accounts) < 3 {
		t.Errorf("%d accounts, want those in comments too", len(c.Accounts))
	}
}
