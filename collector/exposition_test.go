package collector_test

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"io"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/proto"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web" //nolint:depguard // metrics are scraped as the daemon serves them
	"github.com/credits-exporter/credits_exporter/providers"    //nolint:depguard // a ledger is filled through its public API
)

var update = flag.Bool("update", false, "write the golden files anew")

// What Prometheus asks for, form by form.
const (
	acceptText        = "text/plain;version=0.0.4"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// scrape asks for the metrics in one form, as the daemon serves them.
func scrape(t testing.TB, c *collector.Collector, accept string) []byte {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil)
	request.Header.Set("Accept", accept)
	response := httptest.NewRecorder()
	web.NewMetricsHandler(fixed{}, web.MetricsOptions{Kept: c}).ServeHTTP(response, request)
	if response.Code != 200 {
		t.Fatalf("status %d: %s", response.Code, response.Body)
	}
	want, _, _ := strings.Cut(accept, ";")
	if got := response.Header().Get("Content-Type"); !strings.HasPrefix(got, want) {
		t.Fatalf("Content-Type %q, want %q", got, want)
	}
	return response.Body.Bytes()
}

// families parses a text exposition.
func families(t testing.TB, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// canonical writes families in an order of their own, so that two ways to the same series give the same text.
func canonical(t testing.TB, gathered []*dto.MetricFamily) string {
	t.Helper()
	sorted := make([]*dto.MetricFamily, len(gathered))
	for i, mf := range gathered {
		sorted[i], _ = proto.Clone(mf).(*dto.MetricFamily)
		slices.SortFunc(sorted[i].Metric, func(a, b *dto.Metric) int {
			return slices.CompareFunc(a.Label, b.Label, func(x, y *dto.LabelPair) int {
				return cmp.Or(cmp.Compare(x.GetName(), y.GetName()), cmp.Compare(x.GetValue(), y.GetValue()))
			})
		})
	}
	slices.SortFunc(sorted, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	var text strings.Builder
	for _, mf := range sorted {
		if _, err := expfmt.MetricFamilyToText(&text, mf); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

func listOf(byName map[string]*dto.MetricFamily) []*dto.MetricFamily {
	var all []*dto.MetricFamily
	for _, mf := range byName {
		all = append(all, mf)
	}
	return all
}

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference(string(want), string(got)); diff != "" {
		t.Errorf("not as in %s; -update writes it anew:\n%s", path, diff)
	}
}

// difference is the lines that only one of two texts has.
func difference(want, got string) string {
	wanted, gotten := strings.Split(want, "\n"), strings.Split(got, "\n")
	var diff []string
	for _, line := range wanted {
		if !slices.Contains(gotten, line) {
			diff = append(diff, "- "+line)
		}
	}
	for _, line := range gotten {
		if !slices.Contains(wanted, line) {
			diff = append(diff, "+ "+line)
		}
	}
	if len(diff) == 0 && want != got {
		return "the same lines in another order"
	}
	return strings.Join(diff, "\n")
}

// TestExposition is the whole metric set: one account of each kind of state, as a scrape shows it.
func TestExposition(t *testing.T) {
	b := aFewOfEach(t)
	golden(t, "testdata/exposition.txt", scrape(t, collector.New(b.Ledger, b.now), acceptText))
}

func TestLint(t *testing.T) {
	b := aFewOfEach(t)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector.New(b.Ledger, b.now))
	process := collector.NewProcess(registry, b.Ledger, 0)
	process.Polled("olostep", 1)
	gathered, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(gathered).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestCollectorInARegistry holds the slow way to the series, with all of a pedantic registry's checks of Describe, equal
// to the fast one.
func TestCollectorInARegistry(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	slow, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	fast, done, err := c.Gather()
	defer done()
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference(canonical(t, fast), canonical(t, slow)); diff != "" {
		t.Errorf("Gather (-) and a registry (+) differ:\n%s", diff)
	}
}

// TestDescribeIsClosed: there is no metric beyond those of interface §4, and each is described.
func TestDescribeIsClosed(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	described := map[string]bool{}
	descs := make(chan *prometheus.Desc, 100)
	c.Describe(descs)
	close(descs)
	for desc := range descs {
		described[desc.String()] = true
	}
	metrics := make(chan prometheus.Metric, 1000)
	c.Collect(metrics)
	close(metrics)
	seen := map[string]bool{}
	for m := range metrics {
		seen[m.Desc().String()] = true
	}
	for desc := range seen {
		if !described[desc] {
			t.Errorf("not described: %s", desc)
		}
	}
	for desc := range described {
		if !seen[desc] {
			t.Errorf("described, but no account here has it: %s", desc)
		}
	}
}

// TestForms: whatever form is asked for, what arrives is the same.
func TestForms(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	gathered, done, err := c.Gather()
	defer done()
	if err != nil {
		t.Fatal(err)
	}
	want := canonical(t, gathered)
	forms := map[string]func() []*dto.MetricFamily{
		"text": func() []*dto.MetricFamily { return listOf(families(t, scrape(t, c, acceptText))) },
		"OpenMetrics": func() []*dto.MetricFamily {
			return listOf(families(t, asText(t, scrape(t, c, acceptOpenMetrics))))
		},
		"protobuf": func() []*dto.MetricFamily {
			decoder := expfmt.NewDecoder(bytes.NewReader(scrape(t, c, acceptProtobuf)), expfmt.NewFormat(expfmt.TypeProtoDelim))
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
		},
	}
	for name, parse := range forms {
		if diff := difference(want, canonical(t, parse())); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// asText turns OpenMetrics into the older text form: there, the family of a counter has the name of its samples.
func asText(t testing.TB, text []byte) []byte {
	t.Helper()
	body, ended := bytes.CutSuffix(text, []byte("# EOF\n"))
	if !ended {
		t.Fatal("OpenMetrics does not end with # EOF")
	}
	lines := strings.Split(string(body), "\n")
	counters := map[string]bool{}
	for _, line := range lines {
		if fields := strings.Fields(line); len(fields) == 4 && fields[1] == "TYPE" && fields[3] == "counter" {
			counters[fields[2]] = true
		}
	}
	for i, line := range lines {
		if fields := strings.Fields(line); len(fields) > 3 && fields[0] == "#" && counters[fields[2]] {
			lines[i] = strings.Replace(line, fields[2], fields[2]+"_total", 1)
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

// TestHostileText: what vendors and users write into names arrives as it was written, and breaks no line.
func TestHostileText(t *testing.T) {
	texts := map[string]string{
		"quotes":        `a "quoted" \ name`,
		"line breaks":   "one\ntwo\r\nthree\n",
		"script":        "<script>alert(1)</script>",
		"right to left": "\u202eabc\u200f\u2066",
		"a sample":      "x\"} 1\ncredits_balance{account=\"other\"} 666",
		"null":          "a\x00b",
		"long":          strings.Repeat("ä", 128),
		"braces":        `{a="b"} 1 # EOF`,
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			a := account("olostep", "production")
			a.Wallet = text
			a.Labels = map[string]string{"team": text}
			b := newBooks(t, a)
			report := listed(providers.NewAmount(3), providers.Lot{ID: text, Kind: text, Remaining: providers.NewAmount(3)})
			report.Plan = providers.Plan{ID: text, Name: text}
			b.answers(a, t0, report)
			b.commit()
			c := collector.New(b.Ledger, b.now)
			gathered, done, _ := c.Gather()
			defer done()
			want := canonical(t, gathered)
			for _, accept := range []string{acceptText, acceptOpenMetrics} {
				exposition := scrape(t, c, accept)
				if accept == acceptOpenMetrics {
					exposition = asText(t, exposition)
				}
				parsed := families(t, exposition)
				if diff := difference(want, canonical(t, listOf(parsed))); diff != "" {
					t.Errorf("%s:\n%s", accept, diff)
				}
				for metric, label := range map[string]string{
					"credits_remaining": "lot", "credits_plan_info": "plan", "credits_account_info": "team",
				} {
					if got := labelOf(parsed[metric].GetMetric()[0], label); got != text {
						t.Errorf("%s: %s of %s is %q", accept, label, metric, got)
					}
				}
				if series := len(parsed["credits_balance"].GetMetric()); series != 1 {
					t.Errorf("%s: %d series of credits_balance", accept, series)
				}
			}
		})
	}
}

func labelOf(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// TestLabelsAfterReload: credits_account_info has the union of what is configured now, on every account.
func TestLabelsAfterReload(t *testing.T) {
	first, second := account("olostep", "a"), account("olostep", "b")
	first.Labels = map[string]string{"team": "growth"}
	b := newBooks(t, first, second)
	c := collector.New(b.Ledger, b.now)
	info := func() string {
		var text strings.Builder
		for _, m := range families(t, scrape(t, c, acceptText))["credits_account_info"].GetMetric() {
			for _, pair := range m.GetLabel() {
				text.WriteString(pair.GetName() + "=" + pair.GetValue() + " ")
			}
			text.WriteString("; ")
		}
		return text.String()
	}
	if got, want := info(), "account=a provider=olostep team=growth wallet=olostep/a ; "+
		"account=b provider=olostep team= wallet=olostep/b ; "; got != want {
		t.Errorf("before:\n%s, want\n%s", got, want)
	}
	relabelled := account("olostep", "b")
	relabelled.Labels = map[string]string{"env": "prod"}
	b.Apply([]*ledger.Account{account("olostep", "a"), relabelled})
	if got, want := info(), "account=a env= provider=olostep wallet=olostep/a ; "+
		"account=b env=prod provider=olostep wallet=olostep/b ; "; got != want {
		t.Errorf("after:\n%s, want\n%s", got, want)
	}
	b.Apply([]*ledger.Account{relabelled})
	if got, want := info(), "account=b env=prod provider=olostep wallet=olostep/b ; "; got != want {
		t.Errorf("after one was removed:\n%s, want\n%s", got, want)
	}
}
