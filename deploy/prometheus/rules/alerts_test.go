package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

const (
	runbooks   = "../../runbooks"
	runbookURL = "https://github.com/credits-exporter/credits_exporter/blob/main/deploy/runbooks/"
	alertsPage = "../../../docs/alerts.md"
)

type alert struct {
	Alert         string
	Expr          string
	For           time.Duration
	KeepFiringFor time.Duration `yaml:"keep_firing_for"`
	Labels        map[string]string
	Annotations   map[string]string
	group         string
}

// onAccounts tells whether it rings for an account, and not for an exporter.
func (a alert) onAccounts() bool { return strings.Contains(a.Expr, "account:") }

// onFigures tells whether it rings for what the vendor said, which is not to be trusted while it is stale.
func (a alert) onFigures() bool {
	return a.group == "credits_balance_alerts" || a.group == "credits_forecast_alerts"
}

// alerts gives the alert rules by name.
func alerts(t *testing.T) map[string]alert {
	t.Helper()
	files, err := filepath.Glob("*.alerts.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("no alert rules", err)
	}
	all := map[string]alert{}
	for _, file := range files {
		var f struct {
			Groups []struct {
				Name  string
				Rules []alert
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, file)), &f); err != nil {
			t.Fatal(file, err)
		}
		for _, group := range f.Groups {
			for _, a := range group.Rules {
				if _, ok := all[a.Alert]; ok {
					t.Errorf("there are two alerts %q", a.Alert)
				}
				a.group = group.Name
				all[a.Alert] = a
			}
		}
	}
	return all
}

type alertCase struct {
	Name   string `yaml:"alertname"`
	Alerts []struct {
		Labels map[string]string `yaml:"exp_labels"`
	} `yaml:"exp_alerts"`
}

// alertCases gives the cases of promtool's tests that expect an alert, or expect none.
func alertCases(t *testing.T) []alertCase {
	t.Helper()
	files, err := filepath.Glob("tests/alerts_*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("no tests of alerts", err)
	}
	var all []alertCase
	for _, file := range files {
		var f struct {
			Tests []struct {
				Cases []alertCase `yaml:"alert_rule_test"`
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, file)), &f); err != nil {
			t.Fatal(file, err)
		}
		for _, test := range f.Tests {
			all = append(all, test.Cases...)
		}
	}
	return all
}

func TestAlertsAreWrittenAlike(t *testing.T) {
	for name, a := range alerts(t) {
		if !regexp.MustCompile(`^Credits([A-Z][a-z]+)+$`).MatchString(name) {
			t.Errorf("%q is no name for an alert here", name)
		}
		if len(a.Labels) != 1 || !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s: the labels are %v; one severity of critical, warning and info is wanted, and nothing else", name, a.Labels)
		}
		if a.For < 5*time.Minute || a.KeepFiringFor < 5*time.Minute {
			t.Errorf("%s: `for` is %s and keep_firing_for %s; a lost scrape must neither raise nor resolve an alert", name, a.For, a.KeepFiringFor)
		}
		summary, description := a.Annotations["summary"], a.Annotations["description"]
		if !strings.HasSuffix(summary, ".") || strings.Contains(summary, "{{") {
			t.Errorf("%s: the summary must be one sentence that is the same for all: %q", name, summary)
		}
		if !strings.HasSuffix(description, ".") || description == summary {
			t.Errorf("%s: the description must say more than the summary: %q", name, description)
		}
		if a.onAccounts() && !strings.Contains(description, "{{ $labels.provider }}/{{ $labels.account }}") {
			t.Errorf("%s: the description does not name the account: %q", name, description)
		}
		if want := runbookURL + name + ".md"; a.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url is %q, want %q", name, a.Annotations["runbook_url"], want)
		}
	}
}

func TestAlertsUseOnlyWhatThereIs(t *testing.T) {
	known := series(t)
	for name, a := range alerts(t) {
		for _, used := range unknown(known, a.Expr) {
			t.Errorf("%s uses %s, which is neither exported nor recorded", name, used)
		}
		for used := range names(a.Expr) {
			if internal(used) {
				t.Errorf("%s uses %s, which is a step on the way and may change", name, used)
			}
		}
		// Slow polls fail hours apart: a count is back at zero before `for` has passed, and rings anew each time.
		if regexp.MustCompile(`credits_poll(s|_failures)_total`).MatchString(a.Expr) {
			t.Errorf("%s counts polls instead of looking at the state of the latest", name)
		}
	}
}

