package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// balancePanels say what is left and for how long.
func balancePanels() []panel.Panel {
	return []panel.Panel{
		balanceTable(),
		{
			Title: "Shortest runways", Question: "Which wallets run dry first, at the present pace?",
			Note: "A wallet without spend has no runway. Empty for the first three hours after the recording rules were loaded.",
			Kind: panel.Gauge, Width: 8, Height: 12, Unit: seconds, Thresholds: runwaySteps(),
			Queries: []panel.Query{{
				Expr:   `sort(bottomk(15, wallet:credits_runway_seconds:estimate{wallet}))`,
				Legend: "{{wallet}} ({{unit}})",
			}},
		},
	}
}

func balanceTable() panel.Panel {
	runway := value(2, "Lasts", seconds)
	runway.Steps = runwaySteps()
	unlimited := value(5, "Unlimited", "none")
	unlimited.States = []panel.State{{Value: "1", Text: "yes", Color: good}}
	return panel.Panel{
		Title: "Balances, shortest runway first", Question: "What does each account have left, for how long, and how old is the figure?",
		Note: "Accounts that have never answered are not here but among the problems.",
		Kind: panel.Table, Width: 16, Height: 12,
		Queries: []panel.Query{
			{Expr: `max by (job, provider, account, unit) (account:credits_balance:freshest{recorded})`},
			{Expr: `max by (job, provider, account, unit) (account:credits_threshold:freshest{recorded, severity="warning"})`},
			{Expr: `max by (job, provider, account, unit) (account:credits_runway_seconds:estimate{recorded})`},
			{Expr: `
				min by (job, provider, account, unit) (
					(account_lot:credits_expiry_timestamp_seconds:freshest{recorded} - time() > 0)
					and account_lot:credits_remaining:freshest{recorded} > 0
				)`},
			{Expr: `
				max by (job, provider, account, unit) (
					0 * account:credits_balance:freshest{recorded}
					+ ignoring (unit) group_left ()
					(time() - account:credits_last_success_timestamp_seconds:max{recorded})
				)`},
			{Expr: `max by (job, provider, account, unit) (account:credits_unlimited:freshest{recorded})`},
		},
		Columns: []panel.Column{
			label("provider", "Provider", 120),
			accountLink(label("account", "Account", 150)),
			value(0, "Balance", amount),
			label("unit", "Unit", 100),
			value(1, "Warning below", amount),
			runway,
			value(3, "Next expiry in", seconds),
			value(4, "Age", seconds),
			unlimited,
			label("job", "Job", 80),
		},
		Sort: panel.Sort{Column: "Lasts"},
	}
}

// unitPanels are shown once for each unit, so that whatever is added up or drawn on one axis is of one unit.
func unitPanels() []panel.Panel {
	return []panel.Panel{
		{
			Title: "Balance by vendor", Question: "How much is left at each vendor?",
			Note: "Each wallet counts once, however many keys and replicas look at it.",
			Kind: panel.Lines, Width: 8, Height: 9, Unit: amount,
			Queries: []panel.Query{{
				Expr:   `sum by (provider, unit) (wallet:credits_balance:freshest{wallet, unit=~"$unit"})`,
				Legend: "{{provider}} ({{unit}})",
			}},
		},
		{
			Title: "Spend per day by vendor", Question: "How much is spent at each vendor?",
			Note: "As of the day before each moment. Empty for polls slower than 6 hours.",
			Kind: panel.Stacked, Width: 8, Height: 9, Unit: amount,
			Queries: []panel.Query{{
				Expr:   `sum by (provider, unit) (86400 * wallet:credits_consumed:rate1d{wallet, unit=~"$unit"})`,
				Legend: "{{provider}} ({{unit}})",
			}},
		},
		{
			Title: "Spend per day by team", Question: "Who spends how much?",
			Note: "By the label `team` of the accounts' configuration; accounts without it are together under an empty name. " +
				"A wallet that teams share goes to one of them.",
			Kind: panel.Stacked, Width: 8, Height: 9, Unit: amount,
			Queries: []panel.Query{{
				Expr: `
					sum by (team, unit) (
						86400 * wallet:credits_consumed:rate1d{wallet, unit=~"$unit"}
						* on (job, provider, wallet) group_left (team)
						topk by (job, provider, wallet) (1, account:credits_account_info:max{recorded})
					)`,
				Legend: "team {{team}} ({{unit}})",
			}},
		},
	}
}
