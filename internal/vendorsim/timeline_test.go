package vendorsim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// randomSpec is an account with some of everything that happens by itself.
func randomSpec(random *rand.Rand) vendorsim.Spec {
	chance := func() bool { return random.IntN(2) == 0 }
	credits := func(most int64) vendorsim.Credits {
		return vendorsim.Credits(1+random.Int64N(most)) * vendorsim.Credit
	}
	spec := vendorsim.Spec{
		Vendor:      vendorsim.Vendors()[random.IntN(4)],
		Balance:     credits(2000),
		Overdraft:   chance(),
		ListExpired: time.Duration(random.IntN(600)) * time.Second,
		Jobs:        vendorsim.Jobs{Cost: credits(5), Every: time.Duration(1+random.IntN(20_000)) * time.Millisecond, Steady: chance()},
	}
	for range random.IntN(4) {
		allocated := credits(1000)
		lot := vendorsim.Lot{Kind: vendorsim.KindTopUp, Allocated: allocated, Remaining: allocated / 2}
		if chance() {
			lot.Expires = start.Add(time.Duration(random.IntN(7200)) * time.Second)
		}
		spec.Lots = append(spec.Lots, lot)
	}
	if chance() {
		spec.Plan = &vendorsim.Plan{Credits: credits(500), Period: time.Duration(60+random.IntN(3600)) * time.Second}
	}
	if chance() {
		spec.TopUps = append(spec.TopUps, vendorsim.TopUp{
			Every: time.Duration(60+random.IntN(900)) * time.Second, Amount: credits(300), Life: time.Duration(random.IntN(1800)) * time.Second,
		})
	}
	if chance() {
		spec.Refill = &vendorsim.Refill{At: credits(100), After: time.Duration(1+random.IntN(600)) * time.Second, Amount: credits(500)}
	}
	return spec
}

// What an account holds after three hours is the same whoever looked in between, and by the seed.
func TestStateIsAFunctionOfTime(t *testing.T) {
	for seed := range uint64(300) {
		spec := randomSpec(rand.New(rand.NewPCG(seed, 1)))
		looks := rand.New(rand.NewPCG(seed, 2))
		often, oftenClock := newSimulator(t)
		once, onceClock := newSimulator(t)
		watched, unwatched := add(t, often, spec), add(t, once, spec)
		for left := 3 * time.Hour; left > 0; {
			step := min(left, time.Duration(1+looks.Int64N(int64(5*time.Minute))))
			oftenClock.Step(step)
			watched.Balance()
			left -= step
		}
		onceClock.Step(3 * time.Hour)
		if have, want := watched.Balance(), unwatched.Balance(); have != want {
			t.Errorf("seed %d: %s when watched, %s when not: %+v", seed, have, want, spec)
		}
		if have, want := watched.Lots(), unwatched.Lots(); !reflect.DeepEqual(have, want) {
			t.Errorf("seed %d: lots %v when watched, %v when not", seed, have, want)
		}
	}
}

// Under any calls: no lot is negative or over its allocation, the balance is the sum of the valid lots or a debt that
// only an overdraft allows, and lots are listed in the order of their expiry.
func TestBooksAddUp(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 3))
		spec := randomSpec(random)
		simulator, clock := newSimulator(t)
		account := add(t, simulator, spec)
		for range 60 {
			amount := vendorsim.Credits(1+random.Int64N(400)) * vendorsim.Credit
			switch random.IntN(7) {
			case 0:
				account.Spend(amount)
			case 1:
				account.TopUp(amount)
			case 2:
				account.AddLot(vendorsim.KindManual, amount, time.Duration(random.IntN(900))*time.Second)
			case 3:
				account.Expire()
			case 4:
				account.SetBalance(amount)
			case 5:
				account.Block()
			case 6:
				account.Unblock()
			}
			clock.Step(time.Duration(random.IntN(300_000)) * time.Millisecond)
			if problem := addsUp(account, spec.Overdraft, clock.Now()); problem != "" {
				t.Fatalf("seed %d: %s in %+v", seed, problem, account.Lots())
			}
		}
	}
}

func addsUp(account *vendorsim.Account, overdraft bool, now time.Time) string {
	var sum vendorsim.Credits
	var last time.Time
	for i, lot := range account.Lots() {
		if lot.Remaining < 0 || lot.Remaining > lot.Allocated {
			return fmt.Sprintf("lot %d has %s of %s left", i, lot.Remaining, lot.Allocated)
		}
		if i > 0 && (last.IsZero() && !lot.Expires.IsZero() || !lot.Expires.IsZero() && lot.Expires.Before(last)) {
			return fmt.Sprintf("lot %d expires before the one above it", i)
		}
		last = lot.Expires
		if lot.Expires.IsZero() || lot.Expires.After(now) {
			sum += lot.Remaining
		}
	}
	balance := account.Balance()
	if balance >= 0 && balance != sum {
		return fmt.Sprintf("balance %s, lots %s", balance, sum)
	}
	if balance < 0 && (!overdraft || sum != 0) {
		return fmt.Sprintf("debt of %s beside lots of %s, overdraft %v", balance, sum, overdraft)
	}
	return ""
}

