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
