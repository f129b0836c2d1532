package web

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web/status"
)

// The types below are the API's answers; docs/api/openapi.yml describes them, and a test holds the two together. What is
// not known is absent. They hold moments and no ages, so that an answer changes only when something happened.

// number is a JSON number with every digit of the amount: readers that keep decimals apart from floats lose nothing.
// "" leaves the field out.
type number = json.Number

func exact(a ledger.Amount) number {
	if !a.Known() {
		return ""
	}
	text := a.String()
	if strings.Contains(text, "/") {
		return float(a.Float64())
	}
	return number(text)
}

func float(f float64) number { return number(strconv.FormatFloat(f, 'g', -1, 64)) }

type accountList struct {
	Accounts []accountJSON `json:"accounts"`
	// Matching is how many accounts the query found, on all pages.
	Matching int         `json:"matching"`
	Page     int         `json:"page"`
	Pages    int         `json:"pages"`
	Totals   []totalJSON `json:"totals"`
}

type totalJSON struct {
	Unit        string          `json:"unit"`
	Balance     number          `json:"balance,omitempty"`
	Wallets     int             `json:"wallets"`
	Unlimited   int             `json:"unlimited,omitempty"`
	SpentPerDay number          `json:"spent_per_day,omitempty"`
	Worth       []worthJSON     `json:"worth,omitempty"`
	Providers   []providerTotal `json:"providers"`
}

type providerTotal struct {
	Provider    string `json:"provider"`
	Balance     number `json:"balance,omitempty"`
	Wallets     int    `json:"wallets"`
	Unlimited   int    `json:"unlimited,omitempty"`
	SpentPerDay number `json:"spent_per_day,omitempty"`
}

type worthJSON struct {
	Currency string `json:"currency"`
	Amount   number `json:"amount"`
}

type accountJSON struct {
	Provider        string            `json:"provider"`
	Account         string            `json:"account"`
	Wallet          string            `json:"wallet"`
	Labels          map[string]string `json:"labels,omitempty"`
	Level           string            `json:"level"`
	Polling         string            `json:"polling"`
	Problems        []problemJSON     `json:"problems,omitempty"`
	Balances        []balanceJSON     `json:"balances"`
	Plan            string            `json:"plan,omitempty"`
	PlanID          string            `json:"plan_id,omitempty"`
	UsageAllowed    *bool             `json:"usage_allowed,omitempty"`
	AsOf            time.Time         `json:"as_of,omitzero"`
	Stale           bool              `json:"stale,omitempty"`
	Failure         *failureJSON      `json:"failure,omitempty"`
	RetryAfter      time.Time         `json:"retry_after,omitzero"`
	IntervalSeconds number            `json:"interval_seconds"`
	LastPoll        time.Time         `json:"last_poll,omitzero"`
	LastSuccess     time.Time         `json:"last_success,omitzero"`
	NextPoll        time.Time         `json:"next_poll,omitzero"`
	Polls           uint64            `json:"polls"`
	PollsToday      uint64            `json:"polls_today"`
}

type problemJSON struct {
	Level string `json:"level"`
	Unit  string `json:"unit,omitempty"`
	Text  string `json:"text"`
}

type balanceJSON struct {
	Unit          string    `json:"unit"`
	Balance       number    `json:"balance,omitempty"`
	Unlimited     bool      `json:"unlimited,omitempty"`
	Level         string    `json:"level"`
	PlanAllocated number    `json:"plan_allocated,omitempty"`
	Resets        time.Time `json:"resets,omitzero"`
	PeriodSeconds number    `json:"period_seconds,omitempty"`
	SpentPerDay   number    `json:"spent_per_day,omitempty"`
	RunwaySeconds number    `json:"runway_seconds,omitempty"`
	Lots          []lotJSON `json:"lots,omitempty"`
}

type lotJSON struct {
	Lot        string    `json:"lot"`
	Kind       string    `json:"kind"`
	Remaining  number    `json:"remaining,omitempty"`
	Cumulative number    `json:"remaining_cumulative,omitempty"`
	Allocated  number    `json:"allocated,omitempty"`
	Pending    number    `json:"pending,omitempty"`
	Expires    time.Time `json:"expires,omitzero"`
}

type failureJSON struct {
	Reason string    `json:"reason"`
	Error  string    `json:"error"`
	Since  time.Time `json:"since"`
	At     time.Time `json:"at"`
	Polls  int       `json:"polls"`
}

// accountDetail is what is known of one account.
type accountDetail struct {
	accountJSON
	Thresholds       []thresholdJSON         `json:"thresholds,omitempty"`
	RunwayThresholds []runwayJSON            `json:"runway_thresholds,omitempty"`
	Prices           []priceJSON             `json:"prices,omitempty"`
	Books            []bookJSON              `json:"books,omitempty"`
	Failures         []outageJSON            `json:"failures,omitempty"`
	History          map[string][]sampleJSON `json:"history,omitempty"`
	Definition       *definitionJSON         `json:"definition,omitempty"`
}

type thresholdJSON struct {
	Unit     string `json:"unit"`
	Severity string `json:"severity"`
	Amount   number `json:"amount"`
}

type runwayJSON struct {
	Severity string `json:"severity"`
	Seconds  number `json:"seconds"`
}

type priceJSON struct {
	Unit     string `json:"unit"`
	Amount   number `json:"amount"`
	Currency string `json:"currency"`
}

type bookJSON struct {
	Unit       string `json:"unit"`
	Consumed   number `json:"consumed"`
	Granted    number `json:"granted"`
	Expired    number `json:"expired"`
	Returned   number `json:"returned"`
	Reinstated number `json:"reinstated"`
}

