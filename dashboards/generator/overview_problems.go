package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// problemPanels count what is wrong, and list it.
func problemPanels(s selectors) []panel.Panel {
	return []panel.Panel{
		problemCount(s, "Firing alerts", "How many alerts fire?", bad, `ALERTS{alerts, alertstate="firing"}`),
		problemCount(s, "Usage refused", "How many accounts does the vendor refuse?", bad,
			`account:credits_usage_allowed:min{recorded} == 0`),
		problemCount(s, "Below a threshold", "How many accounts are at or below one of their own thresholds?", bad, `
			max by (job, provider, account) (
				account:credits_balance:freshest{recorded}
				<= ignoring (severity) group_right () account:credits_threshold:freshest{recorded}
			)`),
		problemCount(s, "Empty within a week", "How many wallets will be empty within 7 days at the present pace?", warn,
			`wallet:credits_runway_seconds:estimate{wallet} < 7 * 86400`),
		problemCount(s, "Failing polls", "How many accounts fail, other than because the vendor asked us to wait?", warn, `
			account:credits_poll_failing:max{recorded}
			unless ignoring (reason) account:credits_retry_after_timestamp_seconds:max{recorded} > time()`),
		problemCount(s, "Stale data", "Of how many accounts is the data too old?", warn,
			`account:credits_stale:bool{recorded} == 1`),
		firingAlerts(),
		troubledAccounts(),
	}
}

func problemCount(s selectors, title, question, colour, query string) panel.Panel {
	return panel.Panel{
		Title: title, Question: question, Note: "Empty if no accounts are known at all.",
		Kind: panel.Number, Width: 4, Height: 4, Unit: "none", Thresholds: badAbove(colour),
		Queries: []panel.Query{{Expr: s.count(query), Legend: title}},
	}
}

func firingAlerts() panel.Panel {
	return panel.Panel{
		Title: "Firing alerts, by severity", Question: "Which alerts fire, for which account, and since when?",
		Kind: panel.Table, Width: 12, Height: 8, Empty: "No alert fires",
		Queries: []panel.Query{{Expr: `
			1000 * max by (severity, alertname, provider, account, unit, job) (
				ALERTS_FOR_STATE{alerts} and ignoring (alertstate) ALERTS{alerts, alertstate="firing"}
			)`}},
		Columns: []panel.Column{
			{Field: "severity", Title: "Severity", Width: 90, States: []panel.State{
				{Value: "critical", Text: "critical", Color: bad},
				{Value: "warning", Text: "warning", Color: warn},
				{Value: "info", Text: "info", Color: calm},
			}},
			label("alertname", "Alert", 0),
			label("provider", "Provider", 110),
			accountLink(label("account", "Account", 120)),
			label("unit", "Unit", 90),
			label("job", "Job", 80),
			onlyValue("Since", "dateTimeFromNow"),
		},
		Sort: panel.Sort{Column: "Severity"},
	}
}

// troubledAccounts lists what is wrong even where no alert rules are loaded.
func troubledAccounts() panel.Panel {
	return panel.Panel{
		Title: "Accounts with a problem", Question: "Which accounts have a problem right now, and which?",
		Note: "It does not wait as alerts do, and needs no alert rules.",
		Kind: panel.Table, Width: 12, Height: 8, Empty: "No account has a problem",
		Queries: []panel.Query{{Expr: `
			max by (problem, provider, account, unit, job) (
				label_replace(account:credits_usage_allowed:min{recorded} == 0, "problem", "1 usage refused", "", "")
				or label_replace(
					account:credits_balance:freshest{recorded}
					<= ignoring (severity) group_right () account:credits_threshold:freshest{recorded},
					"problem", "2 below $1", "severity", "(.*)"
				)
				or label_replace(account:credits_poll_failing:max{recorded}, "problem", "3 polls fail: $1", "reason", "(.*)")
				or label_replace(account:credits_stale:bool{recorded} == 1, "problem", "4 data too old", "", "")
			)`}},
		Columns: []panel.Column{
			label("problem", "Problem", 0),
			label("provider", "Provider", 110),
			accountLink(label("account", "Account", 120)),
			label("unit", "Unit", 90),
			label("job", "Job", 80),
			{Field: "Value", Hidden: true},
		},
		Sort: panel.Sort{Column: "Problem"},
	}
}
