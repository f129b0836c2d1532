package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/credits-exporter/credits_exporter/collector"
	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/httpclient"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/logging"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers"
)

// daemon is the running exporter: the line from the poller to the pages, put together.
type daemon struct {
	*program

	load   func() (*config.Config, error)
	config atomic.Pointer[config.Config]
	store  store
	ledger *ledger.Ledger
	roster roster
	// targets are what is polled first.
	targets []*poller.Target
	process *collector.Process
	metrics *collector.Collector
	poller  *poller.Poller
	handler *web.Handler
}

// newDaemon puts the daemon together. Nothing is polled yet.
func (p *program) newDaemon(ctx context.Context, cfg *config.Config, load func() (*config.Config, error)) (*daemon, error) {
	d := &daemon{program: p, load: load}
	// The signers outlive a reload, because some keep tokens.
	d.roster = roster{pool: httpclient.NewPool(programVersion()), clock: p.clock, options: []providers.Option{signers()}}
	if cfg.Storage.None {
		p.log.Warn("Nothing is kept over a restart: counters and retry windows are forgotten", "storage", "none")
	}
	// Meanwhile the storage is read.
	var accounts []*ledger.Account
	var taking sync.WaitGroup
	taking.Go(func() { accounts, d.targets = d.roster.take(cfg) })
	defer taking.Wait()
	var err error
	if d.store, err = p.openStore(ctx, cfg.Storage, lockWait); err != nil {
		return nil, err
	}
	if d.ledger, err = ledger.New(d.store, p.clock, p.log); err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	taking.Wait()
	d.apply(cfg, accounts)
	if err := d.assemble(cfg); err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	return d, nil
}

// assemble makes the line from the ledger to the pages.
func (d *daemon) assemble(cfg *config.Config) error {
	p := d.program
	registry := prometheus.NewRegistry()
	d.process = collector.NewProcess(registry, d.ledger, recovered(d.store))
	d.process.Reloaded(true, p.clock())
	if shard := p.flags.shard; shard.Total > 0 {
		collector.Sharded(registry, shard.Ordinal, shard.Total)
	}
	d.poller = poller.New(d.ledger, limits(cfg), p.clock, d.process, p.log)
	d.metrics = collector.New(d.ledger, p.clock)
	var err error
	d.handler, err = web.NewHandler(web.Options{
		Name: programName, Version: programVersion(), Description: description,
		TelemetryPath: p.flags.telemetryPath,
		Metrics: web.NewMetricsHandler(prometheus.ToTransactionalGatherer(registry), web.MetricsOptions{
			Kept: d.metrics, MaxRequests: p.flags.maxRequests, ErrorLog: logging.ErrorLog(p.log),
		}),
		Listing:        d.ledger.Listing,
		AccountMetrics: d.metrics.Text,
		Definition:     d.definition,
		Awaited:        d.awaited,
		Lifecycle:      p.flags.lifecycle,
		Reload:         d.reload,
		Poller:         pollOnDemand{d.poller},
		Now:            p.clock,
	})
	return err
}

// run polls and serves until ctx ends, and then ends in order: no new polls, what is in flight, the storage, the pages.
// The configuration is loaded anew whenever hangup says so.
func (d *daemon) run(ctx context.Context, server *web.Server, hangup <-chan os.Signal) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var polls, books, pages sync.WaitGroup
	var serving error
	keep, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer stopKeeping()
	books.Go(func() { d.ledger.Run(keep) })
	polls.Go(func() { d.poller.Run(ctx, d.targets) })
	polls.Go(func() { d.reloadOn(ctx, hangup) })
	pages.Go(func() { d.metrics.Run(ctx) })
	pages.Go(func() {
		defer cancel()
		serving = server.Serve(d.handler)
	})
	d.log.Info("Serving", "version", programVersion(), "addresses", fmt.Sprint(server.Addrs()), "accounts", len(d.ledger.Listing().Entries))

	<-ctx.Done()
	d.handler.Stop()
	d.log.Info("Ending: polls in flight are waited for")
	polls.Wait()
	stopKeeping()
	books.Wait()
	// A storage that cannot be written was logged already; there is nothing more to do about it now.
	_ = d.ledger.Commit()
	shutdown, done := context.WithTimeout(context.WithoutCancel(ctx), webGrace)
	defer done()
	if err := server.Shutdown(shutdown); err != nil {
		d.log.Debug("Requests were cut off", "err", err)
	}
	pages.Wait()
	if err := d.store.Close(); err != nil {
		d.log.Error("The storage was not closed well", "err", err)
	}
	if serving != nil {
		d.log.Error("The HTTP server failed", "err", serving)
		return exitFailed
	}
	return exitOK
}

// reloadOn reloads the configuration whenever the signal comes.
func (d *daemon) reloadOn(ctx context.Context, hangup <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			// The error is logged where it arises; there is nobody else to tell.
			_ = d.handler.Reload(ctx)
		}
	}
}

// reload reads the configuration anew. On any error the old one stays.
func (d *daemon) reload(context.Context) error {
	cfg, err := d.load()
	if err != nil {
		d.process.Reloaded(false, d.clock())
		d.logProblems(err)
		d.log.Warn("The old configuration stays in force")
		return err
	}
	if old := d.config.Load().Storage; old != cfg.Storage {
		d.log.Warn("Another storage needs a restart; the old one is used until then", "path", old.Path)
		cfg.Storage = old
	}
	d.logWarnings(cfg)
	accounts, targets := d.roster.take(cfg)
	d.apply(cfg, accounts)
	d.poller.Apply(targets, limits(cfg))
	d.process.Reloaded(true, d.clock())
	d.log.Info("The configuration was loaded anew", "accounts", len(d.ledger.Listing().Entries))
	return nil
}

// apply gives the accounts to the ledger. What the roster has of them is not kept in the configuration as well.
func (d *daemon) apply(cfg *config.Config, accounts []*ledger.Account) {
	for _, id := range d.ledger.Apply(accounts) {
		d.log.Warn("What is asked for the account changed: its figures are dropped and its books begin anew",
			"provider", id.Provider, "account", id.Account)
	}
	kept := *cfg
	kept.Accounts = nil
	d.config.Store(&kept)
}

// awaited says what must happen before the exporter is ready: every account was tried once, or restored.
func (d *daemon) awaited() string {
	entries := d.ledger.Listing().Entries
	untried := 0
	for _, entry := range entries {
		if !entry.State().Tried() {
			untried++
		}
	}
	if untried == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d accounts to be polled once", untried, len(entries))
}