type outageJSON struct {
	Reason string    `json:"reason"`
	Error  string    `json:"error"`
	Since  time.Time `json:"since"`
	Last   time.Time `json:"last"`
	Polls  int       `json:"polls"`
	Ended  time.Time `json:"ended,omitzero"`
}

type sampleJSON struct {
	At       time.Time `json:"at"`
	Balance  number    `json:"balance"`
	Consumed number    `json:"consumed"`
}

type definitionJSON struct {
	Title    string `json:"title"`
	Docs     string `json:"docs"`
	Verified string `json:"verified"`
	YAML     string `json:"yaml"`
}

func newAccountJSON(v *ledger.View, now time.Time) accountJSON {
	standing := status.Of(v)
	a := accountJSON{
		Provider: v.Account.Provider, Account: v.Account.Account, Wallet: v.Account.Wallet, Labels: v.Account.Labels,
		Level: standing.Level.Name(), Polling: pollingName(standing.Polls), Balances: []balanceJSON{},
		Plan: v.Plan.Name, PlanID: v.Plan.ID, UsageAllowed: v.UsageAllowed, AsOf: v.AsOf.UTC(), Stale: v.Stale,
		RetryAfter: v.OpenWindow.UTC(), IntervalSeconds: float(v.Account.Interval.Seconds()),
		LastPoll: v.LastPoll.UTC(), LastSuccess: v.LastSuccess.UTC(), NextPoll: v.NextPoll.UTC(),
		Polls: v.Shown.Polls, PollsToday: v.PollsToday(now),
	}
	for _, finding := range standing.Findings {
		a.Problems = append(a.Problems, problemJSON{finding.Level.Name(), finding.Unit, finding.Text})
	}
	if f := v.Failure; f != nil {
		a.Failure = &failureJSON{string(f.Reason), f.Text, f.Since.UTC(), f.At.UTC(), f.Streak}
	}
	for i := range v.Balances {
		a.Balances = append(a.Balances, newBalanceJSON(&v.Balances[i], standing.Balances[i]))
	}
	return a
}

func newBalanceJSON(b *ledger.Balance, standing status.Balance) balanceJSON {
	out := balanceJSON{
		Unit: b.Unit, Balance: exact(b.Amount), Unlimited: b.Unlimited, Level: standing.Level.Name(),
		PlanAllocated: exact(b.PlanAllocated), Resets: b.Resets.UTC(),
	}
	if b.PeriodLength > 0 {
		out.PeriodSeconds = float(b.PeriodLength.Seconds())
	}
	if standing.HasPace {
		out.SpentPerDay = float(standing.PerDay())
	}
	if standing.HasLeft {
		out.RunwaySeconds = float(standing.Left.Truncate(time.Second).Seconds())
	}
	for _, lot := range b.Lots {
		out.Lots = append(out.Lots, lotJSON{
			lot.Label, lot.Kind, exact(lot.Remaining), exact(lot.Cumulative), exact(lot.Allocated), exact(lot.Pending), lot.Expires.UTC(),
		})
	}
	return out
}

func newAccountDetail(v *ledger.View, now time.Time) accountDetail {
	d := accountDetail{accountJSON: newAccountJSON(v, now)}
	for _, t := range v.Limits {
		d.Thresholds = append(d.Thresholds, thresholdJSON{t.Unit, t.Severity, exact(t.Amount)})
	}
	for _, t := range v.Account.RunwayThresholds {
		d.RunwayThresholds = append(d.RunwayThresholds, runwayJSON{t.Severity, float(t.Left.Seconds())})
	}
	for _, p := range v.Account.Prices {
		d.Prices = append(d.Prices, priceJSON{p.Unit, exact(p.Amount), p.Currency})
	}
	for _, t := range v.Shown.Books {
		d.Books = append(d.Books, bookJSON{
			t.Unit, exact(t.Consumed), exact(t.Granted), exact(t.Expired), exact(t.Returned), exact(t.Reinstated),
		})
	}
	for _, o := range v.Outages() {
		d.Failures = append(d.Failures, outageJSON{string(o.Reason), o.Text, o.Since.UTC(), o.Last.UTC(), o.Polls, o.Ended.UTC()})
	}
	d.History = historyJSON(v)
	return d
}

// historyJSON is the history of every unit that the account was ever seen with.
func historyJSON(v *ledger.View) map[string][]sampleJSON {
	history := map[string][]sampleJSON{}
	for _, t := range v.Shown.Books {
		for _, s := range v.History.Samples(t.Unit) {
			history[t.Unit] = append(history[t.Unit], sampleJSON{s.At.UTC(), float(s.Balance), float(s.Consumed)})
		}
	}
	return history
}

func newTotalsJSON(totals []total) []totalJSON {
	all := []totalJSON{}
	for _, t := range totals {
		out := totalJSON{
			Unit: t.unit, Balance: exact(t.amount), Wallets: t.wallets + t.unlimited, Unlimited: t.unlimited, SpentPerDay: t.spentPerDay(),
		}
		for _, w := range t.worth {
			out.Worth = append(out.Worth, worthJSON{w.currency, exact(w.amount)})
		}
		for _, p := range t.parts {
			out.Providers = append(out.Providers, providerTotal{
				p.provider, exact(p.amount), p.wallets + p.unlimited, p.unlimited, p.spentPerDay(),
			})
		}
		all = append(all, out)
	}
	return all
}

func (s sum) spentPerDay() number {
	if !s.hasPace {
		return ""
	}
	return float(s.perSecond * (24 * time.Hour).Seconds())
}

func pollingName(p status.Polls) string {
	if p == status.NotPolled {
		return "not_polled"
	}
	return string(p)
}
