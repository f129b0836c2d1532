package web_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

// versions are those of the assets, which change with every edit of a style.
var versions = regexp.MustCompile(`\?v=[0-9a-f]+`)

// page is what a browser gets of a path.
func page(t testing.TB, handler http.Handler, path string) string {
	t.Helper()
	got := ask(t.Context(), handler, "GET", path)
	if got.status != 200 || got.header.Get("Content-Type") != "text/html; charset=utf-8" || got.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s: got %d %v", path, got.status, got.header)
	}
	return got.text
}

func TestPages(t *testing.T) {
	options := exampleWorld(t).options()
	options.AccountMetrics = func(provider, name string) ([]byte, bool) {
		return fmt.Appendf(nil, "# TYPE credits_up gauge\ncredits_up{account=%q,provider=%q} 1\n", name, provider), true
	}
	options.Definition = func(provider string) (web.Definition, bool) {
		return web.Definition{Title: "Olostep", Docs: "https://docs.example/", Verified: "2026-11-20", YAML: "schema: 1\nname: " + provider + "\n"}, true
	}
	handler := newHandler(t, options)
	for path, file := range map[string]string{
		"/":                           "overview.html",
		"/?state=problem&sort=runway": "overview-filtered.html",
		"/?q=nobody":                  "overview-nothing.html",
		"/account/olostep/production": "account-production.html",
		"/account/olostep/staging":    "account-staging.html",
		"/account/deepixels/default":  "account-waiting.html",
		"/account/olostep/new":        "account-new.html",
	} {
		t.Run(file, func(t *testing.T) {
			golden(t, file, versions.ReplaceAllString(page(t, handler, path), ""))
		})
	}
}

func TestPageWithoutAccounts(t *testing.T) {
	got := page(t, newHandler(t, testOptions()), "/")
	if !strings.Contains(got, "0 accounts") || strings.Contains(got, "<table") {
		t.Errorf("got %s", got)
	}
}

func TestMissingAccount(t *testing.T) {
	handler := newHandler(t, exampleWorld(t).options())
	for _, path := range []string{"/account/olostep/nobody", "/account/nobody/production", "/account/%3Cscript%3E/x%2Fy", "/account/olostep/%E2%80%AE"} {
		got := ask(t.Context(), handler, "GET", path)
		if got.status != 404 || !strings.Contains(got.text, "No such account") || strings.Contains(got.text, "<script>") || strings.Contains(got.text, "\u202e") {
			t.Errorf("%s: got %d %s", path, got.status, got.text)
		}
	}
}

func TestPageSaysWhatIsAwaited(t *testing.T) {
	options := testOptions()
	options.Awaited = func() string { return "2 of 3 accounts to be polled once" }
	handler := newHandler(t, options)
	if got := page(t, handler, "/"); !strings.Contains(got, "Not ready yet: waits for 2 of 3 accounts to be polled once.") {
		t.Errorf("got %s", got)
	}
	handler.Stop()
	if got := page(t, handler, "/"); !strings.Contains(got, "Shutting down.") {
		t.Errorf("got %s", got)
	}
}

// TestPagesAskNobodyElse looks for every way in which a page makes a browser send a request to another place, or run
// what is not ours.
func TestPagesAskNobodyElse(t *testing.T) {
	handler := newHandler(t, exampleWorld(t).options())
	for _, path := range []string{"/", "/account/olostep/production"} {
		got := page(t, handler, path)
		if found := regexp.MustCompile(`(?i)srcset=|@import|url\(|https?:|<iframe|style=|<style|\son\w+=|javascript:|<base`).FindString(got); found != "" {
			t.Errorf("%s has %q", path, found)
		}
		for _, link := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(got, -1) {
			if !strings.HasPrefix(link[1], "./") && !strings.HasPrefix(link[1], "../../") && link[1] != "#main" {
				t.Errorf("%s: the link %q is not relative", path, link[1])
			}
		}
		if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(got) {
			t.Errorf("%s has a script of its own", path)
		}
	}
}

