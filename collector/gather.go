package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Gather gives all families that have samples, sorted by name.
func (c *Collector) Gather() (_ []*dto.MetricFamily, done func(), err error) {
	listing := c.ledger.Listing()
	metrics := c.gather(listing)
	gathered := make([]*dto.MetricFamily, 0, families)
	for _, f := range c.order {
		if len(metrics[f]) == 0 {
			continue
		}
		d := c.definitions[f]
		gathered = append(gathered, &dto.MetricFamily{Name: new(d.name), Help: new(d.help), Type: d.kind.Enum(), Metric: metrics[f]})
	}
	return gathered, func() {}, nil
}

// gather makes the samples of all accounts at this moment.
func (c *Collector) gather(listing *ledger.Listing) *[families][]*dto.Metric {
	var metrics [families][]*dto.Metric
	schema := newSchema(&c.definitions, listing.LabelNames)
	add := func(s sample) { metrics[s.family] = append(metrics[s.family], schema.metric(s)) }
	scratch, now := samples{labelNames: listing.LabelNames}, c.now()
	for _, entry := range listing.Entries {
		view := entry.State().At(now)
		for _, s := range scratch.of(&view) {
			add(s)
		}
	}
	for _, failures := range c.ledger.Failures() {
		add(failureSample(failures))
	}
	return &metrics
}

// metric is a sample as client_golang knows it.
func (s *schema) metric(of sample) *dto.Metric {
	m := &dto.Metric{}
	if s.metrics[of.family].Counter {
		m.Counter = &dto.Counter{Value: new(of.value)}
	} else {
		m.Gauge = &dto.Gauge{Value: new(of.value)}
	}
	m.Label = make([]*dto.LabelPair, 0, len(s.metrics[of.family].Labels))
	for _, l := range s.metrics[of.family].Labels {
		m.Label = append(m.Label, &dto.LabelPair{Name: new(l.Name), Value: new(of.values[l.Value])})
	}
	return m
}

// constMetric is a sample as a prometheus.Metric.
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
