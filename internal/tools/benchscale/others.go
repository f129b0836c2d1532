package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd" // without it promhttp offers no zstd
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// The other ways to serve the same series, which the exporter is held against.
const (
	gaugeVecs    = "gaugevec"
	constMetrics = "const"
	staticFile   = "static"
)

// serveOther serves the series of a file in another way until ctx ends.
func serveOther(ctx context.Context, o options) error {
	text, err := os.ReadFile(o.source)
	if err != nil {
		return err
	}
	metrics, err := otherHandler(ctx, o, text)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /mallocs", func(w http.ResponseWriter, _ *http.Request) {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		fmt.Fprint(w, stats.Mallocs)
	})
	return serve(ctx, o.listen, mux)
}

func otherHandler(ctx context.Context, o options, text []byte) (http.Handler, error) {
	if o.role == staticFile {
		return newStatic(text)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	changes := max(1, o.rate*len(text)/max(1, o.accounts)/110) // lines that so many polls change
	if o.role == gaugeVecs {
		gauges := register(registry, families)
		go churn(ctx, func(i int) { gauges[i%len(gauges)].Add(1) }, changes)
	} else {
		c := newConstCollector(families)
		registry.MustRegister(c)
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), nil
}

// churn changes so many series a second until ctx ends.
func churn(ctx context.Context, change func(i int), aSecond int) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for range aSecond {
			change(i)
			i++
		}
	}
}

// register makes vectors with the series of families.
func register(registry *prometheus.Registry, families map[string]*dto.MetricFamily) []prometheus.Gauge {
	var gauges []prometheus.Gauge
	for _, family := range families {
		if !simple(family) {
			continue
		}
		names := labelNames(family)
		opts := prometheus.Opts{Name: family.GetName(), Help: family.GetHelp()}
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts(opts), names)
		c := prometheus.NewCounterVec(prometheus.CounterOpts(opts), names)
		for _, m := range family.GetMetric() {
			values := labelValues(m, names)
			if family.GetType() == dto.MetricType_COUNTER {
				c.WithLabelValues(values...).Add(value(m))
				continue
			}
			gauge := g.WithLabelValues(values...)
			gauge.Set(value(m))
			gauges = append(gauges, gauge)
		}
		if family.GetType() == dto.MetricType_COUNTER {
			registry.MustRegister(c)
		} else {
			registry.MustRegister(g)
		}
	}
	return gauges
}

// simple tells whether a family can be in a vector: the few histograms and summaries of a process are left out.
func simple(family *dto.MetricFamily) bool {
	return family.GetType() == dto.MetricType_GAUGE || family.GetType() == dto.MetricType_COUNTER
}

func value(m *dto.Metric) float64 {
	if m.GetCounter() != nil {
		return m.GetCounter().GetValue()
	}
	return m.GetGauge().GetValue()
}

func labelNames(family *dto.MetricFamily) []string {
	var names []string
	for _, m := range family.GetMetric() {
		for _, pair := range m.GetLabel() {
			if !slices.Contains(names, pair.GetName()) {
				names = append(names, pair.GetName())
			}
		}
	}
	return names
}

func labelValues(m *dto.Metric, names []string) []string {
	values := make([]string, len(names))
	for _, pair := range m.GetLabel() {
		values[slices.Index(names, pair.GetName())] = pair.GetValue()
	}
	return values
}

// constCollector keeps figures in plain structs and makes a const metric of each at every scrape, as most exporters do.
type constCollector struct{ series []constSeries }

type constSeries struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	value  float64
	labels []string
}

func newConstCollector(families map[string]*dto.MetricFamily) *constCollector {
	c := &constCollector{}
	for _, family := range families {
		if !simple(family) {
			continue
		}
		names := labelNames(family)
		desc := prometheus.NewDesc(family.GetName(), family.GetHelp(), names, nil)
		kind := prometheus.GaugeValue
		if family.GetType() == dto.MetricType_COUNTER {
			kind = prometheus.CounterValue
		}
		for _, m := range family.GetMetric() {
			c.series = append(c.series, constSeries{desc, kind, value(m), labelValues(m, names)})
		}
	}
	return c
}

// Describe sends nothing: the collector is an unchecked one.
func (c *constCollector) Describe(chan<- *prometheus.Desc) {}

// Collect makes every metric anew.
func (c *constCollector) Collect(ch chan<- prometheus.Metric) {
	for i := range c.series {
		s := &c.series[i]
		ch <- prometheus.MustNewConstMetric(s.desc, s.kind, s.value, s.labels...)
	}
}

// static serves the same bytes again and again, compressed once.
type static struct{ plain, gzip, zstd []byte }

func newStatic(text []byte) (*static, error) {
	s := &static{plain: text}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	s.gzip = zipped.Bytes()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		return nil, err
	}
	s.zstd = z.EncodeAll(text, nil)
	return s, z.Close()
}

func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	body := s.plain
	switch accepted := r.Header.Get("Accept-Encoding"); {
	case strings.Contains(accepted, "zstd"):
		w.Header().Set("Content-Encoding", "zstd")
		body = s.zstd
	case strings.Contains(accepted, "gzip"):
		w.Header().Set("Content-Encoding", "gzip")
		body = s.gzip
	}
	_, _ = w.Write(body)
}
