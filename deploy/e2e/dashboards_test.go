package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// asked is one query of a dashboard in deploy's Grafana, as Grafana would send it.
type asked struct {
	dashboard, panel, query string // query is its letter, or "mark" for what marks moments on all panels
	expr                    string
	instant                 bool
}

func (a asked) String() string { return fmt.Sprintf("%s, %q, query %s", a.dashboard, a.panel, a.query) }

// Every query of every dashboard has an answer from a Prometheus that scrapes the demo, with the shipped rules. What has
// none is listed with the reason, in dashboards_without_data.json; if it comes to have one, it must leave the list.
func TestEveryDashboardQueryHasData(t *testing.T) {
	demo := startDemo(t)
	p := startPrometheus(t, prometheusOptions{target: hostOf(t, demo.url), data: weekOfSpend(t, demo)})
	eventually(t, "the exporter's series are there", patience, func(ctx context.Context) error {
		_, err := p.number(ctx, `count(account:credits_balance:freshest) > 15`)
		return err
	})
	// What the demo does now and then, at once: a top-up, a lot that expires, a window that opens.
	for _, c := range []command{
		{Provider: "olostep", Account: "expiring", Action: "top_up", Amount: 100},
		{Provider: "olostep", Account: "expiring", Action: "expire"},
		{Provider: "massive", Account: "staging", Action: "rate_limit", Seconds: 120},
	} {
		demo.tell(t, c)
	}
	without := expectedEmpty(t)
	var pending, listed []asked
	for _, q := range dashboardQueries(t) {
		if _, ok := without[q.key()]; ok {
			listed = append(listed, q)
		} else {
			pending = append(pending, q)
		}
	}
	eventually(t, "every query has data", patience, func(ctx context.Context) error {
		var errs []error
		pending = slices.DeleteFunc(pending, func(q asked) bool {
			err := p.answers(ctx, q)
			if err != nil {
				errs = append(errs, fmt.Errorf("\n%s: %w", q, err))
			}
			return err == nil
		})
		return errors.Join(errs...)
	})
	for _, q := range listed {
		if p.answers(t.Context(), q) == nil {
			t.Errorf("%s has data, so it must not be listed as without", q)
		}
		delete(without, q.key())
	}
	for key := range without {
		t.Errorf("listed as without data, but on no dashboard: %+v", key)
	}
}

// Who keeps native histograms, and no classic ones, sees latencies too.
func TestLatencyPanelWithNativeHistograms(t *testing.T) {
	demo := startDemo(t)
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	writeYAML(t, config, object{
		"global":         object{"scrape_interval": "1s", "scrape_timeout": "1s", "scrape_native_histograms": true},
		"scrape_configs": list{object{"job_name": "credits", "static_configs": list{object{"targets": list{hostOf(t, demo.url)}}}}},
	})
	p := runPrometheus(t, config, "")
	var panel []asked
	for _, q := range dashboardQueries(t) {
		if q.panel == "Poll latency" {
			panel = append(panel, q)
		}
	}
	if len(panel) == 0 {
		t.Fatal("there is no such panel")
	}
	for _, q := range panel {
		eventually(t, q.String(), patience, func(ctx context.Context) error {
			if err := p.isEmpty(ctx, "credits_poll_duration_seconds_bucket"); err != nil {
				return err
			}
			return p.answers(ctx, q)
		})
	}
}

// emptyQuery names a query that has no data with the demo.
type emptyQuery struct{ Dashboard, Panel, Query string }

func (a asked) key() emptyQuery { return emptyQuery{a.dashboard, a.panel, a.query} }

// expectedEmpty are the queries without data and why they have none.
func expectedEmpty(t *testing.T) map[emptyQuery]string {
	t.Helper()
	var list []struct {
		emptyQuery
		Reason string
	}
	readJSON(t, "testdata/dashboards_without_data.json", &list)
	reasons := map[emptyQuery]string{}
	for _, e := range list {
		if e.Reason == "" || reasons[e.emptyQuery] != "" {
			t.Errorf("%+v needs one reason", e)
		}
		reasons[e.emptyQuery] = e.Reason
	}
	return reasons
}

// dashboardQueries reads the queries of all dashboards.
func dashboardQueries(t *testing.T) []asked {
	t.Helper()
	files, err := filepath.Glob(shipped("dashboards/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	var all []asked
	for _, file := range files {
		var d struct {
			UID    string
			Panels []struct {
				Title   string
				Targets []struct {
					RefID, Expr string
					Instant     bool
				}
			}
			Annotations struct {
				List []struct{ Name, Expr string }
			}
		}
		readJSON(t, file, &d)
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				all = append(all, asked{d.UID, panel.Title, target.RefID, target.Expr, target.Instant})
			}
		}
		for _, mark := range d.Annotations.List {
			all = append(all, asked{d.UID, mark.Name, "mark", mark.Expr, false})
		}
	}
	return all
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// answers fails unless a query has a value, for all that can be chosen, or for one of the accounts where one is chosen.
func (p *prometheus) answers(ctx context.Context, q asked) error {
	if !strings.Contains(q.expr, "$account") {
		return p.answersFor(ctx, q, ".+", ".+")
	}
	accounts, err := p.query(ctx, `credits_account_info`)
	if err != nil {
		return err
	}
	err = errors.New("there are no accounts")
	for _, a := range accounts {
		if err = p.answersFor(ctx, q, a.labels["provider"], a.labels["account"]); err == nil {
			return nil
		}
	}
	return err
}

func (p *prometheus) answersFor(ctx context.Context, q asked, provider, account string) error {
	// The dashboards show 7 days; what is scraped and evaluated here is of the last minutes.
	expr := strings.NewReplacer(
		"$__rate_interval", "1m", "$__range", "10m",
		"$job", ".+", "$instance", ".+", "$provider", provider, "$account", account, "$unit", ".+",
	).Replace(q.expr)
	var rows []series
	var err error
	if q.instant {
		rows, err = p.query(ctx, expr)
	} else {
		now := time.Now()
		rows, err = p.queryRange(ctx, expr, now.Add(-5*time.Minute), now, 5*time.Second)
	}
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, v := range row.values {
			if !math.IsNaN(v.value) {
				return nil
			}
		}
	}
	return fmt.Errorf("no value: %s", expr)
}
