package collector_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web" //nolint:depguard // metrics are scraped as the daemon serves them
	"github.com/credits-exporter/credits_exporter/providers"    //nolint:depguard // a ledger is filled through its public API
)

var benchAccounts = flag.Int("bench.accounts", 10_000, "how many accounts the benchmarks have")

const (
	// benchPolls a second are what 10,000 accounts with the usual interval make.
	benchPolls = 30
	// benchPause is between two scrapes, so that each finds what polls left since the last one.
	benchPause = 400 * time.Millisecond
)

// BenchmarkScrape is one scrape of 10,000 accounts (or -bench.accounts) with 12 series each over a connection on loopback, read to its end,
// while 30 accounts a second are polled. Beside it are the same series in GaugeVecs, as const metrics that are made for
// each scrape and as families that are kept, all through promhttp, and the same bytes as a file. The metric x-file is
// the ratio to the file of the same coding.
func BenchmarkScrape(b *testing.B) {
	fleet := newFleet(b, *benchAccounts)
	c := collector.New(fleet.Ledger, time.Now)
	fleet.poll(*benchAccounts)
	fleet.commit()
	handlers := map[string]http.Handler{
		"kept": web.NewMetricsHandler(prometheus.ToTransactionalGatherer(prometheus.NewRegistry()), web.MetricsOptions{Kept: c}),
	}
	for name, gatherer := range alternatives(b, c) {
		handlers[name] = web.NewMetricsHandler(gatherer, web.MetricsOptions{})
	}
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		var file float64
		for _, name := range []string{"file", "kept", "families", "const", "gaugevec"} {
			b.Run(coding+"/"+name, func(b *testing.B) {
				handler := handlers[name]
				if name == "file" {
					handler = staticFile(b, handlers["kept"], coding)
				}
				ctx, stop := context.WithCancel(b.Context())
				defer stop()
				if name == "kept" {
					go c.Run(ctx)
					go fleet.Run(ctx)
					go fleet.pollOn(ctx)
				}
				took := measure(b, handler, coding)
				if name == "file" {
					file = took
				} else if file > 0 {
					b.ReportMetric(took/file, "x-file")
				}
			})
		}
	}
}

// measure scrapes again and again and gives the nanoseconds of one scrape.
func measure(b *testing.B, handler http.Handler, coding string) float64 {
	b.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	var size int64
	scrape := func() {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Accept", acceptText)
		request.Header.Set("Accept-Encoding", coding)
		response, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
		if size, err = io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
			b.Fatal(response.StatusCode, err)
		}
	}
	scrape() // the first one makes what is kept
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		time.Sleep(benchPause) // polls go on meanwhile
		b.StartTimer()
		scrape()
	}
	b.ReportMetric(float64(size), "body-B")
	return float64(b.Elapsed().Nanoseconds()) / float64(b.N)
}

// staticFile serves what a handler serves now as a file.
func staticFile(b *testing.B, handler http.Handler, coding string) http.Handler {
	b.Helper()
	response := get(b, handler, "/metrics", acceptText, coding)
	path := filepath.Join(b.TempDir(), "metrics")
	if err := os.WriteFile(path, response.Body.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Encoding", coding)
		http.ServeFile(w, r, path)
	})
}

// fleet is many accounts that are polled in turn.
type fleet struct {
	books
	accounts []*ledger.Account
	next     int
	// report is the n-th answer, which is for that account.
	report func(account, n int) providers.Report
}

// newFleet is accounts of a vendor that states one number, which makes 12 series each.
func newFleet(b testing.TB, size int) *fleet {
	b.Helper()
	accounts := make([]*ledger.Account, size)
	for i := range accounts {
		accounts[i] = account("olostep", fmt.Sprintf("customer-%06d", i))
	}
	return &fleet{books: newBooks(b, accounts...), accounts: accounts, report: func(_, n int) providers.Report {
		return single("credits", providers.NewAmount(1_000_000-int64(n)))
	}}
}

// threeLots is the answer of a vendor that lists lots.
func threeLots(account, n int) providers.Report {
	left := 1_000_000 - int64(n)
	expires := t0.Add(time.Duration(24*365+account%500) * time.Hour)
	lot := func(kind string, left int64, expires time.Time) providers.Lot {
		return providers.Lot{Kind: kind, Remaining: providers.NewAmount(left), Allocated: providers.NewAmount(1_000_000), Expires: expires}
	}
	return listed(
		providers.NewAmount(left+700),
		lot("subscription", left, expires), lot("top-up", 500, expires.Add(time.Hour)), lot("manual", 200, time.Time{}),
	)
}

// poll takes an answer in for as many accounts as are to change, in an order in which neighbours are far apart.
func (f *fleet) poll(changes int) {
	for range changes {
		i := f.next * 7919 % len(f.accounts)
		f.next++
		f.answers(f.accounts[i], time.Now(), f.report(i, f.next))
	}
}

// pollOn polls until ctx ends.
func (f *fleet) pollOn(ctx context.Context) {
	ticker := time.NewTicker(time.Second / benchPolls)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.poll(1)
		}
	}
}

// BenchmarkPoll is what the exposition costs for each poll of an account with three lots, in the background: 8 polls are
// written at once, as they are when 30 come in a second.
func BenchmarkPoll(b *testing.B) {
	const together = 8
	fleet := newFleet(b, *benchAccounts)
	fleet.report = threeLots
	fleet.poll(*benchAccounts)
	fleet.commit()
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		b.Run(coding, func(b *testing.B) {
			c := collector.New(fleet.Ledger, time.Now)
			handler, _ := bothWays(c)
			get(b, handler, "/metrics", acceptText, coding)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				fleet.poll(together)
				fleet.commit()
				b.StartTimer()
				c.Work()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/together, "ns/poll")
		})
	}
}

// BenchmarkMemory is how much of the heap an account with three lots takes: in the ledger, and kept in one form.
func BenchmarkMemory(b *testing.B) {
	fleet := newFleet(b, *benchAccounts)
	fleet.report = threeLots
	before := heap()
	fleet.poll(2 * *benchAccounts)
	fleet.commit()
	b.Run("ledger", func(b *testing.B) {
		for b.Loop() {
			b.ReportMetric(float64(heap()-before)/float64(*benchAccounts), "B/account")
		}
	})
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		b.Run(coding, func(b *testing.B) {
			for b.Loop() {
				before := heap()
				c := collector.New(fleet.Ledger, time.Now)
				handler, _ := bothWays(c)
				request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
				request.Header.Set("Accept", acceptText)
				request.Header.Set("Accept-Encoding", coding)
				handler.ServeHTTP(discard{}, request)
				b.ReportMetric(float64(heap()-before)/float64(*benchAccounts), "B/account")
				plain, compressed := c.Kept()
				b.ReportMetric(float64(plain)/float64(*benchAccounts), "plain-B/account")
				b.ReportMetric(float64(compressed)/float64(*benchAccounts), "compressed-B/account")
			}
		})
	}
}

// heap is how many bytes live on the heap.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// discard is a client that keeps nothing.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) WriteHeader(int)             {}
func (discard) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkFirstScrape is a scrape after the start: accounts with three lots are all written.
func BenchmarkFirstScrape(b *testing.B) {
	fleet := newFleet(b, *benchAccounts)
	fleet.report = threeLots
	fleet.poll(*benchAccounts)
	fleet.commit()
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		b.Run(coding, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := collector.New(fleet.Ledger, time.Now).Expose(expfmt.FmtText, coding, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(*benchAccounts), "ns/account")
		})
	}
}
