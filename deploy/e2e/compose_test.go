package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// composeFile is what deploy/compose.yml may say. A key that is not here fails the test, so that nothing that weakens a
// container comes in unseen.
type composeFile struct {
	Name      string
	Hardening any `yaml:"x-hardening"`
	Services  map[string]composeService
	Volumes   map[string]struct{}
}

type composeService struct {
	Image, Build, Restart string
	Command               []string
	WorkingDir            string `yaml:"working_dir"`
	Environment           map[string]string
	Ports, Volumes, Tmpfs []string
	ReadOnly              bool     `yaml:"read_only"`
	CapDrop               []string `yaml:"cap_drop"`
	SecurityOpt           []string `yaml:"security_opt"`
	PidsLimit             int      `yaml:"pids_limit"`
	Healthcheck           struct {
		Test              []string
		Interval, Timeout string
		StartPeriod       string `yaml:"start_period"`
	}
}

func readCompose(t *testing.T) composeFile {
	t.Helper()
	data, err := os.ReadFile(shipped("deploy/compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file composeFile
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if want := []string{"alertmanager", "exporter", "grafana", "prometheus"}; !slices.Equal(slices.Sorted(maps.Keys(file.Services)), want) {
		t.Fatalf("want the services %q, have %q", want, slices.Sorted(maps.Keys(file.Services)))
	}
	return file
}

func TestComposeTakesAwayWhatContainersDoNotNeed(t *testing.T) {
	for name, service := range readCompose(t).Services {
		if !service.ReadOnly {
			t.Errorf("%s: its file system is not read-only", name)
		}
		if !slices.Equal(service.CapDrop, []string{"ALL"}) {
			t.Errorf("%s: drops the capabilities %q, not ALL", name, service.CapDrop)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: may gain privileges", name)
		}
		if service.PidsLimit <= 0 {
			t.Errorf("%s: has no limit on processes", name)
		}
		if len(service.Healthcheck.Test) < 2 || service.Healthcheck.Test[0] != "CMD" {
			t.Errorf("%s: has no health check that needs no shell: %q", name, service.Healthcheck.Test)
		}
		for _, port := range service.Ports {
			if !regexp.MustCompile(`^127\.0\.0\.1:(\d+):\d+$`).MatchString(port) {
				t.Errorf("%s: port %q is not on 127.0.0.1 alone", name, port)
			}
		}
		for _, mount := range service.Tmpfs {
			if !strings.Contains(mount, ":size=") {
				t.Errorf("%s: tmpfs %q may fill the memory", name, mount)
			}
		}
	}
}

// What is mounted is there, and no program may write into the repository.
func TestComposeMountsWhatIsThere(t *testing.T) {
	file := readCompose(t)
	used := map[string]bool{}
	for name, service := range file.Services {
		for _, volume := range service.Volumes {
			source, target, _ := strings.Cut(volume, ":")
			if !strings.HasPrefix(source, ".") {
				used[source] = true
				if _, declared := file.Volumes[source]; !declared {
					t.Errorf("%s: volume %s is not declared", name, source)
				}
				continue
			}
			if !strings.HasSuffix(target, ":ro") {
				t.Errorf("%s: %s is not mounted read-only", name, source)
			}
			if _, err := os.Stat(filepath.Join(root, "deploy", source)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for volume := range file.Volumes {
		if !used[volume] {
			t.Errorf("nothing uses the volume %s", volume)
		}
	}
	home := file.Services["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	if _, err := os.Stat(shipped("dashboards", filepath.Base(home))); err != nil || inContainer(file.Services["grafana"], "../dashboards") != filepath.Dir(home) {
		t.Errorf("Grafana's home %s is not where the dashboards are mounted: %v", home, err)
	}
	provisioning := decodeFile(t, shipped("deploy/grafana/provisioning/dashboards/credits.yml"))
	each(t, provisioning, "providers", func(provider object) {
		options, _ := provider["options"].(object)
		if folder, _ := options["path"].(string); filepath.Dir(filepath.Dir(home)) != folder {
			t.Errorf("Grafana looks for dashboards in %q, and they are below %s", folder, filepath.Dir(filepath.Dir(home)))
		}
	})
}

// inContainer is where a service has a path of deploy/ mounted.
func inContainer(service composeService, source string) string {
	for _, volume := range service.Volumes {
		if parts := strings.Split(volume, ":"); parts[0] == source && len(parts) > 1 {
			return parts[1]
		}
	}
	return ""
}

// Images are pinned, and those that the tests run in another form are of the version that they run.
func TestComposePinsImages(t *testing.T) {
	for name, service := range readCompose(t).Services {
		pinned := regexp.MustCompile(`^[a-z0-9./_-]+:v?\d+\.\d+\.\d+$`).MatchString(service.Image)
		if own := service.Build == ".." && service.Image == "credits_exporter:local"; !pinned && !own {
			t.Errorf("%s: the image %q is not pinned to a version", name, service.Image)
		}
	}
	services := readCompose(t).Services
	// Prometheus 3.15.0 is version 0.315.0 as a module.
	module := moduleVersion(t, "prometheus", `github\.com/prometheus/prometheus v0\.(\d)(\d\d)\.(\d+)`)
	var minor int
	if _, err := fmt.Sscanf(module[2], "%d", &minor); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("prom/prometheus:v%s.%d.%s", module[1], minor, module[3]); services["prometheus"].Image != want {
		t.Errorf("compose runs %s, and the tests %s", services["prometheus"].Image, want)
	}
	module = moduleVersion(t, "alertmanager", `github\.com/prometheus/alertmanager (v\S+)`)
	if want := "prom/alertmanager:" + module[1]; services["alertmanager"].Image != want {
		t.Errorf("compose runs %s, and the tests %s", services["alertmanager"].Image, want)
	}
}

// moduleVersion finds a module in the go.mod of a tool.
func moduleVersion(t *testing.T, tool, expression string) []string {
	t.Helper()
	data, err := os.ReadFile(shipped("internal/tools", tool, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(expression).FindStringSubmatch(string(data))
	if match == nil {
		t.Fatalf("%s's go.mod does not have %s", tool, expression)
	}
	return match
}

// In the containers' network each program is a host with the port that it publishes.
func TestComposeProgramsFindEachOther(t *testing.T) {
	services := readCompose(t).Services
	at := func(service string) string {
		parts := strings.Split(services[service].Ports[0], ":")
		return service + ":" + parts[len(parts)-1]
	}
	derived := shipped("deploy/prometheus/prometheus.compose.yml")
	differ := differences("", decodeFile(t, shipped("deploy/prometheus/prometheus.yml")), decodeFile(t, derived))
	if want := []string{"alerting.alertmanagers.0.static_configs.0.targets.0", "scrape_configs.0.static_configs.0.targets.0"}; !slices.Equal(differ, want) {
		t.Errorf("%s differs from prometheus.yml in %q, and must in %q alone", derived, differ, want)
	}
	config := decodeFile(t, derived)
	targets := func(found *[]any) func(object) {
		return func(o object) { each(t, o, "static_configs", func(o object) { *found = append(*found, o["targets"]) }) }
	}
	var scraped, alerted []any
	each(t, config, "scrape_configs", targets(&scraped))
	each(t, config["alerting"], "alertmanagers", targets(&alerted))
	if want := fmt.Sprint([]any{list{at("exporter")}}); fmt.Sprint(scraped) != want {
		t.Errorf("Prometheus scrapes %v, not %v", scraped, want)
	}
	if want := fmt.Sprint([]any{list{at("alertmanager")}}); fmt.Sprint(alerted) != want {
		t.Errorf("Prometheus sends alerts to %v, not %v", alerted, want)
	}
	sources := decodeFile(t, shipped("deploy/grafana/provisioning/datasources/prometheus.yml"))
	each(t, sources, "datasources", func(source object) {
		kind, _ := source["type"].(string)
		address, _ := source["url"].(string)
		if u, err := url.Parse(address); err != nil || services[kind].Image == "" || u.Host != at(kind) {
			t.Errorf("Grafana looks for %s at %q, %v", kind, address, err)
		}
	})
}
