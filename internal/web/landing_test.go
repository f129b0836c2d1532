package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// exampleAccounts holds an account in every state, and every form of a balance.
func exampleAccounts() []web.Account {
	return []web.Account{
		{
			Provider: "massive", Name: "default", State: web.StateOK,
			Balances:    []web.Balance{{Unit: "credits", Amount: "1284500.25"}},
			LastSuccess: testNow.Add(-83 * time.Second), NextPoll: testNow.Add(217 * time.Second),
		},
		{
			Provider: "liveavatar", Name: "marketing", State: web.StateOK,
			Balances: []web.Balance{
				{Unit: "credits", Amount: "-3"}, {Unit: "minutes", Unlimited: true}, {Unit: "seats"},
			},
			LastSuccess: testNow.Add(-5 * time.Second), NextPoll: testNow.Add(-time.Second),
		},
		{
			Provider: "olostep", Name: "staging", State: web.StateFailing, Reason: "unauthorized",
			LastSuccess: testNow.Add(-51 * time.Hour), NextPoll: testNow.Add(50 * time.Minute),
		},
		{
			Provider: "deepixels", Name: "default", State: web.StateWaiting, Reason: "rate_limited",
			Balances:   []web.Balance{{Unit: "credits", Amount: "920"}},
			WaitsUntil: testNow.Add(3 * time.Minute), LastSuccess: testNow.Add(-11 * time.Minute),
			NextPoll: testNow.Add(3 * time.Minute),
		},
		{Provider: "olostep", Name: "production", State: web.StateNotPolled},
	}
}

func landing(t *testing.T, accounts []web.Account) string {
	t.Helper()
	options := testOptions()
	options.Accounts = func() []web.Account { return accounts }
	got := ask(t.Context(), newHandler(t, options), "GET", "/")
	if got.status != 200 || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d %s", got.status, got.header.Get("Content-Type"))
	}
	return got.text
}

// visible returns the lines of text that a reader sees.
func visible(page string) []string {
	_, page, _ = strings.Cut(page, "<body>")
	page = regexp.MustCompile(`</(tr|p|h1|h2|ul)>`).ReplaceAllString(page, "\x00")
	page = regexp.MustCompile(`</t[dh]>`).ReplaceAllString(page, " | ")
	page = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))
	var lines []string
	for line := range strings.SplitSeq(page, "\x00") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestLandingPage(t *testing.T) {
	got := strings.Join(visible(landing(t, exampleAccounts())), "\n") + "\n"
	path := filepath.Join("testdata", "landing.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestLandingPageWithoutAccounts(t *testing.T) {
	page := landing(t, nil)
	if !strings.Contains(page, "0 accounts") || strings.Contains(page, "<table") {
		t.Errorf("got %s", page)
	}
}

func TestLandingPageSaysWhatIsAwaited(t *testing.T) {
	options := testOptions()
	options.Awaited = func() string { return "2 of 3 accounts to be polled once" }
	handler := newHandler(t, options)
	if got := ask(t.Context(), handler, "GET", "/"); !strings.Contains(got.text, "Not ready yet: waits for 2 of 3 accounts to be polled once.") {
		t.Errorf("got %s", got.text)
	}
	handler.Stop()
	if got := ask(t.Context(), handler, "GET", "/"); !strings.Contains(got.text, "Shutting down.") {
		t.Errorf("got %s", got.text)
	}
}

func TestLandingPageHeaders(t *testing.T) {
	got := ask(t.Context(), newHandler(t, testOptions()), "GET", "/")
	if cache := got.header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control is %q, want no-store", cache)
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(got.text)
	if style == nil {
		t.Fatal("the page has no style sheet")
	}
	digest := sha256.Sum256([]byte(style[1]))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'"
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
		t.Errorf("a browser would refuse the style sheet: the policy is %q, want %s in it", policy, want)
	}
}

