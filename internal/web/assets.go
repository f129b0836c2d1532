package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"
)

//go:embed assets
var assets embed.FS

// assetsPath is where the style sheet, the script and the icon are.
const assetsPath = "/assets/"

// strictPolicy lets nothing in; pagePolicy lets in what a page of ours needs from this process and nothing else.
const (
	strictPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	pagePolicy   = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

// asset is a file that pages load, with its version: pages name it, so that a browser may keep the file for good and
// still gets a new one after an upgrade.
type asset struct {
	content       []byte
	kind, version string
}

// pages renders the HTML pages.
type pages struct {
	templates *template.Template
	assets    map[string]asset
}

func newPages() *pages {
	p := &pages{assets: map[string]asset{}}
	for name, kind := range map[string]string{
		"style.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		content, err := assets.ReadFile("assets/" + name)
		if err != nil {
			panic("web: an asset is not embedded: " + err.Error())
		}
		digest := sha256.Sum256(content)
		p.assets[name] = asset{content, kind, hex.EncodeToString(digest[:6])}
	}
	functions := template.FuncMap{
		"text":  printable,
		"lines": printableLines,
		"asset": func(name string) string { return "assets/" + name + "?v=" + p.assets[name].version },
	}
	p.templates = template.Must(template.New("").Funcs(functions).ParseFS(assets, "assets/*.html"))
	return p
}

// render renders a page.
func (p *pages) render(name string, view any) ([]byte, error) {
	var page bytes.Buffer
	if err := p.templates.ExecuteTemplate(&page, name, view); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", name, err)
	}
	return page.Bytes(), nil
}

// servePage sends a page whole or not at all.
func (s *site) servePage(w http.ResponseWriter, r *http.Request, status int, name string, view func() any) {
	var page []byte
	var err error
	if !s.inTurn(r, func() { page, err = s.pages.render(name, view()) }) {
		return
	}
	if err != nil {
		writeText(w, http.StatusInternalServerError, "the page cannot be shown: "+err.Error())
		return
	}
	header := w.Header()
	if header.Get("Content-Security-Policy") == strictPolicy {
		header.Set("Content-Security-Policy", pagePolicy)
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	// A reader who is gone by now is not an error of ours.
	_, _ = w.Write(page)
}

// serveAsset serves a file that pages load.
func (p *pages) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	a, ok := p.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", a.kind)
	header.Set("ETag", `"`+a.version+`"`)
	header.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == a.version {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(a.content))
}

// frame is what every page has around its contents.
type frame struct {
	Name, Version, Title string
	// Root is where the pages are, seen from this one: relative, so that all works below the path of a reverse proxy.
	Root    string
	Metrics string
	// Now is the clock of the page, which the script counts from.
	Now string
	// Refresh is how often the script refreshes the page, in seconds.
	Refresh  int
	Awaited  string
	Stopping bool
}

// refreshEvery is how often pages refresh themselves, in seconds. Most accounts are polled every few minutes.
const refreshEvery = 10

func (s *site) frame(root, title string) frame {
	return frame{
		Name: s.options.Name, Version: s.options.Version, Title: title, Root: root,
		Metrics: root + s.options.TelemetryPath[1:],
		Now:     s.options.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Refresh: refreshEvery,
		Awaited: s.readiness.waitsFor(), Stopping: s.readiness.stopping.Load(),
	}
}
