package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web/status"
)

// Definition is what a vendor is, as the catalogue or the user's own file has it.
type Definition struct {
	// Title is the vendor's name, Docs the page that the definition rests on, Verified the day it was last read.
	Title, Docs, Verified string
	// YAML is the definition's text.
	YAML string
}

// detailView is what the template of an account's own page shows.
type detailView struct {
	frame
	accountView
	Interval, StaleAfter string
	AsOf                 *moment
	PlanID               string
	Polls                string
	Outages              []outageView
	Books                []bookView
	Runways              []limitView
	Prices               []string
	// Samples are its lines of /metrics, which are at MetricsPath.
	Samples, MetricsPath string
	Definition           Definition
	// PollPath is where a poll is asked for, "" where that is not allowed.
	PollPath string
}

type outageView struct {
	Reason, Text  string
	Since, Last   moment
	Polls, Lasted string
	Ended         bool
}

type bookView struct {
	Unit, Consumed, Granted, Expired string
	Returned, Reinstated             string
}

// missingView is the page of an account that there is not.
type missingView struct {
	frame
	Provider, Account string
}

// account finds the account that a request's path names.
func (s *site) account(r *http.Request) (*ledger.State, ledger.ID, bool) {
	id := ledger.ID{Provider: r.PathValue("provider"), Account: r.PathValue("account")}
	entries := s.options.Listing().Entries
	i, found := slices.BinarySearchFunc(entries, id, func(e *ledger.Entry, id ledger.ID) int { return e.ID.Compare(id) })
	if !found {
		return nil, id, false
	}
	return entries[i].State(), id, true
}

// accountRoot is where the pages are, seen from the page of an account.
const accountRoot = "../../"

// serveAccount serves the page of one account.
func (s *site) serveAccount(w http.ResponseWriter, r *http.Request) {
	state, id, ok := s.account(r)
	if !ok {
		s.servePage(w, r, http.StatusNotFound, "missing.html", func() any {
			return missingView{s.frame(accountRoot, "no such account"), id.Provider, id.Account}
		})
		return
	}
	s.servePage(w, r, http.StatusOK, "account.html", func() any { return s.detailView(state, id) })
}

func (s *site) detailView(state *ledger.State, id ledger.ID) detailView {
	now := s.options.Now()
	v := state.At(now)
	view := detailView{
		frame: s.frame(accountRoot, id.String()), accountView: newAccountView(&v, now, accountRoot),
		Interval: status.Span(v.Account.Interval), StaleAfter: status.Span(v.Account.StaleAfter),
		AsOf: ago(now, v.AsOf), Polls: grouped(strconv.FormatUint(v.Shown.Polls, 10)),
		Outages: outageViews(state, now), Books: bookViews(state), Prices: priceTexts(v.Account.Prices),
	}
	if v.Plan.ID != view.Plan {
		view.PlanID = v.Plan.ID
	}
	for _, t := range v.Account.RunwayThresholds {
		view.Runways = append(view.Runways, limitView{t.Severity, severityClass(t.Severity), status.Span(t.Left)})
	}
	for i := range v.Balances {
		view.Balances[i].Chart = newChart(&v, &v.Balances[i], now)
	}
	if text, ok := s.options.AccountMetrics(id.Provider, id.Account); ok {
		view.Samples, view.MetricsPath = string(text), s.options.TelemetryPath
	}
	view.Definition, _ = s.options.Definition(id.Provider)
	view.Definition.Docs = webLink(view.Definition.Docs)
	if s.options.Lifecycle && view.Link != "" {
		view.PollPath = accountRoot + "api/v1/accounts/" + view.Link[len(accountRoot+"account/"):] + "/poll"
	}
	return view
}

// webLink is a text if it is the address of a web page, else "".
func webLink(text string) string {
	if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return text
	}
	return ""
}

func outageViews(state *ledger.State, now time.Time) []outageView {
	var all []outageView
	for _, o := range state.Outages() {
		view := outageView{
			Reason: string(o.Reason), Text: o.Text, Since: *ago(now, o.Since), Last: *ago(now, o.Last),
			Polls: grouped(strconv.Itoa(o.Polls)), Ended: !o.Ended.IsZero(),
		}
		if view.Ended {
			view.Lasted = status.Span(max(o.Ended.Sub(o.Since), 0))
		}
		all = append(all, view)
	}
	return all
}

func bookViews(state *ledger.State) []bookView {
	var all []bookView
	for _, t := range state.Shown.Books {
		view := bookView{
			Unit: t.Unit, Consumed: grouped(status.Decimal(t.Consumed)), Granted: grouped(status.Decimal(t.Granted)),
			Expired: grouped(status.Decimal(t.Expired)),
		}
		if t.Returned.Sign() > 0 {
			view.Returned = grouped(status.Decimal(t.Returned))
		}
		if t.Reinstated.Sign() > 0 {
			view.Reinstated = grouped(status.Decimal(t.Reinstated))
		}
		all = append(all, view)
	}
	return all
}

func priceTexts(prices []ledger.Price) []string {
	var all []string
	for _, p := range prices {
		all = append(all, status.Decimal(p.Amount)+" "+p.Currency+" for one of "+p.Unit)
	}
	return all
}
