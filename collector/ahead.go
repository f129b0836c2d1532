package collector

import (
	"context"
	"time"

	"github.com/credits-exporter/credits_exporter/collector/internal/packed"
)

const (
	// aheadInterval is how often what changed is written and compressed before somebody asks.
	aheadInterval = 250 * time.Millisecond
	// aheadShare bounds what that costs: one part in so many of a core.
	aheadShare = 20
	// forgetAfter is how long a form that nobody asks for is kept.
	forgetAfter = 15 * time.Minute
)

// Run writes what changed shortly after it changed, in the forms that are being asked for, so that a scrape finds it
// ready; and drops forms that nobody has asked for in 15 minutes. It returns when ctx ends. Without it, Expose does all
// the work and drops nothing.
func (c *Collector) Run(ctx context.Context) {
	timer := time.NewTimer(aheadInterval)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		began := time.Now()
		c.keeper.work()
		timer.Reset(max(aheadInterval, aheadShare*time.Since(began)))
	}
}

// work brings what is asked for up to date.
func (k *keeper) work() {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, asked := k.now(), false
	for f, kept := range k.kept {
		switch {
		case kept == nil:
		case kept.forget(now.Add(-forgetAfter)):
			asked = true
		default:
			k.kept[f] = nil
		}
	}
	if !asked {
		k.listing, k.groups = nil, nil
		return
	}
	for f, places := range k.refresh(now, 1) {
		if kept := k.kept[f]; kept != nil {
			for c, asked := range kept.asked {
				if !asked.IsZero() {
					k.compress(kept, places, packed.Coding(c), 1)
				}
			}
		}
	}
}
