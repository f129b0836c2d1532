package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/httpclient"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/native"
)

// ledgerAccounts is what the ledger has to know of the configured accounts.
func ledgerAccounts(cfg *config.Config) []*ledger.Account {
	accounts := make([]*ledger.Account, len(cfg.Accounts))
	for i, a := range cfg.Accounts {
		accounts[i] = ledgerAccount(a, identity(a))
	}
	return accounts
}

func ledgerAccount(a *config.Account, identity string) *ledger.Account {
	return &ledger.Account{
		ID:               accountID(a),
		Enabled:          a.Enabled,
		Wallet:           a.Wallet,
		Labels:           a.Labels,
		Interval:         a.Interval,
		StaleAfter:       a.StaleAfter,
		Thresholds:       thresholds(a),
		RunwayThresholds: runwayThresholds(a),
		Prices:           prices(a),
		Identity:         identity,
	}
}

func accountID(a *config.Account) ledger.ID {
	return ledger.ID{Provider: a.Definition.Name, Account: a.Name}
}

func thresholds(a *config.Account) []ledger.Threshold {
	var all []ledger.Threshold
	for _, t := range a.Thresholds {
		threshold := ledger.Threshold{Unit: t.Unit, Severity: t.Severity, Amount: t.Amount}
		if t.Percent.Known() {
			threshold.Amount, threshold.Percent = t.Percent, true
		}
		all = append(all, threshold)
	}
	return all
}

func runwayThresholds(a *config.Account) []ledger.RunwayThreshold {
	var all []ledger.RunwayThreshold
	for severity, left := range a.RunwayThresholds {
		all = append(all, ledger.RunwayThreshold{Severity: severity, Left: left})
	}
	slices.SortFunc(all, func(x, y ledger.RunwayThreshold) int { return strings.Compare(x.Severity, y.Severity) })
	return all
}

func prices(a *config.Account) []ledger.Price {
	var all []ledger.Price
	for _, p := range a.Prices {
		all = append(all, ledger.Price{Unit: p.Unit, Amount: p.Amount, Currency: p.Currency})
	}
	return all
}

// identity names the question that is asked for an account: when its params, its base URL or its definition change,
// the figures come to mean something else.
func identity(a *config.Account) string {
	base := ""
	if a.BaseURL != nil {
		base = a.BaseURL.String()
	}
	// Strings and maps of strings always have a JSON form, and maps are written in the order of their keys.
	question, _ := json.Marshal([]any{a.Definition.Fingerprint(), a.Params, base})
	sum := sha256.Sum256(question)
	return hex.EncodeToString(sum[:8])
}

// targets is what the poller has to know of the enabled accounts.
func targets(cfg *config.Config, pool *httpclient.Pool, clock func() time.Time, options ...providers.Option) []*poller.Target {
	engines := map[*providers.Definition]providers.Provider{}
	var all []*poller.Target
	for _, a := range cfg.Accounts {
		if !a.Enabled {
			continue
		}
		if engines[a.Definition] == nil {
			engines[a.Definition] = providers.NewEngine(a.Definition, clock, options...)
		}
		all = append(all, target(a, identity(a), engines[a.Definition], pool.Transport(a.HTTPClient)))
	}
	return all
}

func target(a *config.Account, identity string, engine providers.Provider, transport http.RoundTripper) *poller.Target {
	return &poller.Target{
		ID:           accountID(a),
		Provider:     engine,
		Credentials:  readers(a),
		Params:       a.Params,
		BaseURL:      a.BaseURL,
		Transport:    transport,
		Host:         a.Definition.Host(a.Params, a.BaseURL),
		Interval:     a.Interval,
		Timeout:      a.Timeout,
		MinInterval:  a.MinInterval,
		HostInterval: a.HostInterval,
		Identity:     identity,
	}
}

// signers are the primitives for vendors whose requests are signed, or whose tokens are earned first.
func signers() providers.Option { return providers.WithSigners(native.Signers(rand.Text)) }

func readers(a *config.Account) map[string]poller.CredentialReader {
	all := make(map[string]poller.CredentialReader, len(a.Credentials))
	for _, credential := range a.Credentials {
		all[credential.Name()] = credential
	}
	return all
}

func limits(cfg *config.Config) poller.Limits {
	return poller.Limits{Concurrent: cfg.MaxConcurrent, PerHost: cfg.MaxConcurrentPerHost}
}
