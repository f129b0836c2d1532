package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/config"
)

// documented are the configurations that users begin with.
func documented(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/examples/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	return append(paths, examplePath)
}

// The example of each kind of team loads as it stands, without a warning. No credential is looked for.
func TestExamplesOfTeams(t *testing.T) {
	definitions := builtIn(t)
	for _, kind := range []string{"scraping", "ai", "messaging", "cloud", "everything"} {
		t.Run(kind, func(t *testing.T) {
			data, err := os.ReadFile("../../docs/examples/" + kind + ".yml")
			if err != nil {
				t.Fatal(err)
			}
			c, err := config.ParseWithoutDisk(kind+".yml", data, definitions, func(name string) (string, bool) {
				if !slices.Contains([]string{"STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "KUBERNETES_SERVICE_HOST"}, name) {
					t.Errorf("the environment variable %s is read", name)
				}
				return "", false
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Warnings) > 0 {
				t.Errorf("warnings: %v", c.Warnings)
			}
			if len(c.Accounts) < 5 {
				t.Errorf("%d accounts, want 5 or more", len(c.Accounts))
			}
			for _, a := range c.Accounts {
				if a.Labels["team"] == "" {
					t.Errorf("%s/%s has no team, by which alerts are routed", a.Definition.Name, a.Name)
				}
				for _, threshold := range a.Thresholds {
					if threshold.Percent.Known() && !slices.Contains(a.Definition.States(), "allocated") {
						t.Errorf("%s/%s has a threshold in percent, and its vendor does not say of what", a.Definition.Name, a.Name)
					}
				}
			}
		})
	}
}

func TestEditorsKnowTheSchema(t *testing.T) {
	want := "# yaml-language-server: $schema=" + config.Schema(nil).ID + "\n"
	for _, path := range documented(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(data), want) {
			t.Errorf("%s does not begin with %s", path, want)
		}
	}
}
