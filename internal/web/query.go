package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

const (
	// pageSize is how many accounts a page has, maxPageSize how many it may have.
	pageSize    = 50
	maxPageSize = 1000
	// maxSearch bounds the text that is searched for, in bytes.
	maxSearch = 200
)

// query says which accounts are wanted, and in which order.
type query struct {
	// search holds words that must all be found in an account.
	search         string
	state          string
	provider, unit string
	sort           string
	descending     bool
	page, perPage  int
	// defaultPerPage is left out of links.
	defaultPerPage int
}

// The orders there are; the first is the default.
const (
	sortStatus   = "status"
	sortAccount  = "account"
	sortBalance  = "balance"
	sortRunway   = "runway"
	sortExpiry   = "expiry"
	sortLastPoll = "last_poll"
	sortNextPoll = "next_poll"
)

func sorts() []string {
	return []string{sortStatus, sortAccount, sortBalance, sortRunway, sortExpiry, sortLastPoll, sortNextPoll}
}

// parseQuery reads a query. The error says all that is wrong with it; the query holds what can be used of it.
func parseQuery(values url.Values, perPage, maxPerPage int) (query, error) {
	q := query{
		search: clean(values.Get("q")), provider: values.Get("provider"), unit: values.Get("unit"),
		sort: sortStatus, page: 1, perPage: perPage, defaultPerPage: perPage,
	}
	var problems []error
	if name := values.Get("state"); name != "" {
		if !slices.ContainsFunc(states(), func(s state) bool { return s.name == name }) {
			problems = append(problems, errors.New("state: there is no such state"))
		} else {
			q.state = name
		}
	}
	if name := values.Get("sort"); name != "" {
		if !slices.Contains(sorts(), name) {
			problems = append(problems, fmt.Errorf("sort: it must be one of %s", strings.Join(sorts(), ", ")))
		} else {
			q.sort = name
		}
	}
	switch values.Get("order") {
	case "", "asc":
	case "desc":
		q.descending = true
	default:
		problems = append(problems, errors.New("order: it must be asc or desc"))
	}
	problems = append(problems, positive(values, "page", 1<<30, &q.page), positive(values, "per_page", maxPerPage, &q.perPage))
	return q, errors.Join(problems...)
}

