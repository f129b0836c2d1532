package web

import "time"

// Account is one row of the landing page. Its texts may come from a vendor or a user; the page makes them harmless.
type Account struct {
	Provider, Name string
	// Balances are what can be spent; none while nothing is known.
	Balances []Balance
	State    State
	// Reason is why the latest poll failed; "" when it did not.
	Reason string
	// WaitsUntil is the end of the retry window in the state StateWaiting.
	WaitsUntil time.Time
	// LastSuccess is zero while no poll has succeeded, NextPoll when none is planned.
	LastSuccess, NextPoll time.Time
}

// Balance is what can be spent of one unit.
type Balance struct {
	Unit string
	// Amount is a decimal number, "" while it is unknown.
	Amount string
	// Unlimited: the vendor says that there is no limit. Then there is no amount.
	Unlimited bool
}

// State says how an account's polls go, in the word that the page shows.
type State string

// The states of an account.
const (
	// StateFailing: the latest poll failed.
	StateFailing State = "failing"
	// StateWaiting: the vendor asked to come back later, and that time has not come yet.
	StateWaiting State = "waiting"
	// StateNotPolled: there was no poll yet.
	StateNotPolled State = "not polled yet"
	// StateOK: the latest poll succeeded.
	StateOK State = "ok"
)

// states returns every state in the order of the page: what needs attention first.
func states() []State { return []State{StateFailing, StateWaiting, StateNotPolled, StateOK} }

// class is the name that the style sheet knows the state by.
func (s State) class() string {
	switch s {
	case StateFailing:
		return "bad"
	case StateWaiting:
		return "warn"
	case StateOK:
		return "good"
	case StateNotPolled:
	}
	return "none"
}
