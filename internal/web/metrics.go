package web

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	// Without this import promhttp offers no zstd.
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd"
)

// MetricsOptions says how metrics are served.
type MetricsOptions struct {
	// Kept are metrics that are ready as bytes, nil for none. They have no name in common with what is gathered.
	Kept Exposer
	// MaxRequests is how many requests are served at once; more get 503. 0 is no limit.
	MaxRequests int
	// ErrorLog takes what goes wrong while metrics are gathered or sent. *log.Logger is one.
	ErrorLog promhttp.Logger
}

// NewMetricsHandler serves what gatherer gathers as Prometheus text, OpenMetrics or protobuf, plain or compressed by
// gzip or zstd, as the request asks. One metric that cannot be gathered or encoded is logged and left out; the others
// are served. prometheus.ToTransactionalGatherer turns a Registry into a gatherer.
func NewMetricsHandler(gatherer prometheus.TransactionalGatherer, options MetricsOptions) http.Handler {
	promhttpOptions := promhttp.HandlerOpts{
		ErrorLog:            options.ErrorLog,
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: options.MaxRequests,
		EnableOpenMetrics:   true,
	}
	if options.Kept == nil {
		return promhttp.HandlerForTransactional(gatherer, promhttpOptions)
	}
	return newKeptHandler(gatherer, options.Kept, promhttpOptions)
}
