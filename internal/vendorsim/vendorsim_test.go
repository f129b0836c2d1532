package vendorsim_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// start is when the clocks of the tests begin: the expiry of the first lot in Olostep's documented example is ahead.
var start = time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC)

// clock is set by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: start} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newSimulator(t *testing.T) (*vendorsim.Simulator, *clock) {
	t.Helper()
	clock := newClock()
	simulator := vendorsim.New(vendorsim.Options{Clock: clock.Now, Seed: 1, Control: true})
	t.Cleanup(simulator.Close)
	return simulator, clock
}

func add(t *testing.T, simulator *vendorsim.Simulator, spec vendorsim.Spec) *vendorsim.Account {
	t.Helper()
	if spec.Name == "" {
		spec.Name = "production"
	}
	if spec.Key == "" {
		spec.Key = testKey(spec.Vendor)
	}
	account, err := simulator.Add(spec)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func testKey(vendor vendorsim.Vendor) string { return "test-key-" + string(vendor) + "-healthy" }

// paths are where each vendor has its balance, and authentication how it takes the key.
func paths() map[vendorsim.Vendor]string {
	return map[vendorsim.Vendor]string{
		vendorsim.Massive:    "/massive/user",
		vendorsim.Deepixels:  "/deepixels/v1/account/balance",
		vendorsim.Olostep:    "/olostep/user/credits/info",
		vendorsim.LiveAvatar: "/liveavatar/v1/users/credits",
	}
}

func authentication(vendor vendorsim.Vendor, key string) http.Header {
	if vendor == vendorsim.Massive || vendor == vendorsim.Olostep {
		return http.Header{"Authorization": {"Bearer " + key}}
	}
	return http.Header{"X-Api-Key": {key}}
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask polls a vendor within the process.
func ask(t *testing.T, simulator *vendorsim.Simulator, vendor vendorsim.Vendor, key string) answer {
	t.Helper()
	a, err := try(t.Context(), simulator, vendor, key)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func try(ctx context.Context, simulator *vendorsim.Simulator, vendor vendorsim.Vendor, key string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+paths()[vendor], nil)
	if err != nil {
		return answer{}, err
	}
	if key != "" {
		request.Header = authentication(vendor, key)
	}
	return send(simulator.Transport(), request)
}

func send(transport http.RoundTripper, request *http.Request) (answer, error) {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body}, err
}
