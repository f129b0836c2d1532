package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// accountPollPanels say whether the figures can be trusted.
func accountPollPanels() []panel.Panel {
	return []panel.Panel{
		{
			Title: "Polls", Question: "When did polls succeed, when did they fail, and when was usage refused?",
			Kind: panel.States, Width: 12, Height: 6, States: yesNo("ok", "failed or refused"),
			Queries: []panel.Query{
				{Expr: `max(account:credits_up:max{recorded})`, Legend: "poll"},
				{Expr: `min(account:credits_usage_allowed:min{recorded})`, Legend: "usage"},
			},
		},
		{
			Title: "Failures", Question: "Why did polls fail, and when?",
			Kind: panel.States, Width: 12, Height: 6, States: []panel.State{{Value: "1", Text: "failing", Color: bad}}, Empty: "no failure",
			Queries: []panel.Query{{Expr: `max by (reason) (account:credits_poll_failing:max{recorded})`, Legend: "{{reason}}"}},
		},
		{
			Title: "Age over time", Question: "How old was what the vendor said, and when was it too old?",
			Note: "Above the dashed line forecasts are not made.",
			Kind: panel.Lines, Width: 8, Height: 8, Unit: seconds,
			Queries: []panel.Query{
				{Expr: `time() - max(account:credits_last_success_timestamp_seconds:max{recorded})`, Legend: "age"},
				threshold(`3 * max(account:credits_poll_interval_seconds:max{recorded}) + 300`, "too old", warn),
			},
		},
		{
			Title: "Retry windows", Question: "When and for how long did the vendor ask us to wait?",
			Kind: panel.Lines, Width: 8, Height: 8, Unit: seconds, Empty: "No window was open",
			Queries: []panel.Query{{
				Expr:   `max(account:credits_retry_after_timestamp_seconds:max{recorded}) - time() > 0`,
				Legend: "still to wait",
			}},
		},
		{
			Title: "Polls per hour", Question: "How often is the vendor asked, and how often should it be?",
			Note: "Replicas each make polls of their own, so theirs are added.",
			Kind: panel.Lines, Width: 8, Height: 8, Unit: "none",
			Queries: []panel.Query{
				{Expr: `3600 * sum(rate(credits_polls_total{raw}[$__rate_interval]))`, Legend: "polls"},
				threshold(`3600 / min(account:credits_poll_interval_seconds:max{recorded})`, "as configured, for one replica", calm),
			},
		},
	}
}
