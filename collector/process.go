package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Process is the metrics of the process itself: how polls go, the storage, the configuration.
type Process struct {
	duration   *prometheus.HistogramVec
	reloadOK   prometheus.Gauge
	reloadTime prometheus.Gauge
}

// NewProcess registers the metrics of the process. recovered is how many damaged storage files were set aside.
func NewProcess(reg prometheus.Registerer, l *ledger.Ledger, recovered int) *Process {
	p := &Process{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: pollDurationName, Help: pollDurationHelp,
			Buckets:                         []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"provider"}),
		reloadOK:   prometheus.NewGauge(prometheus.GaugeOpts{Name: reloadOKName, Help: reloadOKHelp}),
		reloadTime: prometheus.NewGauge(prometheus.GaugeOpts{Name: reloadTimeName, Help: reloadTimeHelp}),
	}
	reg.MustRegister(
		p.duration, p.reloadOK, p.reloadTime,
		gaugeFunc(accountsName, accountsHelp, func() float64 { return float64(len(l.Listing().Entries)) }),
		gaugeFunc(inFlightName, inFlightHelp, func() float64 { return float64(l.InFlight()) }),
		gaugeFunc(storageHealthyName, storageHealthyHelp, func() float64 { return bit(l.StorageHealth().Healthy) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: storageRecoveredName, Help: storageRecoveredHelp},
			func() float64 { return float64(recovered) }),
		lastWrite{l, prometheus.NewDesc(storageWriteName, storageWriteHelp, nil, nil)},
		versioncollector.NewCollector("credits_exporter"),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return p
}

// Sharded registers which shard of how many this process takes.
func Sharded(reg prometheus.Registerer, ordinal, total int) {
	reg.MustRegister(
		gaugeFunc(shardOrdinalName, shardOrdinalHelp, func() float64 { return float64(ordinal) }),
		gaugeFunc(totalShardsName, totalShardsHelp, func() float64 { return float64(total) }),
	)
}

func gaugeFunc(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

// Polled notes how long a poll took.
func (p *Process) Polled(provider string, took time.Duration) {
	p.duration.WithLabelValues(provider).Observe(took.Seconds())
}

// Reloaded notes how a load of the configuration went.
func (p *Process) Reloaded(ok bool, at time.Time) {
	p.reloadOK.Set(bit(ok))
	if ok {
		p.reloadTime.Set(float64(at.UnixMilli()) / 1000)
	}
}

// lastWrite is the time of the latest good write, absent before the first.
type lastWrite struct {
	ledger *ledger.Ledger
	desc   *prometheus.Desc
}

// Describe sends the only metric there is.
func (w lastWrite) Describe(ch chan<- *prometheus.Desc) { ch <- w.desc }

// Collect sends the time of the latest good write.
func (w lastWrite) Collect(ch chan<- prometheus.Metric) {
	at := w.ledger.StorageHealth().LastWrite
	if at.IsZero() {
		return
	}
	if m, err := prometheus.NewConstMetric(w.desc, prometheus.GaugeValue, float64(at.UnixMilli())/1000); err == nil {
		ch <- m
	}
}
