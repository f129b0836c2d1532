package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// known are the series that there are, with the labels that matter here. They are read from where they are documented:
// the table of metrics in the repository's README, which a test holds to the code, and the recording rules.
type known struct {
	labels   map[string]map[string]bool
	counters map[string]bool
}

// read reads them once.
var read = sync.OnceValues(func() (known, error) {
	k := known{labels: map[string]map[string]bool{}, counters: map[string]bool{}}
	if err := k.readTable("../../README.md"); err != nil {
		return k, err
	}
	if err := k.readRules("../../deploy/prometheus/rules/*.yml"); err != nil {
		return k, err
	}
	// What Prometheus itself adds to each scrape, and for each alert.
	for _, name := range []string{"up", "scrape_duration_seconds", "scrape_samples_scraped", "ALERTS", "ALERTS_FOR_STATE"} {
		k.labels[name] = map[string]bool{}
	}
	return k, nil
})

// readTable reads rows such as "| `credits_balance` | gauge | `unit` | ... |".
func (k known) readTable(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (gauge|counter|histogram) \\| (.*?) \\|")
	for _, match := range row.FindAllStringSubmatch(string(data), -1) {
		name, kind, further := match[1], match[2], match[3]
		labels := map[string]bool{}
		if !strings.Contains(further, "none at all") && !strings.Contains(further, "version and build") {
			labels["provider"] = true
			labels["account"] = !strings.Contains(further, "no `account`")
		}
		for _, label := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(further, -1) {
			if label[1] != "account" && label[1] != "labels" {
				labels[label[1]] = true
			}
		}
		k.add(name, kind, labels)
	}
	return nil
}

func (k known) add(name, kind string, labels map[string]bool) {
	k.labels[name] = labels
	switch kind {
	case "counter":
		k.counters[name] = true
	case "histogram":
		k.counters[name] = true
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			k.labels[name+part] = labels
			k.counters[name+part] = true
		}
	}
}

// readRules reads the names that rules record. Their labels are those of the metric, and by level an account or a wallet.
func (k known) readRules(pattern string) error {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, match := range regexp.MustCompile(`(?m)^\s*- record: ((\w+):(\w+):\w+)$`).FindAllStringSubmatch(string(data), -1) {
			labels := map[string]bool{"provider": true, "wallet": true, "account": strings.HasPrefix(match[2], "account")}
			if original := k.labels[match[3]]; original != nil {
				labels["unit"] = original["unit"]
			}
			if regexp.MustCompile(`consumed|runway_seconds|expiring_unspent|allowance|period_gone|_money`).MatchString(match[3]) {
				labels["unit"] = true
			}
			k.labels[match[1]] = labels
		}
	}
	return nil
}

// isProcess tells whether a metric is one of the Go runtime or the process, which the README does not list one by one.
func isProcess(name string) bool {
	return strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_")
}

func labelsOf(t *testing.T, name string) map[string]bool {
	t.Helper()
	k, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return maps.Clone(k.labels[name])
}

func isCounter(t *testing.T, name string) bool {
	t.Helper()
	k, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return k.counters[name] || isProcess(name) && strings.HasSuffix(name, "_total")
}

// Every series that a dashboard asks for is one that the exporter has, or one that a rule records.
func TestMetricsExist(t *testing.T) {
	k, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if len(k.labels) < 80 {
		t.Fatalf("only %d series are known; the table or the rules were not read", len(k.labels))
	}
	for _, q := range allQueries(t) {
		for _, s := range selectorsOf(q.ast) {
			if k.labels[s.Name] == nil && !isProcess(s.Name) {
				t.Errorf("%s: there is no %s", q.where, s.Name)
			}
			if strings.HasPrefix(s.Name, "account_instance:") || strings.HasPrefix(s.Name, "wallet_instance:") {
				t.Errorf("%s: %s is a step on the way, and may change", q.where, s.Name)
			}
		}
	}
}
