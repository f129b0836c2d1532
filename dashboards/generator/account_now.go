package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// nowPanels say how the account stands at this moment.
func nowPanels() []panel.Panel {
	runway := nowNumber("Lasts", "How long does the balance last at the present pace?", seconds,
		`max by (unit) (account:credits_runway_seconds:estimate{recorded, unit=~"$unit"})`, "{{unit}}")
	runway.Thresholds, runway.Note = runwaySteps(), "Empty without spend, or before there are three hours of history."
	allowed := nowNumber("Usage", "Does the vendor allow the credits to be spent?", "",
		`min(account:credits_usage_allowed:min{recorded})`, "usage")
	allowed.States, allowed.Note, allowed.Empty = yesNo("allowed", "refused"), "Empty if the vendor does not say.", "not said"
	age := nowNumber("Age of the data", "How old is what the vendor said?", seconds,
		`time() - max(account:credits_last_success_timestamp_seconds:max{recorded})`, "age")
	age.Empty = "never answered"
	window := nowNumber("Retry window", "For how long has the vendor asked us to wait?", seconds,
		`max(account:credits_retry_after_timestamp_seconds:max{recorded}) - time() > 0`, "window")
	window.Empty = "none open"
	return []panel.Panel{
		nowNumber("Balance", "How much is left?", amount,
			`max by (unit) (account:credits_balance:freshest{recorded, unit=~"$unit"})`, "{{unit}}"),
		runway,
		nowNumber("Next expiry in", "When does the next lot with something left expire?", seconds, `
			min by (unit) (
				account_lot:credits_expiry_timestamp_seconds:freshest{recorded, unit=~"$unit"} - time() > 0
				and account_lot:credits_remaining:freshest{recorded, unit=~"$unit"} > 0
			)`, "{{unit}}"),
		allowed,
		latestPoll(),
		age,
		nowNumber("Per day", "How much was spent in the last day?", amount, `
			max by (unit) (
				86400 * wallet:credits_consumed:rate1d{wallet, unit=~"$unit"}
				and on (job, provider, wallet) account:credits_account_info:max{recorded}
			)`, "{{unit}}"),
		nowNumber("Will expire unspent", "How much will be lost at the present pace?", amount,
			`max by (unit) (account:credits_expiring_unspent:estimate{recorded, unit=~"$unit"})`, "{{unit}}"),
		nowNumber("Worth", "What is the balance worth, by currency?", amount, `
			sum by (currency) (
				wallet:credits_balance_money:freshest{wallet, unit=~"$unit"}
				and on (job, provider, wallet) account:credits_account_info:max{recorded}
			)`, "{{currency}}"),
		{
			Title: "Plan", Question: "Which plan is active?", Note: "Empty if the vendor does not say.",
			Kind: panel.Name, Width: 4, Height: 4, Unit: "none", Empty: "not said",
			Queries: []panel.Query{{Expr: `max by (plan) (max without (@replicas) (credits_plan_info{raw}))`, Legend: "{{plan}}"}},
		},
		nowNumber("Next poll in", "When is the account asked next?", seconds,
			`clamp_min(min(min without (@replicas) (credits_next_poll_timestamp_seconds{raw})) - time(), 0)`, "next poll"),
		window,
		accountLabels(),
	}
}

func nowNumber(title, question, unit, expr, legend string) panel.Panel {
	return panel.Panel{
		Title: title, Question: question, Kind: panel.Number, Width: 4, Height: 4, Unit: unit,
		Queries: []panel.Query{{Expr: expr, Legend: legend}},
	}
}

// latestPoll is the reason of a failure, or ok.
func latestPoll() panel.Panel {
	return panel.Panel{
		Title: "Latest poll", Question: "Did the latest poll succeed, and why not?", Note: "With replicas, one that succeeds is enough.",
		Kind: panel.Name, Width: 4, Height: 4, Unit: "none", Empty: "not polled yet",
		Thresholds: []panel.Step{{Color: bad}, {From: 1, Color: good}},
		Queries: []panel.Query{{
			Expr: `
				max by (reason) (
					label_replace(account:credits_up:max{recorded} == 1, "reason", "ok", "", "")
					or 0 * account:credits_poll_failing:max{recorded}
				)`,
			Legend: "{{reason}}",
		}},
	}
}

func accountLabels() panel.Panel {
	return panel.Panel{
		Title: "Wallet and labels", Question: "Which wallet does the account spend from, and what does the configuration say of it?",
		Kind: panel.Table, Width: panel.Columns, Height: 4,
		Queries: []panel.Query{{Expr: `account:credits_account_info:max{recorded}`}},
		Columns: []panel.Column{
			label("provider", "Provider", 0),
			label("account", "Account", 0),
			label("wallet", "Wallet", 0),
			label("job", "Job", 0),
			{Field: "__name__", Hidden: true},
			{Field: "Value", Hidden: true},
		},
	}
}
