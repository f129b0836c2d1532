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

const slack = 2 * time.Second

// between fails the test unless d lies in a range.
func between(t *testing.T, what string, d, low, high time.Duration) {
	t.Helper()
	if d < low || d > high {
		t.Errorf("%s: %v, want %v to %v", what, d, low, high)
	}
}

func TestEachAccountIsPolledEveryInterval(t *testing.T) {
	simulate(t, func(w *world) {
		for i := range 40 {
			w.account(fmt.Sprint("a", i))
		}
		begin := w.now()
		w.start()
		w.pass(10 * time.Hour)
		phases := map[int64]int{}
		for i := range 40 {
			name := fmt.Sprint("a", i)
			at := w.vendor.asked(name)
			between(t, "first poll", at[0].Sub(begin), 0, time.Second)
			between(t, "second poll", at[1].Sub(at[0]), 150*time.Second, 450*time.Second)
			for i := 2; i < len(at); i++ {
				between(t, "interval of "+name, at[i].Sub(at[i-1]), 5*time.Minute-time.Second, 5*time.Minute+time.Second)
			}
			if n := len(at); n < 120 || n > 121 {
				t.Errorf("%s: %d polls in ten hours", name, n)
			}
			phases[at[1].Unix()%300/30]++
		}
		if len(phases) < 8 {
			t.Errorf("the accounts share their phases: %v", phases)
		}
	})
}

func TestThePhaseSurvivesARestart(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.start()
		w.pass(time.Hour)
		last := w.vendor.asked()
		w.vendor.forget()
		w.restart()
		w.pass(time.Hour)
		next := w.vendor.asked()
		between(t, "after the restart", next[0].Sub(last[len(last)-1]), 5*time.Minute-time.Second, 5*time.Minute+time.Second)
	})
}

func TestAStartWithManyAccountsIsNoBurst(t *testing.T) {
	for n, want := range map[int]time.Duration{crowd: time.Second, 3 * crowd: 25 * time.Second} {
		simulate(t, func(w *world) {
			for i := range n {
				w.account(fmt.Sprint("a", i), func(target *poller.Target) { target.Host = fmt.Sprint("h", i) })
			}
			w.start()
			w.pass(40 * time.Second)
			at := w.vendor.asked()
			if len(at) != n {
				t.Fatalf("%d polls of %d accounts", len(at), n)
			}
			between(t, fmt.Sprint(n, " accounts take"), at[n-1].Sub(at[0]), want-time.Second, want+5*time.Second)
		})
	}
}

const crowd = 100

func TestMinIntervalHolds(t *testing.T) {
	simulate(t, func(w *world) {
		secret := &file{value: "test-key-1"}
		w.account("a", key(secret), func(target *poller.Target) { target.Interval = time.Minute })
		w.vendor.answer("a", fails(providers.ReasonServerError, 500, 0))
		w.start()
		for i := range 200 { // reloads, new credentials, restarts, failures, successes
			w.pass(time.Duration(7+i%11) * time.Second)
			switch i % 4 {
			case 0:
				secret.write(fmt.Sprint("test-key-", i))
				w.reload()
			case 1:
				w.vendor.answer("a", fails(providers.ReasonUnauthorized, 401, 0))
			case 2:
				w.vendor.answer("a", nil)
			case 3:
				// A kill within a second of a poll may come before the storage knows of it.
				for at := w.vendor.asked(); len(at) > 0 && w.now().Sub(at[len(at)-1]) < time.Second; {
					w.pass(time.Second)
					at = w.vendor.asked()
				}
				w.restart()
			}
		}
		at := w.vendor.asked()
		if len(at) < 20 {
			t.Fatalf("only %s", gaps(at))
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < time.Minute {
				t.Errorf("poll %d came %v after the one before", i, gap)
			}
		}
	})
}

