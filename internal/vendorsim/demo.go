package vendorsim

import (
	"errors"
	"time"
)

// DemoAccount is an account of the demo: what the exporter's configuration says of it, and what is simulated.
type DemoAccount struct {
	// Spec holds the provider's name (Vendor), the account's name and its key. The account's base_url is the
	// simulator's address with Vendor.Path().
	Spec
	Interval time.Duration // how often to poll it
	Labels   map[string]string
	Credits  Thresholds // in credits, or percent of what was allocated
	Runway   Thresholds // in Prometheus durations
	Price    string     // of one credit, such as "0.002 USD"; may be empty
}

// Thresholds are written as in the configuration; empty ones are not set.
type Thresholds struct {
	Warning, Critical string
}

// Demo is a set of accounts that shows everything within minutes: for each vendor one that spends slowly, one that runs
// dry and is topped up too late, one that is throttled now and then, one whose key was revoked and one that is topped up
// in time; and, where the vendor has a word for it, lots about to expire and an account that may not be used.
func Demo(start time.Time) []DemoAccount {
	start = start.Truncate(time.Second)
	accounts := append(demoMassive(), demoDeepixels()...)
	accounts = append(accounts, demoOlostep(start)...)
	accounts = append(accounts, demoLiveAvatar(start)...)
	for i := range accounts {
		account := &accounts[i]
		account.Key = "test-key-" + string(account.Vendor) + "-" + account.Name
		account.Interval = 10 * time.Second
		account.Runway = Thresholds{Warning: "6h", Critical: "1h"}
	}
	return accounts
}

