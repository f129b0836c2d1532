package collector_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/credits-exporter/credits_exporter/collector"
)

// alternatives are the same series in the ways that exporters usually have them.
func alternatives(b *testing.B, c *collector.Collector) map[string]prometheus.TransactionalGatherer {
	b.Helper()
	gathered, done, err := c.Gather()
	if err != nil {
		b.Fatal(err)
	}
	defer done()
	constant := prometheus.NewRegistry()
	constant.MustRegister(newConstMetrics(gathered))
	return map[string]prometheus.TransactionalGatherer{
		"gaugevec": prometheus.ToTransactionalGatherer(newVecs(gathered)),
		"const":    prometheus.ToTransactionalGatherer(constant),
		"families": keptFamilies(gathered),
	}
}

// newVecs has the series in vectors of a registry.
func newVecs(gathered []*dto.MetricFamily) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	for _, mf := range gathered {
		names := labelNames(mf.GetMetric()[0])
		opts := prometheus.Opts{Name: mf.GetName(), Help: mf.GetHelp()}
		gauges := prometheus.NewGaugeVec(prometheus.GaugeOpts(opts), names)
		counters := prometheus.NewCounterVec(prometheus.CounterOpts(opts), names)
		for _, m := range mf.GetMetric() {
			if mf.GetType() == dto.MetricType_COUNTER {
				counters.WithLabelValues(labelValues(m)...).Add(m.GetCounter().GetValue())
			} else {
				gauges.WithLabelValues(labelValues(m)...).Set(m.GetGauge().GetValue())
			}
		}
		if mf.GetType() == dto.MetricType_COUNTER {
			registry.MustRegister(counters)
		} else {
			registry.MustRegister(gauges)
		}
	}
	return registry
}

func labelNames(m *dto.Metric) []string {
	var names []string
	for _, pair := range m.GetLabel() {
		names = append(names, pair.GetName())
	}
	return names
}

func labelValues(m *dto.Metric) []string {
	var values []string
	for _, pair := range m.GetLabel() {
		values = append(values, pair.GetValue())
	}
	return values
}

// constMetrics makes the series anew for each scrape.
type constMetrics struct {
	gathered []*dto.MetricFamily
	descs    []*prometheus.Desc
}

func newConstMetrics(gathered []*dto.MetricFamily) *constMetrics {
	c := &constMetrics{gathered: gathered}
	for _, mf := range gathered {
		c.descs = append(c.descs, prometheus.NewDesc(mf.GetName(), mf.GetHelp(), labelNames(mf.GetMetric()[0]), nil))
	}
	return c
}

// Describe sends what there is.
func (c *constMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		ch <- desc
	}
}

// Collect makes every series.
func (c *constMetrics) Collect(ch chan<- prometheus.Metric) {
	for i, mf := range c.gathered {
		for _, m := range mf.GetMetric() {
			kind, value := prometheus.GaugeValue, m.GetGauge().GetValue()
			if mf.GetType() == dto.MetricType_COUNTER {
				kind, value = prometheus.CounterValue, m.GetCounter().GetValue()
			}
			made, err := prometheus.NewConstMetric(c.descs[i], kind, value, labelValues(m)...)
			if err != nil {
				made = prometheus.NewInvalidMetric(c.descs[i], err)
			}
			ch <- made
		}
	}
}

// keptFamilies are families that need not be gathered.
type keptFamilies []*dto.MetricFamily

// Gather gives them.
func (k keptFamilies) Gather() ([]*dto.MetricFamily, func(), error) { return k, func() {}, nil }