func TestRetryWindows(t *testing.T) {
	tests := map[string]struct {
		answer answer
		want   []time.Duration // from each poll to the next
	}{
		"what the vendor said":              {fails(providers.ReasonRateLimited, 429, 180*time.Second), []time.Duration{180 * time.Second, 180 * time.Second, 240 * time.Second, 480 * time.Second}},
		"at least min_interval":             {fails(providers.ReasonRateLimited, 429, time.Second), []time.Duration{time.Minute, 2 * time.Minute}},
		"nothing said: from the interval":   {fails(providers.ReasonRateLimited, 429, 0), []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour, time.Hour}},
		"said for long":                     {fails(providers.ReasonRateLimited, 429, 5*time.Hour), []time.Duration{5 * time.Hour, 5 * time.Hour}},
		"no longer than a day":              {fails(providers.ReasonRateLimited, 429, 90*time.Hour), []time.Duration{24 * time.Hour, 24 * time.Hour}},
		"of a server error, without growth": {fails(providers.ReasonServerError, 503, 10*time.Minute), []time.Duration{10 * time.Minute, 10 * time.Minute, 10 * time.Minute}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(w *world) {
				w.account("a")
				w.vendor.answer("a", test.answer)
				w.start()
				for i, want := range test.want {
					w.pass(time.Second) // the answer is in
					if left := w.state("a").Window.Sub(w.now()); i == 0 {
						between(t, "the window shown", left, want-2*time.Second, want)
					}
					w.pass(want + slack)
					at := w.vendor.asked()
					if len(at) != i+2 {
						t.Fatalf("%s, want poll %d", gaps(at), i+2)
					}
					between(t, fmt.Sprint("wait ", i), at[i+1].Sub(at[i]), want, want+slack)
				}
			})
		})
	}
}

func TestAWindowHoldsWhateverHappens(t *testing.T) {
	simulate(t, func(w *world) {
		shared := fixed("test-key-shared")
		w.account("a", key(shared))
		w.account("b", key(shared))
		w.account("other", key(fixed("test-key-other")))
		w.account("elsewhere", key(shared), func(target *poller.Target) { target.Host = "elsewhere.example" })
		w.start()
		w.pass(20 * time.Minute)
		w.vendor.answer("a", fails(providers.ReasonRateLimited, 429, 2*time.Hour))
		for before := len(w.vendor.asked("a")); len(w.vendor.asked("a")) == before; {
			w.pass(time.Second)
		}
		end := w.now().Add(2*time.Hour - 2*time.Second)
		w.vendor.forget()
		w.restart()
		w.pass(20 * time.Minute)
		w.reload()
		w.pass(20 * time.Minute)
		w.targets[0].ID.Account = "renamed" // the vendor's own name for the account stays a
		w.stop()
		w.start()
		w.pass(20 * time.Minute)
		w.account("new", key(shared))
		w.reload()
		for w.now().Before(end) {
			w.pass(time.Second)
		}
		if at := w.vendor.asked("a", "b", "new"); len(at) != 0 {
			t.Errorf("asked %d times inside the window, first %v before its end", len(at), end.Sub(at[0]))
		}
		for _, name := range []string{"other", "elsewhere"} {
			if n := len(w.vendor.asked(name)); n < 23 {
				t.Errorf("%s was asked %d times in two hours", name, n)
			}
		}
		w.vendor.answer("a", nil)
		w.pass(10 * time.Second)
		at := w.vendor.asked("a", "b", "new")
		if len(at) != 3 {
			t.Fatalf("%s after the window", gaps(at))
		}
		between(t, "the first after the window", at[0].Sub(end), 0, 5*time.Second)
		for i := 1; i < 3; i++ {
			between(t, "pause between those it frees", at[i].Sub(at[i-1]), 400*time.Millisecond, 600*time.Millisecond)
		}
	})
}

func TestFailuresBackOff(t *testing.T) {
	for _, reason := range []providers.Reason{
		providers.ReasonServerError, providers.ReasonTimeout, providers.ReasonNetwork, providers.ReasonBadResponse,
		providers.ReasonClientError, providers.ReasonPaymentRequired, providers.ReasonInternal,
	} {
		t.Run(string(reason), func(t *testing.T) {
			simulate(t, func(w *world) {
				w.account("a", func(target *poller.Target) { target.MinInterval = 0 })
				w.vendor.answer("a", fails(reason, 0, 0))
				w.start()
				w.pass(30 * time.Minute)
				at := w.vendor.asked()
				for i, want := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
					between(t, fmt.Sprint("wait ", i), at[i+1].Sub(at[i]), want, min(want*6/5, 5*time.Minute)+time.Second)
				}
				w.vendor.answer("a", nil)
				w.pass(30 * time.Minute)
				at = w.vendor.asked()
				last := at[len(at)-1].Sub(at[len(at)-2])
				between(t, "interval after the recovery", last, 5*time.Minute-time.Second, 5*time.Minute+time.Second)
				if up, _ := w.state("a").Up(); !up {
					t.Error("the account is not up")
				}
			})
		})
	}
}