// AddDemo adds the accounts of a demo.
func (s *Simulator) AddDemo(accounts []DemoAccount) error {
	var errs []error
	for _, account := range accounts {
		_, err := s.Add(account.Spec)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func team(name, environment string) map[string]string {
	return map[string]string{"team": name, "environment": environment}
}

// pace is one job of a cost in each stretch of time.
func pace(cost Credits, every time.Duration) Jobs { return Jobs{Cost: cost, Every: every} }

// runsDry empties within four minutes, stays empty for three, and so on.
func runsDry(vendor Vendor) Spec {
	return Spec{
		Vendor: vendor, Name: "nearly-empty", Balance: 240 * Credit, Jobs: pace(Credit, time.Second),
		Refill: &Refill{After: 3 * time.Minute, Amount: 300 * Credit},
	}
}

// throttled gets 429 for one request in five, and a short window with it.
func throttled(vendor Vendor, window time.Duration) Spec {
	return Spec{
		Vendor: vendor, Name: "throttled", Balance: 8_000 * Credit, Jobs: pace(Credit, 5*time.Second),
		Faults: Faults{LimitOneIn: 5, LimitFor: window},
	}
}

// toppedUp spends as much as it is given: 600 credits in four minutes.
func toppedUp(vendor Vendor) Spec {
	return Spec{
		Vendor: vendor, Name: "topped-up", Balance: 900 * Credit, Jobs: pace(5*Credit, 2*time.Second),
		TopUps: []TopUp{{Every: 4 * time.Minute, Amount: 600 * Credit}},
	}
}

// revoked has a key that is never accepted.
func revoked(vendor Vendor) Spec {
	return Spec{Vendor: vendor, Name: "revoked", Balance: 5_000 * Credit, Faults: Faults{BadKey: true}}
}

func demoMassive() []DemoAccount {
	low := Thresholds{Warning: "150", Critical: "50"}
	return []DemoAccount{
		{
			Spec:   Spec{Vendor: Massive, Name: "production", Balance: 250_000 * Credit, Jobs: pace(2*Credit, 3*time.Second)},
			Labels: team("growth", "production"), Credits: Thresholds{Warning: "50000", Critical: "10000"}, Price: "0.001 USD",
		},
		{
			Spec:   Spec{Vendor: Massive, Name: "staging", Balance: 4_000 * Credit, Jobs: pace(Credit, 30*time.Second)},
			Labels: team("growth", "staging"),
		},
		{Spec: runsDry(Massive), Labels: team("research", "production"), Credits: low},
		{Spec: throttled(Massive, 45*time.Second), Labels: team("research", "production")},
		{Spec: toppedUp(Massive), Labels: team("sales", "production"), Credits: low, Price: "0.001 USD"},
		{Spec: revoked(Massive), Labels: team("sales", "staging")},
	}
}

func demoDeepixels() []DemoAccount {
	low := Thresholds{Warning: "150", Critical: "50"}
	return []DemoAccount{
		{
			Spec:   Spec{Vendor: Deepixels, Name: "production", Balance: 12_500 * Credit, Jobs: pace(Credit/4, 2*time.Second)},
			Labels: team("creative", "production"), Credits: Thresholds{Warning: "2500", Critical: "500"}, Price: "0.04 USD",
		},
		{
			Spec: Spec{
				Vendor: Deepixels, Name: "staging", Balance: 900 * Credit, Jobs: pace(Credit/4, 20*time.Second),
				Faults: Faults{ErrorOneIn: 6},
			},
			Labels: team("creative", "staging"),
		},
		{Spec: runsDry(Deepixels), Labels: team("creative", "production"), Credits: low},
		{Spec: throttled(Deepixels, 30*time.Second), Labels: team("social", "production")},
		{Spec: toppedUp(Deepixels), Labels: team("social", "production"), Credits: low},
		{Spec: revoked(Deepixels), Labels: team("social", "staging")},
	}
}

func demoOlostep(start time.Time) []DemoAccount {
	share := Thresholds{Warning: "20%", Critical: "5%"}
	oneHour := toppedUp(Olostep)
	oneHour.TopUps[0].Life = time.Hour
	return []DemoAccount{
		{
			Spec: Spec{
				Vendor: Olostep, Name: "production", Jobs: pace(3*Credit, 4*time.Second),
				Plan: &Plan{ID: "SUB_PRO", Name: "Pro", Credits: 100_000 * Credit, Started: start.AddDate(0, 0, -9)},
				Lots: []Lot{{Kind: KindTopUp, Allocated: 50_000 * Credit, Remaining: 41_250 * Credit, Expires: start.AddDate(1, 0, 0)}},
			},
			Labels: team("growth", "production"), Credits: share, Price: "0.002 USD",
		},
		{Spec: expiring(start), Labels: team("growth", "staging"), Credits: share, Price: "0.002 USD"},
		{Spec: runsDry(Olostep), Labels: team("research", "production"), Credits: share},
		{Spec: throttled(Olostep, time.Minute), Labels: team("research", "production")},
		{Spec: oneHour, Labels: team("sales", "production"), Credits: Thresholds{Warning: "150", Critical: "50"}},
		{
			Spec:   Spec{Vendor: Olostep, Name: "blocked", Balance: 2_400 * Credit, Faults: Faults{Blocked: true}},
			Labels: team("sales", "production"),
		},
		{Spec: revoked(Olostep), Labels: team("sales", "staging")},
	}
}

// expiring has lots of all ages, and every ten minutes a gift that nobody uses up in the four minutes that it lives.
func expiring(start time.Time) Spec {
	return Spec{
		Vendor: Olostep, Name: "expiring", Jobs: pace(Credit, 5*time.Second), ListExpired: 5 * time.Minute,
		Lots: []Lot{
			{Kind: KindSetup, Allocated: 500 * Credit, Remaining: 420 * Credit, Expires: start.Add(90 * time.Second)},
			{Kind: KindTopUp, Allocated: 5_000 * Credit, Remaining: 3_100 * Credit, Expires: start.AddDate(0, 0, 1)},
			{Kind: KindSubscription, Allocated: 10_000 * Credit, Remaining: 8_500 * Credit, Expires: start.AddDate(0, 0, 30)},
			{Kind: KindManual, Allocated: 1_000 * Credit, Remaining: 1_000 * Credit},
		},
		TopUps: []TopUp{{Every: 10 * time.Minute, Amount: 250 * Credit, Kind: KindManual, Life: 4 * time.Minute}},
	}
}

func demoLiveAvatar(start time.Time) []DemoAccount {
	low := Thresholds{Warning: "150", Critical: "50"}
	return []DemoAccount{
		{
			Spec: Spec{
				Vendor: LiveAvatar, Name: "production", Balance: 1_250 * Credit, Jobs: pace(Credit/2, 15*time.Second),
				Plan: &Plan{Credits: 4_000 * Credit, Started: start.AddDate(0, 0, -20)},
			},
			Labels: team("support", "production"), Credits: Thresholds{Warning: "1000", Critical: "250"}, Price: "0.1 USD",
		},
		{
			Spec: Spec{
				Vendor: LiveAvatar, Name: "staging", Balance: 75*Credit + Credit/2, Jobs: pace(Credit/2, 2*time.Minute),
				Faults: Faults{EmptyOneIn: 8},
			},
			Labels: team("support", "staging"),
		},
		{Spec: runsDry(LiveAvatar), Labels: team("support", "production"), Credits: low},
		{Spec: throttled(LiveAvatar, 20*time.Second), Labels: team("training", "production")},
		{Spec: toppedUp(LiveAvatar), Labels: team("training", "production"), Credits: low},
		{Spec: revoked(LiveAvatar), Labels: team("training", "staging")},
	}
}
