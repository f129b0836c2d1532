package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// exporterPollPanels say how the vendors answer. Polls are events of a replica, so those of replicas are added.
func exporterPollPanels() []panel.Panel {
	quantile := func(q, legend string) panel.Query {
		return panel.Query{
			Expr: `
				histogram_quantile(` + q + `, sum by (provider, le) (rate(credits_poll_duration_seconds_bucket{raw}[$__rate_interval])))
				or histogram_quantile(` + q + `, sum by (provider) (rate(credits_poll_duration_seconds{raw}[$__rate_interval])))`,
			Legend: "{{provider}} " + legend,
		}
	}
	return []panel.Panel{
		{
			Title: "Polls per minute", Question: "How often is each vendor asked?",
			Kind: panel.Stacked, Width: 8, Height: 8, Unit: "none",
			Queries: []panel.Query{{Expr: `60 * sum by (provider) (rate(credits_polls_total{raw}[$__rate_interval]))`, Legend: "{{provider}}"}},
		},
		{
			Title: "Failures by reason", Question: "Why do polls fail, and when?",
			Kind: panel.Bars, Width: 8, Height: 8, Unit: "none",
			Queries: []panel.Query{{
				Expr: `sum by (reason) (increase(credits_poll_failures_total{raw}[$__rate_interval]))`, Legend: "{{reason}}",
			}},
		},
		{
			Title: "Failures in the time shown", Question: "Which vendor failed how often, and why?",
			Kind: panel.Table, Width: 8, Height: 8, Empty: "No poll failed",
			Queries: []panel.Query{{Expr: `round(sum by (provider, reason) (increase(credits_poll_failures_total{raw}[$__range]))) > 0`}},
			Columns: []panel.Column{
				label("provider", "Provider", 0), label("reason", "Reason", 0), onlyValue("Polls", "none"),
			},
			Sort: panel.Sort{Column: "Polls", Descending: true},
		},
		{
			Title: "Poll latency", Question: "How long do vendors take to answer?",
			Note: "Half, and 95 of 100 polls, are faster. Works with classic and native histograms.",
			Kind: panel.Lines, Width: 8, Height: 8, Unit: seconds,
			Queries: []panel.Query{quantile("0.5", "half"), quantile("0.95", "95 %")},
		},
		{
			Title: "Poll latency, all vendors", Question: "How are the answers' times spread?",
			Note: "Empty where only native histograms are kept.",
			Kind: panel.Heatmap, Width: 8, Height: 8, Unit: seconds,
			Queries: []panel.Query{{
				Expr: `sum by (le) (increase(credits_poll_duration_seconds_bucket{raw}[$__rate_interval]))`, Legend: "{{le}}",
			}},
		},
		{
			Title: "Failing accounts", Question: "How many accounts fail, and why?",
			Kind: panel.Stacked, Width: 8, Height: 8, Unit: "none", Empty: "No account failed",
			Queries: []panel.Query{{
				Expr: `count by (reason) (max without (@replicas) (credits_poll_failing{raw}))`, Legend: "{{reason}}",
			}},
		},
		{
			Title: "Polls in flight", Question: "How many polls are under way?", Note: "max_concurrent is the limit.",
			Kind: panel.Lines, Width: 8, Height: 8, Unit: "none",
			Queries: []panel.Query{{Expr: `credits_exporter_polls_in_flight{process}`, Legend: "{{instance}}"}},
		},
		{
			Title: "Overdue", Question: "How late is the latest poll?",
			Note: "A few seconds are normal. More means that the limits of concurrency hold polls back.",
			Kind: panel.Lines, Width: 8, Height: 8, Unit: seconds,
			Queries: []panel.Query{{
				Expr: `max by (instance) (clamp_min(time() - credits_next_poll_timestamp_seconds{raw}, 0))`, Legend: "{{instance}}",
			}},
		},
		{
			Title: "Open windows by vendor", Question: "Which vendors asked us to wait, and for how many accounts?",
			Kind: panel.Lines, Width: 8, Height: 8, Unit: "none", Empty: "No window was open",
			Queries: []panel.Query{{
				Expr:   `count by (provider) (max without (@replicas) (credits_retry_after_timestamp_seconds{raw}) > time())`,
				Legend: "{{provider}}",
			}},
		},
	}
}
