package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/internal/web/status"
	"github.com/credits-exporter/credits_exporter/providers"
)

// printTable prints a line for each balance, below it one for each lot, and one for each account without a balance.
func printTable(w io.Writer, results []result, now time.Time, colour bool) error {
	var rows [][]cell
	head := []cell{}
	for _, name := range []string{"PROVIDER", "ACCOUNT", "BALANCE", "UNIT", "PER DAY", "LASTS", "STATUS"} {
		head = append(head, cell{name, styleStrong})
	}
	rows = append(rows, head)
	for _, r := range results {
		rows = append(rows, r.rows(now)...)
	}
	if err := printCells(w, rows, colour); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	return nil
}

// rows are the lines of one account.
func (r result) rows(now time.Time) [][]cell {
	id := r.view.Account.ID
	standing := status.Of(&r.view)
	names := []cell{{id.Provider, unstyled}, {id.Account, unstyled}}
	if len(r.view.Balances) == 0 {
		word, detail := r.status(standing, nil, now)
		return [][]cell{append(names, cell{"-", styleMuted}, cell{}, cell{}, cell{}, word, cell{detail, unstyled})}
	}
	var rows [][]cell
	for i, b := range r.view.Balances {
		balance := standing.Balances[i]
		word, detail := r.status(standing, &r.view.Balances[i], now)
		perDay, lasts := "", ""
		if balance.HasPace {
			perDay = strconv.FormatFloat(balance.PerDay(), 'g', 4, 64)
		}
		if balance.HasLeft {
			lasts = roughly(balance.Left)
		}
		rows = append(rows, append(names[:2:2], cell{balanceText(b), levelStyle(balance.Level)}, cell{b.Unit, unstyled},
			cell{perDay, unstyled}, cell{lasts, unstyled}, word, cell{joined(detail, renewal(b, now)), unstyled}))
		for _, lot := range b.Lots {
			if b.Listed {
				rows = append(rows, []cell{
					{}, {"  " + printable(lot.Label), styleMuted}, {lotText(lot), unstyled}, {}, {}, {}, {}, {lotEnd(lot, now), unstyled},
				})
			}
		}
	}
	return rows
}

// status is a word for what came of an account's poll and how a balance of it stands, and what else there is to say of
// both. What belongs to the account as a whole is said with its first balance.
func (r result) status(standing status.Status, b *ledger.Balance, now time.Time) (word cell, detail string) {
	level := status.None
	first := b == nil || b.Unit == r.view.Balances[0].Unit
	for _, finding := range standing.Findings {
		if b != nil && finding.Unit == b.Unit || finding.Unit == "" && first {
			level = max(level, finding.Level)
			detail = joined(detail, finding.Text)
		}
	}
	word = cell{"ok", styleGood}
	if level > status.OK {
		word = cell{level.String(), levelStyle(level)}
	}
	if f := r.view.Failure; f != nil {
		word = cell{string(status.Failing), styleBad}
		if first {
			detail = joined(string(f.Reason)+": "+f.Text, detail)
		}
	}
	if r.verdict == poller.Held {
		word = cell{"skipped", styleWait}
	}
	switch {
	case !first:
	case r.verdict == poller.Held:
		detail = joined("retry window until "+when(r.view.Window, now), detail)
	case r.verdict == poller.Kept:
		ago := now.Sub(r.view.LastRequest).Round(time.Second)
		detail = joined(detail, fmt.Sprintf("asked %s ago, the vendor may not be asked again yet", ago))
	}
	return word, detail
}

func levelStyle(level status.Level) style {
	switch level {
	case status.Critical:
		return styleBad
	case status.Warning:
		return styleWarn
	case status.OK:
		return styleGood
	case status.None:
	}
	return unstyled
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

// when is a moment as people read it: how far ahead it is, and the time itself.
func when(at, now time.Time) string {
	left := at.Sub(now).Round(time.Second)
	if left >= 48*time.Hour {
		return fmt.Sprintf("%s (%d days)", at.UTC().Format(time.DateOnly), int(left.Hours()/24))
	}
	return fmt.Sprintf("%s (%s)", at.UTC().Format("2006-01-02 15:04:05Z"), left)
}

// decimal writes an amount for people: as many digits as a sample on /metrics has.
func decimal(a providers.Amount) string {
	return strconv.FormatFloat(a.Float64(), 'f', -1, 64)
}
