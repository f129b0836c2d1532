package main

import (
	"context"
	"errors"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/internal/web"
)

// definition is what the pages say of an account's vendor.
func (d *daemon) definition(provider string) (web.Definition, bool) {
	known, ok := d.config.Load().Catalog.Lookup(provider)
	if !ok {
		return web.Definition{}, false
	}
	return web.Definition{Title: known.Title, Docs: known.Docs, Verified: known.Verified, YAML: known.YAML()}, true
}

// pollOnDemand lets the API ask for a poll: it says in the API's words why there was none.
type pollOnDemand struct{ poller *poller.Poller }

// PollNow polls an account and waits for the end of the poll.
func (p pollOnDemand) PollNow(ctx context.Context, id ledger.ID) error {
	err := p.poller.PollNow(ctx, id)
	if wait, ok := errors.AsType[*poller.WaitError](err); ok {
		return &web.WaitError{Until: wait.Until, Window: wait.Window}
	}
	if errors.Is(err, poller.ErrUnknownAccount) {
		return web.ErrUnknownAccount
	}
	return err
}
