package e2e

import (
	"bytes"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// What Grafana is provisioned with is spelt as Grafana reads it, which ignores what it does not know, and fits the stack of
// deploy/compose.yml: data sources are its services, and the dashboards lie where they are looked for.
func TestGrafanaIsProvisionedForTheStack(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Volumes []string
		}
	}
	data, err := os.ReadFile(shipped("deploy/compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &compose); err != nil {
		t.Fatal(err)
	}

	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Prune       bool
		Datasources []struct {
			Name, Type, UID, Access, URL string
			IsDefault                    bool `yaml:"isDefault"`
			Editable                     bool
			JSONData                     map[string]any `yaml:"jsonData"`
		}
	}
	decodeStrictly(t, shipped("deploy/grafana/provisioning/datasources/prometheus.yml"), &sources)
	if sources.APIVersion != 1 || len(sources.Datasources) == 0 {
		t.Errorf("want data sources of version 1, have %+v", sources)
	}
	for _, source := range sources.Datasources {
		address, err := url.Parse(source.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := compose.Services[address.Hostname()]; !ok {
			t.Errorf("%s is at %s, which is no service of the stack", source.Name, source.URL)
		}
		if source.UID == "" || source.Editable {
			t.Errorf("%s needs a uid of its own, and must not be edited", source.Name)
		}
		if source.Type == "prometheus" && source.JSONData["timeInterval"] != "1m" {
			t.Errorf("%s does not know the scrape interval", source.Name)
		}
	}

	var dashboards struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Type            string
			DisableDeletion       bool `yaml:"disableDeletion"`
			AllowUIUpdates        bool `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
			Options               struct {
				Path                      string
				FoldersFromFilesStructure bool `yaml:"foldersFromFilesStructure"`
			}
		}
	}
	decodeStrictly(t, shipped("deploy/grafana/provisioning/dashboards/credits.yml"), &dashboards)
	if dashboards.APIVersion != 1 || len(dashboards.Providers) != 1 {
		t.Fatalf("want one provider of version 1, have %+v", dashboards)
	}
	looked := dashboards.Providers[0].Options.Path
	mounted := slices.ContainsFunc(compose.Services["grafana"].Volumes, func(volume string) bool {
		from, to, _ := strings.Cut(strings.TrimSuffix(volume, ":ro"), ":")
		return path.Join("deploy", from) == "dashboards" && path.Dir(to) == looked
	})
	if !mounted {
		t.Errorf("dashboards/ is not a folder of %s in the stack: %q", looked, compose.Services["grafana"].Volumes)
	}
}

func decodeStrictly(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