// clean is text that can be searched for and shown.
func clean(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	for len(text) > maxSearch {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

func positive(values url.Values, name string, most int, into *int) error {
	text := values.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return fmt.Errorf("%s: it must be a number from 1 to %d", name, most)
	}
	*into = n
	return nil
}

// String is the query as it stands in a link, with what differs from the default alone.
func (q query) String() string {
	values := url.Values{}
	set := func(name, value, without string) {
		if value != without {
			values.Set(name, value)
		}
	}
	set("q", q.search, "")
	set("state", q.state, "")
	set("provider", q.provider, "")
	set("unit", q.unit, "")
	set("sort", q.sort, sortStatus)
	if q.descending {
		values.Set("order", "desc")
	}
	set("page", strconv.Itoa(q.page), "1")
	set("per_page", strconv.Itoa(q.perPage), strconv.Itoa(q.defaultPerPage))
	return values.Encode()
}

// link is the query as a link to the page itself.
func (q query) link() string {
	if text := q.String(); text != "" {
		return "./?" + text
	}
	return "./"
}

// filtered tells whether the query leaves anything out.
func (q query) filtered() bool {
	return q.search != "" || q.state != "" || q.provider != "" || q.unit != ""
}

// sorted is the query with its accounts in another order; asked for again, the other way around.
func (q query) sorted(by string) query {
	q.descending = q.sort == by && !q.descending
	q.sort, q.page = by, 1
	return q
}

// find gives the accounts that a query asks for, in its order.
func (s *snapshot) find(q query) []*summary {
	found := s.filtered(q)
	switch {
	case q.sort == sortAccount && q.descending:
		found = slices.Clone(found)
		slices.Reverse(found)
	case q.sort == sortAccount:
	case q.sort == sortStatus:
		found = troubleFirst(found, q.descending)
	default:
		found = slices.Clone(found)
		slices.SortStableFunc(found, order(q.sort, q.descending))
	}
	return found
}

func (s *snapshot) filtered(q query) []*summary {
	if !q.filtered() {
		return s.rows
	}
	var wanted flags
	for _, state := range states() {
		if state.name == q.state {
			wanted = state.flags
		}
	}
	words := strings.Fields(strings.ToLower(q.search))
	var found []*summary
	for _, row := range s.rows {
		if (wanted == 0 || row.flags&wanted != 0) && (q.provider == "" || row.entry.ID.Provider == q.provider) &&
			(q.unit == "" || row.has(q.unit)) && row.matches(words) {
			found = append(found, row)
		}
	}
	return found
}

func (r *summary) has(unit string) bool {
	return slices.ContainsFunc(r.balances, func(h holding) bool { return h.unit == unit })
}

// matches tells whether each word is somewhere in what the page says of the account.
func (r *summary) matches(words []string) bool {
	for _, word := range words {
		if !strings.Contains(r.words, word) && !r.has(word) {
			return false
		}
	}
	return true
}

// searchable is all that an account can be found by, in lower case.
func searchable(v *ledger.View) string {
	var words strings.Builder
	add := func(parts ...string) {
		for _, part := range parts {
			words.WriteString(part)
		}
		words.WriteByte('\n')
	}
	add(v.Account.Provider, "/", v.Account.Account)
	if v.Account.Wallet != v.Account.ID.String() {
		add(v.Account.Wallet)
	}
	for name, value := range v.Account.Labels {
		add(name, "=", value)
	}
	if f := v.Failure; f != nil {
		add(string(f.Reason), " ", f.Text)
	}
	if v.Plan.Name != "" || v.Plan.ID != "" {
		add(v.Plan.Name, " ", v.Plan.ID)
	}
	return strings.ToLower(words.String())
}

// troubleFirst orders accounts by the worst that is the matter with them, and then by their names, in which order they
// come.
func troubleFirst(rows []*summary, descending bool) []*summary {
	var starts [257]int
	rank := func(r *summary) int {
		if descending {
			return int(r.flags)
		}
		return 255 - int(r.flags)
	}
	for _, row := range rows {
		starts[rank(row)+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	ordered := make([]*summary, len(rows))
	for _, row := range rows {
		ordered[starts[rank(row)]] = row
		starts[rank(row)]++
	}
	return ordered
}

// order compares two accounts. What is not known comes last, whichever way around.
func order(by string, descending bool) func(a, b *summary) int {
	compare := func(knownA, knownB bool, c int) int {
		switch {
		case knownA != knownB && knownA:
			return -1
		case knownA != knownB:
			return 1
		case !knownA:
			return 0
		case descending:
			return -c
		}
		return c
	}
	return func(a, b *summary) int {
		switch by {
		case sortBalance:
			x, y := a.first(), b.first()
			return compare(x.amount.Known(), y.amount.Known(), cmp.Or(strings.Compare(x.unit, y.unit), x.amount.Cmp(y.amount)))
		case sortRunway:
			return compare(a.hasEnd, b.hasEnd, cmp.Compare(a.runway, b.runway))
		case sortExpiry:
			return compare(!a.lost.IsZero(), !b.lost.IsZero(), a.lost.Compare(b.lost))
		case sortLastPoll:
			return compare(!a.state.LastPoll.IsZero(), !b.state.LastPoll.IsZero(), a.state.LastPoll.Compare(b.state.LastPoll))
		}
		return compare(!a.state.NextPoll.IsZero(), !b.state.NextPoll.IsZero(), a.state.NextPoll.Compare(b.state.NextPoll))
	}
}

// first is the account's first balance.
func (r *summary) first() holding {
	if len(r.balances) == 0 {
		return holding{}
	}
	return r.balances[0]
}

// paged is the part of the accounts that is on the page, and how many pages there are. A page beyond the last is the
// last.
func (q *query) paged(found []*summary) (shown []*summary, pages int) {
	pages = max((len(found)+q.perPage-1)/q.perPage, 1)
	q.page = min(q.page, pages)
	from := (q.page - 1) * q.perPage
	return found[from:min(from+q.perPage, len(found))], pages
}
