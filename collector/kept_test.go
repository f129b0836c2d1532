package collector_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/collector/internal/world"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web" //nolint:depguard // metrics are scraped as the daemon serves them
	"github.com/credits-exporter/credits_exporter/providers"    //nolint:depguard // a ledger is filled through its public API
)

// others are metrics of the process, which stand before, between and after those of the accounts.
func others() prometheus.TransactionalGatherer {
	registry := prometheus.NewRegistry()
	for _, name := range []string{"aaa", "credits_b", "credits_exporter_accounts", "credits_exporter_b", "go_goroutines", "zzz"} {
		gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "A \"gauge\" \\ of the process."})
		gauge.Set(1e6)
		registry.MustRegister(gauge)
	}
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "credits_exporter_storage_recovered_total", Help: "A counter."})
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "credits_poll_duration_seconds", Help: "A histogram.", Buckets: []float64{0.5, 1, 2}, NativeHistogramBucketFactor: 1.1,
	}, []string{"provider"})
	histogram.WithLabelValues("olostep").Observe(1)
	registry.MustRegister(counter, histogram)
	gathered, err := registry.Gather()
	return fixed{gathered, err}
}

// fixed is what was gathered once.
type fixed struct {
	gathered []*dto.MetricFamily
	err      error
}

// Gather gives it again.
func (f fixed) Gather() ([]*dto.MetricFamily, func(), error) { return f.gathered, func() {}, f.err }

// bothWays are the two ways to serve metrics: from kept bytes, and by promhttp from what is gathered.
func bothWays(c *collector.Collector) (kept, gathered http.Handler) {
	process := others()
	return web.NewMetricsHandler(process, web.MetricsOptions{Kept: c}),
		web.NewMetricsHandler(prometheus.NewMultiTRegistry(process, c), web.MetricsOptions{})
}

// get asks a handler.
func get(t testing.TB, h http.Handler, target, accept, acceptEncoding string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	if acceptEncoding != "" {
		request.Header.Set("Accept-Encoding", acceptEncoding)
	}
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	return response
}

// plain is a body unpacked. Of gzip only the first member is read, as some clients do.
func plain(t testing.TB, response *httptest.ResponseRecorder) []byte {
	t.Helper()
	var reader io.Reader = response.Body
	switch encoding := response.Header().Get("Content-Encoding"); encoding {
	case "":
	case "gzip":
		z, err := gzip.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		z.Multistream(false)
		reader = z
	case "zstd":
		z, err := zstd.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		reader = z
	default:
		t.Fatalf("Content-Encoding %q", encoding)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decoded is the families of a protobuf body.
func decoded(t testing.TB, body []byte) []*dto.MetricFamily {
	t.Helper()
	decoder := expfmt.NewDecoder(bytes.NewReader(body), expfmt.FmtProtoDelim)
	var all []*dto.MetricFamily
	for {
		mf := &dto.MetricFamily{}
		if err := decoder.Decode(mf); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, mf)
	}
}

// same compares the answers of two handlers to the same request.
func same(t testing.TB, kept, gathered http.Handler, target, accept, acceptEncoding string) {
	t.Helper()
	got, want := get(t, kept, target, accept, acceptEncoding), get(t, gathered, target, accept, acceptEncoding)
	got.Header().Del("Content-Length")
	if g, w := fmt.Sprint(got.Code, got.Header()), fmt.Sprint(want.Code, want.Header()); g != w {
		t.Errorf("%s, %q, %q: %s, promhttp says %s", target, accept, acceptEncoding, g, w)
		return
	}
	gotBody, wantBody := plain(t, got), plain(t, want)
	if bytes.Equal(gotBody, wantBody) {
		return
	}
	if strings.HasPrefix(got.Header().Get("Content-Type"), "application/vnd") && strings.Contains(got.Header().Get("Content-Type"), "delimited") {
		g, w := decoded(t, gotBody), decoded(t, wantBody)
		if len(g) == len(w) {
			for i := range g {
				if !proto.Equal(g[i], w[i]) {
					t.Errorf("%s is not what is gathered:\n%v\n%v", w[i].GetName(), g[i], w[i])
				}
			}
			return
		}
	}
	t.Errorf("%s, %q, %q: kept (+) is not what is gathered (-):\n%s", target, accept, acceptEncoding, difference(string(wantBody), string(gotBody)))
}

// TestKeptIsGathered: what is kept is to the last byte what promhttp makes of what is gathered, whatever happens between
// the scrapes.
func TestKeptIsGathered(t *testing.T) {
	const seeds, steps = 3, 200
	accepts := []string{acceptText, acceptOpenMetrics, acceptProtobuf, acceptOpenMetrics + ";escaping=underscores"}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w, err := world.New(seed, 120)
			if err != nil {
				t.Fatal(err)
			}
			c := collector.New(w.Ledger, w.Now)
			kept, gathered := bothWays(c)
			var happened []string
			for step := range steps {
				happened = append(happened, w.Step())
				switch {
				case step%5 == int(seed):
					c.Work()
				case step%7 == 0:
					same(t, kept, gathered, "/metrics", accepts[step%len(accepts)], []string{"", "gzip", "zstd"}[step%3])
					if t.Failed() {
						t.Fatalf("after %s", strings.Join(happened[max(0, step-10):], ", "))
					}
				}
			}
		})
	}
}

