package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

// again asks as a client does that has the answer already.
func again(t *testing.T, handler http.Handler, path string) answer {
	t.Helper()
	tag := ask(t.Context(), handler, "GET", path).header.Get("ETag")
	if tag == "" {
		t.Fatalf("%s has no ETag", path)
	}
	request := httptest.NewRequestWithContext(t.Context(), "GET", path, http.NoBody)
	request.Header.Set("If-None-Match", tag)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return answer{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// TestETag: an answer is the same until something happens, whatever time it is.
func TestETag(t *testing.T) {
	w := exampleWorld(t)
	options := w.options()
	now := testNow
	options.Now = func() time.Time { return now }
	handler := newHandler(t, options)
	for _, path := range []string{"/api/v1/accounts", "/api/v1/accounts/olostep/production"} {
		before := ask(t.Context(), handler, "GET", path)
		now = now.Add(time.Second)
		if got := again(t, handler, path); got.status != http.StatusNotModified || got.text != "" || got.header.Get("ETag") != before.header.Get("ETag") {
			t.Errorf("%s: got %d %q", path, got.status, got.text)
		}
		w.fails("olostep", "production", 0, providers.ReasonNetwork, "no answer")
		if after := ask(t.Context(), handler, "GET", path); after.header.Get("ETag") == before.header.Get("ETag") {
			t.Errorf("%s: the ETag stays though a poll failed", path)
		}
	}
}

func TestAPIQuery(t *testing.T) {
	handler := newHandler(t, exampleWorld(t).options())
	tests := []struct {
		query  string
		status int
		want   string
	}{
		{"", 200, `"matching":9,"page":1,"pages":1,`},
		{"?state=failing", 200, `"matching":1,"page":1,"pages":1,`},
		{"?per_page=4&page=2", 200, `"matching":9,"page":2,"pages":3,`},
		{"?per_page=4&page=4", 200, `{"accounts":[],"matching":9,"page":4,"pages":3,`},
		{"?q=nobody", 200, `{"accounts":[],"matching":0,"page":1,"pages":1,`},
		{"?state=bad", 400, `"errorType":"bad_data","error":"state: there is no such state"`},
		{"?sort=bad&order=up", 400, `sort: it must be one of status, account, balance, runway, expiry, last_poll, next_poll; order: it must be asc or desc`},
		{"?page=0", 400, `page: it must be a number from 1 to`},
		{"?per_page=10001", 400, `per_page: it must be a number from 1 to 10000`},
	}
	for _, test := range tests {
		got := ask(t.Context(), handler, "GET", "/api/v1/accounts"+test.query)
		if got.status != test.status || !strings.Contains(got.text, test.want) {
			t.Errorf("%s: got %d %s, want %d and %s", test.query, got.status, got.text, test.status, test.want)
		}
	}
}

func TestPollOnDemand(t *testing.T) {
	tests := []struct {
		name      string
		lifecycle bool
		path      string
		header    map[string]string
		outcome   error
		status    int
		want      string
		retry     string
		polled    bool
	}{
		{name: "done", lifecycle: true, status: 200, want: `{"status":"success","data":{"provider":"massive","account":"a",`, polled: true},
		{name: "not allowed", status: 403, want: `"error":"Lifecycle API is not enabled. Start with --web.enable-lifecycle to allow it."`},
		{name: "unknown", lifecycle: true, path: "/api/v1/accounts/massive/b/poll", status: 404, want: `"errorType":"not_found"`},
		{name: "left meanwhile", lifecycle: true, outcome: web.ErrUnknownAccount, status: 404, want: `"errorType":"not_found"`, polled: true},
		{
			name: "in a window", lifecycle: true, outcome: &web.WaitError{Until: testNow.Add(90 * time.Second), Window: true}, polled: true,
			status: 409, retry: "90", want: `"errorType":"retry_window","error":"the vendor asked to come back later: its retry window is open until 2026-11-21T12:01:30Z","until":"2026-11-21T12:01:30Z"`,
		},
		{
			name: "too early", lifecycle: true, outcome: &web.WaitError{Until: testNow.Add(1500 * time.Millisecond)}, polled: true,
			status: 429, retry: "2", want: `"errorType":"min_interval"`,
		},
		{
			name: "over by now", lifecycle: true, outcome: &web.WaitError{Until: testNow.Add(-time.Second)}, polled: true,
			status: 429, retry: "1", want: `"errorType":"min_interval"`,
		},
		{name: "the program ends", lifecycle: true, outcome: errors.New("the program ends"), status: 503, want: `"error":"the program ends"`, polled: true},
		{
			name: "sent by a page of another site", lifecycle: true, header: map[string]string{"Sec-Fetch-Site": "cross-site"},
			status: 403, want: "cross-origin request detected",
		},
		{
			name: "sent by a page of this process", lifecycle: true, header: map[string]string{"Sec-Fetch-Site": "same-origin"},
			status: 200, want: `"status":"success"`, polled: true,
		},
		{
			name: "sent by an old browser from another site", lifecycle: true, header: map[string]string{"Origin": "https://elsewhere.example"},
			status: 403, want: "cross-origin request detected",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, account("massive", "a"))
			options := w.options()
			options.Lifecycle = test.lifecycle
			polled := false
			options.Poller = pollerFunc(func(_ context.Context, id ledger.ID) error {
				polled = id == w.id("massive", "a")
				return test.outcome
			})
			path := test.path
			if path == "" {
				path = "/api/v1/accounts/massive/a/poll"
			}
			request := httptest.NewRequestWithContext(t.Context(), "POST", path, http.NoBody)
			for name, value := range test.header {
				request.Header.Set(name, value)
			}
			recorder := httptest.NewRecorder()
			newHandler(t, options).ServeHTTP(recorder, request)
			if recorder.Code != test.status || !strings.Contains(recorder.Body.String(), test.want) {
				t.Errorf("got %d %s, want %d and %s", recorder.Code, recorder.Body, test.status, test.want)
			}
			if got := recorder.Header().Get("Retry-After"); got != test.retry {
				t.Errorf("Retry-After is %q, want %q", got, test.retry)
			}
			if polled != test.polled {
				t.Errorf("polled: %v, want %v", polled, test.polled)
			}
			if got := ask(t.Context(), newHandler(t, options), "GET", path); got.status != http.StatusMethodNotAllowed {
				t.Errorf("GET: got %d", got.status)
			}
		})
	}
}

// TestPollOnDemandHasAnEnd: whoever asks for a poll that does not end is told so.
func TestPollOnDemandHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, account("massive", "a"))
		options := w.options()
		options.Poller = pollerFunc(func(ctx context.Context, _ ledger.ID) error {
			<-ctx.Done()
			return ctx.Err()
		})
		began := time.Now()
		got := ask(t.Context(), newHandler(t, options), "POST", "/api/v1/accounts/massive/a/poll")
		if got.status != http.StatusGatewayTimeout || !strings.Contains(got.text, `"errorType":"timeout"`) || time.Since(began) != time.Minute {
			t.Errorf("got %d %s after %s", got.status, got.text, time.Since(began))
		}
	})
}

// TestPollButton: the page offers what is allowed.
func TestPollButton(t *testing.T) {
	options := exampleWorld(t).options()
	for _, allowed := range []bool{true, false} {
		options.Lifecycle = allowed
		got := page(t, newHandler(t, options), "/account/olostep/production")
		if strings.Contains(got, `action="../../api/v1/accounts/olostep/production/poll"`) != allowed {
			t.Errorf("lifecycle %v: %s", allowed, got)
		}
	}
}
