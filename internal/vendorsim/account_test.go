package vendorsim_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// wait reads the retry window of an answer as its vendor states it.
func wait(t *testing.T, a answer) time.Duration {
	t.Helper()
	if text := a.header.Get("Retry-After"); text != "" {
		if n, err := strconv.Atoi(text); err == nil {
			return time.Duration(n) * time.Second
		}
		until, err := http.ParseTime(text)
		if err != nil {
			t.Fatal(err)
		}
		date, err := http.ParseTime(a.header.Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		return until.Sub(date)
	}
	found := regexp.MustCompile(`(?:retry in |"retry_after":)([0-9]+)`).FindSubmatch(a.body)
	if found == nil {
		t.Fatalf("no window in %v %s", a.header, a.body)
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n) * time.Second
}

// Inside a window every request gets 429 with what is left of it. The first one learns of the window; those after it
// break it. Whoever waits as told is let in.
func TestWindow(t *testing.T) {
	for _, vendor := range vendorsim.Vendors() {
		t.Run(string(vendor), func(t *testing.T) {
			simulator, clock := newSimulator(t)
			account := add(t, simulator, vendorsim.Spec{Vendor: vendor})
			key := testKey(vendor)
			clock.Step(300 * time.Millisecond) // the window does not end on a whole second
			account.RateLimit(90 * time.Second)
			clock.Step(600 * time.Millisecond)

			first := ask(t, simulator, vendor, key)
			if seen := account.Requests(); first.status != http.StatusTooManyRequests || seen.Violations != 0 {
				t.Errorf("first: status %d, violations %d", first.status, seen.Violations)
			}
			told := wait(t, first)
			if told < 89400*time.Millisecond || told > 91*time.Second {
				t.Errorf("89.4 s are left, told %s", told)
			}
			clock.Step(10 * time.Second)
			second := ask(t, simulator, vendor, key)
			if seen := account.Requests(); second.status != http.StatusTooManyRequests || seen.Violations != 1 {
				t.Errorf("second: status %d, violations %d", second.status, seen.Violations)
			}
			if left := wait(t, second); left != told-10*time.Second {
				t.Errorf("ten seconds after %s: %s", told, left)
			}
			clock.Step(wait(t, second))
			third := ask(t, simulator, vendor, key)
			if seen := account.Requests(); third.status != http.StatusOK || seen.Violations != 1 {
				t.Errorf("third: status %d, violations %d", third.status, seen.Violations)
			}
		})
	}
}

// One request in n opens a window, from the seed; a client that honours windows never violates one.
func TestNowAndThen(t *testing.T) {
	const requests = 2000
	history := func(patient bool) (limited, failed, empty int, seen vendorsim.Requests) {
		simulator, clock := newSimulator(t)
		account := add(t, simulator, vendorsim.Spec{
			Vendor: vendorsim.Massive,
			Faults: vendorsim.Faults{LimitOneIn: 5, LimitFor: 30 * time.Second, ErrorOneIn: 10, EmptyOneIn: 10},
		})
		for range requests {
			a := ask(t, simulator, vendorsim.Massive, testKey(vendorsim.Massive))
			clock.Step(time.Second)
			switch {
			case a.status == http.StatusTooManyRequests:
				limited++
				if patient {
					clock.Step(wait(t, a))
				}
			case a.status == http.StatusInternalServerError:
				failed++
			case string(a.body) == "[]":
				empty++
			}
		}
		return limited, failed, empty, account.Requests()
	}
	limited, failed, empty, seen := history(true)
	if limited < requests/6 || limited > requests/4 || failed < requests/16 || failed > requests/9 || empty < requests/20 || empty > requests/9 {
		t.Errorf("of %d: %d limited, %d failed, %d empty", requests, limited, failed, empty)
	}
	if seen.Violations != 0 || seen.Count != requests || seen.Statuses[http.StatusTooManyRequests] != limited {
		t.Errorf("%+v", seen)
	}
	if again, _, _, _ := history(true); again != limited {
		t.Errorf("the same seed limits %d and %d requests", limited, again)
	}
	if limited, _, _, seen := history(false); seen.Violations < limited*9/10 || seen.Violations >= limited {
		t.Errorf("an impatient client: %d violations in %d answers of 429", seen.Violations, limited)
	}
}

func TestKeys(t *testing.T) {
	simulator, _ := newSimulator(t)
	const vendor, old, fresh = vendorsim.Deepixels, "test-key-deepixels-healthy", "test-key-deepixels-rotated"
	account := add(t, simulator, vendorsim.Spec{Vendor: vendor})
	other := add(t, simulator, vendorsim.Spec{Vendor: vendor, Name: "other", Key: "test-key-other"})
	status := func(key string, want int) {
		t.Helper()
		if have := ask(t, simulator, vendor, key).status; have != want {
			t.Errorf("%s: status %d, want %d", key, have, want)
		}
	}
	status(old, 200)
	account.RefuseKey()
	status(old, 401)
	account.AcceptKey()
	status(old, 200)
	account.RateLimit(time.Hour)
	status(old, 429)
	if err := simulator.RotateKey(vendor, "production", fresh); err != nil {
		t.Fatal(err)
	}
	status(old, 401)
	status(fresh, 200) // the window was the old key's
	if seen := account.Requests(); account.Key() != fresh || seen.Count != 6 || seen.Statuses[401] != 2 {
		t.Errorf("key %s, %+v", account.Key(), seen)
	}
	if err := simulator.RotateKey(vendor, "production", other.Key()); err == nil {
		t.Error("the key of another account is accepted")
	}
	if err := simulator.RotateKey(vendor, "nobody", "test-key-nobody"); err == nil {
		t.Error("the key of no account is rotated")
	}
	bad := add(t, simulator, vendorsim.Spec{Vendor: vendor, Name: "revoked", Key: "test-key-revoked", Faults: vendorsim.Faults{BadKey: true}})
	status("test-key-revoked", 401)
	if seen := bad.Requests(); seen.Count != 1 || simulator.Strays() != 0 {
		t.Errorf("%+v, %d strays", seen, simulator.Strays())
	}
}

func TestAnswerToTheLetter(t *testing.T) {
	simulator, _ := newSimulator(t)
	account := add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive})
	account.Answer(http.StatusServiceUnavailable, http.Header{"Retry-After": {"7"}}, "<script>")
	for range 2 {
		a := ask(t, simulator, vendorsim.Massive, testKey(vendorsim.Massive))
		if a.status != 503 || string(a.body) != "<script>" || a.header.Get("Retry-After") != "7" {
			t.Errorf("%d %v %s", a.status, a.header, a.body)
		}
	}
	account.Recover()
	if a := ask(t, simulator, vendorsim.Massive, testKey(vendorsim.Massive)); a.status != 200 {
		t.Errorf("after Recover: %d", a.status)
	}
}

