package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"
)

// Variable is a choice at the top of the dashboard: the values of a label.
type Variable struct {
	Name, Label, Description string

	Metric string // the series, with matchers, whose label Name has the values
	Single bool   // exactly one value is chosen, not many or all
}

// datasource chooses the Prometheus that is asked.
func datasource() dashboard.VariableModel {
	return dashboard.VariableModel{
		Type: dashboard.VariableTypeDatasource, Name: "datasource", Label: new("Data source"),
		Description: new("The Prometheus that scrapes credits_exporter."),
		Query:       text("prometheus"), Options: []dashboard.VariableOption{},
		Multi: new(false), IncludeAll: new(false), Refresh: new(dashboard.VariableRefreshOnDashboardLoad),
	}
}

func (v Variable) build() dashboard.VariableModel {
	query := "label_values(" + v.Metric + ", " + v.Name + ")"
	out := dashboard.VariableModel{
		Type: dashboard.VariableTypeQuery, Name: v.Name, Label: &v.Label, Description: &v.Description,
		Datasource: panel.Datasource(), Definition: &query,
		Query: &dashboard.StringOrMap{Map: map[string]any{
			"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery",
		}},
		Options: []dashboard.VariableOption{},
		Refresh: new(dashboard.VariableRefreshOnTimeRangeChanged), Sort: new(dashboard.VariableSortAlphabeticalAsc),
		Multi: new(!v.Single), IncludeAll: new(!v.Single),
	}
	if !v.Single {
		out.AllValue = new(".+")
		all := dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}}
		out.Current = &dashboard.VariableOption{Selected: new(true), Text: dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}}, Value: all}
	}
	return out
}

func text(s string) *dashboard.StringOrMap { return &dashboard.StringOrMap{String: &s} }
