package collector_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers" //nolint:depguard // a ledger is filled through its public API
)

// TestScrapesWhileTheLedgerChanges scrapes in both ways while accounts are polled, come and go. The n-th answer for an
// account says n in every field, so a scrape that mixes two answers is seen.
func TestScrapesWhileTheLedgerChanges(t *testing.T) {
	const accounts, rounds, scrapers = 8, 150, 3
	all := make([]*ledger.Account, accounts)
	for i := range all {
		all[i] = account("olostep", fmt.Sprintf("customer-%d", i))
	}
	b := newBooks(t, all...)
	c := collector.New(b.Ledger, b.now)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)

	handler, _ := bothWays(c)
	accepts := []string{acceptText, acceptOpenMetrics, acceptProtobuf}
	ctx, over := context.WithCancel(t.Context())
	var scraping, changing sync.WaitGroup
	for i := range scrapers {
		scraping.Go(func() {
			for scrapes := 0; ctx.Err() == nil || scrapes < 10; scrapes++ {
				var gatherer prometheus.TransactionalGatherer = c
				if i == 0 {
					gatherer = prometheus.ToTransactionalGatherer(registry)
				}
				gathered, done, err := gatherer.Gather()
				if err != nil {
					t.Error(err)
				}
				checkWhole(t, gathered)
				done()
				body := plain(t, get(t, handler, "/metrics", accepts[i], []string{"", "gzip", "zstd"}[scrapes%3]))
				switch accepts[i] {
				case acceptText:
					checkWhole(t, listOf(families(t, body)))
				case acceptOpenMetrics:
					checkWhole(t, listOf(families(t, asText(t, body))))
				case acceptProtobuf:
					checkWhole(t, decoded(t, body))
				}
			}
		})
	}
	scraping.Go(func() {
		for ctx.Err() == nil {
			c.Work()
		}
	})
	for _, a := range all[1:] {
		changing.Go(func() {
			for n := range rounds {
				b.answers(a, t0.Add(time.Duration(n)*time.Second), numbered(int64(n)))
				if n%10 == 0 {
					b.commit()
				}
			}
		})
	}
	changing.Go(func() {
		for n := range rounds {
			b.Apply(all[n%2:])
			b.set(t0.Add(time.Duration(n) * time.Minute))
		}
	})
	changing.Wait()
	over()
	scraping.Wait()
}

// numbered is a report that says n wherever it can.
func numbered(n int64) providers.Report {
	a := providers.NewAmount(n)
	r := listed(a, providers.Lot{ID: "lot", Kind: "top-up", Remaining: a, Allocated: a})
	r.Plan = providers.Plan{Name: strconv.FormatInt(n, 10)}
	return r
}

// checkWhole checks that what is shown of an account comes from one answer, and that what is shown can be written.
func checkWhole(t *testing.T, gathered []*dto.MetricFamily) {
	said := map[string]string{}
	for _, mf := range gathered {
		if _, err := expfmt.MetricFamilyToText(&strings.Builder{}, mf); err != nil {
			t.Error(err)
		}
		for _, m := range mf.GetMetric() {
			var number string
			switch mf.GetName() {
			case "credits_balance", "credits_remaining", "credits_remaining_cumulative", "credits_allocated":
				number = fmt.Sprint(m.GetGauge().GetValue())
			case "credits_plan_info":
				number = labelOf(m, "plan")
			default:
				continue
			}
			name := labelOf(m, "account")
			if before, known := said[name]; known && before != number {
				t.Errorf("%s says %s in %s and %s elsewhere", name, number, mf.GetName(), before)
			}
			said[name] = number
		}
	}
}