// A silent account answers to nobody; a slow one in its time, unless the client gives up before.
func TestSilentAndSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		simulator := vendorsim.New(vendorsim.Options{})
		account := add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Olostep, Faults: vendorsim.Faults{Silent: true}})
		began := time.Now()
		poll := func(timeout time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			_, err := try(ctx, simulator, vendorsim.Olostep, testKey(vendorsim.Olostep))
			return err
		}
		if err := poll(20 * time.Second); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 20*time.Second {
			t.Errorf("silent: %v after %s", err, time.Since(began))
		}
		account.Slow(30 * time.Second)
		if err := poll(20 * time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("slow, impatient: %v", err)
		}
		if err := poll(40 * time.Second); err != nil || time.Since(began) != 70*time.Second {
			t.Errorf("slow, patient: %v after %s", err, time.Since(began))
		}
		account.Hang()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if err := poll(time.Hour); err == nil || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("held back until Close: %v", err)
				}
			})
		}
		synctest.Wait()
		simulator.Close()
		both.Wait()
		if seen := account.Requests(); seen.Count != 5 || seen.Overlapping != 1 || seen.Statuses[0] != 4 || seen.Statuses[200] != 1 {
			t.Errorf("%+v", seen)
		}
	})
}

func TestRequestTimesAreBounded(t *testing.T) {
	clock := newClock()
	simulator := vendorsim.New(vendorsim.Options{Clock: clock.Now, History: 3})
	account := add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive})
	for range 5 {
		ask(t, simulator, vendorsim.Massive, testKey(vendorsim.Massive))
		clock.Step(time.Second)
	}
	seen := account.Requests()
	if seen.Count != 5 || len(seen.Times) != 3 || !seen.Times[0].Equal(start.Add(2*time.Second)) || !seen.Times[2].Equal(start.Add(4*time.Second)) {
		t.Errorf("%+v", seen)
	}
}

// Everything at once: requests, calls, the clock, new accounts. The race detector and the counts are the test.
func TestConcurrency(t *testing.T) {
	simulator, clock := newSimulator(t)
	if err := simulator.AddFleet(vendorsim.Fleet{Vendor: vendorsim.Olostep, Prefix: "customer", Count: 5, Lots: 3}); err != nil {
		t.Fatal(err)
	}
	account := add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive, Balance: 800 * vendorsim.Credit})
	const workers, rounds = 8, 100
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for round := range rounds {
				account.Spend(vendorsim.Credit)
				if a := ask(t, simulator, vendorsim.Massive, testKey(vendorsim.Massive)); a.status != http.StatusOK {
					t.Errorf("status %d", a.status)
				}
				key := vendorsim.Fleet{Vendor: vendorsim.Olostep, Prefix: "customer"}.Key(round % 5)
				if a := ask(t, simulator, vendorsim.Olostep, key); a.status != http.StatusOK {
					t.Errorf("fleet: status %d", a.status)
				}
				clock.Step(time.Millisecond)
				account.Requests()
				add(t, simulator, vendorsim.Spec{
					Vendor: vendorsim.Deepixels, Name: fmt.Sprintf("new-%d-%d", worker, round), Key: fmt.Sprintf("test-key-%d-%d", worker, round),
				})
			}
		})
	}
	all.Wait()
	if seen := account.Requests(); seen.Count != workers*rounds || account.Balance() != 0 {
		t.Errorf("%d requests, balance %s", seen.Count, account.Balance())
	}
	total := 0
	for i := range 5 {
		total += simulator.Account(vendorsim.Olostep, vendorsim.Fleet{Prefix: "customer"}.Name(i)).Requests().Count
	}
	if total != workers*rounds {
		t.Errorf("the fleet saw %d requests", total)
	}
}
