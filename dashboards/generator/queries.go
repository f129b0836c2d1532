package main

import (
	"strings"

	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/board"
)

// selectors stand for the matchers of a dashboard's variables, so that a query reads as what it asks.
//
//	{raw       a metric of the exporter
//	{recorded  a recorded series of accounts and lots, which has no instance
//	{wallet    a recorded series of wallets, which has neither instance nor account
//	{alerts       ALERTS, some of which have no provider or no instance
//	@replicas  the labels that tell replicas apart
type selectors struct{ raw, recorded, wallet string }

// allAccounts are the selectors where an account is not chosen.
func allAccounts() selectors {
	return selectors{
		raw:      `job=~"$job", instance=~"$instance", provider=~"$provider"`,
		recorded: `job=~"$job", provider=~"$provider"`,
		wallet:   `job=~"$job", provider=~"$provider"`,
	}
}

// oneAccount are the selectors of a dashboard about one account.
func oneAccount() selectors {
	s := allAccounts()
	s.raw += `, account=~"$account"`
	s.recorded += `, account=~"$account"`
	return s
}

// expand writes a query out. Line breaks and indents become single spaces, as in the table of the README.
func (s selectors) expand(query string) string {
	expanded := strings.NewReplacer(
		"{raw", "{"+s.raw,
		"{process", `{job=~"$job", instance=~"$instance"`,
		"{recorded", "{"+s.recorded,
		"{wallet", "{"+s.wallet,
		"{alerts", `{alertname=~"Credits.+", job=~"$job|", instance=~"$instance|", provider=~"$provider|"`,
		"@replicas", "instance, pod, endpoint, container, node",
	).Replace(query)
	words := strings.Join(strings.Fields(expanded), " ")
	return strings.NewReplacer("( ", "(", " )", ")").Replace(words)
}

// count is how many series a query gives: 0 only where accounts are known at all, else nothing.
func (s selectors) count(query string) string {
	return s.expand("count(" + query + ") or 0 * count(account:credits_account_info:max{recorded})")
}

// expandAll writes the queries of a dashboard out.
func (s selectors) expandAll(b board.Board) board.Board {
	for _, row := range b.Rows {
		for _, p := range row.Panels {
			for i := range p.Queries {
				p.Queries[i].Expr = s.expand(p.Queries[i].Expr)
			}
		}
	}
	for i := range b.Annotations {
		b.Annotations[i].Expr = s.expand(b.Annotations[i].Expr)
	}
	return b
}

// commonVariables begin the choices of every dashboard.
func commonVariables() []board.Variable {
	return []board.Variable{
		{
			Name: "job", Label: "Job", Description: "The scrape job of the exporter.",
			Metric: "credits_exporter_build_info",
		},
		{
			Name: "instance", Label: "Instance",
			Description: "The replica. Series that recording rules make are of all replicas together and do not follow this choice.",
			Metric:      `credits_exporter_build_info{job=~"$job"}`,
		},
	}
}

// providerVariable chooses vendors.
func providerVariable(single bool) board.Variable {
	return board.Variable{
		Name: "provider", Label: "Provider", Description: "The vendor.", Single: single,
		Metric: `credits_account_info{job=~"$job", instance=~"$instance"}`,
	}
}
