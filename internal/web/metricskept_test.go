package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

// exposer has one metric, and says in its body how it was asked.
type exposer struct {
	gatherFunc
	// none: nothing is kept, and that is why.
	none error
	// lost is an error beside the body.
	lost  error
	asked *atomic.Int32
}

func newExposer() exposer {
	return exposer{asked: new(atomic.Int32), gatherFunc: func() ([]*dto.MetricFamily, func(), error) {
		return []*dto.MetricFamily{{
			Name: new("credits_gathered"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(1.0)}}},
		}}, func() {}, nil
	}}
}

func (e exposer) Expose(contentType expfmt.Format, contentEncoding string, others []*dto.MetricFamily) (io.WriterTo, int64, error) {
	e.asked.Add(1)
	if e.none != nil {
		return nil, 0, e.none
	}
	names := make([]string, 0, len(others))
	for _, mf := range others {
		names = append(names, mf.GetName())
	}
	body := fmt.Sprintf("kept as %s, %q, with %v", contentType, contentEncoding, names)
	return bytes.NewReader([]byte(body)), int64(len(body)), e.lost
}

// keptHandler serves one gauge that is gathered and what is kept.
func keptHandler(t *testing.T, kept web.Exposer, logged *bytes.Buffer) http.Handler {
	t.Helper()
	return web.NewMetricsHandler(prometheus.ToTransactionalGatherer(newRegistry(t)), web.MetricsOptions{
		Kept: kept, ErrorLog: log.New(logged, "", 0),
	})
}

func TestKeptIsSent(t *testing.T) {
	var logged bytes.Buffer
	request := newRequest(t, "GET", "/metrics")
	request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0;escaping=dots")
	request.Header.Set("Accept-Encoding", "zstd, gzip;q=0.5")
	response := httptest.NewRecorder()
	keptHandler(t, newExposer(), &logged).ServeHTTP(response, request)
	const contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=dots"
	want := "kept as " + contentType + `, "zstd", with [credits_balance]`
	if response.Code != 200 || response.Body.String() != want {
		t.Errorf("got %d %q, want %q", response.Code, response.Body, want)
	}
	for name, want := range map[string]string{
		"Content-Type": contentType, "Content-Encoding": "zstd", "Vary": "Accept,Accept-Encoding", "Content-Length": fmt.Sprint(len(want)),
	} {
		if got := strings.Join(response.Header().Values(name), ","); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if logged.Len() > 0 {
		t.Errorf("the log has %q", &logged)
	}
}

// TestWhatIsNotKept: promhttp serves it, both what is gathered and what the exposer gathers.
func TestWhatIsNotKept(t *testing.T) {
	const gathered = "# HELP credits_balance Spendable units.\n# TYPE credits_balance gauge\ncredits_balance 42\n"
	const exposed = "# TYPE credits_gathered gauge\ncredits_gathered 1\n"
	tests := map[string]struct {
		target string
		none   error
		want   string
		logged string
	}{
		"a form that is not kept": {"/metrics", fmt.Errorf("compact text: %w", errors.ErrUnsupported), gathered + exposed, ""},
		"a failure":               {"/metrics", errors.New("broken on purpose"), gathered + exposed, "broken on purpose"},
		"some names only":         {"/metrics?name[]=credits_gathered", nil, exposed, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kept := newExposer()
			kept.none = test.none
			var logged bytes.Buffer
			got := ask(t.Context(), keptHandler(t, kept, &logged), "GET", test.target)
			if got.status != 200 || got.text != test.want {
				t.Errorf("got %d %q, want %q", got.status, got.text, test.want)
			}
			if !strings.Contains(logged.String(), test.logged) || test.logged == "" && logged.Len() > 0 {
				t.Errorf("the log has %q, want %q", &logged, test.logged)
			}
		})
	}
}

// TestBadMetricBesideKept: what cannot be gathered is logged and costs nothing else.
func TestBadMetricBesideKept(t *testing.T) {
	registry := newRegistry(t)
	if err := registry.Register(invalidMetric{prometheus.NewDesc("bad", "Cannot be gathered.", nil, nil)}); err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	handler := web.NewMetricsHandler(prometheus.ToTransactionalGatherer(registry), web.MetricsOptions{Kept: newExposer(), ErrorLog: log.New(&logged, "", 0)})
	got := ask(t.Context(), handler, "GET", "/metrics")
	if got.status != 200 || !strings.Contains(got.text, "credits_balance 42\n") || !strings.Contains(got.text, "credits_gathered 1\n") {
		t.Errorf("got %d %q", got.status, got.text)
	}
	if !strings.Contains(logged.String(), "broken on purpose") {
		t.Errorf("the log has %q", &logged)
	}
	kept := newExposer()
	kept.lost = errors.New("credits_balance is broken")
	logged.Reset()
	if got := ask(t.Context(), keptHandler(t, kept, &logged), "GET", "/metrics"); !strings.HasPrefix(got.text, "kept as") {
		t.Errorf("got %d %q", got.status, got.text)
	}
	if !strings.Contains(logged.String(), "credits_balance is broken") {
		t.Errorf("the log has %q", &logged)
	}
}

func TestTooManyScrapesOfKept(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	waiting := gatherFunc(func() ([]*dto.MetricFamily, func(), error) {
		entered <- struct{}{}
		<-release
		return nil, func() {}, nil
	})
	handler := web.NewMetricsHandler(waiting, web.MetricsOptions{MaxRequests: 2, Kept: newExposer()})
	answers := make(chan answer, 2)
	for range 2 {
		go func() { answers <- ask(t.Context(), handler, "GET", "/metrics") }()
		<-entered
	}
	promhttp := "Limit of concurrent requests reached (2), try again later.\n"
	if got := ask(t.Context(), handler, "GET", "/metrics"); got.status != 503 || got.text != promhttp {
		t.Errorf("the third got %d %q, want 503", got.status, got.text)
	}
	close(release)
	for range 2 {
		if got := <-answers; got.status != 200 {
			t.Errorf("one of the first two got %d", got.status)
		}
	}
}

// TestClientThatLeaves: a body that cannot be sent is logged once.
func TestClientThatLeaves(t *testing.T) {
	var logged bytes.Buffer
	gone := &goneClient{ResponseRecorder: httptest.NewRecorder()}
	keptHandler(t, newExposer(), &logged).ServeHTTP(gone, newRequest(t, "GET", "/metrics"))
	if gone.writes != 1 || strings.Count(logged.String(), "the client left") != 1 {
		t.Errorf("%d writes, and the log has %q", gone.writes, &logged)
	}
}

type goneClient struct {
	*httptest.ResponseRecorder
	writes int
}

func (g *goneClient) Write([]byte) (int, error) {
	g.writes++
	return 0, errors.New("the client left")
}

// TestManyWaysToAsk: whoever asks in ever new ways gets what was asked for, known or not.
func TestManyWaysToAsk(t *testing.T) {
	var logged bytes.Buffer
	kept := newExposer()
	handler := keptHandler(t, kept, &logged)
	for i := range 300 {
		request := newRequest(t, "GET", "/metrics")
		request.Header.Set("Accept", fmt.Sprintf("text/x-%d, application/openmetrics-text;version=1.0.0", i%150))
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		if !strings.HasPrefix(response.Body.String(), "kept as application/openmetrics-text; version=1.0.0") {
			t.Fatalf("got %q", response.Body)
		}
	}
	if asked := kept.asked.Load(); asked != 300 {
		t.Errorf("%d scrapes of 300 came from what is kept", asked)
	}
}