// TestAssets: what a page names is there, and may be kept for good; after an upgrade it has another name.
func TestAssets(t *testing.T) {
	handler := newHandler(t, testOptions())
	named := regexp.MustCompile(`(?:href|src)="\.(/assets/[^"]*)"`).FindAllStringSubmatch(page(t, handler, "/"), -1)
	if len(named) < 3 {
		t.Fatalf("the page names %v", named)
	}
	kinds := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	for _, name := range named {
		got := ask(t.Context(), handler, "GET", name[1])
		path, _, _ := strings.Cut(name[1], "?")
		if got.status != 200 || got.header.Get("Content-Type") != kinds[path[strings.LastIndex(path, ".")+1:]] ||
			!strings.Contains(got.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name[1], got.status, got.header)
		}
		if got := ask(t.Context(), handler, "GET", path+"?v=old"); got.status != 200 || got.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s of an older version: %d %v", path, got.status, got.header)
		}
	}
	for _, path := range []string{"/assets/", "/assets/overview.html", "/assets/..", "/assets/%2e%2e/web.go"} {
		if got := ask(t.Context(), handler, "GET", path); got.status == 200 {
			t.Errorf("%s is served", path)
		}
	}
}

// tableRows are the accounts of the page, in its order.
func tableRows(page string) []string {
	var rows []string
	for _, found := range regexp.MustCompile(`<tr role="row" data-key="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		rows = append(rows, html.UnescapeString(found[1]))
	}
	return rows
}

func TestOrderAndFilter(t *testing.T) {
	handler := newHandler(t, exampleWorld(t).options())
	tests := map[string]string{
		"/":                                "deepixels/low olostep/blocked olostep/staging liveavatar/marketing olostep/production deepixels/default olostep/new massive/default massive/second",
		"/?sort=account":                   "deepixels/default deepixels/low liveavatar/marketing massive/default massive/second olostep/blocked olostep/new olostep/production olostep/staging",
		"/?sort=account&order=desc":        "olostep/staging olostep/production olostep/new olostep/blocked massive/second massive/default liveavatar/marketing deepixels/low deepixels/default",
		"/?sort=runway":                    "olostep/production deepixels/default deepixels/low liveavatar/marketing massive/default massive/second olostep/blocked olostep/new olostep/staging",
		"/?sort=balance":                   "liveavatar/marketing olostep/blocked deepixels/low deepixels/default olostep/production massive/default massive/second olostep/new olostep/staging",
		"/?sort=balance&order=desc":        "massive/second massive/default olostep/production deepixels/default deepixels/low olostep/blocked liveavatar/marketing olostep/new olostep/staging",
		"/?sort=expiry":                    "olostep/production deepixels/default deepixels/low liveavatar/marketing massive/default massive/second olostep/blocked olostep/new olostep/staging",
		"/?sort=last_poll&per_page=2":      "olostep/staging massive/second",
		"/?sort=next_poll&per_page=2":      "deepixels/default massive/default",
		"/?sort=account&per_page=4&page=3": "olostep/staging",
		"/?sort=account&per_page=4&page=9": "olostep/staging",
		"/?state=problem":                  "deepixels/low olostep/blocked olostep/staging liveavatar/marketing olostep/production",
		"/?state=critical":                 "deepixels/low olostep/blocked",
		"/?state=warning":                  "liveavatar/marketing olostep/production",
		"/?state=failing":                  "olostep/staging",
		"/?state=stale":                    "olostep/staging",
		"/?state=waiting":                  "deepixels/default",
		"/?state=not_polled":               "olostep/new",
		"/?state=ok":                       "massive/default massive/second",
		"/?provider=massive":               "massive/default massive/second",
		"/?provider=nobody":                "",
		"/?unit=minutes":                   "liveavatar/marketing",
		"/?q=GROWTH":                       "deepixels/low olostep/production",
		"/?q=team%3Dgrowth+olostep":        "olostep/production",
		"/?q=unauthorized":                 "olostep/staging",
		"/?q=sub_pro":                      "olostep/production",
		"/?q=main":                         "massive/default massive/second",
		"/?q=%22%3E":                       "",
	}
	for path, want := range tests {
		if got := strings.Join(tableRows(page(t, handler, path)), " "); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", path, got, want)
		}
	}
}

// TestLinksKeepTheQuery: whoever sorts keeps the filter, whoever filters keeps the order, and neither keeps the page.
func TestLinksKeepTheQuery(t *testing.T) {
	got := page(t, newHandler(t, exampleWorld(t).options()), "/?q=o&sort=runway&per_page=2&page=2")
	for _, want := range []string{
		`href="./?order=desc&amp;per_page=2&amp;q=o&amp;sort=runway"`,    // the other way around
		`href="./?per_page=2&amp;q=o&amp;sort=balance"`,                  // by another column
		`href="./?per_page=2&amp;q=o&amp;sort=runway&amp;state=failing"`, // of one state
		`href="./?page=3&amp;per_page=2&amp;q=o&amp;sort=runway"`,        // the next page
		`href="./?per_page=2&amp;q=o&amp;sort=runway"`,                   // the page before
		`href="./?per_page=2&amp;sort=runway"`,                           // without the filter
		`<input type="hidden" name="sort" value="runway">`,               // by the form
		`aria-sort="ascending"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestTotals: units are not added up, and a wallet is counted once, with the figure that was asked for last.
func TestTotals(t *testing.T) {
	w := newWorld(
		t, account("massive", "a", onWallet("main")), account("massive", "b", onWallet("main")), account("olostep", "a", onWallet("main")),
		account("olostep", "b"), account("olostep", "c"), account("olostep", "d"),
	)
	w.says("massive", "a", 2*time.Minute, plain(t, "credits", 1000))
	w.says("massive", "b", time.Minute, plain(t, "credits", 900.5))
	w.says("olostep", "a", time.Minute, plain(t, "credits", 10.25), plain(t, "USD", 7))
	w.says("olostep", "b", time.Minute, plain(t, "USD", 3))
	w.says("olostep", "c", time.Minute, providers.Balance{Unit: "USD", Unlimited: true})
	w.fails("olostep", "d", time.Minute, providers.ReasonNetwork, "no answer")
	got := ask(t.Context(), newHandler(t, w.options()), "GET", "/api/v1/accounts").text
	_, totals, _ := strings.Cut(got, `"totals":`)
	const want = `[{"unit":"USD","balance":10,"wallets":3,"unlimited":1,"providers":[{"provider":"olostep","balance":10,"wallets":3,"unlimited":1}]},` +
		`{"unit":"credits","balance":910.75,"wallets":2,"providers":[{"provider":"massive","balance":900.5,"wallets":1},{"provider":"olostep","balance":10.25,"wallets":1}]}]}}` + "\n"
	if totals != want {
		t.Errorf("got  %s\nwant %s", totals, want)
	}
}

// TestPageFollowsTheLedger: what is kept between two pages is worked out anew when a poll, a reload or time changed it.
func TestPageFollowsTheLedger(t *testing.T) {
	w := newWorld(t, account("massive", "a", limits("credits", 100, 10)), account("olostep", "a"))
	now := testNow
	options := w.options()
	options.Now = func() time.Time { return now }
	handler := newHandler(t, options)
	critical := func() string { return strings.Join(tableRows(page(t, handler, "/?state=critical")), " ") }
	if got := critical(); got != "" {
		t.Errorf("before any poll: %s", got)
	}
	soon := plain(t, "credits", 200)
	soon.Lots[0].Expires = testNow.Add(time.Hour)
	w.says("massive", "a", 0, soon)
	if got := critical(); got != "" {
		t.Errorf("with 200 left: %s", got)
	}
	now = testNow.Add(time.Hour)
	if got := critical(); got != "massive/a" {
		t.Errorf("when the lot has expired: %q", got)
	}
	w.ledger.Apply([]*ledger.Account{account("massive", "a"), account("zzz", "a")})
	if got := critical(); got != "" {
		t.Errorf("without thresholds: %q", got)
	}
	if got := strings.Join(tableRows(page(t, handler, "/?sort=account")), " "); got != "massive/a zzz/a" {
		t.Errorf("after a reload: %q", got)
	}
}

// TestManyAccounts: beyond what is worked out anew for each page, pages still follow.
func TestManyAccounts(t *testing.T) {
	var accounts []*ledger.Account
	for i := range 6000 {
		accounts = append(accounts, account("massive", fmt.Sprintf("a%04d", i)))
	}
	accounts = append(accounts, account("zzz", "broken"))
	w := newWorld(t, accounts...)
	handler := newHandler(t, w.options())
	if got := page(t, handler, "/"); !strings.Contains(got, "page 1 of 121") || len(tableRows(got)) != 50 {
		t.Errorf("%d rows", len(tableRows(got)))
	}
	w.fails("zzz", "broken", 0, providers.ReasonTimeout, "no answer")
	deadline := time.Now().Add(30 * time.Second)
	for tableRows(page(t, handler, "/"))[0] != "zzz/broken" {
		if time.Now().After(deadline) {
			t.Fatal("what fails must come first")
		}
	}
}
