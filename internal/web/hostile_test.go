package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

var (
	// isolated finds the texts of a page that come from vendors and users.
	isolated = regexp.MustCompile(`<bdi[^>]*>([^<]*)</bdi>`)
	tags     = regexp.MustCompile(`<[^>]*>`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
	hrefs    = regexp.MustCompile(`href="([^"]*)"`)
	navs     = regexp.MustCompile(`<a data-nav [^>]*?href="\.([^"]*)"`)
)

// hostile is a process whose vendor and configuration put a text everywhere they can.
func hostile(t testing.TB, text string) http.Handler {
	w := newWorld(t, account("massive", "a", func(a *ledger.Account) {
		a.Labels, a.Wallet = map[string]string{"team": text}, text
		a.Prices = []ledger.Price{{Unit: text, Amount: providers.NewAmount(2), Currency: text}}
		a.Thresholds = []ledger.Threshold{{Unit: text, Severity: text, Amount: providers.NewAmount(1000)}}
		a.RunwayThresholds = []ledger.RunwayThreshold{{Severity: text, Left: time.Hour}}
	}))
	left := providers.NewAmount(5)
	w.report("massive", "a", time.Minute, providers.Report{
		Balances: []providers.Balance{{
			Unit: text, Remaining: left, Listed: true,
			Lots: []providers.Lot{{ID: text, Kind: text, Remaining: left, Allocated: providers.NewAmount(10)}},
		}},
		Plan: providers.Plan{ID: text, Name: text},
	})
	w.fails("massive", "a", 0, providers.Reason(text), text)
	w.fails("massive", "a", 0, providers.ReasonTimeout, text)
	w.commit()
	options := w.options()
	options.Definition = func(string) (web.Definition, bool) {
		return web.Definition{Title: text, Docs: text, Verified: text, YAML: text + "\n" + text}, true
	}
	options.AccountMetrics = func(string, string) ([]byte, bool) { return []byte(text + "\n" + text), true }
	return newHandler(t, options)
}

// hostilePaths show all that there is of a hostile account.
func hostilePaths(text string) []string {
	return []string{"/", "/account/massive/a", "/?q=" + url.QueryEscape(text), "/?unit=" + url.QueryEscape(text), "/?provider=" + url.QueryEscape(text)}
}

// TestHostileText puts what a vendor or a user could send into every text there is.
func TestHostileText(t *testing.T) {
	long := strings.Repeat("long", 60)
	tests := []struct{ name, in, shown string }{
		{"script", `<script>alert(1)</script>`, `<script>alert(1)</script>`},
		{"attribute", `" onmouseover="alert(1)`, `" onmouseover="alert(1)`},
		{"quotes", `'"` + "`", `'"` + "`"},
		{"end of table", `</bdi></td></table>`, `</bdi></td></table>`},
		{"template", `{{.Version}}`, `{{.Version}}`},
		{"entity", `&lt;b&gt;`, `&lt;b&gt;`},
		{"URL", `javascript:alert(1)`, `javascript:alert(1)`},
		{"path", `"/><path d="M0 0`, `"/><path d="M0 0`},
		{"right-to-left override", "a\u202edcba", "a\ufffddcba"},
		{"isolates", "\u2066a\u2069\u200f\u061c", "\ufffda\ufffd\ufffd\ufffd"},
		{"control characters", "a\x00b\x1b[31mc\x7f\u009bd", "a\ufffdb\ufffd[31mc\ufffd\ufffdd"},
		{"line breaks", "a\r\tc\u2028d", "a\ufffd\ufffdc\ufffdd"},
		{"no UTF-8", "a\xffb", "a\ufffdb"},
		{"arabic stays", "رصيد", "رصيد"},
		{"joined emoji stays", "👩\u200d💻", "👩\u200d💻"},
		{"240 characters", long, long},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// A text without meaning that is cut and escaped the same way in a query.
			plainHandler, handler := hostile(t, "plaintext"), hostile(t, test.in)
			plainPaths := hostilePaths("plaintext")
			for i, path := range hostilePaths(test.in)[:2] {
				plain, got := page(t, plainHandler, plainPaths[i]), page(t, handler, path)
				if want := len(isolated.FindAllString(plain, -1)); len(isolated.FindAllString(got, -1)) != want {
					t.Errorf("%s: %d isolated texts, want %d", path, len(isolated.FindAllString(got, -1)), want)
				}
				if a, b := strings.Count(got, "<"), strings.Count(plain, "<"); a != b {
					t.Errorf("%s: the text made elements: %d tags, want %d", path, a, b)
				}
				if !strings.Contains(html.UnescapeString(got), test.shown) {
					t.Errorf("%s does not show %q", path, test.shown)
				}
			}
			for _, path := range hostilePaths(test.in) {
				inert(t, path, page(t, handler, path))
			}
		})
	}
}

