package main

import (
	"strconv"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

// rows are the accounts of the landing page.
func (d *daemon) rows() []web.Account {
	now := d.clock()
	entries := d.ledger.Listing().Entries
	rows := make([]web.Account, len(entries))
	for i, entry := range entries {
		rows[i] = row(entry.State().At(now))
	}
	return rows
}

func row(v ledger.View) web.Account {
	r := web.Account{
		Provider: v.Account.Provider, Name: v.Account.ID.Account, State: state(v),
		WaitsUntil: v.OpenWindow, LastSuccess: v.LastSuccess, NextPoll: v.NextPoll,
	}
	if v.Failure != nil {
		r.Reason = string(v.Failure.Reason)
	}
	for _, b := range v.Balances {
		balance := web.Balance{Unit: b.Unit, Unlimited: b.Unlimited}
		if b.Amount.Known() {
			balance.Amount = decimal(b.Amount)
		}
		r.Balances = append(r.Balances, balance)
	}
	return r
}

func state(v ledger.View) web.State {
	good, known := v.Up()
	switch {
	case !v.OpenWindow.IsZero():
		return web.StateWaiting
	case !known:
		return web.StateNotPolled
	case good:
		return web.StateOK
	}
	return web.StateFailing
}

// decimal writes an amount for people: as many digits as a sample on /metrics has.
func decimal(a providers.Amount) string {
	return strconv.FormatFloat(a.Float64(), 'f', -1, 64)
}
