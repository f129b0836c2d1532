package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"
)

// Annotation marks moments on all panels over time.
type Annotation struct {
	Name, Question string // Question is for the README
	Expr           string // what is above 0 at such a moment
	Title, Text    string // with labels in {{ }}
	Color          string
	Step           string // how far apart the moments are that are looked at
}

func (a Annotation) build() dashboard.AnnotationQuery {
	return dashboard.AnnotationQuery{
		Name: a.Name, Datasource: panel.Datasource(), Enable: true, Hide: new(false), IconColor: a.Color,
		Expr: &a.Expr, Step: &a.Step, TitleFormat: &a.Title, TextFormat: &a.Text, UseValueForTime: new(false),
	}
}