func TestOneBadKeyIsTriedByOneAccount(t *testing.T) {
	simulate(t, func(w *world) {
		names := []string{"a", "b", "c"}
		for _, name := range names {
			w.account(name, key(fixed("test-key-shared")))
			w.vendor.answer(name, fails(providers.ReasonUnauthorized, 401, 0))
		}
		w.start()
		w.pass(time.Second)
		for i, want := range []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour, time.Hour} {
			at := w.vendor.asked()
			if len(at) != i+1 {
				t.Fatalf("%s after wait %d", gaps(at), i)
			}
			for _, name := range names {
				if up, known := w.state(name).Up(); up || !known {
					t.Errorf("%s does not fail", name)
				}
			}
			w.pass(want)
		}
		for _, name := range names {
			w.vendor.answer(name, nil)
		}
		w.vendor.forget()
		w.pass(time.Hour)
		if at := w.vendor.asked(); len(at) < 3 || at[2].Sub(at[0]) > slack {
			t.Errorf("%s: not all were asked as soon as one succeeded", gaps(at))
		}
		for _, name := range names {
			if up, _ := w.state(name).Up(); !up {
				t.Errorf("%s still fails, though the key is good again", name)
			}
		}
	})
}

// A key may be good for one account and refused for another: the good one must not suffer for longer than one wait.
func TestARefusalThatIsTheAccountsOwn(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("good", key(fixed("test-key-shared")))
		w.account("bad", key(fixed("test-key-shared")))
		w.vendor.answer("bad", fails(providers.ReasonUnauthorized, 403, 0))
		w.start()
		w.pass(time.Hour)
		w.vendor.forget()
		w.pass(10 * time.Hour)
		if n := len(w.vendor.asked("good")); n < 119 || n > 121 {
			t.Errorf("the good account was asked %d times in ten hours", n)
		}
		if n := len(w.vendor.asked("bad")); n < 9 || n > 11 {
			t.Errorf("the bad account was asked %d times in ten hours", n)
		}
	})
}

func TestANewCredentialIsTriedAtOnce(t *testing.T) {
	for name, broken := range map[string]string{"refused": "test-key-old", "missing": ""} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(w *world) {
				secret := &file{value: broken}
				w.account("a", key(secret))
				w.vendor.answer("a", func(_ context.Context, key string) (providers.Report, error) {
					if key != "test-key-new" {
						return providers.Report{}, &providers.Error{Reason: providers.ReasonUnauthorized, Status: 401}
					}
					return report("1"), nil
				})
				w.start()
				w.pass(30 * time.Minute)
				if w.state("a").Failure == nil {
					t.Fatal("the account does not fail")
				}
				w.restart()
				w.pass(2 * time.Minute)
				before := len(w.vendor.asked())
				w.pass(time.Minute)
				if n := len(w.vendor.asked()); n != before {
					t.Errorf("the old credential was tried %d times more", n-before)
				}
				secret.write("test-key-new")
				w.pass(11 * time.Second)
				if w.state("a").Failure != nil {
					t.Errorf("not tried: %s", gaps(w.vendor.asked()))
				}
			})
		})
	}
}

