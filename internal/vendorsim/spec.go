package vendorsim

import (
	"errors"
	"fmt"
	"time"
)

// Spec says what a simulated account is when it begins, and what happens to it by itself as the clock goes on.
type Spec struct {
	Vendor Vendor
	Name   string // unique within the vendor
	Key    string // accepted in the vendor's own place; unique within the vendor
	Email  string // shown by Massive and Deepixels; name@customer.example if left out

	Balance Credits // an amount that never expires
	Lots    []Lot   // amounts beside it
	Plan    *Plan   // an allowance that renews
	// Overdraft lets spending go on into debt; without it spending stops at 0.
	Overdraft bool
	// ListExpired is how long an expired lot is still listed, with what was left in it. It counts for nothing.
	ListExpired time.Duration

	Jobs   Jobs
	TopUps []TopUp
	Refill *Refill
	Faults Faults
}

// Lot is a part of a balance. Lots are spent in the order in which they expire, those that never do last.
type Lot struct {
	Kind      string    // one of the Kind constants; Olostep shows it
	Allocated Credits   // what it began with; Remaining if left out
	Remaining Credits   // what is left
	Expires   time.Time // when the rest is lost, in whole seconds; zero: never
}

// Kinds of lots that Olostep documents.
const (
	KindSubscription = "Subscription"
	KindTopUp        = "Top-up"
	KindManual       = "Manual"
	KindSetup        = "Setup"
	KindPending      = "Pending"
)

// Plan is an allowance that is granted anew in each period; what is left of the last one lapses.
type Plan struct {
	ID, Name string
	Credits  Credits
	Started  time.Time     // the anchor of its periods; when the account is added, if left out
	Period   time.Duration // 0: a calendar month
}

// Jobs is what an account spends: one job of this cost after the other. Cost 0 spends nothing.
type Jobs struct {
	Cost  Credits
	Every time.Duration // on average; at least a millisecond
	// Steady runs a job exactly every Every. Otherwise the pace wanders between a quarter and 1.75 of it.
	Steady bool
}

// TopUp is an amount that is bought again and again.
type TopUp struct {
	Every  time.Duration // at least a second; the first comes one Every after the account was added
	Amount Credits
	Kind   string        // KindTopUp if left out
	Life   time.Duration // until it expires; 0: never
}

// Refill is an amount that is bought a while after the balance has fallen to a level.
type Refill struct {
	At     Credits       // the level
	After  time.Duration // how long nobody reacts; at least a second
	Amount Credits
	Life   time.Duration // until it expires; 0: never
}

// Faults is what goes wrong by itself. "One in n" is drawn from the seed and the number of the request;
// the first one is spared.
type Faults struct {
	LimitOneIn int           // a request opens a retry window
	LimitFor   time.Duration // the length of such a window
	ErrorOneIn int           // a request is answered with a server error
	EmptyOneIn int           // a request is answered with 200 and no balance
	Slow       time.Duration // every answer comes this much later
	Silent     bool          // no answer ever comes
	BadKey     bool          // the key is known and never accepted
	Blocked    bool          // as after Account.Block
}

// validate reports all that is wrong with a spec.
func (s *Spec) validate() error {
	d, known := dialectOf(s.Vendor)
	if !known {
		return fmt.Errorf("vendorsim: no vendor %q", s.Vendor)
	}
	var errs []error
	check := func(holds bool, text string) {
		if !holds {
			errs = append(errs, fmt.Errorf("vendorsim: account %s/%s: %s", s.Vendor, s.Name, text))
		}
	}
	check(s.Name != "", "a name is needed")
	check(s.Key != "", "a key is needed")
	check(s.Balance >= 0 || s.Overdraft, "a negative balance needs an overdraft")
	check(s.Jobs.Cost >= 0 && s.Jobs.Cost%d.grain == 0, "jobs: the cost must be a multiple of what the vendor counts in")
	check(s.Jobs.Cost == 0 || s.Jobs.Every >= time.Millisecond, "jobs: every must be at least a millisecond")
	check(s.Plan == nil || s.Plan.Period == 0 || s.Plan.Period >= time.Second, "plan: the period must be at least a second")
	check(s.Faults.LimitOneIn == 0 || s.Faults.LimitFor > 0, "faults: limit_for must be positive")
	for _, lot := range s.Lots {
		check(lot.Remaining >= 0 && (lot.Allocated == 0 || lot.Remaining <= lot.Allocated), "lots: remaining must lie between 0 and allocated")
	}
	for _, t := range s.TopUps {
		check(t.Every >= time.Second && t.Amount > 0, "top-ups: every must be at least a second, and the amount positive")
	}
	if r := s.Refill; r != nil {
		check(r.After >= time.Second && r.Amount > 0, "refill: after must be at least a second, and the amount positive")
		check(r.At >= 0 || s.Overdraft, "refill: a negative level needs an overdraft")
	}
	return errors.Join(errs...)
}
