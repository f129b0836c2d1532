package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// moneyPanels are in currencies, which are not added either.
func moneyPanels() []panel.Panel {
	const legend = "{{currency}}"
	return []panel.Panel{
		money("Worth of what is left", "What are all balances worth, by currency?", "", 6,
			panel.Query{Expr: `sum by (currency) (wallet:credits_balance_money:freshest{wallet})`, Legend: legend}),
		money("Cost of 30 days", "What does a month cost at the pace of the last 7 days?", "", 6,
			panel.Query{Expr: `sum by (currency) (30 * 86400 * wallet:credits_consumed_money:rate7d{wallet})`, Legend: legend}),
		money("Worth of what will be lost", "What is that worth which will expire unspent?", "", 6, panel.Query{
			Expr: `
				sum by (currency) (
					wallet:credits_unit_price:max{wallet}
					* ignoring (currency) group_left () wallet:credits_expiring_unspent:estimate{wallet}
				)`,
			Legend: legend,
		}),
		money("Lost so far", "What was that worth which expired unspent in the time shown?",
			"At the present price. The vendors' lots and renewals tell; where they do not, expired credits count as spent.", 6, panel.Query{
				Expr: `
				sum by (currency) (
					wallet:credits_unit_price:max{wallet}
					* on (job, provider, wallet, unit) group_left ()
					max by (job, provider, wallet, unit) (
						increase(credits_expired_total{raw}[$__range])
						* on (job, provider, account) group_left (wallet) account:credits_account_info:max{recorded}
					)
				)`,
				Legend: legend,
			}),
		moneyOverTime("Money per day by vendor", "What does each vendor cost?", "", panel.Query{
			Expr:   `sum by (provider, currency) (86400 * wallet:credits_consumed_money:rate1d{wallet})`,
			Legend: "{{provider}} ({{currency}})",
		}),
		moneyOverTime("Money per day by team", "What does each team cost?",
			"By the label `team`; accounts without it are together under an empty name.", panel.Query{
				Expr: `
				sum by (team, currency) (
					86400 * wallet:credits_consumed_money:rate1d{wallet}
					* on (job, provider, wallet) group_left (team)
					topk by (job, provider, wallet) (1, account:credits_account_info:max{recorded})
				)`,
				Legend: "team {{team}} ({{currency}})",
			}),
	}
}

func money(title, question, note string, width uint32, query panel.Query) panel.Panel {
	return panel.Panel{
		Title: title, Question: question, Note: note, Kind: panel.Number, Width: width, Height: 4,
		Unit: amount, Decimals: new(2.0), Queries: []panel.Query{query},
	}
}

func moneyOverTime(title, question, note string, query panel.Query) panel.Panel {
	return panel.Panel{
		Title: title, Question: question, Note: note, Kind: panel.Lines, Width: 12, Height: 8,
		Unit: amount, Decimals: new(2.0), Queries: []panel.Query{query},
	}
}
