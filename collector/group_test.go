package collector

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

func numberedEntries(n int) []*ledger.Entry {
	entries := make([]*ledger.Entry, n)
	for i := range entries {
		entries[i] = &ledger.Entry{ID: ledger.ID{Provider: "olostep", Account: fmt.Sprintf("customer-%06d", i)}}
	}
	return entries
}

// TestSplit: groups have all accounts in their order and are neither small nor large, and one account that goes changes
// few of them.
func TestSplit(t *testing.T) {
	for _, n := range []int{0, 1, minGroup, maxGroup, 5000} {
		entries := numberedEntries(n)
		groups := split(entries)
		if !slices.Equal(slices.Concat(groups...), entries) {
			t.Errorf("%d accounts are not the same in groups", n)
		}
		for i, g := range groups {
			if len(g) > maxGroup || len(g) < minGroup && i < len(groups)-1 {
				t.Errorf("a group of %d", len(g))
			}
		}
	}
	entries := numberedEntries(5000)
	before := split(entries)
	if size := len(entries) / len(before); size < minGroup || size > 64 {
		t.Errorf("groups have %d accounts on average", size)
	}
	most := 0
	for gone := range 500 {
		rest := slices.Delete(slices.Clone(entries), gone, gone+1)
		other := 0
		for _, g := range split(rest) {
			if !slices.ContainsFunc(before, func(b []*ledger.Entry) bool { return slices.Equal(b, g) }) {
				other++
			}
		}
		most = max(most, other)
	}
	if most > 10 {
		t.Errorf("one account that goes changes %d groups", most)
	}
}

func TestShare(t *testing.T) {
	for _, workers := range []int{1, 3} {
		for _, n := range []int{0, 1, 100} {
			done := make([]atomic.Int32, n)
			share(n, workers, func(worker, i int) {
				if worker < 0 || worker >= workers {
					t.Errorf("worker %d of %d", worker, workers)
				}
				done[i].Add(1)
			})
			for i := range done {
				if times := done[i].Load(); times != 1 {
					t.Errorf("thing %d of %d was done %d times by %d workers", i, n, times, workers)
				}
			}
		}
	}
}