// inert fails if a page has anything that runs, turns the text around it or is no text at all.
func inert(t *testing.T, path, page string) {
	t.Helper()
	if !utf8.ValidString(page) {
		t.Errorf("%s is no UTF-8", path)
	}
	// All of ours stands in the head; the rest is text.
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("%s has %d scripts", path, n)
	}
	for _, tag := range tags.FindAllString(page, -1) {
		outside := quoted.ReplaceAllString(tag, "")
		if strings.Contains(strings.ToLower(outside), " on") || strings.Contains(outside, "style=") {
			t.Errorf("%s has the element %s", path, tag)
		}
	}
	for _, link := range hrefs.FindAllStringSubmatch(page, -1) {
		if target := html.UnescapeString(link[1]); !strings.HasPrefix(target, "./") && !strings.HasPrefix(target, "../../") &&
			!strings.HasPrefix(target, "#") && !strings.HasPrefix(target, "http") {
			t.Errorf("%s has a link to %q", path, target)
		}
	}
	for _, r := range html.UnescapeString(page) {
		if !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' && r != '\n' {
			t.Errorf("%s has %U", path, r)
			return
		}
	}
}

// FuzzHostileText: no text makes an element, leaves its place, or shows as something that it is not.
func FuzzHostileText(f *testing.F) {
	for _, text := range []string{
		"production", "<script>", `"'`, "a\u202eb", "\x00\x1b[2J", "\xff\xfe", "{{.}}", "&amp;", "1234567.8", "\u2028",
		"\u200d", strings.Repeat("\u0300", 50), "</title></style><!--", "javascript:alert(1)", "http:x", "\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToLower(text), "http") {
			return // The one text that may be a link: a definition's documentation.
		}
		handler := hostile(t, text)
		for _, path := range hostilePaths(text) {
			inert(t, path, page(t, handler, path))
		}
	})
}

// FuzzQuery: any query gets a page, whose links are queries that give the same accounts in the same order.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{
		"", "q=a&sort=runway&order=desc&page=2&per_page=2", "page=-1", "page=99999999999999999999", "per_page=0", "per_page=1000",
		"state=nonsense&sort=nonsense&order=nonsense", "q=%ff%00%e2%80%ae", "q=" + strings.Repeat("a", 400), "unit=credits&provider=massive",
		"%", ";", "q=a;b", "q=%zz", "state=problem&state=ok",
	} {
		f.Add(query)
	}
	handler := newHandler(f, exampleWorld(f).options())
	f.Fuzz(func(t *testing.T, query string) {
		target := url.URL{Path: "/", RawQuery: query}
		if _, err := url.ParseRequestURI(target.String()); err != nil || strings.ContainsAny(query, " \r\n\t") {
			return // No HTTP client can send it.
		}
		got := page(t, handler, target.String())
		inert(t, target.String(), got)
		// One of the links, another one for each query.
		links := navs.FindAllStringSubmatch(got, -1)
		linked := html.UnescapeString(links[len(query)%len(links)][1])
		if again := page(t, handler, linked); strings.Contains(linked, "state=") && !strings.Contains(again, `href=".`+html.EscapeString(linked)+`"`) {
			t.Errorf("%q links to %q, which does not know itself", query, linked)
		}
		api := ask(t.Context(), handler, "GET", "/api/v1/accounts?"+query)
		if api.status != 200 && api.status != 400 {
			t.Errorf("the API answers with %d", api.status)
		}
	})
}
