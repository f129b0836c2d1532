package web_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

func newRegistry(t *testing.T) *prometheus.Registry {
	t.Helper()
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "credits_balance", Help: "Spendable units."})
	gauge.Set(42)
	registry := prometheus.NewRegistry()
	if err := registry.Register(gauge); err != nil {
		t.Fatal(err)
	}
	return registry
}

func unpack(t *testing.T, encoding string, content []byte) []byte {
	t.Helper()
	var reader io.Reader = bytes.NewReader(content)
	switch encoding {
	case "gzip":
		unzipped, err := gzip.NewReader(reader)
		if err != nil {
			t.Fatal(err)
		}
		reader = unzipped
	case "zstd":
		unpacked, err := zstd.NewReader(reader)
		if err != nil {
			t.Fatal(err)
		}
		defer unpacked.Close()
		reader = unpacked
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestContentNegotiation asks for every form and every compression, as Prometheus spells them.
func TestContentNegotiation(t *testing.T) {
	forms := []struct {
		name, accept string
		mediaType    string
		params       map[string]string
		want         string // the whole text; protobuf is decoded instead
	}{
		{
			name: "text by default", mediaType: "text/plain", params: map[string]string{"version": "0.0.4"},
			want: "# HELP credits_balance Spendable units.\n# TYPE credits_balance gauge\ncredits_balance 42\n",
		},
		{
			name: "text 0.0.4", accept: "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", mediaType: "text/plain",
			params: map[string]string{"version": "0.0.4"},
			want:   "# HELP credits_balance Spendable units.\n# TYPE credits_balance gauge\ncredits_balance 42\n",
		},
		{
			name:   "OpenMetrics",
			accept: "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", mediaType: "application/openmetrics-text",
			params: map[string]string{"version": "1.0.0"},
			want:   "# HELP credits_balance Spendable units.\n# TYPE credits_balance gauge\ncredits_balance 42.0\n# EOF\n",
		},
		{
			name:   "protobuf",
			accept: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;q=0.3", mediaType: "application/vnd.google.protobuf",
			params: map[string]string{"proto": "io.prometheus.client.MetricFamily", "encoding": "delimited"},
		},
	}
	encodings := []struct{ accept, want string }{
		{"", ""}, {"identity", ""}, {"gzip", "gzip"}, {"zstd", "zstd"}, {"gzip;q=0.5,zstd", "zstd"}, {"br", ""},
	}
	server := httptest.NewServer(web.NewMetricsHandler(prometheus.ToTransactionalGatherer(newRegistry(t)), web.MetricsOptions{}))
	defer server.Close()
	// The transport must neither ask for gzip nor unpack it by itself.
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	for _, form := range forms {
		for _, encoding := range encodings {
			t.Run(form.name+" "+encoding.accept, func(t *testing.T) {
				request := newRequest(t, "GET", server.URL)
				if form.accept != "" {
					request.Header.Set("Accept", form.accept)
				}
				if encoding.accept != "" {
					request.Header.Set("Accept-Encoding", encoding.accept)
				}
				got := send(t, client, request)
				if got.status != 200 || got.header.Get("Content-Encoding") != encoding.want {
					t.Fatalf("got %d encoded as %q, want 200 as %q", got.status, got.header.Get("Content-Encoding"), encoding.want)
				}
				mediaType, params, err := mime.ParseMediaType(got.header.Get("Content-Type"))
				if err != nil || mediaType != form.mediaType {
					t.Fatalf("got Content-Type %q, %v", got.header.Get("Content-Type"), err)
				}
				for name, want := range form.params {
					if params[name] != want {
						t.Errorf("Content-Type has %s=%q, want %q", name, params[name], want)
					}
				}
				plain := unpack(t, encoding.want, []byte(got.text))
				if form.want != "" {
					if string(plain) != form.want {
						t.Errorf("got %q, want %q", plain, form.want)
					}
					return
				}
				var family dto.MetricFamily
				decoder := expfmt.NewDecoder(bytes.NewReader(plain), expfmt.Format(got.header.Get("Content-Type")))
				if err := decoder.Decode(&family); err != nil || family.GetName() != "credits_balance" || family.GetMetric()[0].GetGauge().GetValue() != 42 {
					t.Errorf("got %v, %v", &family, err)
				}
			})
		}
	}
}

// gatherFunc is a gatherer.
type gatherFunc func() ([]*dto.MetricFamily, func(), error)

func (f gatherFunc) Gather() ([]*dto.MetricFamily, func(), error) { return f() }

func TestTooManyScrapes(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	handler := web.NewMetricsHandler(gatherFunc(func() ([]*dto.MetricFamily, func(), error) {
		entered <- struct{}{}
		<-release
		return nil, func() {}, nil
	}), web.MetricsOptions{MaxRequests: 2})
	answers := make(chan answer, 2)
	for range 2 {
		go func() { answers <- ask(t.Context(), handler, "GET", "/metrics") }()
		<-entered
	}
	if got := ask(t.Context(), handler, "GET", "/metrics"); got.status != 503 || !strings.Contains(got.text, "try again later") {
		t.Errorf("the third got %d %q, want 503", got.status, got.text)
	}
	close(release)
	for range 2 {
		if got := <-answers; got.status != 200 {
			t.Errorf("one of the first two got %d", got.status)
		}
	}
}

// TestOneBadMetricCostsNoOther serves what could be gathered and logs the rest in the log given.
func TestOneBadMetricCostsNoOther(t *testing.T) {
	registry := newRegistry(t)
	bad := prometheus.NewDesc("bad", "Cannot be gathered.", nil, nil)
	if err := registry.Register(invalidMetric{bad}); err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	handler := web.NewMetricsHandler(prometheus.ToTransactionalGatherer(registry), web.MetricsOptions{ErrorLog: log.New(&logged, "", 0)})
	got := ask(t.Context(), handler, "GET", "/metrics")
	if got.status != 200 || !strings.Contains(got.text, "credits_balance 42\n") {
		t.Errorf("got %d %q", got.status, got.text)
	}
	if !strings.Contains(logged.String(), "broken on purpose") {
		t.Errorf("the log has %q", logged.String())
	}
}

type invalidMetric struct{ desc *prometheus.Desc }

func (m invalidMetric) Describe(ch chan<- *prometheus.Desc) { ch <- m.desc }

func (m invalidMetric) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(m.desc, errors.New("broken on purpose"))
}

// TestNameFilter: promhttp serves only the metrics that ?name[]= names.
func TestNameFilter(t *testing.T) {
	handler := web.NewMetricsHandler(prometheus.ToTransactionalGatherer(newRegistry(t)), web.MetricsOptions{})
	if got := ask(t.Context(), handler, "GET", "/metrics?name[]=other"); got.text != "" {
		t.Errorf("got %q, want nothing", got.text)
	}
}