// A clock that goes back changes nothing until it has passed where it was.
func TestTimeOnlyGoesForward(t *testing.T) {
	simulator, clock := newSimulator(t)
	account := add(t, simulator, vendorsim.Spec{
		Vendor: vendorsim.Massive, Balance: 1000 * vendorsim.Credit,
		Jobs: vendorsim.Jobs{Cost: vendorsim.Credit, Every: time.Second, Steady: true},
	})
	steps := []struct {
		step time.Duration
		want vendorsim.Credits
	}{
		{time.Minute, 940}, {-30 * time.Second, 940}, {29 * time.Second, 940}, {time.Second, 940}, {time.Second, 939},
	}
	for i, s := range steps {
		clock.Step(s.step)
		if have := account.Balance(); have != s.want*vendorsim.Credit {
			t.Errorf("step %d: balance %s, want %d", i, have, s.want)
		}
	}
}

// The pace wanders, differently for each seed, and is what it was said to be in the long run.
func TestPace(t *testing.T) {
	const day = 24 * time.Hour
	spent := make(map[vendorsim.Credits]bool)
	for seed := range uint64(20) {
		clock := newClock()
		simulator := vendorsim.New(vendorsim.Options{Clock: clock.Now, Seed: seed})
		account := add(t, simulator, vendorsim.Spec{
			Vendor: vendorsim.Massive, Balance: 1_000_000 * vendorsim.Credit,
			Jobs: vendorsim.Jobs{Cost: 3 * vendorsim.Credit, Every: time.Second},
		})
		before := account.Balance()
		for range 20 {
			clock.Step(time.Minute)
			now := account.Balance()
			// A minute at a quarter and at 1.75 of the pace, and a job either way for the ends of the minute.
			if cost := before - now; cost < 42*vendorsim.Credit || cost > 318*vendorsim.Credit {
				t.Errorf("seed %d: %s spent in a minute", seed, cost)
			}
			before = now
		}
		spent[1_000_000*vendorsim.Credit-before] = true
		clock.Step(day - 20*time.Minute)
		total := 1_000_000*vendorsim.Credit - account.Balance()
		if want := vendorsim.Credits(3*day/time.Second) * vendorsim.Credit; total < want*999/1000 || total > want*1001/1000 {
			t.Errorf("seed %d: %s spent in a day, want about %s", seed, total, want)
		}
	}
	if len(spent) < 10 {
		t.Errorf("20 seeds have only %d different histories", len(spent))
	}
}

// Lots are spent in the order in which they expire; what is left at the expiry is lost.
func TestLotsExpire(t *testing.T) {
	simulator, clock := newSimulator(t)
	account := add(t, simulator, vendorsim.Spec{
		Vendor: vendorsim.Olostep, Balance: 100 * vendorsim.Credit, ListExpired: time.Minute,
		Lots: []vendorsim.Lot{
			{Kind: "Manual", Remaining: 50 * vendorsim.Credit, Expires: start.Add(2 * time.Minute)},
			{Kind: "Setup", Remaining: 20 * vendorsim.Credit, Expires: start.Add(time.Minute)},
		},
	})
	account.Spend(15 * vendorsim.Credit)
	steps := []struct {
		step    time.Duration
		balance vendorsim.Credits
		left    []vendorsim.Credits
	}{
		{59 * time.Second, 155, []vendorsim.Credits{5, 50, 100}},
		{time.Second, 150, []vendorsim.Credits{5, 50, 100}}, // expired, and listed for a minute more
		{59 * time.Second, 150, []vendorsim.Credits{5, 50, 100}},
		{time.Second, 100, []vendorsim.Credits{50, 100}},
		{time.Hour, 100, []vendorsim.Credits{100}},
	}
	for i, s := range steps {
		clock.Step(s.step)
		var left []vendorsim.Credits
		for _, lot := range account.Lots() {
			left = append(left, lot.Remaining/vendorsim.Credit)
		}
		if have := account.Balance(); have != s.balance*vendorsim.Credit || !reflect.DeepEqual(left, s.left) {
			t.Errorf("step %d: %s in %v, want %d in %v", i, have, left, s.balance, s.left)
		}
	}
}

