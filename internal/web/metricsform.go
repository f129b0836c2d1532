package web

import (
	"net/http"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"
)

// negotiator chooses form and coding of a scrape just as promhttp does, by asking it.
type negotiator struct {
	// promhttp serves nothing.
	promhttp http.Handler
	mu       sync.Mutex
	known    map[string]negotiated
}

// negotiated is what promhttp says of an answer.
type negotiated struct {
	contentType     string
	contentEncoding string
	vary            []string
}

// Scrapers are few and ask in few ways; whoever asks in ever new ones is not remembered.
const (
	maxKnown     = 64
	maxKnownSize = 2 << 10
)

// header is what is to be said of the answer to a request.
func (n *negotiator) header(r *http.Request) negotiated {
	key := r.Header.Get("Accept") + "\n" + strings.Join(r.Header.Values("Accept-Encoding"), "\n")
	n.mu.Lock()
	answer, known := n.known[key]
	n.mu.Unlock()
	if known {
		return answer
	}
	asked := headersOnly{}
	n.promhttp.ServeHTTP(asked, &http.Request{Header: r.Header})
	header := http.Header(asked)
	answer = negotiated{header.Get("Content-Type"), header.Get("Content-Encoding"), header.Values("Vary")}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil {
		n.known = map[string]negotiated{}
	}
	if len(n.known) < maxKnown && len(key) < maxKnownSize {
		n.known[key] = answer
	}
	return answer
}

func (n negotiated) set(header http.Header) {
	header.Set("Content-Type", n.contentType)
	if n.contentEncoding != "" {
		header.Set("Content-Encoding", n.contentEncoding)
	}
	for _, name := range n.vary {
		header.Add("Vary", name)
	}
}

// headersOnly is a client that wants headers and no body.
type headersOnly http.Header

func (h headersOnly) Header() http.Header         { return http.Header(h) }
func (h headersOnly) WriteHeader(int)             {}
func (h headersOnly) Write(p []byte) (int, error) { return len(p), nil }

// nothing is a gatherer without metrics.
type nothing struct{}

// Gather gives nothing.
func (nothing) Gather() ([]*dto.MetricFamily, func(), error) { return nil, func() {}, nil }
