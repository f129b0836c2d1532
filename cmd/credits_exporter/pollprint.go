package main

import (
	"fmt"
	"io"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// printResults prints what came of a poll.
func (p *program) printResults(books *ledger.Ledger, results []result, output string) error {
	switch output {
	case "json":
		return printJSON(p.stdout, results)
	case "prometheus":
		return printMetrics(p.stdout, collector.New(books, p.clock), results)
	}
	return printTable(p.stdout, results, p.clock(), p.colourful(p.stdout))
}

// printMetrics prints the polled accounts' metrics as /metrics would show them.
func printMetrics(w io.Writer, c *collector.Collector, results []result) error {
	polled := map[ledger.ID]bool{}
	named := map[string]bool{}
	for _, r := range results {
		polled[r.view.Account.ID] = true
		named[r.view.Account.Provider] = true
	}
	gathered, done, err := c.Gather()
	defer done()
	if err != nil {
		return fmt.Errorf("gathering the metrics: %w", err)
	}
	for _, mf := range gathered {
		wanted := &dto.MetricFamily{Name: mf.Name, Help: mf.Help, Type: mf.Type}
		for _, m := range mf.GetMetric() {
			id := ledger.ID{Provider: label(m, "provider"), Account: label(m, "account")}
			if polled[id] || id.Account == "" && named[id.Provider] {
				wanted.Metric = append(wanted.Metric, m)
			}
		}
		if len(wanted.Metric) == 0 {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(w, wanted); err != nil {
			return fmt.Errorf("printing the metrics: %w", err)
		}
	}
	return nil
}

func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}
