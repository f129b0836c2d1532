package poller_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/providers"
)

// What the ledger knows of an account whose poll was cut off is an older answer, which must not pass for a new one.
func TestOnceTellsNothingOfAPollThatWasCutOff(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("slow")
		w.account("quick")
		once := func(ctx context.Context) map[string]bool {
			told := map[string]bool{}
			w.open().Once(ctx, w.targets, func(id ledger.ID, _ poller.Verdict) { told[id.Account] = true })
			if err := w.ledger.Commit(); err != nil {
				t.Fatal(err)
			}
			return told
		}
		if told := once(w.t.Context()); !told["slow"] || !told["quick"] {
			t.Fatalf("the first round tells only of %v", told)
		}
		w.pass(2 * time.Minute)
		w.vendor.answer("slow", hangs)
		interrupted, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		if told := once(interrupted); told["slow"] || !told["quick"] {
			t.Errorf("after an interrupted round it is told of %v, want quick alone", told)
		}
	})
}

func TestHostIntervalHoldsOverReloads(t *testing.T) {
	simulate(t, func(w *world) {
		for i := range 10 {
			w.account(fmt.Sprint("a", i), func(target *poller.Target) { target.HostInterval = 10 * time.Second })
		}
		w.start()
		for range 4 {
			w.pass(7 * time.Second)
			w.reload()
		}
		w.pass(2 * time.Minute)
		at := w.vendor.asked()
		if len(at) < 10 {
			t.Errorf("only %s of 10", gaps(at))
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < 10*time.Second {
				t.Errorf("two requests within %v", gap)
			}
		}
	})
}

func TestTheWindowThatIsShownIsTheOneInForce(t *testing.T) {
	t.Run("after a step of the clock back", func(t *testing.T) {
		simulate(t, func(w *world) {
			w.account("a")
			w.vendor.answer("a", fails(providers.ReasonRateLimited, 429, time.Hour))
			w.start()
			w.pass(time.Minute)
			w.stepClock(-8 * time.Hour)
			w.pass(31 * time.Second)
			if left := w.state("a").Window.Sub(w.now()); left > time.Hour {
				t.Errorf("a window of an hour is shown with %v left", left)
			}
		})
	})
	t.Run("of another credential", func(t *testing.T) {
		simulate(t, func(w *world) {
			secret := &file{value: "test-key-old"}
			w.account("a", key(secret))
			w.vendor.answer("a", fails(providers.ReasonRateLimited, 429, time.Hour))
			w.start()
			w.pass(2 * time.Minute)
			w.vendor.answer("a", fails(providers.ReasonServerError, 500, 0))
			secret.write("test-key-new")
			w.reload()
			w.pass(time.Second)
			if n := len(w.vendor.asked("a")); n != 2 {
				t.Fatalf("asked %d times, want once with each credential", n)
			}
			if open := w.state("a").At(w.now()).OpenWindow; !open.IsZero() {
				t.Errorf("the window of the credential before is shown: %v", open)
			}
		})
	})
}

// A refusal is left alone for the time that was worked out when it came, whatever the clock does since.
func TestARefusalDoesNotGrowWithTheClock(t *testing.T) {
	for name, restarts := range map[string]bool{"while it runs": false, "over a restart": true} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(w *world) {
				w.account("a")
				w.vendor.answer("a", fails(providers.ReasonUnauthorized, 401, 0))
				w.start()
				w.pass(time.Minute)
				w.vendor.forget()
				w.stepClock(-365 * 24 * time.Hour)
				if restarts {
					w.restart()
				}
				w.pass(7 * time.Minute)
				if n := len(w.vendor.asked()); n != 1 {
					t.Errorf("asked %d times in the interval after the step, want once", n)
				}
			})
		})
	}
}

// A file system that hangs may keep one account's credential from being read, but no other account from its new one.
func TestAReloadTriesNewCredentialsThoughAnotherCannotBeRead(t *testing.T) {
	simulate(t, func(w *world) {
		stuck := &hanging{}
		w.account("stuck", key(stuck))
		w.account("a")
		w.vendor.answer("stuck", fails(providers.ReasonUnauthorized, 401, 0))
		w.vendor.answer("a", func(_ context.Context, key string) (providers.Report, error) {
			if key != "test-key-new" {
				return providers.Report{}, &providers.Error{Reason: providers.ReasonUnauthorized, Status: 401}
			}
			return report("1"), nil
		})
		w.start()
		w.pass(2 * time.Minute)
		release := stuck.hang()
		defer release()
		w.pass(11 * time.Second) // the regular reading hangs now

		changed := *w.targets[1]
		key(fixed("test-key-new"))(&changed)
		w.targets = []*poller.Target{&changed}
		w.reload()
		w.pass(time.Second)
		if f := w.state("a").Failure; f != nil {
			t.Errorf("the new credential was not tried: %+v", f)
		}
	})
}

// hanging is a credential on a file system that can stop to answer.
type hanging struct {
	mu    sync.Mutex
	until chan struct{}
}

func (h *hanging) Read() (providers.Secret, error) {
	h.mu.Lock()
	until := h.until
	h.mu.Unlock()
	if until != nil {
		<-until
	}
	return providers.NewSecret("test-key-stuck"), nil
}

// hang begins to hang, until what it gives is called.
func (h *hanging) hang() (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	until := make(chan struct{})
	h.until = until
	return func() { close(until) }
}

// Same compares the places.
func (h *hanging) Same(other any) bool { return h == other }
