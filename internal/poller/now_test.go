package poller_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/providers"
)

func (w *world) pollNow(name string) error {
	return w.poller.PollNow(w.t.Context(), ledger.ID{Provider: "vendor", Account: name})
}

// wait is the WaitError that err must be.
func wait(t *testing.T, err error) *poller.WaitError {
	t.Helper()
	refusal, ok := errors.AsType[*poller.WaitError](err)
	if !ok {
		t.Fatalf("%v, want a WaitError", err)
	}
	return refusal
}

func TestPollNow(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.start()
		w.pass(10 * time.Minute)
		w.vendor.forget()
		last := w.state("a").LastRequest
		time.Sleep(time.Until(last.Add(2 * time.Minute)))
		w.vendor.answer("a", func(context.Context, string) (providers.Report, error) {
			time.Sleep(3 * time.Second)
			return report("7"), nil
		})
		begin := time.Now()
		if err := w.pollNow("a"); err != nil {
			t.Fatal(err)
		}
		between(t, "the poll", time.Since(begin), 3*time.Second, 3*time.Second)
		state := w.state("a")
		if got := state.Report.Balances[0].Remaining.String(); got != "7" {
			t.Errorf("the ledger has %s once the poll is over, want 7", got)
		}
		if !state.NextPoll.After(state.LastPoll) {
			t.Error("the next poll is not planned once this one is over")
		}
		if n := len(w.vendor.asked()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}

func TestPollNowTellsOfAFailureThroughTheLedger(t *testing.T) {
	simulate(t, func(w *world) {
		missing := &file{value: "test-key-a"}
		w.account("a", key(missing))
		w.account("b")
		w.start()
		w.pass(10 * time.Minute)
		missing.write("")
		w.vendor.answer("b", fails(providers.ReasonRateLimited, 429, time.Hour))
		w.pass(time.Until(w.state("a").LastRequest.Add(time.Minute)))
		w.pass(time.Until(w.state("b").LastRequest.Add(time.Minute)))
		for name, reason := range map[string]providers.Reason{"a": providers.ReasonCredentials, "b": providers.ReasonRateLimited} {
			if err := w.pollNow(name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if f := w.state(name).Failure; f == nil || f.Reason != reason {
				t.Errorf("%s: %+v, want %s", name, f, reason)
			}
		}
	})
}

func TestPollNowOfNobody(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.start()
		if err := w.pollNow("b"); !errors.Is(err, poller.ErrUnknownAccount) {
			t.Errorf("an account that is not configured: %v", err)
		}
		w.pass(10 * time.Minute)
		w.pass(time.Until(w.state("a").LastRequest.Add(time.Minute)))
		w.vendor.answer("a", hangs)
		ended := make(chan error, 1)
		go func() { ended <- w.pollNow("a") }()
		w.pass(time.Second)
		w.stop()
		if err := <-ended; !errors.Is(err, poller.ErrEnded) {
			t.Errorf("the poller ended: %v", err)
		}
		if err := w.pollNow("a"); !errors.Is(err, poller.ErrEnded) {
			t.Errorf("the poller has ended: %v", err)
		}
	})
}

func TestPollNowAsksNobodyBeforeMinInterval(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.account("local", func(target *poller.Target) { target.MinInterval = 0 })
		w.start()
		w.pass(10 * time.Second)
		asked := w.state("a").LastRequest
		w.vendor.forget()
		refusal := wait(t, w.pollNow("a"))
		if refusal.Window || !refusal.Until.Equal(asked.Add(time.Minute)) {
			t.Errorf("%+v, want the end of min_interval, %v", refusal, asked.Add(time.Minute))
		}
		for range 3 {
			if err := w.pollNow("local"); err != nil {
				t.Errorf("a vendor without min_interval: %v", err)
			}
		}
		if n := len(w.vendor.asked("a")); n != 0 {
			t.Errorf("%d requests inside min_interval", n)
		}
		if n := len(w.vendor.asked("local")); n != 3 {
			t.Errorf("%d requests of 3 polls", n)
		}
	})
}

func TestPollNowAsksNobodyInsideAWindow(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a", key(fixed("test-key-shared")))
		w.account("b", key(fixed("test-key-shared")))
		w.start()
		w.pass(10 * time.Minute)
		w.pass(time.Until(w.state("a").LastRequest.Add(time.Minute)))
		w.vendor.answer("a", fails(providers.ReasonRateLimited, 429, time.Hour))
		if err := w.pollNow("a"); err != nil {
			t.Fatal(err)
		}
		end := w.state("a").Window
		w.pass(2 * time.Minute)
		w.vendor.forget()
		for _, name := range []string{"a", "b"} {
			if refusal := wait(t, w.pollNow(name)); !refusal.Window || !refusal.Until.Equal(end) {
				t.Errorf("%s: %+v, want the window's end, %v", name, refusal, end)
			}
		}
		// A process that has just started does not know yet which account uses which credential.
		w.pass(time.Second)
		w.restart()
		for _, name := range []string{"a", "b"} {
			if refusal := wait(t, w.pollNow(name)); !refusal.Window || !refusal.Until.Equal(end) {
				t.Errorf("%s after a restart: %+v, want the window's end, %v", name, refusal, end)
			}
		}
		if at := w.vendor.asked(); len(at) != 0 {
			t.Errorf("inside the window: %s", gaps(at))
		}
	})
}

