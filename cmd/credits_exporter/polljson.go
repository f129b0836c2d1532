package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/internal/web/status"
)

// pollResult is one account in the JSON output.
type pollResult struct {
	Provider     string        `json:"provider"`
	Account      string        `json:"account"`
	Status       string        `json:"status"` // ok, failed or skipped
	Reason       string        `json:"reason,omitempty"`
	Error        string        `json:"error,omitempty"`
	Level        string        `json:"level"` // as on the status page: ok, warning, critical or no_threshold
	LastSuccess  time.Time     `json:"last_success,omitzero"`
	RetryAfter   time.Time     `json:"retry_after,omitzero"`
	UsageAllowed *bool         `json:"usage_allowed,omitempty"`
	Plan         string        `json:"plan,omitempty"`
	PlanID       string        `json:"plan_id,omitempty"`
	Balances     []balanceJSON `json:"balances"`
}

type balanceJSON struct {
	Unit      string    `json:"unit"`
	Balance   number    `json:"balance,omitempty"`
	Unlimited bool      `json:"unlimited,omitempty"`
	Resets    time.Time `json:"resets,omitzero"`
	// SpentPerDay and RunwaySeconds are there where the storage knows enough.
	SpentPerDay   number    `json:"spent_per_day,omitempty"`
	RunwaySeconds int64     `json:"runway_seconds,omitempty"`
	Lots          []lotJSON `json:"lots,omitempty"`
}

type lotJSON struct {
	Lot       string    `json:"lot"`
	Kind      string    `json:"kind"`
	Remaining number    `json:"remaining,omitempty"`
	Allocated number    `json:"allocated,omitempty"`
	Pending   number    `json:"pending,omitempty"`
	Expires   time.Time `json:"expires,omitzero"`
}

// number is a JSON number with every digit that a sample on /metrics has; absent when empty.
type number = json.Number

func printJSON(w io.Writer, results []result) error {
	all := make([]pollResult, len(results))
	for i, r := range results {
		all[i] = r.json()
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("printing the results: %w", err)
	}
	return nil
}

func (r result) json() pollResult {
	v := r.view
	standing := status.Of(&v)
	out := pollResult{
		Provider: v.Account.Provider, Account: v.Account.ID.Account, Status: "ok", Level: standing.Level.Name(), LastSuccess: v.LastSuccess,
		RetryAfter: v.OpenWindow, UsageAllowed: v.UsageAllowed, Plan: v.Plan.Name, PlanID: v.Plan.ID, Balances: []balanceJSON{},
	}
	if v.Failure != nil {
		out.Status, out.Reason, out.Error = "failed", string(v.Failure.Reason), v.Failure.Text
	}
	if r.verdict == poller.Held {
		out.Status = "skipped"
	}
	for i, b := range v.Balances {
		balance := balanceJSON{Unit: b.Unit, Unlimited: b.Unlimited, Resets: b.Resets}
		if b.Amount.Known() {
			balance.Balance = number(decimal(b.Amount))
		}
		if stands := standing.Balances[i]; stands.HasPace {
			balance.SpentPerDay = number(strconv.FormatFloat(stands.PerDay(), 'f', -1, 64))
		}
		if stands := standing.Balances[i]; stands.HasLeft {
			balance.RunwaySeconds = int64(stands.Left.Seconds())
		}
		for _, lot := range b.Lots {
			balance.Lots = append(balance.Lots, lotAsJSON(lot))
		}
		out.Balances = append(out.Balances, balance)
	}
	return out
}

func lotAsJSON(lot ledger.Lot) lotJSON {
	out := lotJSON{Lot: lot.Label, Kind: lot.Kind, Expires: lot.Expires}
	if lot.Remaining.Known() {
		out.Remaining = number(decimal(lot.Remaining))
	}
	if lot.Allocated.Known() {
		out.Allocated = number(decimal(lot.Allocated))
	}
	if lot.Pending.Known() {
		out.Pending = number(decimal(lot.Pending))
	}
	return out
}
