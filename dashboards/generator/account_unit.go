package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// accountUnitPanels are shown once for each unit of the account.
func accountUnitPanels() []panel.Panel {
	return []panel.Panel{
		{
			Title: "Balance and thresholds", Question: "How did the balance come to where it is, and how far is it from the thresholds?",
			Note: "Marks show what was added and what expired.",
			Kind: panel.Lines, Width: 12, Height: 10, Unit: amount,
			Queries: []panel.Query{
				{Expr: `max by (unit) (account:credits_balance:freshest{recorded, unit=~"$unit"})`, Legend: "{{unit}}"},
				threshold(`max by (unit) (account:credits_threshold:freshest{recorded, unit=~"$unit", severity="warning"})`, "warning", warn),
				threshold(`max by (unit) (account:credits_threshold:freshest{recorded, unit=~"$unit", severity="critical"})`, "critical", bad),
			},
		},
		{
			Title: "Lots", Question: "What is the balance made of?",
			Note: "Lots of one unit add up, the one that expires first should go first.",
			Kind: panel.Stacked, Width: 12, Height: 10, Unit: amount,
			Queries: []panel.Query{{
				Expr:   `max by (kind, lot, unit) (account_lot:credits_remaining:freshest{recorded, unit=~"$unit"})`,
				Legend: "{{kind}}: {{lot}} ({{unit}})",
			}},
		},
		spendRates(),
		{
			Title: "Booked", Question: "What was spent, added and lost, and when?",
			Note: "What a poll finds is booked at the poll, also what was spent while polls failed. Over replicas the highest counts.",
			Kind: panel.Bars, Width: 8, Height: 9, Unit: amount,
			Queries: []panel.Query{
				booked("credits_consumed_total", "spent"), booked("credits_granted_total", "added"), booked("credits_expired_total", "expired"),
			},
		},
		{
			Title: "Runway", Question: "How long did the balance last at each moment, at the pace of that moment?",
			Kind: panel.Lines, Width: 8, Height: 9, Unit: seconds,
			Queries: []panel.Query{
				{Expr: `max by (unit) (account:credits_runway_seconds:estimate{recorded, unit=~"$unit"})`, Legend: "{{unit}}"},
				threshold(`max(account:credits_runway_threshold_seconds:freshest{recorded, severity="warning"})`, "warning", warn),
				threshold(`max(account:credits_runway_threshold_seconds:freshest{recorded, severity="critical"})`, "critical", bad),
			},
		},
		{
			Title: "Allowance against its period", Question: "Is the allowance used faster than its period goes by?",
			Note: "Only where the vendor says when it renews and how long its period is. If what is used stays above the dashed line, it will not last.",
			Kind: panel.Lines, Width: panel.Columns, Height: 8, Unit: "percentunit",
			Queries: []panel.Query{
				{Expr: `max by (unit) (account:credits_allowance_used:ratio{recorded, unit=~"$unit"})`, Legend: "used ({{unit}})"},
				threshold(`max by (unit) (account:credits_period_gone:ratio{recorded, unit=~"$unit"})`, "period gone ({{unit}})", calm),
			},
		},
	}
}

func threshold(expr, legend, colour string) panel.Query {
	return panel.Query{Expr: expr, Legend: legend, Line: colour}
}

func spendRates() panel.Panel {
	rate := func(window string) panel.Query {
		return panel.Query{
			Expr: `
				max by (unit) (
					86400 * wallet:credits_consumed:rate` + window + `{wallet, unit=~"$unit"}
					and on (job, provider, wallet) account:credits_account_info:max{recorded}
				)`,
			Legend: "last " + window + " ({{unit}})",
		}
	}
	return panel.Panel{
		Title: "Spend per day", Question: "How fast is it spent, and is that more than usual?",
		Note: "Of the account's whole wallet. Polls slower than a quarter of a window leave that window out.",
		Kind: panel.Lines, Width: 8, Height: 9, Unit: amount,
		Queries: []panel.Query{rate("1h"), rate("6h"), rate("1d"), rate("7d")},
	}
}

func booked(counter, legend string) panel.Query {
	return panel.Query{
		Expr:   `max by (unit) (max without (@replicas) (increase(` + counter + `{raw, unit=~"$unit"}[$__rate_interval])))`,
		Legend: legend + " ({{unit}})",
	}
}

// lotTable lists the lots, the first to expire first.
func lotTable() panel.Panel {
	query := func(series string) panel.Query {
		return panel.Query{Expr: `max by (unit, kind, lot) (` + series + `)`}
	}
	expires := value(3, "Expires", "dateTimeFromNow")
	return panel.Panel{
		Title: "Lots by expiry", Question: "Which lots are there, what is left of each, and when do they expire?",
		Note: "Empty and expired lots stay for a day.",
		Kind: panel.Table, Width: panel.Columns, Height: 9,
		Queries: []panel.Query{
			query(`account_lot:credits_remaining:freshest{recorded, unit=~"$unit"}`),
			query(`account_lot:credits_allocated:freshest{recorded, unit=~"$unit"}`),
			query(`account_lot:credits_pending:freshest{recorded, unit=~"$unit"}`),
			query(`1000 * account_lot:credits_expiry_timestamp_seconds:freshest{recorded, unit=~"$unit"}`),
		},
		Columns: []panel.Column{
			label("kind", "Kind", 160),
			label("lot", "Lot", 0),
			value(0, "Left", amount),
			value(1, "Began with", amount),
			value(2, "Not started yet", amount),
			label("unit", "Unit", 120),
			expires,
		},
		Sort: panel.Sort{Column: "Expires"},
	}
}
