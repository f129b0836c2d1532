package book_test

import (
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/book"
)

// BenchmarkObserve is one poll of a balance with three lots: one that changed something, and one that did not.
func BenchmarkObserve(b *testing.B) {
	lots := func(first string) []part {
		return []part{
			{kind: "subscription", left: first, allocated: "5000", expires: day(30)},
			{kind: "top-up", left: "400", allocated: "500", expires: day(90)},
			{kind: "top-up", left: "500", allocated: "500", expires: day(120)},
		}
	}
	before, after := answer{remaining: "2100", lots: lots("1200")}.report(b), answer{remaining: "2090", lots: lots("1190")}.report(b)
	books := book.Book{}.Observe(start, before)
	for name, report := range map[string]struct {
		spent bool
	}{"spent": {true}, "idle": {false}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if report.spent {
					books.Observe(start.Add(time.Hour), after)
				} else {
					books.Observe(start.Add(time.Hour), before)
				}
			}
		})
	}
}