// TestLandingPageAsksNobody looks for every way in which a page makes a browser send a request.
func TestLandingPageAsksNobody(t *testing.T) {
	page := landing(t, exampleAccounts())
	if found := regexp.MustCompile(`(?i)\b(src|srcset|action)=|@import|url\(|https?:|<script|<iframe|<form|style=|\son\w+=`).FindString(page); found != "" {
		t.Errorf("the page has %q", found)
	}
	for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if link[1] != "data:," && !strings.HasPrefix(link[1], "./") {
			t.Errorf("the link %q is not relative", link[1])
		}
	}
}

func TestLandingPageOfThousands(t *testing.T) {
	var accounts []web.Account
	for i := range 1234 {
		accounts = append(accounts, web.Account{Provider: "massive", Name: fmt.Sprintf("a%04d", i), State: web.StateOK})
	}
	accounts = append(accounts, web.Account{Provider: "zzz", Name: "broken", State: web.StateFailing, Reason: "timeout"})
	lines := visible(landing(t, accounts))
	var rows []string
	for _, line := range lines {
		if strings.Contains(line, " | ") {
			rows = append(rows, line)
		}
	}
	if len(rows) != 500+1 {
		t.Errorf("got %d rows with the head, want 501", len(rows))
	}
	if !strings.HasPrefix(rows[1], "zzz | broken | unknown | failing timeout") {
		t.Errorf("what fails must come first, got %q", rows[1])
	}
	if last := lines[len(lines)-1]; last != "735 more accounts not shown here; the metrics have them all." {
		t.Errorf("the last line is %q", last)
	}
}

// TestHostileText puts what a vendor or a user could send into every text of a row.
func TestHostileText(t *testing.T) {
	long := strings.Repeat("long", 60)
	tests := []struct{ name, in, shown string }{
		{"script", `<script>alert(1)</script>`, `<script>alert(1)</script>`},
		{"attribute", `" onmouseover="alert(1)`, `" onmouseover="alert(1)`},
		{"quotes", `'"` + "`", `'"` + "`"},
		{"end of table", `</bdi></td></table>`, `</bdi></td></table>`},
		{"template", `{{.Version}}`, `{{.Version}}`},
		{"entity", `&lt;b&gt;`, `&lt;b&gt;`},
		{"right-to-left override", "a\u202edcba", "a\ufffddcba"},
		{"isolates", "\u2066a\u2069\u200f\u061c", "\ufffda\ufffd\ufffd\ufffd"},
		{"control characters", "a\x00b\x1b[31mc\x7f\u009bd", "a\ufffdb\ufffd[31mc\ufffd\ufffdd"},
		{"line breaks", "a\r\nb\tc\u2028d", "a\ufffd\ufffdb\ufffdc\ufffdd"},
		{"no UTF-8", "a\xffb", "a\ufffdb"},
		{"arabic stays", "رصيد", "رصيد"},
		{"joined emoji stays", "👩\u200d💻", "👩\u200d💻"},
		{"240 characters", long, long},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plain := landing(t, []web.Account{hostileAccount("x")})
			page := landing(t, []web.Account{hostileAccount(test.in)})
			texts := isolated.FindAllStringSubmatch(page, -1)
			if want := len(isolated.FindAllString(plain, -1)); len(texts) != want || want != 5 {
				t.Fatalf("got %d isolated texts, want %d (5):\n%s", len(texts), want, page)
			}
			for _, text := range texts {
				if got := html.UnescapeString(text[1]); got != test.shown {
					t.Errorf("shown as %q, want %q", got, test.shown)
				}
			}
			if got, want := strings.Count(page, "<"), strings.Count(plain, "<"); got != want {
				t.Errorf("the text made elements: %d tags, want %d", got, want)
			}
		})
	}
}

func hostileAccount(text string) web.Account {
	return web.Account{
		Provider: text, Name: text, State: web.StateFailing, Reason: text,
		Balances: []web.Balance{{Unit: text, Amount: text}},
	}
}
