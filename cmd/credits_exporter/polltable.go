package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

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
