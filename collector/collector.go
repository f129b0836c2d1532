// Package collector is how a ledger becomes metrics. The set of metrics is closed and stands in metrics.go. A scrape
// reads memory only, and renders anew only the accounts that changed since the last one.
package collector

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Collector exposes the accounts of a ledger. It is a prometheus.TransactionalGatherer, which is the fast way to serve
// it, and a prometheus.Collector for whoever has a registry of their own.
type Collector struct {
	ledger      *ledger.Ledger
	now         func() time.Time
	definitions [families]definition

	mu      sync.Mutex
	listing *ledger.Listing
	blocks  []block
	// gathered is what the latest scrape got, good as long as no block changes.
	gathered []*dto.MetricFamily
	failures *[]ledger.FailureCount
}

// block is one account's samples.
type block struct {
	state   *ledger.State
	changes time.Time
	samples []sample
}

// sample is one series of a family. It is never modified, because scrapes that are under way share it.
type sample struct {
	family family
	metric *dto.Metric
}

// New makes a collector for a ledger.
func New(l *ledger.Ledger, now func() time.Time) *Collector {
	return &Collector{ledger: l, now: now, definitions: definitions()}
}

// Gather gives all families that have samples. What it gives is shared and must not be modified.
func (c *Collector) Gather() (_ []*dto.MetricFamily, done func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	failures := c.ledger.Failures()
	if c.refresh() || c.gathered == nil || !sameSlice(c.failures, failures) {
		c.failures = &failures
		c.gathered = c.assemble(failures)
	}
	return c.gathered, func() {}, nil
}

func sameSlice(before *[]ledger.FailureCount, now []ledger.FailureCount) bool {
	return before != nil && slices.Equal(*before, now)
}

// refresh renders the accounts that changed, and tells whether any did.
func (c *Collector) refresh() (changed bool) {
	now := c.now()
	listing := c.ledger.Listing()
	if listing != c.listing {
		c.relist(listing)
		changed = true
	}
	for i, entry := range listing.Entries {
		b := &c.blocks[i]
		state := entry.State()
		if b.state == state && (b.changes.IsZero() || now.Before(b.changes)) {
			continue
		}
		view := state.At(now)
		*b = block{state: state, changes: view.Changes, samples: render(&c.definitions, listing.LabelNames, view)}
		changed = true
	}
	return changed
}

// relist makes room for another set of accounts; what was rendered of those that stay is kept where it still holds.
func (c *Collector) relist(listing *ledger.Listing) {
	sameLabels := c.listing != nil && slices.Equal(c.listing.LabelNames, listing.LabelNames)
	kept := make(map[ledger.ID]block, len(c.blocks))
	if sameLabels {
		for i, entry := range c.listing.Entries {
			kept[entry.ID] = c.blocks[i]
		}
	}
	c.listing = listing
	c.blocks = make([]block, len(listing.Entries))
	for i, entry := range listing.Entries {
		c.blocks[i] = kept[entry.ID]
	}
}

// assemble joins the accounts' samples into families.
func (c *Collector) assemble(failures []ledger.FailureCount) []*dto.MetricFamily {
	var counts [families]int
	for _, b := range c.blocks {
		for _, s := range b.samples {
			counts[s.family]++
		}
	}
	counts[pollFailures] = len(failures)
	var metrics [families][]*dto.Metric
	for f, n := range counts {
		metrics[f] = make([]*dto.Metric, 0, n)
	}
	for _, b := range c.blocks {
		for _, s := range b.samples {
			metrics[s.family] = append(metrics[s.family], s.metric)
		}
	}
	for _, f := range failures {
		metrics[pollFailures] = append(metrics[pollFailures], failureMetric(f))
	}
	return c.named(metrics)
}

// named makes families of metrics, sorted by name, without those that have none.
func (c *Collector) named(metrics [families][]*dto.Metric) []*dto.MetricFamily {
	gathered := make([]*dto.MetricFamily, 0, families)
	for f, d := range c.definitions {
		if len(metrics[f]) == 0 {
			continue
		}
		gathered = append(gathered, &dto.MetricFamily{
			Name: new(d.name), Help: new(d.help), Type: d.kind.Enum(), Metric: metrics[f],
		})
	}
	slices.SortFunc(gathered, func(a, b *dto.MetricFamily) int { return cmpNames(a, b) })
	return gathered
}

func cmpNames(a, b *dto.MetricFamily) int {
	switch {
	case a.GetName() < b.GetName():
		return -1
	case a.GetName() > b.GetName():
		return 1
	}
	return 0
}

// Describe sends exactly what Collect can send. The labels of credits_account_info are those of the configuration that
// is in force: after a reload that changes them, register the collector anew.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range c.descs(c.ledger.Listing().LabelNames) {
		ch <- desc
	}
}

// Collect sends every sample.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	gathered, done, _ := c.Gather()
	defer done()
	descs := c.descs(c.ledger.Listing().LabelNames)
	byName := make(map[string]*prometheus.Desc, families)
	for f, d := range c.definitions {
		byName[d.name] = descs[f]
	}
	for _, mf := range gathered {
		for _, m := range mf.GetMetric() {
			ch <- constMetric{byName[mf.GetName()], m}
		}
	}
}

func (c *Collector) descs(accountLabels []string) [families]*prometheus.Desc {
	var descs [families]*prometheus.Desc
	for f, d := range c.definitions {
		labels := []string{"provider"}
		if family(f) != pollFailures {
			labels = append(labels, "account")
		}
		labels = append(labels, d.labels...)
		if family(f) == accountInfo {
			labels = append(labels, accountLabels...)
		}
		descs[f] = prometheus.NewDesc(d.name, d.help, labels, nil)
	}
	return descs
}

// constMetric is a rendered sample as a prometheus.Metric.
type constMetric struct {
	desc   *prometheus.Desc
	metric *dto.Metric
}

// Desc is what the metric is.
func (m constMetric) Desc() *prometheus.Desc { return m.desc }

// Write copies the sample.
func (m constMetric) Write(out *dto.Metric) error {
	out.Label, out.Gauge, out.Counter = m.metric.GetLabel(), m.metric.GetGauge(), m.metric.GetCounter()
	return nil
}
