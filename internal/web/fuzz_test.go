package web_test

import (
	"net/url"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

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
