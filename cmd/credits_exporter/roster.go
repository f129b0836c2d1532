package main

import (
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/httpclient"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/providers"
)

// roster is what the ledger and the poller have to know of the accounts. It keeps what it made for accounts that are the
// same after a reload, so that a reload of very many costs little and nobody takes them for changed.
type roster struct {
	pool    *httpclient.Pool
	clock   func() time.Time
	options []providers.Option
	members map[ledger.ID]*member
	round   int // counts the configurations
	latest  question
}

// question is what was asked for the account that was looked at last, and its identity: of very many accounts, most ask
// the same.
type question struct {
	account  *config.Account
	identity string
}

// identity is the function identity.
func (r *roster) identity(a *config.Account) string {
	if known := r.latest.account; known == nil || known.Definition != a.Definition || !maps.Equal(known.Params, a.Params) || !sameURL(known.BaseURL, a.BaseURL) {
		r.latest = question{a, identity(a)}
	}
	return r.latest.identity
}

func sameURL(a, b *url.URL) bool { return a == b || a != nil && b != nil && *a == *b }

// member is one account.
type member struct {
	configured *config.Account
	account    *ledger.Account
	target     *poller.Target // nil while the account is disabled
	round      int            // the last configuration that the account was in
}

// take makes the accounts of a configuration the members.
func (r *roster) take(cfg *config.Config) (accounts []*ledger.Account, targets []*poller.Target) {
	r.round++
	if r.members == nil {
		r.members = make(map[ledger.ID]*member, len(cfg.Accounts))
	}
	engines := map[*providers.Definition]providers.Provider{}
	transports := map[config.HTTPClient]http.RoundTripper{}
	accounts = make([]*ledger.Account, len(cfg.Accounts))
	targets = make([]*poller.Target, 0, len(cfg.Accounts))
	for i, a := range cfg.Accounts {
		m := r.members[accountID(a)]
		if m == nil || m.configured != a {
			m = r.member(a, engines, transports)
			r.members[m.account.ID] = m
		}
		m.round = r.round
		accounts[i] = m.account
		if m.target != nil {
			targets = append(targets, m.target)
		}
	}
	if len(r.members) > len(accounts) {
		maps.DeleteFunc(r.members, func(_ ledger.ID, m *member) bool { return m.round != r.round })
	}
	r.retain(cfg)
	return accounts, targets
}

func (r *roster) member(a *config.Account, engines map[*providers.Definition]providers.Provider, transports map[config.HTTPClient]http.RoundTripper) *member {
	if engines[a.Definition] == nil {
		engines[a.Definition] = providers.NewEngine(a.Definition, r.clock, r.options...)
	}
	if transports[a.HTTPClient] == nil {
		transports[a.HTTPClient] = r.pool.Transport(a.HTTPClient)
	}
	identity := r.identity(a)
	m := &member{configured: a, account: ledgerAccount(a, identity)}
	if a.Enabled {
		m.target = target(a, identity, engines[a.Definition], transports[a.HTTPClient])
	}
	return m
}

// retain closes the connections of HTTP settings that no account has any more.
func (r *roster) retain(cfg *config.Config) {
	seen := map[config.HTTPClient]bool{}
	var used []config.HTTPClient
	for _, a := range cfg.Accounts {
		if client := a.HTTPClient; !seen[client] {
			seen[client] = true
			used = append(used, client)
		}
	}
	r.pool.Retain(used)
}
