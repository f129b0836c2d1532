package poller_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/providers"
)

// many is enough accounts for a burst to be one.
const many = 2_000

// fleet adds many accounts at so many hosts.
func (w *world) fleet(hosts int) {
	for i := range many {
		w.account(fmt.Sprint("a", i), func(target *poller.Target) { target.Host = fmt.Sprint("h", i%hosts) })
	}
}

// busiest is how many of the polls came within the busiest stretch of that length.
func busiest(at []time.Time, stretch time.Duration) int {
	slices.SortFunc(at, time.Time.Compare)
	most, first := 0, 0
	for i := range at {
		for at[i].Sub(at[first]) >= stretch {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func TestTheEndOfAnOutageIsNoBurst(t *testing.T) {
	simulate(t, func(w *world) {
		w.fleet(many / 4)
		for _, target := range w.targets {
			target.Interval = 30 * time.Minute
		}
		w.start()
		w.pass(31 * time.Minute)
		w.vendor.forget()
		w.pass(15 * time.Minute)
		usual := busiest(w.vendor.asked(), 10*time.Second)

		w.vendor.otherwise(fails(providers.ReasonNetwork, 0, 0))
		w.pass(time.Hour)
		w.vendor.otherwise(nil)
		w.vendor.forget()
		w.pass(31 * time.Minute)
		at := w.vendor.asked()
		if after := busiest(at, 10*time.Second); after > 3*usual {
			t.Errorf("%d polls in ten seconds once the network is back, usually at most %d", after, usual)
		}
		for _, target := range w.targets {
			if up, _ := w.state(target.ID.Account).Up(); !up {
				t.Fatalf("%s has not recovered", target.ID)
			}
		}
	})
}

func TestARestartWithManyOverdueIsNoBurst(t *testing.T) {
	simulate(t, func(w *world) {
		w.fleet(many / 4)
		w.start()
		w.pass(10 * time.Minute)
		kept := w.store.clone()
		w.stop()
		w.store = kept
		w.pass(2 * time.Hour) // the machine was off
		w.vendor.forget()
		w.start()
		w.pass(40 * time.Second)
		at := w.vendor.asked()
		if len(at) < many {
			t.Errorf("%d polls of %d overdue accounts", len(at), many)
		}
		if most := busiest(at, time.Second); most > many/30*3/2 {
			t.Errorf("%d polls in one second, want about %d", most, many/30)
		}
	})
}

// A poll costs a goroutine while it is made; an account that waits for its turn costs none.
func TestGoroutinesAreBounded(t *testing.T) {
	simulate(t, func(w *world) {
		w.fleet(many / 4)
		w.vendor.otherwise(hangs)
		before := runtime.NumGoroutine()
		w.start()
		for range 60 {
			w.pass(7 * time.Second)
			if n := runtime.NumGoroutine() - before; n > w.limits.Concurrent+10 {
				t.Fatalf("%d goroutines for %d polls at once", n, w.limits.Concurrent)
			}
		}
		// Those that nobody needs any more go away.
		w.vendor.otherwise(nil)
		w.targets = w.targets[:10]
		w.reload()
		w.pass(10 * time.Minute)
		if n := runtime.NumGoroutine() - before; n > 15 {
			t.Errorf("%d goroutines are left for ten accounts", n)
		}
	})
}

func TestAReloadTouchesOnlyWhatChanged(t *testing.T) {
	simulate(t, func(w *world) {
		for i := range 300 {
			w.account(fmt.Sprint("a", i))
		}
		w.start()
		w.pass(20 * time.Minute)
		before := map[string]any{}
		for _, target := range w.targets {
			before[target.ID.Account] = w.state(target.ID.Account)
		}
		for i, target := range w.targets {
			// As a reload makes them: new, and equal.
			again := *target
			w.targets[i] = &again
		}
		w.targets[7].Interval = 10 * time.Minute
		w.reload()
		synctest.Wait()
		for _, target := range w.targets {
			name := target.ID.Account
			if moved := before[name] != any(w.state(name)); moved != (name == "a7") {
				t.Errorf("%s: its state was replaced: %v", name, moved)
			}
		}
	})
}
