package poller

import (
	"net/http"
	"net/url"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

// Target is one account that is to be polled, and how. It is never modified once it was applied.
type Target struct {
	ID       ledger.ID
	Provider providers.Provider
	// Credentials by the names of the definition; each is read anew for every poll.
	Credentials map[string]CredentialReader
	Params      map[string]string
	BaseURL     *url.URL
	Transport   http.RoundTripper

	// Host is where the requests go. A credential's retry window holds at one host.
	Host     string
	Interval time.Duration
	Timeout  time.Duration
	// MinInterval passes between two requests of the account, HostInterval between two of all accounts to the host.
	MinInterval  time.Duration
	HostInterval time.Duration
	// Identity is as in ledger.Account: an answer to the question of another identity is dropped.
	Identity string
}

// CredentialReader reads one credential from where it is kept. Its errors are safe to show and say what to do.
type CredentialReader interface {
	Read() (providers.Secret, error)
	// Same tells whether another reader reads from the same place.
	Same(other any) bool
}

// same tells whether nothing of a target is another one, so that its account can go on as if there had been no reload.
func (t *Target) same(o *Target) bool {
	if t == o {
		return true
	}
	if len(t.Credentials) != len(o.Credentials) {
		return false
	}
	for name, reader := range t.Credentials {
		if other, there := o.Credentials[name]; !there || !reader.Same(other) {
			return false
		}
	}
	// The identity stands for the definition, the params and the base URL.
	return t.ID == o.ID && t.Identity == o.Identity && t.Transport == o.Transport && t.Host == o.Host &&
		t.Interval == o.Interval && t.Timeout == o.Timeout && t.MinInterval == o.MinInterval && t.HostInterval == o.HostInterval
}

// Observer is told how long the polls of a provider take, for a histogram.
type Observer interface {
	Polled(provider string, took time.Duration)
}

// Limits bound how much is asked at once.
type Limits struct {
	// Concurrent polls over all accounts, and over all accounts of one host.
	Concurrent int
	PerHost    int
}
