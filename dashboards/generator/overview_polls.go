package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// pollPanels say which accounts had failures.
func pollPanels() []panel.Panel {
	return []panel.Panel{
		{
			Title: "Accounts that failed", Question: "Which accounts failed in the time shown, and when?",
			Note: "Accounts whose polls all succeeded are left out.",
			Kind: panel.States, Width: panel.Columns, Height: 9, States: yesNo("ok", "failed"), Empty: "No poll failed",
			Queries: []panel.Query{{
				Expr: `
					account:credits_up:max{recorded}
					and min_over_time(account:credits_up:max{recorded}[$__range] @ end()) == 0`,
				Legend: "{{provider}}/{{account}}",
			}},
		},
	}
}
