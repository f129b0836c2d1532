// Package alertmanager holds the Alertmanager example to the alerts that there are, and its inhibitions to a table.
// internal/tools/check-alertmanager.sh has amtool check it and its routes.
package alertmanager

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const rules = "../prometheus/rules/*.alerts.yml"

// labels are an alert's, with its name in alertname.
type labels map[string]string

type inhibition struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// severities gives the severity of each alert rule.
func severities(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(rules)
	if err != nil || len(files) == 0 {
		t.Fatal("no alert rules", err)
	}
	all := map[string]string{}
	for _, file := range files {
		var f struct {
			Groups []struct {
				Rules []struct {
					Alert  string
					Labels labels
				}
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, file)), &f); err != nil {
			t.Fatal(file, err)
		}
		for _, group := range f.Groups {
			for _, rule := range group.Rules {
				all[rule.Alert] = rule.Labels["severity"]
			}
		}
	}
	return all
}

func inhibitions(t *testing.T) []inhibition {
	t.Helper()
	var config struct {
		Rules []inhibition `yaml:"inhibit_rules"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "alertmanager.yml")), &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Rules) == 0 {
		t.Fatal("no inhibitions")
	}
	return config.Rules
}

// matches tells whether an alert has what all matchers ask for. A label that it lacks is empty, as for Alertmanager.
func matches(t *testing.T, matchers []string, alert labels) bool {
	t.Helper()
	for _, matcher := range matchers {
		m := regexp.MustCompile(`^(\w+)(=~|!~|!=|=)"(.*)"$`).FindStringSubmatch(matcher)
		if m == nil {
			t.Fatalf("what is %q?", matcher)
		}
		same := alert[m[1]] == m[3]
		if strings.HasSuffix(m[2], "~") {
			same = regexp.MustCompile("^(?:" + m[3] + ")$").MatchString(alert[m[1]])
		}
		if same == strings.HasPrefix(m[2], "!") {
			return false
		}
	}
	return true
}

// silenced tells whether one alert silences the other.
func silenced(t *testing.T, rules []inhibition, source, target labels) bool {
	t.Helper()
	for _, rule := range rules {
		equal := true
		for _, name := range rule.Equal {
			equal = equal && source[name] == target[name]
		}
		if equal && matches(t, rule.Source, source) && matches(t, rule.Target, target) {
			return true
		}
	}
	return false
}

func TestWhatSilencesWhat(t *testing.T) {
	severity, rules := severities(t), inhibitions(t)
	exporter := func(name string) labels {
		return labels{"alertname": name, "severity": severity[name], "job": "credits", "instance": "credits-0"}
	}
	account := func(name, of, unit string) labels {
		return labels{"alertname": name, "severity": severity[name], "job": "credits", "provider": "p", "account": of, "unit": unit}
	}
	absent := labels{"alertname": "CreditsExporterAbsent", "severity": "critical"}

	for _, test := range []struct {
		what           string
		source, target labels
		want           bool
	}{
		{"no exporter silences an account's alert", absent, account("CreditsBalanceCritical", "a", "credits"), true},
		{"and that one of them is down", absent, exporter("CreditsExporterDown"), true},
		{"but not what has nothing to do with credits", absent, labels{"alertname": "NodeDown", "severity": "warning"}, false},
		{"and not itself", absent, absent, false},
		{"an exporter that is down takes its accounts along", exporter("CreditsExporterDown"), account("CreditsAccountGone", "a", ""), true},
		{"so does a shard", exporter("CreditsShardsMismatch"), account("CreditsAccountGone", "a", ""), true},
		{"but another replica's account may be empty", exporter("CreditsExporterDown"), account("CreditsBalanceLow", "a", "credits"), false},
		{"a critical balance silences a low one", account("CreditsBalanceCritical", "a", "credits"), account("CreditsBalanceLow", "a", "credits"), true},
		{"and a short runway", account("CreditsBalanceCritical", "a", "credits"), account("CreditsRunwayShort", "a", "credits"), true},
		{"not of another account", account("CreditsBalanceCritical", "a", "credits"), account("CreditsBalanceLow", "b", "credits"), false},
		{"not of another unit", account("CreditsBalanceCritical", "a", "credits"), account("CreditsBalanceLow", "a", "USD"), false},
		{"not a key that is refused", account("CreditsBalanceCritical", "a", "credits"), account("CreditsCredentialsRefused", "a", ""), false},
		{"a low balance silences no critical one", account("CreditsBalanceLow", "a", "credits"), account("CreditsBalanceCritical", "a", "credits"), false},
		{"refused usage silences warnings on units", account("CreditsUsageRefused", "a", ""), account("CreditsBalanceLow", "a", "credits"), true},
		{"not those of another account", account("CreditsUsageRefused", "a", ""), account("CreditsBalanceLow", "b", "credits"), false},
		{"shards that do not fit silence no exporter", exporter("CreditsShardsMismatch"), exporter("CreditsConfigReloadFailed"), false},
		{"stale data silences a forecast", account("CreditsDataStale", "a", ""), account("CreditsRunwayCritical", "a", "credits"), true},
		{"and a spike", account("CreditsDataStale", "a", ""), account("CreditsSpendSpike", "a", "credits"), true},
		{"not another account's", account("CreditsDataStale", "a", ""), account("CreditsRunwayCritical", "b", "credits"), false},
		{"not why it is stale", account("CreditsDataStale", "a", ""), account("CreditsCredentialsRefused", "a", ""), false},
		{"not what somebody was told of a balance", account("CreditsDataStale", "a", ""), account("CreditsBalanceCritical", "a", "credits"), false},
	} {
		if got := silenced(t, rules, test.source, test.target); got != test.want {
			t.Errorf("%s: %s silences %s: %t, want %t", test.what, test.source["alertname"], test.target["alertname"], got, test.want)
		}
	}
}

func TestTheConfigurationNamesOnlyAlertsThatThereAre(t *testing.T) {
	severity := severities(t)
	for _, file := range []string{"alertmanager.yml", "routes.txt"} {
		found := regexp.MustCompile(`\bCredits[A-Z]\w+`).FindAllString(read(t, file), -1)
		if len(found) == 0 {
			t.Errorf("%s names no alert", file)
		}
		for _, name := range found {
			if severity[name] == "" {
				t.Errorf("%s names %s, which is no alert", file, name)
			}
		}
	}
}

func TestTheRoutesAreTestedWithTheSeveritiesThatAlertsHave(t *testing.T) {
	severity := severities(t)
	for _, m := range regexp.MustCompile(`alertname=(\w+) severity=(\w+)`).FindAllStringSubmatch(read(t, "routes.txt"), -1) {
		if severity[m[1]] != m[2] {
			t.Errorf("routes.txt has %s as %s, and the rule says %s", m[1], m[2], severity[m[1]])
		}
	}
}
