package book_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
	"github.com/credits-exporter/credits_exporter/providers"
)

// TestAccountingPage books the example of docs/accounting.md, so that the page says what the program does.
func TestAccountingPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/accounting.md")
	if err != nil {
		t.Fatal(err)
	}
	var b book.Book
	last := book.Totals{Consumed: amount(t, "0"), Granted: amount(t, "0"), Expired: amount(t, "0")}
	rows := 0
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| 2026-") {
			continue
		}
		rows++
		cells := strings.Split(line, " | ")
		at, err := time.Parse("2006-01-02 15:04", strings.TrimPrefix(cells[0], "| "))
		if err != nil {
			t.Fatal(err)
		}
		report := answer{remaining: cells[1], lots: pageLots(t, cells[2])}.report(t)
		b = b.Observe(at, report)
		now := b.Totals()[0]
		addsUp(t, now)
		for i, change := range []providers.Amount{now.Consumed.Sub(last.Consumed), now.Granted.Sub(last.Granted), now.Expired.Sub(last.Expired)} {
			if change.String() != cells[3+i] {
				t.Errorf("%s: column %d is %s, booked %s", cells[0], 3+i, cells[3+i], change)
			}
		}
		last = now
	}
	if rows < 7 {
		t.Errorf("only %d rows of the example found", rows)
	}
	check(t, b, "credits", "300", "500", "150")
}

// pageLots reads "plan 400 until 2026-03-10, top-up-1 600".
func pageLots(t *testing.T, text string) []part {
	t.Helper()
	var lots []part
	for lot := range strings.SplitSeq(text, ", ") {
		words := strings.Fields(lot)
		p := part{id: words[0], left: words[1]}
		if len(words) == 4 {
			expires, err := time.Parse(time.DateOnly, words[3])
			if err != nil {
				t.Fatal(err)
			}
			p.expires = expires
		}
		lots = append(lots, p)
	}
	return lots
}
