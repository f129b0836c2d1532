package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// statePanels say at a glance whether all is well.
func statePanels() []panel.Panel {
	return []panel.Panel{
		stateNumber("Up", "Can Prometheus reach every replica?", `min(up{process})`, yesNo("up", "down")),
		stateNumber("Configuration", "Did the latest reload succeed?",
			`min(credits_exporter_config_last_reload_successful{process})`, yesNo("loaded", "reload failed")),
		stateNumber("Storage", "Can what is known be written down?",
			`min(credits_exporter_storage_healthy{process})`, yesNo("healthy", "failing")),
		{
			Title: "Accounts", Question: "How many accounts are there?", Note: "Of all shards; replicas of a shard count once.",
			Kind: panel.Number, Width: 4, Height: 4, Unit: "none",
			Queries: []panel.Query{{Expr: `count(max without (@replicas) (credits_account_info{raw}))`, Legend: "accounts"}},
		},
		{
			Title: "Open windows", Question: "How many accounts wait because the vendor asked us to?",
			Kind: panel.Number, Width: 4, Height: 4, Unit: "none",
			Queries: []panel.Query{{
				Expr: `
					count(max without (@replicas) (credits_retry_after_timestamp_seconds{raw}) > time())
					or 0 * count(credits_account_info{raw})`,
				Legend: "windows",
			}},
		},
		{
			Title: "Version", Question: "Which versions run?", Kind: panel.Name, Width: 4, Height: 4, Unit: "none",
			Queries: []panel.Query{{Expr: `max by (version) (credits_exporter_build_info{process})`, Legend: "{{version}}"}},
		},
	}
}

func stateNumber(title, question, expr string, states []panel.State) panel.Panel {
	return panel.Panel{
		Title: title, Question: question, Note: "With replicas, the worst.",
		Kind: panel.Number, Width: 4, Height: 4, States: states,
		Queries: []panel.Query{{Expr: expr, Legend: title}},
	}
}

// storagePanels say whether the process keeps what it knows.
func storagePanels() []panel.Panel {
	return []panel.Panel{
		{
			Title: "States", Question: "When was a replica down, its storage failing, or a reload refused?",
			Kind: panel.States, Width: 12, Height: 8, States: yesNo("well", "not well"),
			Queries: []panel.Query{
				{Expr: `up{process}`, Legend: "{{instance}}: scrape"},
				{Expr: `credits_exporter_storage_healthy{process}`, Legend: "{{instance}}: storage"},
				{Expr: `credits_exporter_config_last_reload_successful{process}`, Legend: "{{instance}}: reload"},
			},
		},
		{
			Title: "Since the latest write", Question: "How long ago was anything written to the storage?",
			Note: "Every poll writes, so it should stay below the shortest interval.",
			Kind: panel.Lines, Width: 6, Height: 8, Unit: seconds,
			Queries: []panel.Query{{
				Expr: `time() - credits_exporter_storage_last_write_timestamp_seconds{process}`, Legend: "{{instance}}",
			}},
		},
		{
			Title: "Files set aside", Question: "How many damaged storage files were set aside at the latest start?",
			Note: "They lie beside the storage, for a look at them.",
			Kind: panel.Number, Width: 6, Height: 4, Unit: "none", Thresholds: badAbove(warn),
			Queries: []panel.Query{{
				Expr: `max(credits_exporter_storage_recovered_total{process})`, Legend: "files",
			}},
		},
		{
			Title: "Configuration loaded", Question: "When was the configuration that is in force loaded?",
			Kind: panel.Number, Width: 6, Height: 4, Unit: "dateTimeFromNow",
			Queries: []panel.Query{{
				Expr: `1000 * credits_exporter_config_last_reload_success_timestamp_seconds{process}`, Legend: "{{instance}}",
			}},
		},
	}
}
