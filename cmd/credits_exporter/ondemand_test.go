package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

const twoOlosteps = `
accounts:
  - {provider: olostep, name: a, credentials: {api_key: test-key-olostep-a}, base_url: VENDORS/olostep, interval: 24h}
  - {provider: olostep, name: limited, credentials: {api_key: test-key-olostep-limited}, base_url: VENDORS/olostep, interval: 24h}
`

// TestPollOnDemand: a poll that is asked for is made at once, and never inside a vendor's window.
func TestPollOnDemand(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	limited := v.add(vendorsim.Olostep, "limited", 100)
	limited.RateLimit(time.Hour)
	f.configure(twoOlosteps, v)
	d := f.serve("--web.enable-lifecycle")
	d.await(`credits_up{account="a",provider="olostep"}`, "1")
	d.await(`credits_up{account="limited",provider="olostep"}`, "0")

	a.Spend(40 * vendorsim.Credit)
	status, body := d.ask(http.MethodPost, "/api/v1/accounts/olostep/a/poll")
	if status != http.StatusOK || !strings.Contains(body, `"balance":60,`) || a.Requests().Count != 2 {
		t.Errorf("%d after %d requests: %s", status, a.Requests().Count, body)
	}
	a.Fail(http.StatusInternalServerError)
	status, body = d.ask(http.MethodPost, "/api/v1/accounts/olostep/a/poll")
	if status != http.StatusOK || !strings.Contains(body, `"failure":{"reason":"server_error"`) {
		t.Errorf("a poll that fails: %d: %s", status, body)
	}
	status, body = d.ask(http.MethodPost, "/api/v1/accounts/olostep/limited/poll")
	if status != http.StatusConflict || !strings.Contains(body, `"errorType":"retry_window"`) || limited.Requests().Count != 1 {
		t.Errorf("in a window: %d after %d requests: %s", status, limited.Requests().Count, body)
	}
	if status, body = d.ask(http.MethodPost, "/api/v1/accounts/olostep/nobody/poll"); status != http.StatusNotFound {
		t.Errorf("an unknown account: %d: %s", status, body)
	}
	d.stop()

	d = f.serve()
	if status, body = d.ask(http.MethodPost, "/api/v1/accounts/olostep/a/poll"); status != http.StatusForbidden {
		t.Errorf("without --web.enable-lifecycle: %d: %s", status, body)
	}
	// What failed is remembered over the restart.
	if _, page := d.ask(http.MethodGet, "/account/olostep/limited"); !strings.Contains(page, "Latest failures") || !strings.Contains(page, "rate_limited") {
		t.Errorf("after a restart the page shows %s", page)
	}
}
