// Package panel makes Grafana panels from plain values: what a panel answers, what it asks, and how it looks.
package panel

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// Columns is how many columns Grafana's grid has.
const Columns = 24

// Panel is one panel of a dashboard. The README is written from the same value.
type Panel struct {
	Title    string
	Question string // what the panel answers, as a question
	Note     string // how to read it and when it is empty; may be empty
	Kind     Kind
	Width    uint32 // of Columns
	Height   uint32 // in rows of about 38 pixels

	Unit       string // of all values, a unit of Grafana; a table's columns have their own
	Decimals   *float64
	States     []State // what values mean; a panel with states needs no unit
	Thresholds []Step  // colours by value, beginning with the lowest
	Empty      string  // what to show where there is no value; a dash if empty

	Queries []Query
	Columns []Column // of a table, from left to right
	Sort    Sort     // of a table
}

// Query is one question to Prometheus.
type Query struct {
	Expr   string
	Legend string // how a series is named, with labels in {{ }}; not for tables
	Line   string // a colour, for a dashed line of it: a limit rather than a measurement
}

// State is the meaning of a value, with a colour for it.
type State struct{ Value, Text, Color string }

// Step is a colour for all values from From on.
type Step struct {
	From  float64
	Color string
}

// Column is a column of a table: a label, or the value of a query.
type Column struct {
	Field  string // a label's name, or "Value #A" for what the first query says
	Title  string
	Unit   string
	Width  float64 // in pixels; 0 is automatic
	States []State
	Steps  []Step
	Hidden bool   // a value that says no more than the row does
	Link   string // where a click on a cell leads
}

// Sort is the order of a table's rows, by a column's title.
type Sort struct {
	Column     string
	Descending bool
}

// Datasource is the data source that the variable `datasource` chooses.
func Datasource() *common.DataSourceRef {
	return &common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}
}

// Build makes the panel as Grafana has it. Place and id are the dashboard's to give.
func (p Panel) Build() (dashboard.Panel, error) {
	out, err := p.Kind.draw(p)
	if err != nil {
		return dashboard.Panel{}, fmt.Errorf("panel %q: %w", p.Title, err)
	}
	out.Title = &p.Title
	out.Description = new(p.Description())
	out.Datasource = Datasource()
	// Series come once a minute, so a shorter step shows nothing new; and $__rate_interval follows from it.
	out.Interval = new("1m")
	for i, q := range p.Queries {
		out.Targets = append(out.Targets, p.target(q, RefID(i)))
	}
	p.setFields(&out)
	return out, nil
}

// Description is what the panel's tooltip says.
func (p Panel) Description() string {
	if p.Note == "" {
		return p.Question
	}
	return p.Question + " " + p.Note
}

// RefID is the name of the i-th query of a panel: A, B, C.
func RefID(i int) string { return string(rune('A' + i)) }

func (p Panel) target(q Query, refID string) *prometheus.Dataquery {
	t := prometheus.NewDataquery()
	t.Datasource = Datasource()
	t.EditorMode = new(prometheus.QueryEditorModeCode)
	t.Expr = q.Expr
	t.RefId = &refID
	t.Format = new(p.Kind.format())
	t.Instant, t.Range = new(p.Kind.instant()), new(!p.Kind.instant())
	if q.Legend != "" {
		t.LegendFormat = &q.Legend
	}
	return t
}