func TestPollNowJoinsThePollInFlight(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.start()
		w.pass(10 * time.Minute)
		w.pass(time.Until(w.state("a").LastRequest.Add(time.Minute)))
		w.vendor.forget()
		w.vendor.answer("a", func(context.Context, string) (providers.Report, error) {
			time.Sleep(5 * time.Second)
			return report("7"), nil
		})
		begin := time.Now()
		var asking sync.WaitGroup
		for range 3 {
			asking.Go(func() {
				if err := w.pollNow("a"); err != nil {
					t.Error(err)
				}
				between(t, "the poll", time.Since(begin), 5*time.Second, 5*time.Second)
			})
			w.pass(time.Second)
		}
		asking.Wait()
		if n := len(w.vendor.asked()); n != 1 {
			t.Errorf("%d requests for three who asked at once", n)
		}
	})
}

func TestPollNowKeepsToTheLimits(t *testing.T) {
	simulate(t, func(w *world) {
		w.limits = poller.Limits{Concurrent: 3, PerHost: 2}
		slow := func(context.Context, string) (providers.Report, error) {
			time.Sleep(10 * time.Second)
			return report("7"), nil
		}
		for i := range 4 {
			w.account(fmt.Sprint("a", i))
		}
		w.account("paused0", func(target *poller.Target) { target.Host, target.HostInterval = "paused.example", 20*time.Second })
		w.account("paused1", func(target *poller.Target) { target.Host, target.HostInterval = "paused.example", 20*time.Second })
		for i := range 2 {
			w.account(fmt.Sprint("shared", i), key(fixed("test-key-shared")), func(target *poller.Target) { target.Host = "shared.example" })
		}
		for _, target := range w.targets {
			target.Interval = time.Hour
		}
		w.start()
		w.pass(2 * time.Hour)
		for _, target := range w.targets {
			w.vendor.answer(target.ID.Account, slow)
			// Out of everyone's regular turn and of all pauses.
			if next := w.state(target.ID.Account).NextPoll; time.Until(next) < 5*time.Minute {
				w.pass(time.Until(next) + 2*time.Minute)
			}
		}
		took := map[string]time.Duration{}
		var mu sync.Mutex
		var asking sync.WaitGroup
		all := func(names ...string) time.Duration {
			begin := time.Now()
			for _, name := range names {
				asking.Go(func() {
					if err := w.pollNow(name); err != nil {
						t.Errorf("%s: %v", name, err)
					}
					mu.Lock()
					defer mu.Unlock()
					took[name] = time.Since(begin)
				})
			}
			asking.Wait()
			synctest.Wait()
			return time.Since(begin)
		}
		between(t, "four at a host for two", all("a0", "a1", "a2", "a3"), 20*time.Second, 20*time.Second)
		between(t, "two with one key", all("shared0", "shared1"), 20*time.Second, 20*time.Second)
		between(t, "two at a host that wants a pause", all("paused0", "paused1"), 30*time.Second, 31*time.Second)
	})
}

func TestPollNowTriesARefusedKey(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.vendor.answer("a", fails(providers.ReasonUnauthorized, 401, 0))
		w.start()
		w.pass(2 * time.Minute)
		w.vendor.answer("a", nil)
		if err := w.pollNow("a"); err != nil {
			t.Fatal(err)
		}
		if up, _ := w.state("a").Up(); !up {
			t.Error("a key that the vendor accepts again was not tried")
		}
	})
}

func TestWhoLeavesDoesNotEndThePoll(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.start()
		w.pass(10 * time.Minute)
		w.pass(time.Until(w.state("a").LastRequest.Add(time.Minute)))
		w.vendor.answer("a", func(context.Context, string) (providers.Report, error) {
			time.Sleep(5 * time.Second)
			return report("7"), nil
		})
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		if err := w.poller.PollNow(ctx, ledger.ID{Provider: "vendor", Account: "a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's end", err)
		}
		w.pass(5 * time.Second)
		if got := w.state("a").Report.Balances[0].Remaining.String(); got != "7" {
			t.Errorf("the ledger has %s, want what the poll brought, 7", got)
		}
	})
}
