package web

import (
	"io"
	"net/http"
)

// withSecurityHeaders sets what a browser needs to know to treat a page as inert, on every answer. A header that is
// there already comes from the user's web config file and stays.
func withSecurityHeaders(next http.Handler, contentSecurityPolicy string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		for _, h := range [...]struct{ name, value string }{
			{"Content-Security-Policy", contentSecurityPolicy},
			{"X-Content-Type-Options", "nosniff"},
			{"X-Frame-Options", "DENY"},
			{"Referrer-Policy", "no-referrer"},
			{"Cross-Origin-Opener-Policy", "same-origin"},
			{"Cross-Origin-Resource-Policy", "same-origin"},
		} {
			if header.Get(h.name) == "" {
				header.Set(h.name, h.value)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// writeText answers with a line of plain text that no cache keeps.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that is gone by now is not an error of ours.
	_, _ = io.WriteString(w, text+"\n")
}