func TestAlertsOnAccountsCarryTheTeam(t *testing.T) {
	join := "* on (job, provider, account) group_left (team, environment) account:credits_account_info:max"
	for name, a := range alerts(t) {
		whole := strings.Contains(a.Expr, "last_over_time(account:credits_account_info:max[") // it has all labels already
		if a.onAccounts() && !whole && !strings.HasSuffix(oneLine(a.Expr), join) {
			t.Errorf("%s does not end in\n%s", name, join)
		}
	}
}

// An alert that falls silent because data is stale must go on until the one on stale data fires.
func TestAlertsOnFiguresOutlastTheTimeUntilStaleDataRings(t *testing.T) {
	all := alerts(t)
	stale, ok := all["CreditsDataStale"]
	if !ok {
		t.Fatal("no alert on stale data")
	}
	for name, a := range all {
		if a.onFigures() && a.KeepFiringFor <= stale.For {
			t.Errorf("%s keeps firing for %s, and CreditsDataStale begins only after %s", name, a.KeepFiringFor, stale.For)
		}
	}
}

func TestEveryAlertIsTestedBothWays(t *testing.T) {
	fires, silent := map[string]bool{}, map[string]bool{}
	labelled := false
	all := alerts(t)
	for _, c := range alertCases(t) {
		if _, ok := all[c.Name]; !ok {
			t.Errorf("a promtool test expects %q, which is no alert", c.Name)
		}
		if len(c.Alerts) == 0 {
			silent[c.Name] = true
			continue
		}
		fires[c.Name] = true
		for _, a := range c.Alerts {
			labelled = labelled || a.Labels["provider"] != "" && a.Labels["account"] != "" && a.Labels["unit"] != "" && a.Labels["team"] != ""
		}
	}
	for name := range all {
		if !fires[name] {
			t.Errorf("no promtool test expects %s to fire, with its labels and annotations", name)
		}
		if !silent[name] {
			t.Errorf("no promtool test expects %s to be silent", name)
		}
	}
	if !labelled {
		t.Error("no promtool test expects an alert with provider, account, unit and team")
	}
}

func TestEveryAlertHasARunbookAndEveryRunbookAnAlert(t *testing.T) {
	all, known := alerts(t), series(t)
	for name := range all {
		if _, err := os.Stat(filepath.Join(runbooks, name+".md")); err != nil {
			t.Errorf("%s has no runbook: %v", name, err)
		}
	}
	pages, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatal("no runbooks", err)
	}
	for _, page := range pages {
		name, text := strings.TrimSuffix(filepath.Base(page), ".md"), read(t, page)
		if _, ok := all[name]; !ok {
			t.Errorf("%s belongs to no alert", page)
		}
		parts := fmt.Sprintf(`(?s)^# %s\n\n## What it means\n\n.+\n\n## What to look at\n\n.+\n\n## What to do\n\n.+\n$`, name)
		if !regexp.MustCompile(parts).MatchString(text) {
			t.Errorf("%s lacks its title or one of its three parts", page)
		}
		for _, other := range mentioned(text) {
			if _, ok := all[other]; !ok {
				t.Errorf("%s sends its reader to %s, which is no alert", page, other)
			}
		}
		for _, block := range regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(text, -1) {
			for _, used := range unknown(known, block[1]) {
				t.Errorf("%s asks for %s, which is neither exported nor recorded", page, used)
			}
		}
	}
}

// mentioned are the names of alerts in a text.
func mentioned(text string) []string {
	return regexp.MustCompile(`\bCredits[A-Z]\w+`).FindAllString(text, -1)
}

func TestThePageListsEveryAlertAndNoOther(t *testing.T) {
	all, text := alerts(t), read(t, alertsPage)
	row := regexp.MustCompile(`(?m)^\| \[(\w+)\]\(\.\./deploy/runbooks/(\w+)\.md\) \| (\w+) \| .+ \| (\w+) \|$`)
	listed := map[string][]string{}
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		listed[m[1]] = m
	}
	for name, a := range all {
		m := listed[name]
		if m == nil {
			t.Errorf("%s does not list %s", alertsPage, name)
			continue
		}
		wait, err := time.ParseDuration(m[4])
		if m[2] != name || m[3] != a.Labels["severity"] || err != nil || wait != a.For {
			t.Errorf("%s says %q, and the rule says %s for %s", alertsPage, m[0], a.Labels["severity"], a.For)
		}
	}
	for _, name := range mentioned(text) {
		if _, ok := all[name]; !ok {
			t.Errorf("%s speaks of %s, which is no alert", alertsPage, name)
		}
	}
	files, err := filepath.Glob("*.alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.Contains(text, "`"+file+"`") {
			t.Errorf("%s does not name %s", alertsPage, file)
		}
	}
}
