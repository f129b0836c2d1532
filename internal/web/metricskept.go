package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Exposer has metrics ready as bytes.
type Exposer interface {
	// Gather gives the same metrics as what they are made of, for requests that Expose has nothing ready for.
	prometheus.TransactionalGatherer
	// Expose joins its metrics and others, both sorted by name, to a body of that Content-Type and Content-Encoding and
	// tells how many bytes it has. A body that is nil comes with the reason, which is errors.ErrUnsupported if it is not
	// kept in this form; a body with an error is good, but some of the others could not be written.
	Expose(contentType expfmt.Format, contentEncoding string, others []*dto.MetricFamily) (body io.WriterTo, size int64, err error)
}

// keptHandler serves what is kept together with what is gathered. It answers as promhttp does, and leaves to promhttp
// what is seldom asked for.
type keptHandler struct {
	gatherer  prometheus.TransactionalGatherer
	kept      Exposer
	promhttp  http.Handler
	negotiate negotiator
	// slots are as many as requests may be served at once, nil for no limit.
	slots chan struct{}
	log   promhttp.Logger
}

func newKeptHandler(gatherer prometheus.TransactionalGatherer, kept Exposer, options promhttp.HandlerOpts) *keptHandler {
	h := &keptHandler{gatherer: gatherer, kept: kept, log: options.ErrorLog}
	if options.MaxRequestsInFlight > 0 {
		h.slots = make(chan struct{}, options.MaxRequestsInFlight)
		options.MaxRequestsInFlight = 0
	}
	h.promhttp = promhttp.HandlerForTransactional(prometheus.NewMultiTRegistry(gatherer, kept), options)
	h.negotiate.promhttp = promhttp.HandlerForTransactional(nothing{}, promhttp.HandlerOpts{EnableOpenMetrics: options.EnableOpenMetrics})
	return h
}

// ServeHTTP answers a scrape.
func (h *keptHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.slots != nil {
		select {
		case h.slots <- struct{}{}:
			defer func() { <-h.slots }()
		default:
			http.Error(w, fmt.Sprintf("Limit of concurrent requests reached (%d), try again later.", cap(h.slots)),
				http.StatusServiceUnavailable)
			return
		}
	}
	if !h.serveKept(w, r) {
		h.promhttp.ServeHTTP(w, r)
	}
}

// serveKept answers with what is kept, unless the request asks for something else.
func (h *keptHandler) serveKept(w http.ResponseWriter, r *http.Request) bool {
	if r.URL != nil && r.URL.RawQuery != "" && r.URL.Query().Has("name[]") {
		return false
	}
	others, done, err := h.gatherer.Gather()
	defer done()
	if err != nil {
		return false // promhttp gathers again, and knows what to do with the error
	}
	header := h.negotiate.header(r)
	body, size, err := h.kept.Expose(expfmt.Format(header.contentType), header.contentEncoding, others)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		h.println("error encoding metrics:", err)
	}
	if body == nil {
		return false
	}
	header.set(w.Header())
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	if _, err := body.WriteTo(w); err != nil {
		h.println("error sending metrics:", err)
	}
	return true
}

func (h *keptHandler) println(v ...any) {
	if h.log != nil {
		h.log.Println(v...)
	}
}
