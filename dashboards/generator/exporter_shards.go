package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// shardPanels say whether every account is polled by somebody.
func shardPanels() []panel.Panel {
	return []panel.Panel{
		{
			Title: "Missing shards", Question: "How many shards run nowhere, so that nobody polls their accounts?",
			Note: "Of the instances that are chosen. Empty unless they run with --shard.",
			Kind: panel.Number, Width: 6, Height: 8, Unit: "none", Thresholds: badAbove(bad), Empty: "not sharded",
			Queries: []panel.Query{{
				Expr: `
					max by (job) (credits_exporter_total_shards{process})
					- count by (job) (count_values by (job) ("ordinal", credits_exporter_shard_ordinal{process}))`,
				Legend: "{{job}}",
			}},
		},
		{
			Title: "Accounts by process", Question: "How are the accounts spread over shards and replicas?",
			Kind: panel.Lines, Width: 18, Height: 8, Unit: "none",
			Queries: []panel.Query{{Expr: `credits_exporter_accounts{process}`, Legend: "{{instance}}"}},
		},
	}
}
