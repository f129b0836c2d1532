package collector

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

//go:generate go test . -run TestREADME -update-readme

var updateREADME = flag.Bool("update-readme", false, "write the table of metrics in README.md anew")

// The README's table of metrics is what the code says.
func TestREADME(t *testing.T) {
	const file = "../README.md"
	const begin, end = "-update-readme` -->\n", "<!-- end of metrics -->"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	from, to := strings.Index(text, begin)+len(begin), strings.Index(text, end)
	if from < len(begin) || to < from {
		t.Fatal("README.md has no place for the table")
	}
	table := metricTable()
	if text[from:to] == table {
		return
	}
	if !*updateREADME {
		t.Fatal("the table of metrics in README.md is not up to date: go test ./collector -run TestREADME -update-readme")
	}
	if err := os.WriteFile(file, []byte(text[:from]+table+text[to:]), 0o644); err != nil {
		t.Fatal(err)
	}
}

func metricTable() string {
	var b strings.Builder
	b.WriteString("| metric | type | further labels | meaning |\n|---|---|---|---|\n")
	row := func(name, kind string, labels []string, help string) {
		help = strings.TrimSuffix(help, cached)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, kind, strings.Join(labels, ", "), strings.ReplaceAll(help, "|", "\\|"))
	}
	for f, d := range definitions() {
		labels := make([]string, len(d.labels))
		for i, l := range d.labels {
			labels[i] = "`" + l + "`"
		}
		switch family(f) {
		case accountInfo:
			labels = append(labels, "the union of all accounts' `labels`")
		case pollFailures:
			labels = append(labels, "no `account`")
		}
		kind := "gauge"
		if d.kind == dto.MetricType_COUNTER {
			kind = "counter"
		}
		row(d.name, kind, labels, d.help)
	}
	none := []string{"none at all"}
	row(pollDurationName, "histogram", []string{"no `account`"}, pollDurationHelp)
	row(accountsName, "gauge", none, accountsHelp)
	row(inFlightName, "gauge", none, inFlightHelp)
	row(storageHealthyName, "gauge", none, storageHealthyHelp)
	row(storageWriteName, "gauge", none, storageWriteHelp)
	row(storageRecoveredName, "counter", none, storageRecoveredHelp)
	row(reloadOKName, "gauge", none, reloadOKHelp)
	row(reloadTimeName, "gauge", none, reloadTimeHelp)
	row(shardOrdinalName, "gauge", none, shardOrdinalHelp)
	row(totalShardsName, "gauge", none, totalShardsHelp)
	row("credits_exporter_build_info", "gauge", []string{"version and build"}, "The version that runs, value 1.")
	row("go_*`, `process_*", "", nil, "The Go runtime and the process.")
	return b.String()
}
