package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// What lies in the repository is what the generator writes.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := render(boards())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		have, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
		} else if string(have) != string(want) {
			t.Errorf("%s is not up to date: make generate", name)
		}
	}
	committed, err := filepath.Glob("../*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range committed {
		if files[filepath.Base(path)] == nil {
			t.Errorf("%s is not written by the generator", path)
		}
	}
}

// decoded are the committed dashboards, read strictly: a field or an option that Grafana does not know is an error.
func decoded(t *testing.T) map[string]*dashboard.Dashboard { //nolint:staticcheck // It is the form that file provisioning takes.
	t.Helper()
	registry := cog.NewRuntime()
	registry.RegisterPanelcfgVariant(bargauge.VariantConfig())
	registry.RegisterPanelcfgVariant(heatmap.VariantConfig())
	registry.RegisterPanelcfgVariant(stat.VariantConfig())
	registry.RegisterPanelcfgVariant(statetimeline.VariantConfig())
	registry.RegisterPanelcfgVariant(table.VariantConfig())
	registry.RegisterPanelcfgVariant(timeseries.VariantConfig())
	registry.RegisterDataqueryVariant(prometheus.VariantConfig())

	all := map[string]*dashboard.Dashboard{} //nolint:staticcheck // As above.
	for _, b := range boards() {
		data, err := os.ReadFile(filepath.Join("..", b.UID+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := strictly(data); err != nil {
			t.Fatalf("%s: %v", b.UID, err)
		}
		d := dashboard.NewDashboard()
		if err := json.Unmarshal(data, d); err != nil {
			t.Fatalf("%s: %v", b.UID, err)
		}
		if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", b.UID, err)
		}
		all[b.UID] = d
	}
	return all
}

func TestDashboardsDecodeStrictly(t *testing.T) {
	if n := len(decoded(t)); n != 3 {
		t.Fatalf("want 3 dashboards, have %d", n)
	}
}

// The strict reader must notice, or the test above says nothing.
func TestStrictDecodingNoticesUnknownOptions(t *testing.T) {
	decoded(t)
	for _, broken := range []string{
		`{"schemaVersion": 42, "templating": {}, "annotations": {}, "panles": []}`,
		`{"schemaVersion": 42, "templating": {}, "annotations": {}, "panels": [{"type": "stat", "options": {"grahpMode": "none"}}]}`,
		`{"schemaVersion": 42, "templating": {}, "annotations": {}, "panels": [
			{"type": "stat", "targets": [{"datasource": {"type": "prometheus"}, "expr": "up", "lengendFormat": "x"}]}]}`,
	} {
		if err := strictly([]byte(broken)); err == nil {
			t.Errorf("no error for %s", broken)
		}
	}
}

// strictly looks for fields and options that Grafana does not know. The SDK's strict reader returns a list of errors that is
// an error itself, also where the list is empty, and then leaves the panels out; so what it read is not used.
func strictly(data []byte) error {
	err := dashboard.NewDashboard().UnmarshalJSONStrict(data)
	if errs, ok := errors.AsType[cog.BuildErrors](err); ok && len(errs) == 0 {
		return nil
	}
	return err
}

// panelsOf are the panels of a dashboard that are no rows.
func panelsOf(t *testing.T, d *dashboard.Dashboard) []dashboard.Panel { //nolint:staticcheck // As above.
	t.Helper()
	var panels []dashboard.Panel
	for _, p := range d.Panels {
		if p.Panel != nil {
			panels = append(panels, *p.Panel)
		}
	}
	if len(panels) == 0 {
		t.Fatal("no panels")
	}
	return panels
}
