package main

import (
	"fmt"
	"strings"

	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/board"
	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"
)

const readmeHead = `# Dashboards

<!-- Written by ` + "`make generate`" + ` from the same values as the dashboards: change those, in generator/. -->

Three dashboards for Grafana 11 and later. They build on the metrics of the exporter and on the recording rules in
[deploy/prometheus/rules](../deploy/prometheus/rules), which your Prometheus must have loaded.

| dashboard | file | for |
|---|---|---|
`

const readmeUse = `
## Getting them into Grafana

- **By hand**: Dashboards, New, Import, and upload a file. Choose your Prometheus at the top of the dashboard.
- **Provisioned**: copy [deploy/grafana/provisioning](../deploy/grafana/provisioning) to ` + "`/etc/grafana/provisioning`" + `, with the address of your
  Prometheus, and the three files to ` + "`/var/lib/grafana/dashboards/Credits`" + `.
- **In Kubernetes**: a ConfigMap with the label ` + "`grafana_dashboard: \"1\"`" + ` for the sidecar of kube-prometheus-stack. The data source is a variable, so nothing
  has to be replaced.

They cannot be edited in place, because Grafana would save them in another form. To change one for yourself, save a copy under another
name; to change it for everyone, edit generator/ and run ` + "`make generate`" + `.

## How they count

- Recorded series have one value for each account or wallet, however many replicas and keys there are; they follow the choice of job and provider, not of instance.
- Amounts of different units are never added, nor are currencies. The row "$unit over time" is there once for each unit.
- What is unknown is empty, not 0. Spend, runway and losses need three hours of history.
- Values move at a poll and stay until the next, so lines are steps.
- Marks are moments on all panels over time; they can be switched off at the top.
`

// readme explains every panel of every dashboard.
func readme(boards []board.Board) []byte {
	var out strings.Builder
	out.WriteString(readmeHead)
	for _, b := range boards {
		fmt.Fprintf(&out, "| [%s](#%s) | [%s.json](%[3]s.json) | %s |\n", b.Title, strings.ReplaceAll(strings.ToLower(b.Title), " ", "-"), b.UID, b.Description)
	}
	out.WriteString(readmeUse)
	for _, b := range boards {
		describe(&out, b)
	}
	return []byte(out.String())
}

func describe(out *strings.Builder, b board.Board) {
	fmt.Fprintf(out, "\n## %s\n\n%s\n\nChoices: data source", b.Title, b.Description)
	for _, v := range b.Variables {
		fmt.Fprintf(out, ", %s", strings.ToLower(v.Label))
	}
	out.WriteString(".\n")
	for _, row := range b.Rows {
		fmt.Fprintf(out, "\n### %s: %s\n\n", b.Title, row.Title)
		if row.Repeat != "" {
			fmt.Fprintf(out, "Once for each %s.\n\n", row.Repeat)
		}
		out.WriteString("| panel | shown as | question | query |\n|---|---|---|---|\n")
		for _, p := range row.Panels {
			fmt.Fprintf(out, "| %s | %s | %s | %s |\n", cell(p.Title), p.Kind, cell(p.Description()), queries(p))
		}
	}
	if len(b.Annotations) > 0 {
		fmt.Fprintf(out, "\n### %s: marks\n\n| mark | question | query |\n|---|---|---|\n", b.Title)
		for _, a := range b.Annotations {
			fmt.Fprintf(out, "| %s | %s | %s |\n", cell(a.Name), cell(a.Question), code(a.Expr))
		}
	}
}

func queries(p panel.Panel) string {
	all := make([]string, len(p.Queries))
	for i, q := range p.Queries {
		all[i] = code(q.Expr)
	}
	return strings.Join(all, "<br>")
}

func code(expr string) string { return "`" + cell(expr) + "`" }

// cell is text for a table, where a vertical bar would end it.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
