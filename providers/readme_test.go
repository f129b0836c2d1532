package providers

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

//go:generate go test . -run TestREADME -update-readme

var updateREADME = flag.Bool("update-readme", false, "write the table of vendors in README.md anew")

// The table of vendors is what the definitions say.
func TestREADME(t *testing.T) {
	const file, begin, end = "README.md", "-update-readme` -->\n", "<!-- end of vendors -->"
	catalog, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	from, to := strings.Index(text, begin)+len(begin), strings.Index(text, end)
	if from < len(begin) || to < from {
		t.Fatal("README.md has no place for the table")
	}
	table := vendorTable(catalog)
	if text[from:to] == table {
		return
	}
	if !*updateREADME {
		t.Fatal("the table of vendors is not up to date: go test ./providers -run TestREADME -update-readme")
	}
	if err := os.WriteFile(file, []byte(text[:from]+table+text[to:]), 0o644); err != nil {
		t.Fatal(err)
	}
}

func vendorTable(catalog *Catalog) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d definitions.\n\n", len(catalog.Definitions()))
	b.WriteString("| vendor | name | category | units | states | counters | polls | confidence | verified | source |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, d := range catalog.Definitions() {
		polls := shortDuration(d.MinInterval)
		if d.HostInterval > 0 {
			polls += ", host " + shortDuration(d.HostInterval)
		}
		source := d.Source
		if d.Docs != "" {
			source = "[documentation](" + d.Docs + ")"
		}
		row := []string{
			d.Title, "[" + d.Name + "](catalog/" + d.Name + "/provider.yml)", d.Category, strings.Join(d.Units(), ", "),
			strings.Join(d.States(), ", "), d.CountersFrom(), polls, d.Confidence, d.Verified, source,
		}
		for i, text := range row {
			row[i] = cell.Replace(text)
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}

// shortDuration writes 1m for 1m0s.
func shortDuration(d time.Duration) string {
	return strings.Replace(strings.Replace(d.String(), "m0s", "m", 1), "h0m", "h", 1)
}
