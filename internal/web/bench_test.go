package web_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

// crowd is a ledger of many accounts with three lots and a week of history in so many samples, one in fifty failing.
func crowd(t testing.TB, accounts, samples int) *world {
	var all []*ledger.Account
	for i := range accounts {
		all = append(all, account(fmt.Sprintf("vendor%02d", i%40), fmt.Sprintf("customer-%05d", i),
			limits("credits", 2500, 500), labelled(map[string]string{"team": fmt.Sprintf("team-%d", i%17)})))
	}
	w := newWorld(t, all...)
	for i, a := range all {
		for s := samples; s > 0; s-- {
			hours := 7 * 24 * float64(s) / float64(samples)
			report := production(t, math.Round(hours+float64(i%100)), nil)
			w.ledger.Succeeded(a.ID, a.Identity, testNow.Add(-time.Duration(hours*float64(time.Hour))), &report)
		}
		report := production(t, float64(i%100), nil)
		w.ledger.Succeeded(a.ID, a.Identity, testNow.Add(-time.Minute), &report)
		if i%50 == 0 {
			w.fails(a.Provider, a.Account, 0, providers.ReasonTimeout, "no whole answer in 20s")
		}
	}
	w.commit()
	return w
}

// BenchmarkFirstByte is how long a reader waits for the page: it is sent whole, so its first byte comes when all of it is
// ready. Between two pages some accounts are polled.
func BenchmarkFirstByte(b *testing.B) {
	for _, accounts := range []int{2000, 10000} {
		w := crowd(b, accounts, 28)
		handler := newHandler(b, w.options())
		entries := w.ledger.Listing().Entries
		for name, path := range map[string]string{
			"problems": "/", "searched": "/?q=team-3+vendor1", "sorted": "/?sort=runway", "200 per page": "/?per_page=200",
			"one account": "/account/vendor00/customer-00000", "API, 1000": "/api/v1/accounts",
		} {
			b.Run(fmt.Sprintf("%d accounts/%s", accounts, name), func(b *testing.B) {
				n := 0
				for b.Loop() {
					b.StopTimer()
					for range 30 {
						id := entries[n%len(entries)].ID
						n++
						w.says(id.Provider, id.Account, 0, plain(b, "credits", float64(n)))
					}
					recorder := httptest.NewRecorder()
					request := httptest.NewRequestWithContext(b.Context(), "GET", path, http.NoBody)
					b.StartTimer()
					handler.ServeHTTP(recorder, request)
					if recorder.Code != http.StatusOK {
						b.Fatal(recorder.Code)
					}
				}
			})
		}
	}
}

// BenchmarkScrapeBesideReaders is how long a scrape of 2,000 accounts takes over the network while nobody looks at the
// page, while 20 readers have it refreshed ten times as often as it refreshes itself, and while they ask without pause.
func BenchmarkScrapeBesideReaders(b *testing.B) {
	w := crowd(b, 2000, 28)
	options := w.options()
	kept := collector.New(w.ledger, func() time.Time { return testNow })
	go kept.Run(b.Context())
	process := prometheus.ToTransactionalGatherer(prometheus.NewRegistry())
	options.Metrics = web.NewMetricsHandler(process, web.MetricsOptions{Kept: kept})
	server := httptest.NewServer(newHandler(b, options))
	defer server.Close()
	for _, readers := range []struct {
		name  string
		n     int
		pause time.Duration
	}{{"no reader", 0, 0}, {"20 readers, a page a second each", 20, time.Second}, {"20 readers without pause", 20, time.Microsecond}} {
		b.Run(readers.name, func(b *testing.B) {
			stop := make(chan struct{})
			var group sync.WaitGroup
			var mu sync.Mutex
			var waits []time.Duration
			for i := range readers.n {
				group.Go(func() {
					time.Sleep(readers.pause * time.Duration(i) / time.Duration(readers.n))
					tick := time.NewTicker(readers.pause)
					defer tick.Stop()
					for {
						select {
						case <-stop:
							return
						case <-tick.C:
						}
						began := time.Now()
						fetch(b, server.Client(), server.URL+"/")
						mu.Lock()
						waits = append(waits, time.Since(began))
						mu.Unlock()
					}
				})
			}
			var scrapes []time.Duration
			entries := w.ledger.Listing().Entries
			for n := 0; b.Loop(); n++ {
				id := entries[n%len(entries)].ID
				w.says(id.Provider, id.Account, 0, plain(b, "credits", float64(n)))
				began := time.Now()
				fetch(b, server.Client(), server.URL+"/metrics")
				scrapes = append(scrapes, time.Since(began))
			}
			close(stop)
			group.Wait()
			report(b, scrapes, "scrape")
			report(b, waits, "page")
		})
	}
}

func fetch(b *testing.B, client *http.Client, url string) {
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		b.Error(err)
		return
	}
	response, err := client.Do(request)
	if err != nil {
		b.Error(err)
		return
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		b.Errorf("%s: %d %v", url, response.StatusCode, err)
	}
}

func report(b *testing.B, waits []time.Duration, name string) {
	if len(waits) == 0 {
		return
	}
	slices.Sort(waits)
	b.ReportMetric(waits[len(waits)/2].Seconds()*1000, name+"-p50-ms")
	b.ReportMetric(waits[len(waits)*99/100].Seconds()*1000, name+"-p99-ms")
}

// TestPageHoldsUpNobody stops a page in its middle, where it holds all that it ever holds: polls and scrapes go on.
func TestPageHoldsUpNobody(t *testing.T) {
	w := exampleWorld(t)
	options := w.options()
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	options.Now = func() time.Time {
		once.Do(func() { close(reached) })
		<-release
		return testNow
	}
	scrapes := collector.New(w.ledger, func() time.Time { return testNow })
	handler := newHandler(t, options)
	ended := make(chan answer, 1)
	go func() { ended <- ask(t.Context(), handler, "GET", "/") }()
	<-reached
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.says("massive", "default", 0, plain(t, "credits", 5))
		w.ledger.Apply([]*ledger.Account{account("massive", "default")})
		w.commit()
		_, end, err := scrapes.Gather()
		defer end()
		if err != nil {
			t.Error(err)
		}
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("a poll, a reload or a scrape waits for a page")
	}
	close(release)
	if got := <-ended; got.status != http.StatusOK {
		t.Errorf("the page: %d", got.status)
	}
}