func TestLotsThatExpireAndRenewalsArePolled(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a", func(target *poller.Target) { target.Interval = 24 * time.Hour })
		begin := w.now()
		expires, resets := begin.Add(3*time.Hour), begin.Add(7*time.Hour)
		w.vendor.answer("a", func(context.Context, string) (providers.Report, error) {
			r := report("5")
			r.Balances[0].Resets = resets
			r.Balances[0].Lots = []providers.Lot{{Kind: "x", Remaining: providers.NewAmount(5), Expires: expires}}
			return r, nil
		})
		w.start()
		w.pass(11 * time.Hour)
		at := w.vendor.asked()
		if len(at) != 3 {
			t.Fatalf("%s, want the first, the expiry and the renewal", gaps(at))
		}
		between(t, "after the expiry", at[1].Sub(expires), 5*time.Second, 6*time.Second)
		between(t, "after the renewal", at[2].Sub(resets), 5*time.Second, 6*time.Second)
	})
}

func TestABlackHoleCostsNobodyElse(t *testing.T) {
	simulate(t, func(w *world) {
		for i := range 20 {
			name := fmt.Sprint("dead", i)
			w.account(name, func(target *poller.Target) { target.Host = "dead.example"; target.MinInterval = 0 })
			w.vendor.answer(name, hangs)
		}
		for i := range 20 {
			w.account(fmt.Sprint("alive", i))
		}
		w.start()
		w.pass(3 * time.Hour)
		for i := range 20 {
			name := fmt.Sprint("alive", i)
			if n := len(w.vendor.asked(name)); n < 36 || n > 37 {
				t.Errorf("%s: %d polls in three hours", name, n)
			}
			if f := w.state(fmt.Sprint("dead", i)).Failure; f == nil || f.Reason != providers.ReasonTimeout {
				t.Errorf("dead%d: %+v", i, f)
			}
		}
	})
}

func TestLimitsOfConcurrency(t *testing.T) {
	for hosts, want := range map[int]int{30: 20, 5: 10} { // the limit over all, and those of the hosts together
		simulate(t, func(w *world) {
			var mu sync.Mutex
			inFlight, most := 0, 0
			count := func(by int) {
				mu.Lock()
				defer mu.Unlock()
				inFlight += by
				most = max(most, inFlight)
			}
			for i := range 90 {
				name := fmt.Sprint("a", i)
				w.account(name, func(target *poller.Target) { target.Host = fmt.Sprint("host", i%hosts) })
				w.vendor.answer(name, func(context.Context, string) (providers.Report, error) {
					count(1)
					defer count(-1)
					time.Sleep(time.Second)
					return report("1"), nil
				})
			}
			w.limits = poller.Limits{Concurrent: 20, PerHost: 2}
			w.start()
			w.pass(20 * time.Second)
			if most != want {
				t.Errorf("%d hosts: %d polls at once, want %d", hosts, most, want)
			}
			if n := len(w.vendor.asked()); n != 90 {
				t.Errorf("%d polls of 90", n)
			}
		})
	}
}

// slow is a credential that takes long to read.
type slow struct {
	value string
	takes time.Duration
}

func (s slow) Read() (providers.Secret, error) {
	time.Sleep(s.takes)
	return providers.NewSecret(s.value), nil
}

// A credential that was read for the configuration before must not be sent for the one after.
func TestReloadWhileACredentialIsRead(t *testing.T) {
	simulate(t, func(w *world) {
		target := w.account("a", key(slow{"test-key-old", 3 * time.Second}))
		w.start()
		w.pass(time.Second)
		changed := *target
		key(fixed("test-key-new"))(&changed)
		w.targets = []*poller.Target{&changed}
		w.reload()
		w.pass(time.Minute)
		if len(w.vendor.polls) != 1 || w.vendor.polls[0].key != "test-key-new" {
			t.Errorf("polls: %+v", w.vendor.polls)
		}
	})
}

// Of those that wait for a credential, one may come back with another: the others must not wait for that.
func TestAKeyThatChangesWhileItIsWaitedFor(t *testing.T) {
	simulate(t, func(w *world) {
		rotated := &file{value: "test-key-shared"}
		w.account("a", key(fixed("test-key-shared")))
		w.account("b", key(rotated))
		names := []string{"a", "b"}
		for i := range 6 {
			names = append(names, fmt.Sprint("c", i))
			w.account(names[i+2], key(fixed("test-key-shared")))
		}
		for _, name := range names {
			w.vendor.answer(name, func(context.Context, string) (providers.Report, error) {
				time.Sleep(2 * time.Second)
				return report("1"), nil
			})
		}
		w.start()
		w.pass(time.Second)
		rotated.write("test-key-b")
		w.pass(30 * time.Second)
		for _, name := range names {
			if n := len(w.vendor.asked(name)); n != 1 {
				t.Errorf("%s was asked for %d times", name, n)
			}
		}
	})
}

