package collector

import (
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// sample is one series of a family. Its values are those of the labels, as the schema says where each stands.
type sample struct {
	family family
	values []string
	value  float64
}

// samples makes those of one account after the other, in memory that is used again.
type samples struct {
	labelNames []string
	list       []sample
	// values is where those of all samples are, one sample's after another's.
	values  []string
	account ledger.ID
}

// of makes all samples of an account, which are valid until it is called again. Equal labels cannot come twice: each
// unit, lot, severity and reason of a view is there once.
func (s *samples) of(v *ledger.View) []sample {
	s.list, s.values, s.account = s.list[:0], s.values[:0], v.Account.ID
	for i := range v.Balances {
		s.balance(&v.Balances[i])
	}
	s.vendor(v)
	s.configured(v)
	s.books(v.Shown)
	s.health(v)
	return s.list
}

// balance renders what a vendor said of one unit.
func (s *samples) balance(b *ledger.Balance) {
	if b.Unlimited {
		s.gauge(unlimited, 1, b.Unit)
	}
	if b.Amount.Known() {
		s.gauge(balance, b.Amount.Float64(), b.Unit)
	}
	if b.PlanAllocated.Known() {
		s.gauge(planAllocated, b.PlanAllocated.Float64(), b.Unit)
	}
	s.timestamp(reset, b.Resets, b.Unit)
	if b.PeriodLength > 0 {
		s.gauge(period, b.PeriodLength.Seconds(), b.Unit)
	}
	for i := range b.Lots {
		s.lot(b.Unit, &b.Lots[i])
	}
}

func (s *samples) lot(unit string, lot *ledger.Lot) {
	if lot.Remaining.Known() {
		s.gauge(remaining, lot.Remaining.Float64(), unit, lot.Label, lot.Kind)
	}
	if lot.Cumulative.Known() {
		s.gauge(remainingCumulative, lot.Cumulative.Float64(), unit, lot.Label, lot.Kind)
	}
	if lot.Allocated.Known() {
		s.gauge(allocated, lot.Allocated.Float64(), unit, lot.Label, lot.Kind)
	}
	if lot.Pending.Known() {
		s.gauge(pending, lot.Pending.Float64(), unit, lot.Label, lot.Kind)
	}
	s.timestamp(expiry, lot.Expires, unit, lot.Label, lot.Kind)
}

// vendor renders what else the vendor said.
func (s *samples) vendor(v *ledger.View) {
	if v.UsageAllowed != nil {
		s.gauge(usageAllowed, bit(*v.UsageAllowed))
	}
	if v.Plan.ID != "" || v.Plan.Name != "" {
		s.gauge(planInfo, 1, v.Plan.Name, v.Plan.ID)
	}
	s.timestamp(asOf, v.AsOf)
}

// configured renders what the configuration says.
func (s *samples) configured(v *ledger.View) {
	for _, limit := range v.Limits {
		s.gauge(threshold, limit.Amount.Float64(), limit.Unit, limit.Severity)
	}
	for _, t := range v.Account.RunwayThresholds {
		s.gauge(runwayThreshold, t.Left.Seconds(), t.Severity)
	}
	for _, price := range v.Account.Prices {
		s.gauge(unitPrice, price.Amount.Float64(), price.Unit, price.Currency)
	}
	s.gauge(pollInterval, v.Account.Interval.Seconds())
	s.gauge(accountInfo, 1, v.Account.Wallet)
	for _, name := range s.labelNames {
		s.label(v.Account.Labels[name])
	}
}

// books renders what was spent, added and lost.
func (s *samples) books(shown ledger.Counters) {
	for _, totals := range shown.Books {
		s.gauge(consumed, totals.Consumed.Float64(), totals.Unit)
		s.gauge(granted, totals.Granted.Float64(), totals.Unit)
		s.gauge(expired, totals.Expired.Float64(), totals.Unit)
	}
	s.gauge(polls, float64(shown.Polls))
}

// health renders how the account's polls go.
func (s *samples) health(v *ledger.View) {
	if good, known := v.Up(); known {
		s.gauge(up, bit(good))
	}
	if v.Failure != nil {
		s.gauge(pollFailing, 1, string(v.Failure.Reason))
	}
	s.timestamp(lastPoll, v.LastPoll)
	s.timestamp(lastSuccess, v.LastSuccess)
	s.timestamp(nextPoll, v.NextPoll)
	s.timestamp(retryAfter, v.OpenWindow)
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// timestamp renders a moment as Unix seconds; one that is not known is absent.
func (s *samples) timestamp(f family, at time.Time, labels ...string) {
	if !at.IsZero() {
		s.gauge(f, float64(at.UnixMilli())/1000, labels...)
	}
}

// gauge adds a sample with the labels of the family's definition, in their order there.
func (s *samples) gauge(f family, value float64, labels ...string) {
	from := len(s.values)
	s.values = append(s.values, s.account.Account, s.account.Provider)
	s.values = append(s.values, labels...)
	s.list = append(s.list, sample{f, s.values[from:], value})
}

// label adds the value of one label more to the latest sample.
func (s *samples) label(value string) {
	latest := &s.list[len(s.list)-1]
	s.values = append(s.values, value)
	latest.values = s.values[len(s.values)-len(latest.values)-1:]
}

// failureSample is one of a provider's failures, which belong to no account.
func failureSample(f ledger.FailureCount) sample {
	return sample{pollFailures, []string{"", f.Provider, string(f.Reason)}, float64(f.Count)}
}
