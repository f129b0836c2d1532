// Package rules holds the rules to their documentation: the recording rules to docs/promql.md, the alerts to docs/alerts.md and
// their runbooks. promtool runs the rules' own tests.
package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const (
	page    = "../../../docs/promql.md"
	metrics = "../../../collector/*.go"
)

type ruleFile struct {
	Groups []struct {
		Rules []struct{ Record, Expr string }
	}
}

type testFile struct {
	Tests []struct {
		Cases []struct {
			Expr    string
			Samples []any `yaml:"exp_samples"`
		} `yaml:"promql_expr_test"`
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// recorded gives the recording rules' expressions by their names.
func recorded(t *testing.T) map[string]string {
	t.Helper()
	var f ruleFile
	if err := yaml.Unmarshal([]byte(read(t, "credits.rules.yml")), &f); err != nil {
		t.Fatal(err)
	}
	exprs := map[string]string{}
	for _, group := range f.Groups {
		for _, rule := range group.Rules {
			exprs[rule.Record] = rule.Expr
		}
	}
	if len(exprs) == 0 {
		t.Fatal("no recording rules")
	}
	return exprs
}

// tested gives the queries of promtool's tests that must return something, in one line each.
func tested(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("tests/*.yml")
	if err != nil || len(names) == 0 {
		t.Fatal("no tests", err)
	}
	var exprs []string
	for _, name := range names {
		var f testFile
		if err := yaml.Unmarshal([]byte(read(t, name)), &f); err != nil {
			t.Fatal(name, err)
		}
		for _, test := range f.Tests {
			for _, c := range test.Cases {
				if len(c.Samples) > 0 {
					exprs = append(exprs, oneLine(c.Expr))
				}
			}
		}
	}
	return exprs
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func names(s string) map[string]bool {
	found := map[string]bool{}
	for _, name := range regexp.MustCompile(`\b[a-z_]+:credits_[a-z_]+(:[a-z_0-9]+)+`).FindAllString(s, -1) {
		found[name] = true
	}
	return found
}

// internal tells the steps on the way, which are not meant for queries.
func internal(name string) bool { return strings.Contains(name, "_instance:") }

func TestEveryQueryOfThePageIsTested(t *testing.T) {
	exprs := tested(t)
	blocks := regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(read(t, page), -1)
	if len(blocks) == 0 {
		t.Fatal("the page has no queries")
	}
	for _, block := range blocks {
		if query := oneLine(block[1]); !slices.Contains(exprs, query) {
			t.Errorf("no promtool test runs this query of %s and expects an answer:\n%s", page, block[1])
		}
	}
}

func TestThePageNamesEveryRecordedSeriesAndNoOther(t *testing.T) {
	exprs := recorded(t)
	described := names(read(t, page))
	for name := range exprs {
		if !internal(name) && !described[name] {
			t.Errorf("%s does not describe %s", page, name)
		}
	}
	for name := range described {
		if _, ok := exprs[name]; !ok {
			t.Errorf("%s describes %s, which no rule records", page, name)
		}
	}
}

func TestEveryRecordedSeriesIsTested(t *testing.T) {
	inTests := names(strings.Join(tested(t), "\n"))
	for name := range recorded(t) {
		if !internal(name) && !inTests[name] {
			t.Errorf("no promtool test expects a value of %s", name)
		}
	}
}

func TestTheRulesUseOnlyWhatTheExporterHas(t *testing.T) {
	known := series(t)
	for name, expr := range recorded(t) {
		for _, used := range unknown(known, expr) {
			t.Errorf("%s uses %s, which is neither exported nor recorded", name, used)
		}
	}
}

// series are the names of all series that the exporter has and the rules record.
func series(t *testing.T) map[string]bool {
	t.Helper()
	sources, err := filepath.Glob(metrics)
	if err != nil || len(sources) == 0 {
		t.Fatal("no metrics", err)
	}
	known := map[string]bool{"credits_exporter_build_info": true} // a library's
	for _, source := range sources {
		for _, name := range regexp.MustCompile(`"(credits_[a-z_]+)"`).FindAllStringSubmatch(read(t, source), -1) {
			known[name[1]] = true
		}
	}
	for name := range recorded(t) {
		known[name] = true
	}
	return known
}

// unknown are the names in an expression that are no series.
func unknown(known map[string]bool, expr string) []string {
	var found []string
	for used := range names(expr) {
		if !known[used] {
			found = append(found, used)
		}
	}
	plain := regexp.MustCompile(`[a-z_]+:credits_[a-z_:0-9]+`).ReplaceAllString(expr, "")
	for _, used := range regexp.MustCompile(`\bcredits_[a-z_]+`).FindAllString(plain, -1) {
		if !known[used] {
			found = append(found, used)
		}
	}
	return found
}
