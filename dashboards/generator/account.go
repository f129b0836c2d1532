package main

import (
	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/board"
	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"
)

const accountUID = "credits-account"

// account is about one account: how it stands, how it came to this, and whether its figures can be trusted.
func account() board.Board {
	s := oneAccount()
	return s.expandAll(board.Board{
		UID: accountUID, Title: "Credits account",
		Description: "One account at one vendor: balance, lots, spend, and how its polls go.",
		Variables: append(commonVariables(), providerVariable(true),
			board.Variable{
				Name: "account", Label: "Account", Description: "The account at the vendor.", Single: true,
				Metric: `credits_account_info{job=~"$job", instance=~"$instance", provider=~"$provider"}`,
			},
			board.Variable{
				Name: "unit", Label: "Unit", Description: "What is counted. Amounts of different units are never added.",
				Metric: `credits_balance{job=~"$job", instance=~"$instance", provider=~"$provider", account=~"$account"}`,
			},
		),
		Annotations: []board.Annotation{
			bookAnnotation("Added", "When were units added (top-ups, renewals, refunds)?", "credits_granted_total", good),
			bookAnnotation("Expired", "When did units expire unspent?", "credits_expired_total", warn),
		},
		Rows: []board.Row{
			{Title: "Now", Panels: nowPanels()},
			{Title: "$unit over time", Repeat: "unit", Panels: accountUnitPanels()},
			{Title: "Lots", Panels: []panel.Panel{lotTable()}},
			{Title: "Polls", Panels: accountPollPanels()},
		},
	})
}

// bookAnnotation marks when a counter of the books moved. The amounts are in the panel of what was booked.
func bookAnnotation(name, question, counter, colour string) board.Annotation {
	return board.Annotation{
		Name: name, Question: question,
		Expr: `
			max by (provider, account, unit) (
				max without (@replicas) (increase(` + counter + `{raw, unit=~"$unit"}[$__rate_interval]))
			) > 0`,
		Title: name, Text: "{{unit}}", Color: colour, Step: "5m",
	}
}