// TestManyAccounts: what several processors write at once is the same as well.
func TestManyAccounts(t *testing.T) {
	fleet := newFleet(t, 1600)
	c := collector.New(fleet.Ledger, fleet.now)
	kept, gathered := bothWays(c)
	fleet.poll(len(fleet.accounts))
	same(t, kept, gathered, "/metrics", acceptText, "gzip")
	fleet.set(t0.Add(-time.Hour))
	fleet.poll(len(fleet.accounts) / 2)
	fleet.commit()
	same(t, kept, gathered, "/metrics", acceptText, "zstd")
	same(t, kept, gathered, "/metrics", acceptProtobuf, "")
}

// TestNegotiation: whatever a client asks for, the answer is promhttp's.
func TestNegotiation(t *testing.T) {
	b := aFewOfEach(t)
	kept, gathered := bothWays(collector.New(b.Ledger, b.now))
	accepts := []string{
		"", "*/*", "text/html", "text/plain", "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain;version=1.0.0", "application/json",
		"application/openmetrics-text", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0",
		acceptOpenMetrics + ";charset=utf-8;escaping=allow-utf-8,text/plain;q=0.3", acceptProtobuf, acceptText + ";escaping=dots",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
		"application/vnd.google.protobuf;proto=other;encoding=delimited", "nonsense;;,", strings.Repeat("a/b,", 2000) + "text/plain",
	}
	encodings := []string{"", "gzip", "zstd", "identity", "*", "br", "gzip;q=0", "gzip;q=0.5, zstd;q=0.9", "identity;q=0", "*;q=0", "gzip, identity;q=0", ",,", "GZIP"}
	for i, accept := range accepts {
		for _, encoding := range encodings {
			if i > 6 && encoding != "gzip" {
				continue
			}
			same(t, kept, gathered, "/metrics", accept, encoding)
		}
		same(t, kept, gathered, "/metrics", accept, "gzip") // as it is remembered
	}
	for _, query := range []string{"name[]=credits_balance", "name[]=credits_balance&name[]=go_goroutines", "name[]=", "name%5B%5D=credits_up", "other=1"} {
		for _, accept := range accepts[:10] {
			same(t, kept, gathered, "/metrics?"+query, accept, "gzip")
		}
	}
}

// TestNobodyAtAll: without accounts, or without anything, an answer is still one.
func TestNobodyAtAll(t *testing.T) {
	b := newBooks(t)
	c := collector.New(b.Ledger, b.now)
	kept, gathered := bothWays(c)
	bare := web.NewMetricsHandler(fixed{}, web.MetricsOptions{Kept: c})
	bareGathered := web.NewMetricsHandler(c, web.MetricsOptions{})
	for _, accept := range []string{acceptText, acceptOpenMetrics, acceptProtobuf} {
		for _, encoding := range []string{"", "gzip", "zstd"} {
			same(t, kept, gathered, "/metrics", accept, encoding)
			same(t, bare, bareGathered, "/metrics", accept, encoding)
		}
	}
}

