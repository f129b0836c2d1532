package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web/status"
)

// shownLots is how many lots an account has in the table; its own page has all.
const shownLots = 3

// accountView is an account as a template shows it.
type accountView struct {
	// Key is the same account on another page, Link where its own page is; "" where no URL can name it.
	Key, Link         string
	Provider, Account string
	Wallet            string
	Labels            []string
	Plan              string
	Badges            []badge
	Findings          []string
	Usage             *badge
	Failure           *failureView
	Window            *moment
	Balances          []balanceView
	Lots              []lotView
	MoreLots          string
	LastPoll          *moment
	LastSuccess       *moment
	NextPoll          *moment
	PollsToday        string
}

// badge is a state in a colour and a word.
type badge struct{ Class, Word string }

type failureView struct {
	Reason, Text string
	Since        moment
	Polls        string
}

// moment is a time, and how far it is away in words. Rel tells the script how to keep the words true.
type moment struct{ At, Text, Rel string }

type balanceView struct {
	Unit      string
	Unlimited bool
	// Amount is "" while it is unknown.
	Amount string
	Level  badge
	PerDay string
	Lasts  string
	Resets *moment
	Chart  *chart
	Lots   []lotView
	Limits []limitView
	Plan   string
	Worth  []string
}

type limitView struct{ Severity, Class, Amount string }

type lotView struct {
	Label, Kind, Unit           string
	Remaining, Allocated, Waits string
	Cumulative                  string
	Expires                     *moment
	// Bar is how much is left as the width of a bar of 100; -1 where it is not known.
	Bar   float64
	Class string
}

func ago(now, t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	text := "just now"
	if t.Before(now) {
		text = status.Span(now.Sub(t)) + " ago"
	}
	return &moment{stamp(t), text, "ago"}
}

// in is how long after now t is.
func in(now, t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	text := "now"
	if t.After(now) {
		text = "in " + status.Span(t.Sub(now))
	}
	return &moment{stamp(t), text, "in"}
}

// end is when a lot expires, or did.
func end(now, t time.Time) *moment {
	if m := in(now, t); m == nil || t.After(now) {
		return m
	}
	return ago(now, t)
}

// stamp writes t for a time element.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// newAccountView is an account in the table. root is where the pages are, seen from the page that it is on.
func newAccountView(v *ledger.View, now time.Time, root string) accountView {
	standing := status.Of(v)
	a := accountView{
		Key:      v.Account.ID.String(),
		Link:     accountLink(root, v.Account.ID),
		Provider: v.Account.Provider, Account: v.Account.Account, Wallet: v.Account.Wallet,
		Labels: labels(v.Account), Plan: planName(v.Plan.Name, v.Plan.ID),
		Badges: badges(standing), Usage: usage(v.UsageAllowed),
		Window: in(now, v.OpenWindow), LastPoll: ago(now, v.LastPoll), LastSuccess: ago(now, v.LastSuccess), NextPoll: in(now, v.NextPoll),
		PollsToday: grouped(strconv.FormatUint(v.PollsToday(now), 10)),
	}
	for _, finding := range standing.Findings {
		a.Findings = append(a.Findings, finding.Text)
	}
	if f := v.Failure; f != nil {
		a.Failure = &failureView{Reason: string(f.Reason), Text: f.Text, Since: *ago(now, f.Since), Polls: counted(f.Streak, "poll")}
	}
	for i := range v.Balances {
		a.Balances = append(a.Balances, newBalanceView(v, &v.Balances[i], standing.Balances[i], now))
	}
	return a
}

// tableRow is an account in the table: with small charts, and with the first lots only.
func tableRow(v *ledger.View, now time.Time, root string) accountView {
	a := newAccountView(v, now, root)
	for i := range v.Balances {
		a.Balances[i].Chart = newSpark(v, &v.Balances[i], now)
		for _, lot := range a.Balances[i].Lots {
			if lot.Bar >= 0 || v.Balances[i].Listed {
				a.Lots = append(a.Lots, lot)
			}
		}
	}
	if more := len(a.Lots) - shownLots; more > 0 {
		a.Lots, a.MoreLots = a.Lots[:shownLots], counted(more, "more lot")
	}
	return a
}

