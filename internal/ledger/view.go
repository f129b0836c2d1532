package ledger

import (
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// keptFor is how long a lot with nothing left, or expired, is still shown.
const keptFor = 24 * time.Hour

// View is what is to be shown of an account at one moment. It differs from the State by what time alone changes: lots
// that expired or started since the answer, values too old to show, windows that closed.
type View struct {
	*State
	// Balances are what the vendor said, empty when that is too old or was never said.
	Balances     []Balance
	Plan         providers.Plan
	AsOf         time.Time
	UsageAllowed *bool
	// Limits are the account's thresholds in units.
	Limits []Limit
	// OpenWindow is the end of the retry window that is open, zero when none is.
	OpenWindow time.Time
	// Stale: the vendor said something once, but too long ago to show.
	Stale bool
	// Changes is the next moment at which time alone makes another View of the same State, zero when it never does.
	Changes time.Time
}

// Balance is what can be spent of a unit.
type Balance struct {
	Unit      string
	Unlimited bool
	// Amount is the vendor's total less what expired since, or the sum of the valid lots; unknown when Unlimited.
	Amount        providers.Amount
	PlanAllocated providers.Amount
	Resets        time.Time
	PeriodLength  time.Duration
	// Listed: the vendor states lots; otherwise Lots is the balance itself.
	Listed bool
	// Lots, those that expire first before the others.
	Lots []Lot
}

// Lot is one series' worth of a balance: lots with the same label are one.
type Lot struct {
	Label string
	Kind  string
	// Remaining is 0 from the moment of expiry on, and unknown for a lot that has not started.
	Remaining providers.Amount
	// Cumulative is Remaining and what is left in all lots of the unit that are lost before this one, or with it.
	// Known only where the vendor states lots.
	Cumulative providers.Amount
	// Allocated is known only when the vendor states it for all lots of the label.
	Allocated providers.Amount
	// Pending is what a lot that has not started will bring.
	Pending providers.Amount
	Expires time.Time

	expired bool
	period  bool
}

// Limit is a threshold in units.
type Limit struct {
	Unit     string
	Severity string
	Amount   providers.Amount
}

// At is the account as it is to be shown at a moment.
func (s *State) At(now time.Time) View {
	v := View{State: s}
	if s.Window.After(now) {
		v.OpenWindow = s.Window
		v.changesAt(now, s.Window)
	}
	var balances []Balance
	if s.Report != nil {
		for _, b := range s.Report.Balances {
			balances = append(balances, v.balanceAt(now, b))
		}
		v.showReport(now, balances)
	}
	v.showRefusal(now)
	v.Limits = s.Account.limits(balances)
	return v
}

// showReport shows what the vendor said, unless it is too old.
func (v *View) showReport(now time.Time, balances []Balance) {
	stale := v.staleAt(v.LastSuccess)
	if !now.Before(stale) {
		v.Stale = true
		return
	}
	v.changesAt(now, stale)
	v.Balances = balances
	v.Plan = v.Report.Plan
	v.AsOf = v.Report.AsOf
	v.UsageAllowed = v.Report.UsageAllowed
}

// showRefusal shows that nothing can be spent after the vendor said payment_required, until it says otherwise.
func (v *View) showRefusal(now time.Time) {
	if v.Refused.IsZero() {
		return
	}
	stale := v.staleAt(v.Refused)
	if !now.Before(stale) {
		return
	}
	v.changesAt(now, stale)
	refused := false
	v.UsageAllowed = &refused
}

// changesAt notes a moment at which the view changes.
func (v *View) changesAt(now, at time.Time) {
	if at.After(now) && (v.Changes.IsZero() || at.Before(v.Changes)) {
		v.Changes = at
	}
}

// limits are the thresholds in units; a percentage whose whole is unknown is left out.
func (a *Account) limits(balances []Balance) []Limit {
	var limits []Limit
	for _, t := range a.Thresholds {
		amount := t.Amount
		if t.Percent {
			amount = t.Amount.Mul(allocated(t.Unit, balances)).Div(providers.NewAmount(100))
		}
		if amount.Known() {
			limits = append(limits, Limit{Unit: t.Unit, Severity: t.Severity, Amount: amount})
		}
	}
	return limits
}

// allocated is what the valid lots of a unit began with, else what the plan includes; unknown when neither is said.
func allocated(unit string, balances []Balance) providers.Amount {
	for _, b := range balances {
		if b.Unit != unit {
			continue
		}
		sum, lots := providers.NewAmount(0), 0
		for _, lot := range b.Lots {
			if lot.expired {
				continue
			}
			sum, lots = sum.Add(lot.Allocated), lots+1
		}
		if lots > 0 && sum.Known() {
			return sum
		}
		return b.PlanAllocated
	}
	return providers.Amount{}
}