// TestNamesThatNeedEscaping: a label that is no name in every form leaves the scrape to promhttp, and comes back.
func TestNamesThatNeedEscaping(t *testing.T) {
	a := account("olostep", "a")
	a.Labels = map[string]string{"größe.x": "1"}
	b := newBooks(t, a)
	kept, gathered := bothWays(collector.New(b.Ledger, b.now))
	for range 2 {
		for _, escaping := range []string{"", ";escaping=allow-utf-8", ";escaping=dots", ";escaping=underscores"} {
			same(t, kept, gathered, "/metrics", acceptText+escaping, "gzip")
			same(t, kept, gathered, "/metrics", acceptOpenMetrics+escaping, "")
		}
		b.Apply([]*ledger.Account{account("olostep", "a")})
	}
}

// TestOneBadOther: a metric of the process that cannot be written costs no other.
func TestOneBadOther(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	bad := &dto.MetricFamily{Name: new("credits_c"), Help: new("Has no metrics."), Type: dto.MetricType_GAUGE.Enum()}
	good := &dto.MetricFamily{Name: new("credits_d"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(2.5)}}}}
	body, size, err := c.Expose(expfmt.FmtText, "", []*dto.MetricFamily{bad, good})
	if err == nil || !strings.Contains(err.Error(), "credits_c") {
		t.Errorf("the error is %v", err)
	}
	var sent bytes.Buffer
	if n, err := body.WriteTo(&sent); err != nil || n != size {
		t.Fatalf("%d bytes of %d sent: %v", n, size, err)
	}
	parsed := families(t, sent.Bytes())
	if parsed["credits_d"].GetMetric()[0].GetGauge().GetValue() != 2.5 || len(parsed["credits_balance"].GetMetric()) == 0 || parsed["credits_c"] != nil {
		t.Errorf("got %v", parsed)
	}
}

func TestExposeUnsupported(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	for format, encoding := range map[expfmt.Format]string{expfmt.FmtProtoText: "", expfmt.FmtOpenMetrics_2_0_0: "gzip", expfmt.FmtText: "br"} {
		if body, size, err := c.Expose(format, encoding, nil); body != nil || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s as %q: %d bytes, %v", format, encoding, size, err)
		}
	}
}

// TestOnlyWhatChanged: a poll, and a reload that changes one account, leave the bytes of all other groups as they are.
func TestOnlyWhatChanged(t *testing.T) {
	fleet := newFleet(t, 1600)
	c := collector.New(fleet.Ledger, fleet.now)
	fleet.poll(len(fleet.accounts))
	fleet.commit()
	kept, _ := bothWays(c)
	before := func() (blocks []any) {
		get(t, kept, "/metrics", acceptText, "gzip")
		return c.Blocks()
	}
	written := func(before []any) int {
		get(t, kept, "/metrics", acceptText, "gzip")
		known := map[any]bool{}
		for _, b := range before {
			known[b] = true
		}
		anew := 0
		for _, b := range c.Blocks() {
			if !known[b] {
				anew++
			}
		}
		return anew
	}
	blocks := before()
	if anew := written(blocks); anew != 0 {
		t.Errorf("nothing happened, and %d of %d blocks were written", anew, len(blocks))
	}
	fleet.poll(1)
	if anew := written(blocks); anew < 1 || anew > 8 {
		t.Errorf("one poll had %d of %d blocks written", anew, len(blocks))
	}
	blocks = before()
	changed := append([]*ledger.Account{}, fleet.accounts...)
	changed[700] = account("olostep", fleet.accounts[700].Account)
	changed[700].Interval = time.Hour
	fleet.Apply(changed)
	if anew := written(blocks); anew != 1 {
		t.Errorf("one account's other interval had %d of %d blocks written", anew, len(blocks))
	}
	blocks = before()
	fleet.Apply(changed[1:])
	// The groups beside it may end elsewhere, each has 12 families.
	if anew := written(blocks); anew > 3*12 {
		t.Errorf("one account gone had %d of %d blocks written", anew, len(blocks))
	}
}

