package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// alert is one alert of a message that Alertmanager sent to a receiver.
type alert struct {
	Receiver    string            `json:"-"`
	Status      string            `json:"status"` // firing or resolved
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
}

func (a alert) String() string {
	return fmt.Sprintf("%s %s to %s %v", a.Labels["alertname"], a.Status, a.Receiver, a.Labels)
}

// inbox takes what Alertmanager sends to its receivers' webhooks, each on a path of its own.
type inbox struct {
	server *httptest.Server

	mu     sync.Mutex
	alerts []alert       // in the order in which they came
	more   chan struct{} // closed when there is more
}

func newInbox(t testing.TB) *inbox {
	t.Helper()
	in := &inbox{more: make(chan struct{})}
	in.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := in.take(r); err != nil {
			t.Errorf("the webhook was called wrongly: %v", err)
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}))
	t.Cleanup(in.server.Close)
	return in
}

// url is the address of a receiver's webhook.
func (in *inbox) url(receiver string) string { return in.server.URL + "/" + receiver }

// take reads one message, version 4 of https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
func (in *inbox) take(r *http.Request) error {
	var message struct {
		Version  string
		Receiver string
		Alerts   []alert
	}
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		return err
	}
	receiver := strings.TrimPrefix(r.URL.Path, "/")
	if r.Method != http.MethodPost || message.Version != "4" || message.Receiver != receiver || len(message.Alerts) == 0 {
		return fmt.Errorf("%s %s of version %q for %q with %d alerts",
			r.Method, r.URL.Path, message.Version, message.Receiver, len(message.Alerts))
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, a := range message.Alerts {
		a.Receiver = receiver
		in.alerts = append(in.alerts, a)
	}
	close(in.more)
	in.more = make(chan struct{})
	return nil
}

// all are the alerts that came so far.
func (in *inbox) all() []alert {
	found, _ := in.since(0)
	return found
}

func (in *inbox) since(index int) ([]alert, <-chan struct{}) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]alert(nil), in.alerts[index:]...), in.more
}

// mark is a place in the inbox; wait looks behind it.
func (in *inbox) mark() int { return len(in.all()) }

// wait waits for an alert of this name and status, on an account of a provider, that came after the mark.
func (in *inbox) wait(t testing.TB, after int, name, status, provider, account string, within time.Duration) alert {
	t.Helper()
	deadline := time.After(within)
	for {
		found, more := in.since(after)
		for _, a := range found {
			l := a.Labels
			if l["alertname"] == name && a.Status == status && l["provider"] == provider && l["account"] == account {
				return a
			}
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("after %v no %s is %s for %s/%s; since the mark came:\n%v", within, name, status, provider, account, found)
		}
	}
}
