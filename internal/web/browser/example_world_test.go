package browser

import (
	"math"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

const day = 24 * time.Hour

// exampleWorld is a morning of a company that buys from many vendors.
func exampleWorld(t *testing.T, refresh int) *world {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	w := newWorld(
		t, now, refresh,
		account("olostep", "production", limits("credits", 70000, 15000), team("growth"), price(2)),
		account("olostep", "staging", team("growth")),
		account("deepixels", "creative", limits("credits", 2500, 500), team("creative"), price(40)),
		account("deepixels", "social", team("social")),
		account("massive", "scraping", limits("credits", 50000, 10000), team("research")),
		account("openrouter", "default", limits("USD", 50, 20), team("ai")),
		account("elevenlabs", "support", limits("characters", 20000, 5000), team("support")),
		account("liveavatar", "training", limits("credits", 1000, 250), team("training")),
		account("serpapi", "seo", team("seo")),
		account("twilio", "alerts", limits("USD", 100, 25), team("platform")),
		account("proxy-seller", "crawl", team("research")),
	)
	allowed, refused := true, false
	w.week("olostep", "production", func(daysAgo float64) providers.Report { return olostep(now, daysAgo, &allowed) })
	w.report("olostep", "staging", 2*time.Minute, providers.Report{
		Balances: []providers.Balance{plain("credits", 120)}, UsageAllowed: &refused, Plan: providers.Plan{Name: "Starter"},
	})
	// It is spent in the office hours, and topped up when it runs dry.
	w.week("deepixels", "creative", func(daysAgo float64) providers.Report {
		spent := 420*(7-daysAgo) + 120*math.Sin(2*math.Pi*daysAgo)
		if daysAgo < 3.2 {
			spent -= 1500
		}
		return providers.Report{Balances: []providers.Balance{plain("credits", 1900-spent+120)}}
	})
	w.week("deepixels", "social", func(daysAgo float64) providers.Report {
		return providers.Report{Balances: []providers.Balance{plain("credits", 7400+90*daysAgo)}}
	})
	w.fails("deepixels", "social", time.Minute, providers.ReasonRateLimited, "the vendor answered with status 429")
	w.ledger.Held(ledger.ID{Provider: "deepixels", Account: "social"}, now.Add(3*time.Minute+20*time.Second))
	w.week("massive", "scraping", func(daysAgo float64) providers.Report {
		return providers.Report{Balances: []providers.Balance{plain("credits", 182000+9000*daysAgo)}}
	})
	w.week("openrouter", "default", func(daysAgo float64) providers.Report {
		return providers.Report{Balances: []providers.Balance{plain("USD", 31+22*daysAgo+60*math.Floor(math.Max(0, 5-daysAgo)/2))}}
	})
	w.week("elevenlabs", "support", func(daysAgo float64) providers.Report {
		b := plain("characters", 61000+math.Mod(daysAgo*5200, 40000))
		b.Lots[0].Allocated, b.Resets = whole(100000), now.Add(11*day)
		return providers.Report{Balances: []providers.Balance{b}, Plan: providers.Plan{Name: "Creator"}}
	})
	w.week("liveavatar", "training", func(daysAgo float64) providers.Report {
		return providers.Report{Balances: []providers.Balance{plain("credits", 3100+35*daysAgo)}}
	})
	w.report("serpapi", "seo", 3*time.Minute, providers.Report{
		Balances: []providers.Balance{plain("searches", 4120), {Unit: "lookups", Unlimited: true}}, Plan: providers.Plan{Name: "Production"},
	})
	w.week("twilio", "alerts", func(daysAgo float64) providers.Report {
		return providers.Report{Balances: []providers.Balance{plain("USD", 410+6*daysAgo)}}
	})
	w.fails("twilio", "alerts", 50*time.Minute, providers.ReasonTimeout, "no whole answer in 20s")
	w.report("twilio", "alerts", 45*time.Minute, providers.Report{Balances: []providers.Balance{plain("USD", 410)}})
	for before := 40 * time.Minute; before > 0; before -= 5 * time.Minute {
		w.fails("twilio", "alerts", before, providers.ReasonUnauthorized, "the vendor answered with status 401")
	}
	w.commit()
	return w
}

// olostep is what a vendor with a plan and lots says, so many days ago.
func olostep(now time.Time, daysAgo float64, allowed *bool) providers.Report {
	subscription := 23500 + 5600*daysAgo
	return providers.Report{
		Balances: []providers.Balance{{
			Unit: "credits", Remaining: whole(subscription + 41250 + 900), PlanAllocated: whole(100000), Listed: true, Resets: now.Add(12 * day),
			Lots: []providers.Lot{
				{Kind: "gift", Remaining: whole(900), Allocated: whole(1000), Expires: now.Add(31 * time.Hour)},
				{Kind: "subscription", Remaining: whole(subscription), Allocated: whole(100000), Expires: now.Add(12 * day)},
				{Kind: "top-up", Remaining: whole(41250), Allocated: whole(50000), Expires: now.Add(300 * day)},
			},
		}},
		Plan: providers.Plan{ID: "SUB_PRO", Name: "Pro"}, UsageAllowed: allowed,
	}
}
