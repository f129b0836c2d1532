// Package web is the HTTP side of the process: the status pages and their API, the metrics, health, readiness and reload,
// the listeners that serve them, and the client that asks a running process for its health.
package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Options says what a Handler serves.
type Options struct {
	// Name and Version are the program's, Description says in one sentence what it is.
	Name, Version, Description string

	// TelemetryPath is where Metrics is served, /metrics if empty. NewHandler refuses a path that another page has.
	TelemetryPath string
	// Metrics serves the metrics; NewMetricsHandler makes one.
	Metrics http.Handler

	// Listing gives the accounts as they are now: the ledger's.
	Listing func() *ledger.Listing
	// AccountMetrics gives the lines of /metrics of one account, in the text format; false when there is no such account.
	AccountMetrics func(provider, account string) ([]byte, bool)
	// Definition gives what is known of a vendor.
	Definition func(provider string) (Definition, bool)
	// Awaited says what must happen before the process is ready, in a few words such as "3 of 20 accounts to be
	// polled once"; "" says that it is ready. Once ready, it stays ready until Stop, and Awaited is not asked again.
	Awaited func() string

	// Lifecycle allows POST /-/reload, and polls that are asked for.
	Lifecycle bool
	// Reload loads the configuration anew. It is never called twice at the same time.
	Reload func(context.Context) error

	// Poller makes the polls that are asked for.
	Poller Poller

	// Now is the clock of the pages and of the API.
	Now func() time.Time
}

// Handler serves every path of the process.
type Handler struct {
	mux       http.Handler
	readiness readiness
	reloads   *reloads
}

// NewHandler returns the handler of every path. The error says what is wrong with --web.telemetry-path.
func NewHandler(options Options) (*Handler, error) {
	if options.TelemetryPath == "" {
		options.TelemetryPath = "/metrics"
	}
	if err := checkTelemetryPath(options.TelemetryPath); err != nil {
		return nil, fmt.Errorf("--web.telemetry-path=%q: %w", options.TelemetryPath, err)
	}
	handler := &Handler{
		readiness: readiness{awaited: options.Awaited},
		reloads:   newReloads(options.Reload),
	}
	handler.mux = handler.routes(options)
	return handler, nil
}

func (h *Handler) routes(options Options) http.Handler {
	site := newSite(options, &h.readiness)
	reload := lifecycle(options.Lifecycle, h.reloads.serve)
	// Refusing what a browser sends from another site keeps a page that an operator happens to have open from reloading
	// the configuration, or from asking vendors.
	sameOrigin := http.NewCrossOriginProtection()

	mux := http.NewServeMux()
	mux.Handle("GET "+options.TelemetryPath, options.Metrics)
	mux.HandleFunc("GET /{$}", site.serveOverview)
	mux.HandleFunc("GET /account/{provider}/{account}", site.serveAccount)
	mux.HandleFunc("GET "+assetsPath+"{name}", site.pages.serveAsset)
	mux.HandleFunc("GET /api/v1/accounts", site.serveAccounts)
	mux.HandleFunc("GET /api/v1/accounts/{provider}/{account}", site.serveAccountDetail)
	mux.Handle("POST /api/v1/accounts/{provider}/{account}/poll", sameOrigin.Handler(http.HandlerFunc(site.servePoll)))
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusOK, options.Name+" is healthy.")
	})
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		status, text := h.readiness.answer(options.Name)
		writeText(w, status, text)
	})
	mux.Handle("POST /-/reload", sameOrigin.Handler(reload))
	return withSecurityHeaders(mux, strictPolicy)
}

// ServeHTTP serves one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// Reload loads the configuration anew, as POST /-/reload does and one after the other with it; it is for SIGHUP. It
// gives up waiting for its turn when ctx ends, but what has begun runs to its end.
func (h *Handler) Reload(ctx context.Context) error { return h.reloads.run(ctx) }

// Stop makes /-/ready answer 503 from now on. Everything else is served as before.
func (h *Handler) Stop() { h.readiness.stopping.Store(true) }
