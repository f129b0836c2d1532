package vendorsim

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Transport sends requests to the simulator within the process, without a socket, so that tests in a synctest bubble
// and tests of many accounts can use it. It knows the vendors' own hosts besides the paths that Vendor.Path gives.
func (s *Simulator) Transport() http.RoundTripper { return transport{s} }

type transport struct {
	simulator *Simulator
}

// RoundTrip fails when the request's context ends before its answer, as a network would.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	inner, address := r.WithContext(r.Context()), *r.URL // the caller's request stays as it is
	inner.URL = &address
	for _, vendor := range Vendors() {
		if d, _ := dialectOf(vendor); r.URL.Hostname() == d.host {
			address.Path = vendor.Path() + r.URL.Path
		}
	}
	answer, err := t.simulator.respond(inner)
	if err != nil {
		return nil, err
	}
	header := answer.header.Clone()
	header.Set("Date", t.simulator.date())
	header.Set("Content-Length", strconv.Itoa(len(answer.body)))
	return &http.Response{
		Status:        strconv.Itoa(answer.status) + " " + http.StatusText(answer.status),
		StatusCode:    answer.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(answer.body)),
		ContentLength: int64(len(answer.body)),
		Request:       r,
	}, nil
}
