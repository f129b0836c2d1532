package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
)

// printResults prints what came of a poll.
func (p *program) printResults(books *ledger.Ledger, results []result, output string) error {
	switch output {
	case "json":
		return printJSON(p.stdout, results)
	case "prometheus":
		return printMetrics(p.stdout, collector.New(books, p.clock), results)
	}
	return printTable(p.stdout, results, p.clock())
}

// status is a word for what came of an account's poll, and what else there is to say of it.
func (r result) status(now time.Time) (word, detail string) {
	word = "ok"
	if r.view.Failure != nil {
		word, detail = string(r.view.Failure.Reason), r.view.Failure.Text
	}
	switch r.verdict {
	case poller.Held:
		return "skipped", "retry window until " + when(r.view.Window, now)
	case poller.Kept:
		ago := now.Sub(r.view.LastRequest).Round(time.Second)
		detail = joined(detail, fmt.Sprintf("asked %s ago, the vendor may not be asked again yet", ago))
	}
	return word, detail
}

// when is a moment as people read it: how far ahead it is, and the time itself.
func when(at, now time.Time) string {
	left := at.Sub(now).Round(time.Second)
	if left >= 48*time.Hour {
		return fmt.Sprintf("%s (%d days)", at.UTC().Format("2006-01-02"), int(left.Hours()/24))
	}
	return fmt.Sprintf("%s (%s)", at.UTC().Format("2006-01-02 15:04:05Z"), left)
}

// printTable prints a line for each balance, below it one for each lot, and one for each account without a balance.
func printTable(w io.Writer, results []result, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tACCOUNT\tBALANCE\tUNIT\tPER DAY\tLASTS\tSTATUS\t")
	for _, r := range results {
		word, detail := r.status(now)
		id := r.view.Account.ID
		if len(r.view.Balances) == 0 {
			fmt.Fprintf(table, "%s\t%s\t-\t\t\t\t%s\t%s\n", id.Provider, id.Account, word, detail)
		}
		for i, b := range r.view.Balances {
			if i > 0 {
				detail = ""
			}
			perDay, lasts := r.spending(b)
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", id.Provider, id.Account, balanceText(b), b.Unit,
				perDay, lasts, word, joined(detail, renewal(b, now)))
			for _, lot := range b.Lots {
				if b.Listed {
					fmt.Fprintf(table, "\t  %s\t%s\t\t\t\t\t%s\n", printable(lot.Label), lotText(lot), lotEnd(lot, now))
				}
			}
		}
	}
	return table.Flush()
}

// spending is how much is spent in a day and how long the balance lasts, where the storage knows enough for it.
func (r result) spending(b ledger.Balance) (perDay, lasts string) {
	if pace, known := r.view.Pace(b.Unit); known {
		perDay = strconv.FormatFloat(pace*(24*time.Hour).Seconds(), 'g', 4, 64)
	}
	if left, known := r.view.Runway(b); known {
		lasts = roughly(left)
	}
	return perDay, lasts
}

// roughly is a duration as precisely as anybody needs it.
func roughly(d time.Duration) string {
	switch days := d.Hours() / 24; {
	case days >= 1000:
		return "over 1000 d"
	case days >= 2:
		return fmt.Sprintf("%.0f d", days)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

func balanceText(b ledger.Balance) string {
	if b.Unlimited {
		return "unlimited"
	}
	return decimal(b.Amount)
}

func lotText(lot ledger.Lot) string {
	text := "-"
	if lot.Remaining.Known() {
		text = decimal(lot.Remaining)
	}
	if lot.Allocated.Known() {
		text += " of " + decimal(lot.Allocated)
	}
	if lot.Pending.Known() {
		text += " (" + decimal(lot.Pending) + " pending)"
	}
	return text
}

func lotEnd(lot ledger.Lot, now time.Time) string {
	switch {
	case lot.Expires.IsZero():
		return ""
	case !lot.Expires.After(now):
		return "expired " + lot.Expires.UTC().Format("2006-01-02 15:04:05Z")
	}
	return "expires " + when(lot.Expires, now)
}

func renewal(b ledger.Balance, now time.Time) string {
	if b.Resets.IsZero() {
		return ""
	}
	return "renews " + when(b.Resets, now)
}

func joined(a, b string) string { return strings.Trim(a+"; "+b, "; ") }

// printable keeps a vendor's text from moving the cursor or turning the line around.
func printable(text string) string {
	quoted := fmt.Sprintf("%+q", text)
	if plain := `"` + text + `"`; quoted == plain {
		return text
	}
	return quoted
}

// pollResult is one account in the JSON output.
type pollResult struct {
	Provider     string        `json:"provider"`
	Account      string        `json:"account"`
	Status       string        `json:"status"` // ok, failed or skipped
	Reason       string        `json:"reason,omitempty"`
	Error        string        `json:"error,omitempty"`
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
	out := pollResult{
		Provider: v.Account.Provider, Account: v.Account.ID.Account, Status: "ok", LastSuccess: v.LastSuccess,
		RetryAfter: v.OpenWindow, UsageAllowed: v.UsageAllowed, Plan: v.Plan.Name, PlanID: v.Plan.ID, Balances: []balanceJSON{},
	}
	if v.Failure != nil {
		out.Status, out.Reason, out.Error = "failed", string(v.Failure.Reason), v.Failure.Text
	}
	if r.verdict == poller.Held {
		out.Status = "skipped"
	}
	for _, b := range v.Balances {
		balance := balanceJSON{Unit: b.Unit, Unlimited: b.Unlimited, Resets: b.Resets}
		if b.Amount.Known() {
			balance.Balance = number(decimal(b.Amount))
		}
		if pace, known := v.Pace(b.Unit); known {
			balance.SpentPerDay = number(strconv.FormatFloat(pace*(24*time.Hour).Seconds(), 'f', -1, 64))
		}
		if left, known := v.Runway(b); known {
			balance.RunwaySeconds = int64(left.Seconds())
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

// printMetrics prints the polled accounts' metrics as /metrics would show them.
func printMetrics(w io.Writer, c *collector.Collector, results []result) error {
	polled := map[ledger.ID]bool{}
	named := map[string]bool{}
	for _, r := range results {
		polled[r.view.Account.ID] = true
		named[r.view.Account.Provider] = true
	}
	gathered, done, err := c.Gather()
	defer done()
	if err != nil {
		return fmt.Errorf("gathering the metrics: %w", err)
	}
	for _, mf := range gathered {
		wanted := &dto.MetricFamily{Name: mf.Name, Help: mf.Help, Type: mf.Type}
		for _, m := range mf.GetMetric() {
			id := ledger.ID{Provider: label(m, "provider"), Account: label(m, "account")}
			if polled[id] || id.Account == "" && named[id.Provider] {
				wanted.Metric = append(wanted.Metric, m)
			}
		}
		if len(wanted.Metric) == 0 {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(w, wanted); err != nil {
			return fmt.Errorf("printing the metrics: %w", err)
		}
	}
	return nil
}

func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}
