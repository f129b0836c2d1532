package web_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

// isolated finds the texts of a page that come from vendors and users.
var isolated = regexp.MustCompile(`<bdi[^>]*>([^<]*)</bdi>`)

// FuzzLandingPage: no text makes an element, leaves its place, or shows as something that it is not.
func FuzzLandingPage(f *testing.F) {
	for _, text := range []string{
		"", "production", "<script>", `"'`, "a\u202eb", "\x00\x1b[2J", "\xff\xfe", "{{.}}", "&amp;", "1234567.8", "\u2028",
		"\u200d", strings.Repeat("\u0300", 50), "</title></style><!--", "javascript:alert(1)",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		page := landing(t, []web.Account{hostileAccount(text)})
		plain := landing(t, []web.Account{hostileAccount("x")})
		if text == "" {
			return // A text that is absent leaves out its element.
		}
		if got, want := strings.Count(page, "<"), strings.Count(plain, "<"); got != want {
			t.Errorf("%d tags, want %d", got, want)
		}
		if got := len(isolated.FindAllString(page, -1)); got != 5 {
			t.Errorf("%d isolated texts, want 5", got)
		}
		if !utf8.ValidString(page) {
			t.Error("the page is no UTF-8")
		}
		for _, found := range isolated.FindAllStringSubmatch(page, -1) {
			for _, r := range html.UnescapeString(found[1]) {
				if !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' {
					t.Errorf("%U is on the page", r)
				}
			}
		}
	})
}

// FuzzTelemetryPath: any path is either refused or served; it never panics, and never hides another page.
func FuzzTelemetryPath(f *testing.F) {
	for _, path := range []string{"/metrics", "/", "", "x", "/{a}", "/{a...}", "/a/{$}", "/-/ready", "/%2d/ready", "/a b", "/a/", "//", "/.", "/a:b"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		options := testOptions()
		options.TelemetryPath = path
		handler, err := web.NewHandler(options)
		if err != nil || path == "" {
			return
		}
		target := url.URL{Path: path}
		if got := ask(t.Context(), handler, "GET", target.String()); got.text != "some_metric 1\n" {
			t.Errorf("asked %s and got %d %q", target.String(), got.status, got.text)
		}
		for _, page := range []string{"/", "/-/healthy", "/-/ready"} {
			if got := ask(t.Context(), handler, "GET", page); got.status != 200 || got.text == "some_metric 1\n" {
				t.Errorf("%s is hidden: %d %q", page, got.status, got.text)
			}
		}
	})
}
