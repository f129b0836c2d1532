// Package board makes Grafana dashboards of panels: rows, variables, annotations, and the places of the panels.
package board

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"
)

// Board is a dashboard.
type Board struct {
	UID         string // fixed, so that links and bookmarks hold; also the file's name
	Title       string
	Description string
	Variables   []Variable // after `datasource`
	Annotations []Annotation
	Rows        []Row
}

// Row is a titled part of a dashboard.
type Row struct {
	Title  string
	Repeat string // the name of a variable; the row is shown once for each of its values
	Panels []panel.Panel
}

// Tags are what dashboards of this exporter are found by.
func Tags() []string { return []string{"credits", "prometheus-exporter"} }

// JSON is the dashboard as a file for Grafana, with a newline at its end.
func (b Board) JSON() ([]byte, error) {
	d, err := b.build()
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
	}
	return out.Bytes(), nil
}

// Grafana itself still reads and provisions the classic form, and refuses files in the newer one.
func (b Board) build() (*dashboard.Dashboard, error) { //nolint:staticcheck // The SDK prefers a form that file provisioning refuses.
	d := dashboard.NewDashboard()
	d.Uid, d.Title, d.Description = &b.UID, &b.Title, &b.Description
	d.Tags = Tags()
	d.Editable = new(false)
	d.GraphTooltip = new(dashboard.DashboardCursorSyncCrosshair)
	d.Time = &dashboard.DashboardDashboardTime{From: "now-7d", To: "now"}
	d.Timezone = new("browser")
	d.Refresh = new("1m")
	d.Links = []dashboard.DashboardLink{{
		Title: "Credits", Type: dashboard.DashboardLinkTypeDashboards, Icon: "external link", Tags: Tags()[:1],
		IncludeVars: true, KeepTime: true,
	}}
	d.Templating.List = []dashboard.VariableModel{datasource()}
	for _, v := range b.Variables {
		d.Templating.List = append(d.Templating.List, v.build())
	}
	d.Annotations.List = []dashboard.AnnotationQuery{}
	for _, a := range b.Annotations {
		d.Annotations.List = append(d.Annotations.List, a.build())
	}
	panels, err := place(b.Rows)
	if err != nil {
		return nil, err
	}
	d.Panels = panels
	if err := d.Validate(); err != nil {
		return nil, err
	}
	return d, nil
}
