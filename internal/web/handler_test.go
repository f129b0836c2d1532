package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web"
)

// pollerFunc is a web.Poller.
type pollerFunc func(context.Context, ledger.ID) error

func (f pollerFunc) PollNow(ctx context.Context, id ledger.ID) error { return f(ctx, id) }

// testNow is the clock of every page.
var testNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// testOptions are those of a process that is ready and has no accounts; tests change what they are about.
func testOptions() web.Options {
	return web.Options{
		Name:        "credits_exporter",
		Version:     "1.2.3",
		Description: "Prometheus metrics of what is left of prepaid credits.",
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "some_metric 1\n")
		}),
		Listing:        func() *ledger.Listing { return &ledger.Listing{} },
		AccountMetrics: func(string, string) ([]byte, bool) { return nil, false },
		Definition:     func(string) (web.Definition, bool) { return web.Definition{}, false },
		Poller:         pollerFunc(func(context.Context, ledger.ID) error { return nil }),
		Awaited:        func() string { return "" },
		Lifecycle:      true,
		Reload:         func(context.Context) error { return nil },
		Now:            func() time.Time { return testNow },
	}
}

func newHandler(t testing.TB, options web.Options) *web.Handler {
	t.Helper()
	handler, err := web.NewHandler(options)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// answer is what a test looks at.
type answer struct {
	status int
	header http.Header
	text   string
}

// ask calls handler without a network.
func ask(ctx context.Context, handler http.Handler, method, path string) answer {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, method, path, http.NoBody))
	return answer{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// send makes a request over the network and reads the whole answer.
func send(t *testing.T, client *http.Client, request *http.Request) answer {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

func newRequest(t *testing.T, method, url string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestRoutes(t *testing.T) {
	handler := newHandler(t, testOptions())
	tests := []struct {
		method, path string
		status       int
		contains     string
	}{
		{"GET", "/metrics", 200, "some_metric 1"},
		{"GET", "/", 200, "<!DOCTYPE html>"},
		{"GET", "/-/healthy", 200, "credits_exporter is healthy.\n"},
		{"GET", "/-/ready", 200, "credits_exporter is ready.\n"},
		{"POST", "/-/reload", 200, "Configuration reloaded.\n"},
		{"GET", "/-/reload", 405, ""},
		{"POST", "/metrics", 405, ""},
		{"POST", "/", 405, ""},
		{"DELETE", "/-/healthy", 405, ""},
		{"GET", "/nothing", 404, ""},
		{"GET", "/metrics/", 404, ""},
		{"GET", "/-/", 404, ""},
		{"GET", "/favicon.ico", 404, ""},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			got := ask(t.Context(), handler, test.method, test.path)
			if got.status != test.status || !strings.Contains(got.text, test.contains) {
				t.Errorf("got %d %q, want %d and %q", got.status, got.text, test.status, test.contains)
			}
		})
	}
}

func TestHead(t *testing.T) {
	server := httptest.NewServer(newHandler(t, testOptions()))
	defer server.Close()
	for _, path := range []string{"/metrics", "/", "/-/healthy", "/-/ready"} {
		got := send(t, server.Client(), newRequest(t, "HEAD", server.URL+path))
		if got.status != 200 || got.text != "" {
			t.Errorf("%s: got %d with %q", path, got.status, got.text)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	handler := newHandler(t, testOptions())
	for _, path := range []string{"/", "/metrics", "/-/ready", "/nothing"} {
		header := ask(t.Context(), handler, "GET", path).header
		for name, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		policy := header.Get("Content-Security-Policy")
		// Only pages may load anything or send a form, and from this process alone.
		wanted := []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"}
		if path == "/" {
			wanted = []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "style-src 'self';", "script-src 'self';"}
		}
		for _, want := range wanted {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %s", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy %q lets in too much", path, policy)
		}
	}
}

// TestUsersHeadersStay: exporter-toolkit sets the headers of the web config file before it calls our handler.
func TestUsersHeadersStay(t *testing.T) {
	recorder := httptest.NewRecorder()
	recorder.Header().Set("X-Frame-Options", "sameorigin")
	newHandler(t, testOptions()).ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
	if got := recorder.Header().Values("X-Frame-Options"); len(got) != 1 || got[0] != "sameorigin" {
		t.Errorf("got %q, want the user's", got)
	}
}

func TestReadiness(t *testing.T) {
	options := testOptions()
	awaited := "2 of 3 accounts to be polled once"
	options.Awaited = func() string { return awaited }
	handler := newHandler(t, options)
	expect := func(status int, want string) {
		t.Helper()
		got := ask(t.Context(), handler, "GET", "/-/ready")
		if got.status != status || got.text != want {
			t.Errorf("got %d %q, want %d %q", got.status, got.text, status, want)
		}
	}
	expect(503, "credits_exporter is not ready. It waits for 2 of 3 accounts to be polled once.\n")
	awaited = ""
	expect(200, "credits_exporter is ready.\n")
	awaited = "1 of 4 accounts to be polled once"
	expect(200, "credits_exporter is ready.\n")
	handler.Stop()
	expect(503, "credits_exporter is shutting down.\n")
	if got := ask(t.Context(), handler, "GET", "/-/healthy"); got.status != 200 {
		t.Errorf("a process that shuts down is healthy, got %d", got.status)
	}
}

func TestReload(t *testing.T) {
	tests := []struct {
		name   string
		change func(*web.Options)
		header map[string]string
		status int
		text   string
		calls  int32
	}{
		{name: "success", status: 200, text: "Configuration reloaded.\n", calls: 1},
		{
			name: "failure",
			change: func(o *web.Options) {
				o.Reload = func(context.Context) error { return errors.New("config.yml:3: accounts: unknown key") }
			},
			status: 500, text: "failed to reload config: config.yml:3: accounts: unknown key\n",
		},
		{
			name:   "lifecycle off",
			change: func(o *web.Options) { o.Lifecycle = false },
			status: 403, text: "Lifecycle API is not enabled. Start with --web.enable-lifecycle to allow it.\n",
		},
		{
			name:   "sent by a page of another site",
			header: map[string]string{"Sec-Fetch-Site": "cross-site"},
			status: 403, text: "cross-origin request detected from Sec-Fetch-Site header\n",
		},
		{
			name:   "sent by a page of this process",
			header: map[string]string{"Sec-Fetch-Site": "same-origin"},
			status: 200, text: "Configuration reloaded.\n", calls: 1,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var calls atomic.Int32
			options := testOptions()
			options.Reload = func(context.Context) error { calls.Add(1); return nil }
			if test.change != nil {
				test.change(&options)
			}
			request := httptest.NewRequestWithContext(t.Context(), "POST", "/-/reload", http.NoBody)
			for name, value := range test.header {
				request.Header.Set(name, value)
			}
			recorder := httptest.NewRecorder()
			newHandler(t, options).ServeHTTP(recorder, request)
			if recorder.Code != test.status || recorder.Body.String() != test.text {
				t.Errorf("got %d %q, want %d %q", recorder.Code, recorder.Body.String(), test.status, test.text)
			}
			if calls.Load() != test.calls {
				t.Errorf("reloaded %d times, want %d", calls.Load(), test.calls)
			}
		})
	}
}

