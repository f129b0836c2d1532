package web

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/web/status"
)

// site serves the pages and the API.
type site struct {
	options   Options
	readiness *readiness
	overview  *overview
	pages     *pages
	// turns has room for as many answers as are worked out at once.
	turns chan struct{}
}

func newSite(options Options, readiness *readiness) *site {
	return &site{
		options: options, readiness: readiness, pages: newPages(),
		overview: &overview{listing: options.Listing, now: options.Now},
		turns:    make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
	}
}

// inTurn does work for an answer when it is its turn; false when the reader left before. However many readers there are,
// half of the processors stay free for polls and scrapes. Sending the answer is not part of the work: a slow reader keeps
// no other waiting.
func (s *site) inTurn(r *http.Request, work func()) bool {
	select {
	case s.turns <- struct{}{}:
	case <-r.Context().Done():
		return false
	}
	defer func() { <-s.turns }()
	work()
	return true
}

// overviewView is what the template of the page at / shows.
type overviewView struct {
	frame
	Description string
	Total       string
	Totals      []totalView
	States      []stateLink
	Search      string
	Providers   []option
	// StateName, Sort, Order and Unit go with the search, so that it does not undo them.
	StateName, Sort, Order, Unit string
	PerPage                      []option
	PerPageValue                 string
	Columns                      []column
	Rows                         []accountView
	// Matching is how many accounts there are on all pages of the query.
	Matching       string
	Filtered       bool
	Page, Pages    int
	Previous, Next string
	Clear          string
}

type totalView struct {
	Unit, Link      string
	Amount          string
	Unlimited       string
	Wallets, PerDay string
	Worth           []string
	Parts           []partView
}

type partView struct{ Provider, Link, Amount, Wallets, PerDay, Unlimited string }

// stateLink is a state with the accounts that are in it.
type stateLink struct {
	Word, Class, Link string
	N                 string
	Current           bool
}

type option struct {
	Value, Text string
	Selected    bool
}

// column is a head of the table that sorts by it.
type column struct {
	Text, Link, Class string
	// Sorted is the value of aria-sort, "" when the table is not sorted by the column.
	Sorted string
}

// serveOverview serves the page of all accounts. It shows something for any query, however odd: what cannot be read of
// it is left out.
func (s *site) serveOverview(w http.ResponseWriter, r *http.Request) {
	q, _ := parseQuery(r.URL.Query(), pageSize, maxPageSize)
	s.servePage(w, r, http.StatusOK, "overview.html", func() any { return s.overviewView(q) })
}

func (s *site) overviewView(q query) overviewView {
	now := s.options.Now()
	known := s.overview.snapshot()
	found := known.find(q)
	shown, pages := q.paged(found)
	view := overviewView{
		frame: s.frame("./", ""), Description: s.options.Description,
		Total:  counted(len(known.rows), "account"),
		Totals: totalViews(known.totals, q), States: stateLinks(known.counts, len(known.rows), q),
		Search: q.search, StateName: q.state, Unit: q.unit, Sort: q.sort, Order: orderName(q.descending),
		Providers: providerOptions(known.listing.Providers, q.provider), PerPage: perPageOptions(q.perPage),
		PerPageValue: strconv.Itoa(q.perPage),
		Columns:      columns(q), Matching: counted(len(found), "account"), Filtered: q.filtered(), Page: q.page, Pages: pages,
	}
	if q.page > 1 {
		view.Previous = q.at(q.page - 1).link()
	}
	if q.page < pages {
		view.Next = q.at(q.page + 1).link()
	}
	cleared := query{sort: q.sort, descending: q.descending, page: 1, perPage: q.perPage, defaultPerPage: q.defaultPerPage}
	view.Clear = cleared.link()
	for _, row := range shown {
		account := row.entry.State().At(now)
		view.Rows = append(view.Rows, tableRow(&account, now, "./"))
	}
	return view
}

// at is the query's page of a number.
func (q query) at(page int) query {
	q.page = page
	return q
}

func orderName(descending bool) string {
	if descending {
		return "desc"
	}
	return ""
}

func columns(q query) []column {
	var all []column
	for _, c := range []struct{ text, sort, class string }{
		{"Account", sortAccount, ""},
		{"Status", sortStatus, ""},
		{"Balance", sortBalance, "number"},
		{"Lasts", sortRunway, "number"},
		{"Last 7 days", "", ""},
		{"Lots", sortExpiry, ""},
		{"Polls", sortLastPoll, ""},
	} {
		head := column{Text: c.text, Class: c.class}
		if c.sort != "" {
			head.Link = q.sorted(c.sort).link()
		}
		if c.sort == q.sort {
			head.Sorted = "ascending"
			if q.descending {
				head.Sorted = "descending"
			}
		}
		all = append(all, head)
	}
	return all
}

func stateLinks(n counts, all int, q query) []stateLink {
	q.page = 1
	current := q.state
	q.state = ""
	links := []stateLink{{Word: "all", Class: "none", Link: q.link(), N: grouped(strconv.Itoa(all)), Current: current == ""}}
	for i, state := range states() {
		if n[i] == 0 && state.name != current {
			continue
		}
		q.state = state.name
		links = append(links, stateLink{
			Word: state.word, Class: state.class, Link: q.link(), N: grouped(strconv.Itoa(n[i])), Current: state.name == current,
		})
	}
	return links
}

func providerOptions(names []string, selected string) []option {
	all := []option{{Value: "", Text: "all providers", Selected: selected == ""}}
	for _, name := range names {
		all = append(all, option{name, name, name == selected})
	}
	return all
}

func perPageOptions(selected int) []option {
	var all []option
	for _, n := range []int{25, 50, 100, 200} {
		text := strconv.Itoa(n)
		all = append(all, option{text, text, n == selected})
	}
	for _, o := range all {
		if o.Selected {
			return all
		}
	}
	text := strconv.Itoa(selected)
	return append(all, option{text, text, true})
}

func totalViews(totals []total, q query) []totalView {
	var all []totalView
	for _, t := range totals {
		link := query{unit: t.unit, sort: sortBalance, page: 1, perPage: q.perPage, defaultPerPage: q.defaultPerPage}
		view := totalView{
			Unit: t.unit, Link: link.link(), Amount: amountText(t.sum), Unlimited: unlimitedText(t.sum),
			Wallets: counted(t.wallets+t.unlimited, "wallet"), PerDay: perDayText(t.sum),
		}
		for _, w := range t.worth {
			view.Worth = append(view.Worth, figure(w.amount.Float64())+" "+w.currency)
		}
		for _, p := range t.parts {
			link.provider = p.provider
			view.Parts = append(view.Parts, partView{
				p.provider, link.link(), amountText(p.sum), counted(p.wallets+p.unlimited, "wallet"), perDayText(p.sum), unlimitedText(p.sum),
			})
		}
		all = append(all, view)
	}
	return all
}

func amountText(s sum) string {
	if !s.amount.Known() {
		return ""
	}
	return grouped(status.Decimal(s.amount))
}

func perDayText(s sum) string {
	if !s.hasPace {
		return ""
	}
	return figure(s.perSecond * (24 * time.Hour).Seconds())
}

func unlimitedText(s sum) string {
	if s.unlimited == 0 {
		return ""
	}
	return grouped(strconv.Itoa(s.unlimited)) + " unlimited"
}