func newBalanceView(v *ledger.View, b *ledger.Balance, standing status.Balance, now time.Time) balanceView {
	view := balanceView{Unit: b.Unit, Unlimited: b.Unlimited, Level: levelBadge(standing.Level), Resets: in(now, b.Resets)}
	if b.Unlimited {
		view.Level = badge{"good", "unlimited"}
	}
	if b.Amount.Known() {
		view.Amount = grouped(status.Decimal(b.Amount))
		view.Worth = worths(v.Account.Prices, b)
	}
	if b.PlanAllocated.Known() {
		view.Plan = grouped(status.Decimal(b.PlanAllocated))
	}
	if standing.HasPace {
		view.PerDay = figure(standing.PerDay())
	}
	if standing.HasLeft {
		view.Lasts = status.Span(standing.Left)
	}
	for _, limit := range v.Limits {
		if limit.Unit == b.Unit {
			view.Limits = append(view.Limits, limitView{limit.Severity, severityClass(limit.Severity), grouped(status.Decimal(limit.Amount))})
		}
	}
	for i := range b.Lots {
		view.Lots = append(view.Lots, newLotView(b.Unit, &b.Lots[i], now))
	}
	return view
}

func worths(prices []ledger.Price, b *ledger.Balance) []string {
	var all []string
	for _, price := range prices {
		if price.Unit == b.Unit {
			all = append(all, figure(b.Amount.Mul(price.Amount).Float64())+" "+price.Currency)
		}
	}
	return all
}

func newLotView(unit string, lot *ledger.Lot, now time.Time) lotView {
	view := lotView{Label: lot.Label, Kind: lot.Kind, Unit: unit, Expires: end(now, lot.Expires), Bar: -1}
	if lot.Remaining.Known() {
		view.Remaining = grouped(status.Decimal(lot.Remaining))
	}
	if lot.Cumulative.Known() {
		view.Cumulative = grouped(status.Decimal(lot.Cumulative))
	}
	if lot.Pending.Known() {
		view.Waits = grouped(status.Decimal(lot.Pending))
	}
	if lot.Allocated.Known() {
		view.Allocated = grouped(status.Decimal(lot.Allocated))
		if whole := lot.Allocated.Float64(); whole > 0 && lot.Remaining.Known() {
			view.Bar = tenth(min(max(100*lot.Remaining.Float64()/whole, 0), 100))
		}
	}
	if !lot.Expires.IsZero() && !lot.Expires.After(now) {
		view.Class = "over"
	}
	return view
}

// accountLink is the page of an account. A browser reads the names . and .. as folders, so those have none.
func accountLink(root string, id ledger.ID) string {
	for _, name := range []string{id.Provider, id.Account} {
		if name == "." || name == ".." || name == "" {
			return ""
		}
	}
	return root + "account/" + url.PathEscape(id.Provider) + "/" + url.PathEscape(id.Account)
}

func labels(a *ledger.Account) []string {
	var all []string
	for name, value := range a.Labels {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return all
}

func planName(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

func usage(allowed *bool) *badge {
	switch {
	case allowed == nil:
		return nil
	case *allowed:
		return &badge{"good", "usage allowed"}
	}
	return &badge{"bad", "usage refused"}
}

// badges are the states of an account, the worst first.
func badges(s status.Status) []badge {
	var all []badge
	if s.Level > status.OK {
		all = append(all, levelBadge(s.Level))
	}
	if s.Stale {
		all = append(all, badge{"bad", "stale"})
	}
	switch s.Polls {
	case status.Failing:
		all = append(all, badge{"bad", string(s.Polls)})
	case status.Waiting:
		all = append(all, badge{"wait", string(s.Polls)})
	case status.NotPolled:
		all = append(all, badge{"none", string(s.Polls)})
	case status.Good:
		if len(all) == 0 {
			all = append(all, badge{"good", string(s.Polls)})
		}
	}
	return all
}

func levelBadge(l status.Level) badge {
	switch l {
	case status.Critical:
		return badge{"bad", l.String()}
	case status.Warning:
		return badge{"warn", l.String()}
	case status.OK:
		return badge{"good", l.String()}
	case status.None:
	}
	return badge{"none", l.String()}
}

func severityClass(severity string) string {
	if severity == status.Critical.String() {
		return "bad"
	}
	return "warn"
}