func TestHostIntervalPartsAllRequestsToAHost(t *testing.T) {
	simulate(t, func(w *world) {
		for i := range 10 {
			w.account(fmt.Sprint("a", i), func(target *poller.Target) { target.HostInterval = 2 * time.Second })
		}
		w.start()
		w.pass(2 * time.Hour)
		at := w.vendor.asked()
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < 2*time.Second {
				t.Errorf("two requests within %v", gap)
			}
		}
		if len(at) < 240 {
			t.Errorf("only %d polls of 240", len(at))
		}
	})
}

// Those that wait for one another's credential keep the pause, too.
func TestHostIntervalPartsThoseThatShareAKey(t *testing.T) {
	simulate(t, func(w *world) {
		for i := range 5 {
			name := fmt.Sprint("a", i)
			w.account(name, key(fixed("test-key-shared")), func(target *poller.Target) { target.HostInterval = 5 * time.Second })
			w.vendor.answer(name, func(context.Context, string) (providers.Report, error) {
				if len(w.vendor.asked()) == 1 {
					time.Sleep(19 * time.Second) // so that all others wait for the key
				}
				return report("1"), nil
			})
		}
		w.start()
		w.pass(time.Hour)
		at := w.vendor.asked()
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < 5*time.Second {
				t.Errorf("two requests within %v", gap)
			}
		}
		if len(at) < 60 {
			t.Errorf("only %d polls of 60", len(at))
		}
	})
}

func TestReloadWhileAPollIsInFlight(t *testing.T) {
	simulate(t, func(w *world) {
		target := w.account("a")
		release := make(chan struct{})
		w.vendor.answer("a", func(context.Context, string) (providers.Report, error) {
			<-release
			return report("1"), nil
		})
		w.start()
		w.pass(time.Second)

		changed := *target
		changed.Identity = "2"
		w.targets = []*poller.Target{&changed}
		w.reload()
		w.vendor.answer("a", func(context.Context, string) (providers.Report, error) { return report("2"), nil })
		close(release)
		w.pass(time.Second)
		if w.state("a").Report != nil {
			t.Error("an answer to the old question was taken")
		}
		w.pass(time.Minute)
		if r := w.state("a").Report; r == nil || r.Balances[0].Remaining.String() != "2" {
			t.Errorf("the new question was not asked as soon as min_interval allows: %s", gaps(w.vendor.asked()))
		}
	})
}

func TestAnAccountThatLeavesAndComesBackWhileItIsPolled(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.vendor.answer("a", hangs)
		w.start()
		w.pass(time.Second)
		both := w.targets
		w.targets = nil
		w.reload()
		if _, there := w.ledger.Lookup(ledger.ID{Provider: "vendor", Account: "a"}); there {
			t.Error("the account is still there")
		}
		w.targets = both
		w.reload()
		w.vendor.answer("a", nil)
		w.pass(10 * time.Minute) // the vendor notes an error should two polls overlap
		if up, _ := w.state("a").Up(); !up {
			t.Error("the account is not polled any more")
		}
		w.targets = nil
		w.reload()
		w.vendor.forget()
		w.pass(time.Hour)
		if at := w.vendor.asked(); len(at) != 0 {
			t.Errorf("a removed account was asked for: %s", gaps(at))
		}
	})
}

