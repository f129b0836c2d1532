package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/board"

const overviewUID = "credits-overview"

// overview is about all accounts: first what is wrong, then what is left, what will be lost and what it costs.
func overview() board.Board {
	s := allAccounts()
	return s.expandAll(board.Board{
		UID: overviewUID, Title: "Credits overview",
		Description: "Prepaid credits at all vendors: what needs a hand, what is left and for how long, what expires, what it costs.",
		Variables: append(commonVariables(), providerVariable(false), board.Variable{
			Name: "unit", Label: "Unit", Description: "What is counted. Amounts of different units are never added.",
			Metric: `credits_balance{job=~"$job", instance=~"$instance", provider=~"$provider"}`,
		}),
		Annotations: []board.Annotation{alertAnnotation()},
		Rows: []board.Row{
			{Title: "What needs a hand", Panels: problemPanels(s)},
			{Title: "What is left", Panels: balancePanels()},
			{Title: "What expires", Panels: expiryPanels()},
			{Title: "$unit over time", Repeat: "unit", Panels: unitPanels()},
			{Title: "Money, where a price is known", Panels: moneyPanels()},
			{Title: "Polls", Panels: pollPanels()},
		},
	})
}

// alertAnnotation marks when alerts fired.
func alertAnnotation() board.Annotation {
	return board.Annotation{
		Name: "Firing alerts", Question: "When did alerts fire?",
		Expr:  `max by (alertname, severity, provider, account) (ALERTS{alerts, alertstate="firing"})`,
		Title: "{{alertname}}", Text: "{{severity}} {{provider}} {{account}}", Color: bad, Step: "5m",
	}
}
