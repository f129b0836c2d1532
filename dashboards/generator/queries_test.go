package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/prometheus/promql/parser"
)

// askedQuery is one query of a dashboard, with all that is known of where it stands.
type askedQuery struct {
	where string // dashboard and panel
	uid   string
	ast   parser.Expr

	perUnit bool // in a row that is there once for each unit
}

// allQueries are the queries of all panels and annotations, each parsed.
func allQueries(t *testing.T) []askedQuery {
	t.Helper()
	var all []askedQuery
	add := func(uid, title, expr string, perUnit bool) {
		where := uid + ": " + title
		all = append(all, askedQuery{where, uid, parseQuery(t, where, expr), perUnit})
	}
	for uid, d := range decoded(t) {
		perUnit := false
		for _, entry := range d.Panels {
			if entry.RowPanel != nil {
				perUnit = entry.RowPanel.Repeat != nil && *entry.RowPanel.Repeat == "unit"
				continue
			}
			p := *entry.Panel
			for _, target := range p.Targets {
				query := target.(*prometheus.Dataquery)
				checkDatasource(t, uid+": "+*p.Title, query.Datasource)
				if *query.Instant == *query.Range {
					t.Errorf("%s: %s: a query is either of a moment or of a range", uid, *p.Title)
				}
				add(uid, *p.Title, query.Expr, perUnit)
			}
		}
		for _, a := range d.Annotations.List {
			checkDatasource(t, uid+": "+a.Name, a.Datasource)
			if a.Step == nil || *a.Step == "" {
				t.Errorf("%s: the annotation %s has no step", uid, a.Name)
			}
			add(uid, a.Name, *a.Expr, false)
		}
	}
	return all
}

// rateInterval stands for $__rate_interval in what is parsed. No other range is this long.
const rateInterval = "4m1s"

func parseQuery(t *testing.T, where, expr string) parser.Expr {
	t.Helper()
	concrete := strings.NewReplacer("$__rate_interval", rateInterval, "$__range", "7d").Replace(expr)
	ast, err := parser.NewParser(parser.Options{}).ParseExpr(concrete)
	if err != nil {
		t.Fatalf("%s: %v\n%s", where, err, expr)
	}
	return ast
}

// selectorsOf are all selectors of series in a query.
func selectorsOf(ast parser.Expr) []*parser.VectorSelector {
	var found []*parser.VectorSelector
	parser.Inspect(ast, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			found = append(found, s)
		}
		return nil
	})
	return found
}

// matchersOf are the matchers of a selector as written, without its name.
func matchersOf(s *parser.VectorSelector) map[string]string {
	found := map[string]string{}
	for _, m := range s.LabelMatchers {
		if m.Name != "__name__" {
			found[m.Name] = fmt.Sprint(m.Type) + m.Value
		}
	}
	return found
}

// Every query follows the choices of the dashboard.
//
// Recorded series stand for all replicas together and have no instance, so they follow the job alone. Alerts may lack job
// and instance, as one about an absent exporter does, so what is chosen may also be empty.
func TestQueriesFollowTheChoices(t *testing.T) {
	for _, q := range allQueries(t) {
		for _, s := range selectorsOf(q.ast) {
			want := map[string]string{"job": "=~$job", "instance": "=~$instance"}
			switch {
			case strings.HasPrefix(s.Name, "ALERTS"):
				want = map[string]string{"job": "=~$job|", "instance": "=~$instance|", "provider": "=~$provider|", "alertname": "=~Credits.+"}
			case strings.Contains(s.Name, ":"):
				delete(want, "instance")
			}
			has := labelsOf(t, s.Name)
			if has["provider"] {
				want["provider"] = "=~$provider"
			}
			if has["account"] && q.uid == accountUID {
				want["account"] = "=~$account"
			}
			if has["unit"] && q.perUnit {
				want["unit"] = "=~$unit"
			}
			have := matchersOf(s)
			for label, matcher := range want {
				if have[label] != matcher {
					t.Errorf("%s: %s has %s%q, want %q", q.where, s.Name, label, have[label], matcher)
				}
			}
		}
	}
}

// A rate is taken over $__rate_interval, which always holds enough scrapes, or over all that is shown; and of counters alone.
func TestRates(t *testing.T) {
	for _, q := range allQueries(t) {
		parser.Inspect(q.ast, func(node parser.Node, path []parser.Node) error {
			call, ok := node.(*parser.Call)
			if !ok {
				return nil
			}
			switch call.Func.Name {
			case "rate", "increase":
				matrix := call.Args[0].(*parser.MatrixSelector)
				name := matrix.VectorSelector.(*parser.VectorSelector).Name
				if !isCounter(t, name) {
					t.Errorf("%s: %s of %s, which is no counter", q.where, call.Func.Name, name)
				}
				if r := matrix.Range.String(); r != rateInterval && (r != "168h0m0s" || call.Func.Name == "rate") {
					t.Errorf("%s: %s over %s, want $__rate_interval", q.where, call.Func.Name, r)
				}
			case "irate", "predict_linear", "deriv", "delta", "idelta", "resets":
				t.Errorf("%s: %s is wrong for figures that stand still between polls and jump at a top-up", q.where, call.Func.Name)
			}
			return nil
		})
	}
}

// A counter by itself says nothing: it is only ever looked at through a rate. How many files were set aside is counted
// from the start of the process, and so says something.
func TestCountersAreRated(t *testing.T) {
	for _, q := range allQueries(t) {
		parser.Inspect(q.ast, func(node parser.Node, path []parser.Node) error {
			s, ok := node.(*parser.VectorSelector)
			if !ok || !isCounter(t, s.Name) || s.Name == "credits_exporter_storage_recovered_total" {
				return nil
			}
			if _, ok := path[len(path)-1].(*parser.MatrixSelector); !ok {
				t.Errorf("%s: %s without a rate", q.where, s.Name)
			}
			return nil
		})
	}
}