// TestForgetting: a form that nobody asks for costs nothing after a quarter of an hour, and what is asked for stays.
func TestForgetting(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	kept, gathered := bothWays(c)
	expect := func(when string, plain, compressed bool) {
		t.Helper()
		p, z := c.Kept()
		if p > 0 != plain || z > 0 != compressed {
			t.Errorf("%s: %d plain bytes and %d compressed are kept", when, p, z)
		}
	}
	expect("before the first scrape", false, false)
	c.Work()
	expect("though there was work", false, false)
	get(t, kept, "/metrics", acceptText, "")
	expect("plain text", true, false)
	get(t, kept, "/metrics", acceptText, "gzip")
	get(t, kept, "/metrics", acceptOpenMetrics, "zstd")
	expect("and compressed", true, true)
	all, _ := c.Kept()
	b.set(t0.Add(14 * time.Minute))
	get(t, kept, "/metrics", acceptText, "")
	c.Work()
	expect("14 minutes later", true, true)
	b.set(t0.Add(16 * time.Minute))
	c.Work()
	expect("16 minutes later", true, false)
	if left, _ := c.Kept(); left > all*2/3 {
		t.Errorf("%d bytes of %d are left, though nobody asks for OpenMetrics", left, all)
	}
	same(t, kept, gathered, "/metrics", acceptText, "")
	b.set(t0.Add(40 * time.Minute))
	c.Work()
	expect("when nobody has come for long", false, false)
	for _, encoding := range []string{"", "gzip"} {
		same(t, kept, gathered, "/metrics", acceptText, encoding)
	}
}

// TestRun: what changed is written and compressed before the next scrape.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := account("olostep", "a")
		b := newBooks(t, a)
		c := collector.New(b.Ledger, time.Now)
		kept, _ := bothWays(c)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			c.Run(ctx)
			close(ended)
		}()
		get(t, kept, "/metrics", acceptText, "gzip")
		_, before := c.Kept()
		b.answers(a, time.Now(), single("credits", providers.NewAmount(100)))
		time.Sleep(time.Second)
		if _, after := c.Kept(); after <= before {
			t.Errorf("%d compressed bytes before the poll, and %d a second after it", before, after)
		}
		time.Sleep(time.Hour)
		if p, z := c.Kept(); p+z != 0 {
			t.Errorf("%d and %d bytes are kept for nobody", p, z)
		}
		stop()
		<-ended
	})
}

// TestSlowClient: a client that does not read keeps neither another scrape nor a poll waiting.
func TestSlowClient(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	kept, gathered := bothWays(c)
	slow := &slowClient{ResponseRecorder: httptest.NewRecorder(), reading: make(chan struct{}), read: make(chan struct{})}
	served := make(chan struct{})
	go func() {
		kept.ServeHTTP(slow, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		close(served)
	}()
	<-slow.reading
	before := get(t, gathered, "/metrics", "", "").Body.String()
	b.answers(account("massive", "failing"), t0, single("credits", providers.NewAmount(1234)))
	same(t, kept, gathered, "/metrics", "", "")
	c.Work()
	close(slow.read)
	<-served
	if got := slow.Body.String(); got != before {
		t.Errorf("what the slow client read is not what there was when it asked:\n%s", difference(before, got))
	}
}

// slowClient reads only when it is told to.
type slowClient struct {
	*httptest.ResponseRecorder
	reading, read chan struct{}
	began         bool
}

// Write waits.
func (s *slowClient) Write(p []byte) (int, error) {
	if !s.began {
		s.began = true
		close(s.reading)
	}
	<-s.read
	return s.ResponseRecorder.Write(p)
}
