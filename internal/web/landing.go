package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // for the page's template and style sheet
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// maxRows bounds the page; the rows beyond it are counted.
const maxRows = 500

//go:embed assets/landing.html
var landingHTML string

//go:embed assets/landing.css
var landingCSS string

// landingPage renders the page at /.
type landingPage struct {
	options   Options
	readiness *readiness
	template  *template.Template
	// policy is the Content-Security-Policy that lets the page's own style sheet in, and nothing else.
	policy string
}

func newLandingPage(options Options, readiness *readiness) *landingPage {
	functions := template.FuncMap{"printable": printable, "grouped": grouped}
	digest := sha256.Sum256([]byte(landingCSS))
	return &landingPage{
		options:   options,
		readiness: readiness,
		template:  template.Must(template.New("landing").Funcs(functions).Parse(landingHTML)),
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) +
			"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	}
}

func (p *landingPage) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	if err := p.template.Execute(&page, p.view()); err != nil {
		writeText(w, http.StatusInternalServerError, "the page cannot be rendered: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
	// A reader who is gone by now is not an error of ours.
	_, _ = page.WriteTo(w)
}

// landingView is what the template shows.
type landingView struct {
	Name, Version, Description string
	CSS                        template.CSS
	// Metrics is relative, so that the page works below the path of a reverse proxy.
	Metrics  string
	Awaited  string
	Stopping bool
	Total    string
	Counts   []count
	Rows     []row
	// More is how many accounts are not shown, "" when all are.
	More string
}

// count is how many accounts are in one state.
type count struct {
	N     int
	State State
	Class string
}

type row struct {
	Provider, Account         string
	Balances                  []Balance
	State, Class, Detail      string
	LastSuccess, NextPoll     string
	LastSuccessAt, NextPollAt string
}

func (p *landingPage) view() landingView {
	accounts := p.options.Accounts()
	view := landingView{
		Name: p.options.Name, Version: p.options.Version, Description: p.options.Description,
		CSS:      template.CSS(landingCSS),
		Metrics:  "." + p.options.TelemetryPath,
		Awaited:  p.readiness.waitsFor(),
		Stopping: p.readiness.stopping.Load(),
		Total:    counted(len(accounts), "account"),
		Counts:   countStates(accounts),
	}
	shown := troubleFirst(accounts)
	if len(shown) > maxRows {
		view.More = counted(len(shown)-maxRows, "more account")
		shown = shown[:maxRows]
	}
	now := p.options.Now()
	for _, account := range shown {
		view.Rows = append(view.Rows, newRow(account, now))
	}
	return view
}

func countStates(accounts []Account) []count {
	var counts []count
	for _, state := range states() {
		n := 0
		for _, account := range accounts {
			if account.State == state {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, count{N: n, State: state, Class: state.class()})
		}
	}
	return counts
}

// troubleFirst orders the accounts so that those in trouble are seen, however many others there are.
func troubleFirst(accounts []Account) []Account {
	order := states()
	return slices.SortedFunc(slices.Values(accounts), func(a, b Account) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)),
			cmp.Compare(a.Provider, b.Provider),
			cmp.Compare(a.Name, b.Name),
		)
	})
}

func newRow(account Account, now time.Time) row {
	r := row{
		Provider: account.Provider, Account: account.Name,
		Balances: account.Balances,
		State:    string(account.State), Class: account.State.class(), Detail: account.Reason,
		LastSuccess: "never", NextPoll: "not planned",
	}
	if account.State == StateWaiting {
		r.State = "waiting until " + account.WaitsUntil.UTC().Format(time.TimeOnly) + " UTC (" + ahead(now, account.WaitsUntil) + ")"
	}
	if !account.LastSuccess.IsZero() {
		r.LastSuccess, r.LastSuccessAt = ago(now, account.LastSuccess), stamp(account.LastSuccess)
	}
	if !account.NextPoll.IsZero() {
		r.NextPoll, r.NextPollAt = ahead(now, account.NextPoll), stamp(account.NextPoll)
	}
	return r
}

// stamp writes t for a time element.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
