package collector

import (
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// renderer makes the samples of one account.
type renderer struct {
	definitions *[families]definition
	// account are the labels that all its samples have, sorted by name.
	account []*dto.LabelPair
	samples []sample
}

// render makes all samples of an account. Equal labels cannot come twice: each unit, lot, severity and reason of a
// view is there once.
func render(definitions *[families]definition, labelNames []string, v ledger.View) []sample {
	r := &renderer{definitions: definitions, account: []*dto.LabelPair{pair("account", v.Account.Account), pair("provider", v.Account.Provider)}}
	for _, b := range v.Balances {
		r.balance(b)
	}
	r.vendor(v)
	r.configured(v, labelNames)
	r.books(v.Shown)
	r.health(v)
	slices.SortStableFunc(r.samples, func(a, b sample) int { return int(a.family - b.family) })
	return r.samples
}

// balance renders what a vendor said of one unit.
func (r *renderer) balance(b ledger.Balance) {
	if b.Unlimited {
		r.gauge(unlimited, 1, b.Unit)
	}
	if b.Amount.Known() {
		r.gauge(balance, b.Amount.Float64(), b.Unit)
	}
	if b.PlanAllocated.Known() {
		r.gauge(planAllocated, b.PlanAllocated.Float64(), b.Unit)
	}
	r.timestamp(reset, b.Resets, b.Unit)
	if b.PeriodLength > 0 {
		r.gauge(period, b.PeriodLength.Seconds(), b.Unit)
	}
	for _, lot := range b.Lots {
		r.lot(b.Unit, lot)
	}
}

func (r *renderer) lot(unit string, lot ledger.Lot) {
	labels := []string{unit, lot.Label, lot.Kind}
	if lot.Remaining.Known() {
		r.gauge(remaining, lot.Remaining.Float64(), labels...)
	}
	if lot.Cumulative.Known() {
		r.gauge(remainingCumulative, lot.Cumulative.Float64(), labels...)
	}
	if lot.Allocated.Known() {
		r.gauge(allocated, lot.Allocated.Float64(), labels...)
	}
	if lot.Pending.Known() {
		r.gauge(pending, lot.Pending.Float64(), labels...)
	}
	r.timestamp(expiry, lot.Expires, labels...)
}

// vendor renders what else the vendor said.
func (r *renderer) vendor(v ledger.View) {
	if v.UsageAllowed != nil {
		r.gauge(usageAllowed, bit(*v.UsageAllowed))
	}
	if v.Plan.ID != "" || v.Plan.Name != "" {
		r.gauge(planInfo, 1, v.Plan.Name, v.Plan.ID)
	}
	r.timestamp(asOf, v.AsOf)
}

// configured renders what the configuration says.
func (r *renderer) configured(v ledger.View, labelNames []string) {
	for _, limit := range v.Limits {
		r.gauge(threshold, limit.Amount.Float64(), limit.Unit, limit.Severity)
	}
	for _, t := range v.Account.RunwayThresholds {
		r.gauge(runwayThreshold, t.Left.Seconds(), t.Severity)
	}
	for _, price := range v.Account.Prices {
		r.gauge(unitPrice, price.Amount.Float64(), price.Unit, price.Currency)
	}
	r.gauge(pollInterval, v.Account.Interval.Seconds())
	info := r.gauge(accountInfo, 1, v.Account.Wallet)
	for _, name := range labelNames {
		info.Label = append(info.Label, pair(name, v.Account.Labels[name]))
	}
	sortPairs(info.Label)
}

// books renders what was spent, added and lost.
func (r *renderer) books(shown ledger.Counters) {
	for _, totals := range shown.Books {
		r.counter(consumed, totals.Consumed.Float64(), totals.Unit)
		r.counter(granted, totals.Granted.Float64(), totals.Unit)
		r.counter(expired, totals.Expired.Float64(), totals.Unit)
	}
	r.counter(polls, float64(shown.Polls))
}

// health renders how the account's polls go.
func (r *renderer) health(v ledger.View) {
	if good, known := v.Up(); known {
		r.gauge(up, bit(good))
	}
	if v.Failure != nil {
		r.gauge(pollFailing, 1, string(v.Failure.Reason))
	}
	r.timestamp(lastPoll, v.LastPoll)
	r.timestamp(lastSuccess, v.LastSuccess)
	r.timestamp(nextPoll, v.NextPoll)
	r.timestamp(retryAfter, v.OpenWindow)
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// timestamp renders a moment as Unix seconds; one that is not known is absent.
func (r *renderer) timestamp(f family, at time.Time, labels ...string) {
	if !at.IsZero() {
		r.gauge(f, float64(at.UnixMilli())/1000, labels...)
	}
}

func (r *renderer) gauge(f family, value float64, labels ...string) *dto.Metric {
	return r.add(f, &dto.Metric{Gauge: &dto.Gauge{Value: new(value)}}, labels)
}

func (r *renderer) counter(f family, value float64, labels ...string) {
	r.add(f, &dto.Metric{Counter: &dto.Counter{Value: new(value)}}, labels)
}

// add gives a sample its labels, in the order of the family's definition, and keeps it.
func (r *renderer) add(f family, m *dto.Metric, labels []string) *dto.Metric {
	names := r.definitions[f].labels
	m.Label = make([]*dto.LabelPair, 0, len(r.account)+len(names))
	m.Label = append(m.Label, r.account...)
	for i, name := range names {
		m.Label = append(m.Label, pair(name, labels[i]))
	}
	sortPairs(m.Label)
	r.samples = append(r.samples, sample{f, m})
	return m
}

// failureMetric renders a provider's failures, which belong to no account.
func failureMetric(f ledger.FailureCount) *dto.Metric {
	return &dto.Metric{
		Label:   []*dto.LabelPair{pair("provider", f.Provider), pair("reason", string(f.Reason))},
		Counter: &dto.Counter{Value: new(float64(f.Count))},
	}
}

func pair(name, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: new(name), Value: new(value)}
}

func sortPairs(pairs []*dto.LabelPair) {
	slices.SortFunc(pairs, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
}
