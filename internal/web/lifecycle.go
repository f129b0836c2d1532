package web

import (
	"context"
	"net/http"
	"sync/atomic"
)

// readiness answers whether the process is ready. It stays ready: a vendor that is down, or an account that a reload
// adds, must not take the process out of service.
type readiness struct {
	awaited  func() string
	ready    atomic.Bool
	stopping atomic.Bool
}

// waitsFor says what must happen before the process is ready, "" when it is.
func (r *readiness) waitsFor() string {
	if r.ready.Load() {
		return ""
	}
	awaited := r.awaited()
	if awaited == "" {
		r.ready.Store(true)
	}
	return awaited
}

func (r *readiness) answer(name string) (status int, text string) {
	if r.stopping.Load() {
		return http.StatusServiceUnavailable, name + " is shutting down."
	}
	if awaited := r.waitsFor(); awaited != "" {
		return http.StatusServiceUnavailable, name + " is not ready. It waits for " + awaited + "."
	}
	return http.StatusOK, name + " is ready."
}

// reloads runs one reload at a time.
type reloads struct {
	turn   chan struct{}
	reload func(context.Context) error
}

func newReloads(reload func(context.Context) error) *reloads {
	return &reloads{turn: make(chan struct{}, 1), reload: reload}
}

// run waits for its turn until ctx ends and reloads. The reload itself does not end with ctx, because a client that
// goes away must not leave the configuration half changed.
func (r *reloads) run(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return r.reload(context.WithoutCancel(ctx))
}

func (r *reloads) serve(w http.ResponseWriter, request *http.Request) {
	if err := r.run(request.Context()); err != nil {
		writeText(w, http.StatusInternalServerError, "failed to reload config: "+err.Error())
		return
	}
	writeText(w, http.StatusOK, "Configuration reloaded.")
}

// lifecycleDisabled is said to whoever asks for what only --web.enable-lifecycle allows.
const lifecycleDisabled = "Lifecycle API is not enabled. Start with --web.enable-lifecycle to allow it."

// lifecycle lets requests through when the user allowed them; otherwise it answers as Prometheus does.
func lifecycle(enabled bool, next http.HandlerFunc) http.Handler {
	if enabled {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusForbidden, lifecycleDisabled)
	})
}
