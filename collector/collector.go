// Package collector is how a ledger becomes metrics. The set of metrics is closed and stands in metrics.go. A scrape
// reads memory only. What is exposed is kept as bytes, and only the samples of accounts that changed are written again.
package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Collector exposes the accounts of a ledger. Expose is the fast way to serve it. It is a
// prometheus.TransactionalGatherer as well, and a prometheus.Collector for whoever has a registry of their own; these
// make every sample anew each time.
type Collector struct {
	ledger      *ledger.Ledger
	now         func() time.Time
	definitions [families]definition
	// order is that of the families' names, in which they are exposed.
	order  [families]family
	keeper keeper
}

// New makes a collector for a ledger.
func New(l *ledger.Ledger, now func() time.Time) *Collector {
	c := &Collector{ledger: l, now: now, definitions: definitions()}
	c.order = byName(&c.definitions)
	c.keeper = keeper{ledger: l, now: now, definitions: &c.definitions}
	return c
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
	listing := c.ledger.Listing()
	descs := c.descs(listing.LabelNames)
	for f, metrics := range c.gather(listing) {
		for _, m := range metrics {
			ch <- constMetric{descs[f], m}
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
