package collector_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web" //nolint:depguard // metrics are scraped as the daemon serves them
	"github.com/credits-exporter/credits_exporter/providers"    //nolint:depguard // a ledger is filled through its public API
)

const (
	benchAccounts = 10_000
	// benchChanges come between two scrapes: 30 polls a second, as 10,000 accounts with the usual interval make, and a
	// scrape every 15 seconds.
	benchChanges = 30 * 15
)

// BenchmarkScrape is one scrape of 10,000 accounts with three lots each, beside the same series in GaugeVecs. Both are
// served by promhttp as the daemon serves, plain text, while accounts change between the scrapes. The last metric of
// the ledger's line is the ratio of the two times.
func BenchmarkScrape(b *testing.B) {
	fleet := newFleet(b)
	c := collector.New(fleet.Ledger, fleet.now)
	fleet.poll(benchAccounts)
	fleet.commit()
	gathered, done, err := c.Gather()
	if err != nil {
		b.Fatal(err)
	}
	vecs := newVecs(b, gathered)
	done()

	var base float64
	b.Run("gaugevec", func(b *testing.B) {
		base = measure(b, prometheus.ToTransactionalGatherer(vecs.registry), func() { vecs.change(benchChanges) })
	})
	b.Run("ledger", func(b *testing.B) {
		took := measure(b, c, func() { fleet.poll(benchChanges); fleet.commit() })
		if base > 0 {
			b.ReportMetric(took/base, "x-gaugevec")
		}
	})
}

// measure scrapes again and again, with changes between, and gives the nanoseconds of one scrape.
func measure(b *testing.B, gatherer prometheus.TransactionalGatherer, change func()) float64 {
	b.Helper()
	handler := web.NewMetricsHandler(gatherer, web.MetricsOptions{})
	request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", acceptText)
	var body counter
	handler.ServeHTTP(&body, request) // the first scrape renders everything
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		change()
		body = counter{}
		b.StartTimer()
		handler.ServeHTTP(&body, request)
	}
	b.ReportMetric(float64(body.bytes), "body-B")
	b.ReportMetric(float64(body.lines), "lines")
	return float64(b.Elapsed().Nanoseconds()) / float64(b.N)
}

// counter is a client that reads everything and keeps nothing.
type counter struct {
	header http.Header
	bytes  int
	lines  int
}

func (c *counter) Header() http.Header {
	if c.header == nil {
		c.header = http.Header{}
	}
	return c.header
}

func (c *counter) WriteHeader(int) {}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += len(p)
	c.lines += bytes.Count(p, []byte{'\n'})
	return len(p), nil
}

// fleet is many accounts that are polled in turn.
type fleet struct {
	books
	accounts []*ledger.Account
	next     int
}

func newFleet(b *testing.B) *fleet {
	b.Helper()
	accounts := make([]*ledger.Account, benchAccounts)
	for i := range accounts {
		accounts[i] = account("olostep", fmt.Sprintf("customer-%06d", i))
	}
	return &fleet{books: newBooks(b, accounts...), accounts: accounts}
}

// poll takes an answer in for as many accounts as are to change.
func (f *fleet) poll(changes int) {
	for range changes {
		a := f.accounts[f.next%len(f.accounts)]
		left := 1_000_000 - int64(f.next)
		f.next++
		expires := t0.Add(time.Duration(24+f.next%48) * time.Hour)
		lot := func(kind string, left int64, expires time.Time) providers.Lot {
			return providers.Lot{Kind: kind, Remaining: providers.NewAmount(left), Allocated: providers.NewAmount(1_000_000), Expires: expires}
		}
		f.answers(a, t0, listed(
			providers.NewAmount(left+700),
			lot("subscription", left, expires), lot("top-up", 500, expires.Add(time.Hour)), lot("manual", 200, time.Time{}),
		))
	}
}

// vecs are the series of a scrape in vectors of a registry.
type vecs struct {
	registry *prometheus.Registry
	gauges   []prometheus.Gauge
	next     int
}

func newVecs(b *testing.B, gathered []*dto.MetricFamily) *vecs {
	b.Helper()
	v := &vecs{registry: prometheus.NewRegistry()}
	for _, mf := range gathered {
		names := labelNames(mf.GetMetric()[0])
		values := make([]string, len(names))
		opts := prometheus.Opts{Name: mf.GetName(), Help: mf.GetHelp()}
		gauges := prometheus.NewGaugeVec(prometheus.GaugeOpts(opts), names)
		counters := prometheus.NewCounterVec(prometheus.CounterOpts(opts), names)
		for _, m := range mf.GetMetric() {
			for i, pair := range m.GetLabel() {
				values[i] = pair.GetValue()
			}
			if mf.GetType() == dto.MetricType_COUNTER {
				counters.WithLabelValues(values...).Add(m.GetCounter().GetValue())
				continue
			}
			gauge := gauges.WithLabelValues(values...)
			gauge.Set(m.GetGauge().GetValue())
			v.gauges = append(v.gauges, gauge)
		}
		if mf.GetType() == dto.MetricType_COUNTER {
			v.registry.MustRegister(counters)
		} else {
			v.registry.MustRegister(gauges)
		}
	}
	return v
}

func labelNames(m *dto.Metric) []string {
	var names []string
	for _, pair := range m.GetLabel() {
		names = append(names, pair.GetName())
	}
	return names
}

// change sets as many gauges as that many polls do.
func (v *vecs) change(polls int) {
	for range polls * len(v.gauges) / benchAccounts {
		v.gauges[v.next%len(v.gauges)].Add(1)
		v.next++
	}
}