// The refill comes a while after the balance has reached its level, to the millisecond.
func TestRefill(t *testing.T) {
	simulator, clock := newSimulator(t)
	account := add(t, simulator, vendorsim.Spec{
		Vendor: vendorsim.Massive, Balance: 60 * vendorsim.Credit,
		Jobs:   vendorsim.Jobs{Cost: vendorsim.Credit, Every: time.Second, Steady: true},
		Refill: &vendorsim.Refill{After: 5 * time.Minute, Amount: 100 * vendorsim.Credit},
	})
	for i, s := range []struct {
		step time.Duration
		want vendorsim.Credits
	}{
		{59 * time.Second, 1}, {time.Second, 0}, {5*time.Minute - time.Millisecond, 0}, {time.Millisecond, 100}, {40 * time.Second, 60},
	} {
		clock.Step(s.step)
		if have := account.Balance(); have != s.want*vendorsim.Credit {
			t.Errorf("step %d: balance %s, want %d", i, have, s.want)
		}
	}
}

// A plan renews at the same day of each month, on its last where the month is too short, and the rest lapses.
func TestMonthlyPlan(t *testing.T) {
	simulator, clock := newSimulator(t)
	account := add(t, simulator, vendorsim.Spec{
		Vendor: vendorsim.LiveAvatar, Balance: 5 * vendorsim.Credit,
		Plan: &vendorsim.Plan{Credits: 100 * vendorsim.Credit, Started: time.Date(2024, 8, 31, 12, 0, 0, 0, time.UTC)},
	})
	for _, renewal := range []time.Time{
		time.Date(2024, 12, 31, 12, 0, 0, 0, time.UTC),
		time.Date(2025, 1, 31, 12, 0, 0, 0, time.UTC),
		time.Date(2025, 2, 28, 12, 0, 0, 0, time.UTC),
		time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC),
	} {
		account.Spend(30 * vendorsim.Credit)
		clock.Step(renewal.Add(-time.Second).Sub(clock.Now()))
		if have := account.Balance(); have != 75*vendorsim.Credit {
			t.Errorf("before %s: %s", renewal, have)
		}
		clock.Step(time.Second)
		if have := account.Balance(); have != 105*vendorsim.Credit {
			t.Errorf("at %s: %s", renewal, have)
		}
	}
}

// What is spent beyond the balance is a debt where the account has an overdraft, and the next top-up pays it first.
func TestDebt(t *testing.T) {
	for _, overdraft := range []bool{false, true} {
		simulator, _ := newSimulator(t)
		account := add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Olostep, Balance: 10 * vendorsim.Credit, Overdraft: overdraft})
		want := struct{ spent, after, topped vendorsim.Credits }{10, 0, 20}
		if overdraft {
			want = struct{ spent, after, topped vendorsim.Credits }{15, -5, 15}
		}
		spent, after := account.Spend(15*vendorsim.Credit), account.Balance()
		account.TopUp(20 * vendorsim.Credit)
		if topped := account.Balance(); spent != want.spent*vendorsim.Credit || after != want.after*vendorsim.Credit || topped != want.topped*vendorsim.Credit {
			t.Errorf("overdraft %v: spent %s, then %s, then %s; want %+v", overdraft, spent, after, topped, want)
		}
	}
}

func TestSpecMistakesAreReportedTogether(t *testing.T) {
	simulator, _ := newSimulator(t)
	_, err := simulator.Add(vendorsim.Spec{
		Vendor: vendorsim.Massive, Balance: -vendorsim.Credit,
		Jobs:   vendorsim.Jobs{Cost: vendorsim.Credit / 2},
		Lots:   []vendorsim.Lot{{Remaining: 2, Allocated: 1}},
		TopUps: []vendorsim.TopUp{{}},
		Plan:   &vendorsim.Plan{Period: time.Millisecond},
		Refill: &vendorsim.Refill{},
		Faults: vendorsim.Faults{LimitOneIn: 2},
	})
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != 10 {
		t.Errorf("want ten mistakes, have: %v", err)
	}
	if _, err := simulator.Add(vendorsim.Spec{Vendor: "nobody"}); err == nil {
		t.Error("an unknown vendor is accepted")
	}
	add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive})
	for _, taken := range []vendorsim.Spec{
		{Vendor: vendorsim.Massive, Name: "production", Key: "test-key-other"},
		{Vendor: vendorsim.Massive, Name: "other", Key: testKey(vendorsim.Massive)},
	} {
		if _, err := simulator.Add(taken); err == nil {
			t.Errorf("%+v is accepted", taken)
		}
	}
}
