package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// expiryPanels say what will be lost, and when.
func expiryPanels() []panel.Panel {
	expires := value(1, "Expires in", seconds)
	expires.Steps = []panel.Step{{Color: bad}, {From: 1 * day, Color: warn}, {From: 7 * day, Color: "text"}}
	return []panel.Panel{
		{
			Title: "Lots by expiry", Question: "Which lots with something left expire next?",
			Kind: panel.Table, Width: 14, Height: 9, Empty: "No lot expires",
			Queries: []panel.Query{
				{Expr: `
					max by (job, provider, account, unit, kind, lot) (
						account_lot:credits_remaining:freshest{recorded} > 0
						and account_lot:credits_expiry_timestamp_seconds:freshest{recorded} > time()
					)`},
				{Expr: `
					max by (job, provider, account, unit, kind, lot) (
						account_lot:credits_expiry_timestamp_seconds:freshest{recorded} - time() > 0
						and account_lot:credits_remaining:freshest{recorded} > 0
					)`},
			},
			Columns: []panel.Column{
				label("provider", "Provider", 110),
				accountLink(label("account", "Account", 130)),
				label("kind", "Kind", 110),
				label("lot", "Lot", 0),
				value(0, "Left", amount),
				label("unit", "Unit", 90),
				expires,
				label("job", "Job", 80),
			},
			Sort: panel.Sort{Column: "Expires in"},
		},
		{
			Title: "Will expire unspent", Question: "How much will expire before it is spent, at the present pace?",
			Note: "The share is of what the lots that expire began with, where the vendor says that of all of them.",
			Kind: panel.Table, Width: 10, Height: 9, Empty: "Nothing will be lost",
			Queries: []panel.Query{
				{Expr: `max by (job, provider, wallet, unit) (wallet:credits_expiring_unspent:estimate{wallet} > 0)`},
				{Expr: `max by (job, provider, wallet, unit) (account:credits_expiring_unspent:ratio{recorded} > 0)`},
			},
			Columns: []panel.Column{
				label("provider", "Provider", 110),
				label("wallet", "Wallet", 0),
				value(0, "Lost", amount),
				label("unit", "Unit", 90),
				value(1, "Share", "percentunit"),
				label("job", "Job", 80),
			},
			Sort: panel.Sort{Column: "Share", Descending: true},
		},
	}
}