// TestReloadsRunOneAfterTheOther sends requests and signals at once.
func TestReloadsRunOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most, calls atomic.Int32
		options := testOptions()
		options.Reload = func(context.Context) error {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second) // Inside of the bubble, which lets the others reach their turn.
			running.Add(-1)
			calls.Add(1)
			return nil
		}
		handler := newHandler(t, options)
		for range 5 {
			go func() { ask(context.Background(), handler, "POST", "/-/reload") }()
			go func() { _ = handler.Reload(context.Background()) }()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if most.Load() != 1 || calls.Load() != 10 {
			t.Errorf("at most %d at once and %d in all, want 1 and 10", most.Load(), calls.Load())
		}
	})
}

// TestReloadOutlivesItsClient: a client that goes away gives up its turn, but never a reload that has begun.
func TestReloadOutlivesItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls atomic.Int32
		options := testOptions()
		options.Reload = func(ctx context.Context) error {
			calls.Add(1)
			<-release
			return ctx.Err()
		}
		handler := newHandler(t, options)
		ctx, leave := context.WithCancel(t.Context())
		begun, queued := make(chan error, 1), make(chan error, 1)
		go func() { begun <- handler.Reload(ctx) }()
		synctest.Wait()
		go func() { queued <- handler.Reload(ctx) }()
		synctest.Wait()
		leave()
		if err := <-queued; !errors.Is(err, context.Canceled) {
			t.Errorf("the one in the queue got %v, want it to give up", err)
		}
		close(release)
		if err := <-begun; err != nil {
			t.Errorf("the one that had begun got %v, want it to end well", err)
		}
		if calls.Load() != 1 {
			t.Errorf("reloaded %d times, want 1", calls.Load())
		}
	})
}

func TestTelemetryPath(t *testing.T) {
	tests := []struct {
		path string
		want string // what the error says, "" for none
	}{
		{"", ""},
		{"/metrics", ""},
		{"/probe/v1.0/metrics_all", ""},
		{"/a:b", ""},
		{"/api/v1/metrics", ""},
		{"/accounts", ""},
		{"metrics", "must begin with /"},
		{"/", "status page"},
		{"//", "plain characters"},
		{"/metrics/", "plain characters"},
		{"/a//b", "plain characters"},
		{"/a/../b", "plain characters"},
		{"/./a", "plain characters"},
		{"/..", "plain characters"},
		{"/{name}", "plain characters"},
		{"/met rics", "plain characters"},
		{"/metrics?x=1", "plain characters"},
		{"/metrics#x", "plain characters"},
		{"/%6detrics", "plain characters"},
		{"/metrics\n", "plain characters"},
		{"/-/healthy", "/- belongs to another page"},
		{"/-/ready", "/- belongs to another page"},
		{"/-/reload", "/- belongs to another page"},
		{"/-/metrics", "/- belongs to another page"},
		{"/-", "/- belongs to another page"},
		{"/api/v1/accounts", "/api/v1/accounts belongs to another page"},
		{"/api/v1/accounts/a/b", "/api/v1/accounts belongs to another page"},
		{"/account/a/b", "/account belongs to another page"},
		{"/assets/style.css", "/assets belongs to another page"},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			options := testOptions()
			options.TelemetryPath = test.path
			handler, err := web.NewHandler(options)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "--web.telemetry-path") {
					t.Fatalf("got error %v, want one that names the flag and says %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			path := test.path
			if path == "" {
				path = "/metrics"
			}
			if got := ask(t.Context(), handler, "GET", path); got.text != "some_metric 1\n" {
				t.Errorf("got %q", got.text)
			}
			if got := ask(t.Context(), handler, "GET", "/"); !strings.Contains(got.text, `href=".`+path+`"`) {
				t.Errorf("the status page does not link to .%s", path)
			}
		})
	}
}
