package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The rules of Grafana's dashboard-linter, and those of the house, that concern a dashboard as a whole.
func TestDashboardRules(t *testing.T) {
	uid := regexp.MustCompile(`^[a-z0-9-]{8,40}$`)
	for name, d := range decoded(t) {
		for rule, holds := range map[string]bool{
			"the uid is fixed, and can be part of an address": *d.Uid == name && uid.MatchString(name),
			"no id, which is an installation's own":           d.Id == nil,
			"schemaVersion is the latest":                     d.SchemaVersion == 42,
			"it cannot be edited in place":                    d.Editable != nil && !*d.Editable,
			"tags":                                            slices.Equal(d.Tags, []string{"credits", "prometheus-exporter"}),
			"links to its siblings":                           len(d.Links) == 1 && slices.Equal(d.Links[0].Tags, []string{"credits"}),
			"links keep time and choices":                     d.Links[0].KeepTime && d.Links[0].IncludeVars,
			"the last 7 days":                                 d.Time.From == "now-7d" && d.Time.To == "now",
			"it refreshes every minute":                       *d.Refresh == "1m",
			"it is in the browser's time zone":                *d.Timezone == "browser",
			"title and description":                           *d.Title != "" && *d.Description != "",
		} {
			if !holds {
				t.Errorf("%s: does not hold: %s", name, rule)
			}
		}
	}
}

// singleVariables choose one value, because the dashboard is about one account: two on one panel would not be told apart.
func singleVariables() map[string][]string {
	return map[string][]string{accountUID: {"provider", "account"}}
}

// Variables come in one order, so that one finds them, and each leads to the next.
func TestVariables(t *testing.T) {
	order := map[string][]string{
		overviewUID: {"datasource", "job", "instance", "provider", "unit"},
		accountUID:  {"datasource", "job", "instance", "provider", "account", "unit"},
		exporterUID: {"datasource", "job", "instance", "provider"},
	}
	labels := map[string]string{
		"datasource": "Data source", "job": "Job", "instance": "Instance", "provider": "Provider", "account": "Account", "unit": "Unit",
	}
	query := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	for uid, d := range decoded(t) {
		var names []string
		for _, v := range d.Templating.List {
			names = append(names, v.Name)
			if *v.Label != labels[v.Name] || v.Description == nil || *v.Description == "" {
				t.Errorf("%s: $%s has the label %q, want %q and a description", uid, v.Name, *v.Label, labels[v.Name])
			}
			if v.Name == "datasource" {
				if v.Type != dashboard.VariableTypeDatasource || *v.Query.String != "prometheus" {
					t.Errorf("%s: $datasource does not choose a Prometheus", uid)
				}
				continue
			}
			single := slices.Contains(singleVariables()[uid], v.Name)
			if v.Type != dashboard.VariableTypeQuery || *v.Multi == single || *v.IncludeAll == single || !single && *v.AllValue != ".+" {
				t.Errorf("%s: $%s: single=%v does not hold", uid, v.Name, single)
			}
			if *v.Refresh != dashboard.VariableRefreshOnTimeRangeChanged {
				t.Errorf("%s: $%s does not follow the time range", uid, v.Name)
			}
			checkDatasource(t, uid+": $"+v.Name, v.Datasource)
			match := query.FindStringSubmatch(v.Query.Map["query"].(string))
			if match == nil || match[2] != v.Name {
				t.Errorf("%s: $%s asks %q", uid, v.Name, v.Query.Map["query"])
				continue
			}
			parseQuery(t, uid+": $"+v.Name, match[1])
		}
		if !slices.Equal(names, order[uid]) {
			t.Errorf("%s: variables %q, want %q", uid, names, order[uid])
		}
	}
}

func checkDatasource(t *testing.T, where string, ref *common.DataSourceRef) {
	t.Helper()
	if ref == nil || *ref.Type != "prometheus" || *ref.Uid != "${datasource}" {
		t.Errorf("%s does not ask the data source that is chosen", where)
	}
}

// Every panel says what it answers, in which unit, and asks something.
func TestPanelRules(t *testing.T) {
	for uid, d := range decoded(t) {
		titles := map[string]bool{}
		for _, p := range panelsOf(t, d) {
			where := uid + ": " + *p.Title
			if titles[*p.Title] || *p.Title == "" {
				t.Errorf("%s: two panels have this title", where)
			}
			titles[*p.Title] = true
			if !strings.Contains(*p.Description, "?") {
				t.Errorf("%s: the description does not say which question it answers: %q", where, *p.Description)
			}
			if len(p.Targets) == 0 {
				t.Errorf("%s asks nothing", where)
			}
			checkDatasource(t, where, p.Datasource)
			defaults := p.FieldConfig.Defaults
			if p.Type != "table" && defaults.Unit == nil && len(defaults.Mappings) == 0 {
				t.Errorf("%s has neither a unit nor states", where)
			}
			if defaults.NoValue == nil || *defaults.NoValue == "" {
				t.Errorf("%s does not say what it shows without a value", where)
			}
			if custom, ok := defaults.Custom.(*common.GraphFieldConfig); ok && *custom.LineInterpolation != common.LineInterpolationStepAfter {
				t.Errorf("%s draws slopes between values that stood still until the next poll", where)
			}
		}
	}
}