func TestTheClock(t *testing.T) {
	tests := map[string]struct {
		step time.Duration
		// the longest time without a poll after the step
		within time.Duration
	}{
		"suspended for a night": {8 * time.Hour, 31 * time.Second},
		"a step back":           {-8 * time.Hour, 481 * time.Second},
		"a small step back":     {-2 * time.Minute, 481 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(w *world) {
				w.account("a")
				w.account("held")
				w.vendor.answer("held", fails(providers.ReasonRateLimited, 429, time.Hour))
				w.start()
				w.pass(20 * time.Minute)
				w.vendor.forget()
				w.stepClock(test.step)
				w.pass(test.within)
				// The account's phase is chance: a turn may end within that time, and a second one with it.
				if at := w.vendor.asked("a"); len(at) < 1 || len(at) > 2 {
					t.Errorf("%d polls within %v: %s", len(at), test.within, gaps(at))
				}
				w.pass(time.Hour)
				if at := w.vendor.asked("a"); len(at) < 12 {
					t.Errorf("%s within the next hour", gaps(at))
				}
				if at := w.vendor.asked("held"); len(at) == 0 {
					t.Error("the window grew with the step")
				}
			})
		})
	}
}

func TestAPanicIsTheAccountsFailure(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("a")
		w.account("b")
		w.vendor.answer("a", func(context.Context, string) (providers.Report, error) { panic("body of the vendor") })
		w.start()
		w.pass(time.Hour)
		f := w.state("a").Failure
		if f == nil || f.Reason != providers.ReasonInternal || f.Text != "a fault of this program (string); please report it" {
			t.Errorf("failure: %+v", f)
		}
		if up, _ := w.state("b").Up(); !up {
			t.Error("another account suffers")
		}
	})
}

func TestTheEndWaitsForPollsInFlight(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("quick")
		w.account("slow")
		w.vendor.answer("quick", func(context.Context, string) (providers.Report, error) {
			time.Sleep(2 * time.Second)
			return report("7"), nil
		})
		w.vendor.answer("slow", hangs)
		w.start()
		w.pass(time.Second)
		begin := time.Now()
		w.stop()
		between(t, "the end", time.Since(begin), time.Second, 5*time.Second)
		if r := w.state("quick").Report; r == nil {
			t.Error("an answer that came in time was dropped")
		}
		if f := w.state("slow").Failure; f != nil {
			t.Errorf("our own end counts as the vendor's failure: %+v", f)
		}
		if n := w.ledger.InFlight(); n != 0 {
			t.Errorf("%d polls in flight", n)
		}
	})
}

func TestOnce(t *testing.T) {
	simulate(t, func(w *world) {
		w.account("good")
		w.account("limited", key(fixed("test-key-limited")))
		w.account("held", key(fixed("test-key-limited")))
		w.account("refused1", key(fixed("test-key-bad")))
		w.account("refused2", key(fixed("test-key-bad")))
		w.account("missing", key(&file{}))
		w.vendor.answer("limited", fails(providers.ReasonRateLimited, 429, time.Hour))
		w.vendor.answer("held", fails(providers.ReasonRateLimited, 429, time.Hour))
		w.vendor.answer("refused1", fails(providers.ReasonUnauthorized, 401, 0))
		w.vendor.answer("refused2", fails(providers.ReasonUnauthorized, 401, 0))
		once := func() string {
			got := map[poller.Verdict]int{}
			round := w.open()
			round.Once(w.t.Context(), w.targets, func(_ ledger.ID, v poller.Verdict) { got[v]++ })
			if err := w.ledger.Commit(); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("polled %d, held %d, refused %d, kept %d",
				got[poller.Polled], got[poller.Held], got[poller.Refused], got[poller.Kept])
		}
		if got, want := once(), "polled 4, held 1, refused 1, kept 0"; got != want {
			t.Errorf("the first round: %s, want %s", got, want)
		}
		// Within min_interval nobody is asked again who was asked; a credential that cannot be read asked nobody.
		if got, want := once(), "polled 2, held 1, refused 0, kept 3"; got != want {
			t.Errorf("at once again: %s, want %s", got, want)
		}
		time.Sleep(2 * time.Minute)
		w.vendor.forget()
		if got, want := once(), "polled 3, held 2, refused 1, kept 0"; got != want {
			t.Errorf("two minutes later: %s, want %s", got, want)
		}
		if at := w.vendor.asked(); len(at) != 2 {
			t.Errorf("%d requests, want one of good and one with the bad key", len(at))
		}
	})
}

// Same compares the readers.
func (s slow) Same(other any) bool { return s == other }
