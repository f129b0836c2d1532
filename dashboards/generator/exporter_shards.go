package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// shardPanels say whether every account is polled by somebody.
func shardPanels() []panel.Panel {
	return []panel.Panel{
		{
			Title: "Accounts by process", Question: "How are the accounts spread over shards and replicas?",
			Kind: panel.Lines, Width: panel.Columns, Height: 8, Unit: "none",
			Queries: []panel.Query{{Expr: `credits_exporter_accounts{process}`, Legend: "{{instance}}"}},
		},
	}
}
