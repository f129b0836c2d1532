package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/httpclient"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

// result is what came of polling one account.
type result struct {
	verdict poller.Verdict
	view    ledger.View
}

func (p *program) pollCommand(app *kingpin.Application) (string, command) {
	cmd := app.Command("poll", "Poll accounts once and print what their vendors say.")
	output := cmd.Flag("output", "How to print: table, json or prometheus.").Default("table").Enum("table", "json", "prometheus")
	trace := cmd.Flag("trace", "Show each request (as its template), the answer's keys and types, and what each expression gave.").Bool()
	p.addProviderFile(cmd)
	p.flags.params = map[string]string{}
	cmd.Flag("param", "With --provider-file and no configuration: a param of the account, as name=value. Repeatable.").StringMapVar(&p.flags.params)
	cmd.Flag("base-url", "With --provider-file and no configuration: the account's base_url.").StringVar(&p.flags.baseURL)
	names := cmd.Arg("account", "The accounts to poll, as PROVIDER/ACCOUNT or PROVIDER; all if none is named.").Strings()
	return cmd.FullCommand(), func(ctx context.Context) int { return p.poll(ctx, *names, *output, *trace) }
}

// poll polls the named accounts with the same respect for windows as the daemon, whose storage it uses.
func (p *program) poll(ctx context.Context, names []string, output string, trace bool) int {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	cfg, err := p.shard(p.loadConfig())
	if err != nil {
		fmt.Fprintf(p.stderr, "%v\n", err)
		return exitUsage
	}
	wanted, err := selectAccounts(cfg, names)
	if err != nil {
		fmt.Fprintf(p.stderr, "%v\n", err)
		return exitUsage
	}
	store, err := p.openStore(ctx, cfg.Storage, 0)
	if errors.Is(err, storage.ErrLocked) {
		fmt.Fprintf(p.stderr, "%v: while the daemon runs, ask it for its figures, or stop it first\n", err)
		return exitUsage
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "%v\n", err)
		return exitUsage
	}
	if err := store.Status().Err; err != nil {
		// Without the storage it is not known who must not be asked, and what is learnt now would be forgotten.
		fmt.Fprintf(p.stderr, "storage %s: %v\n", cfg.Storage.Path, err)
		_ = store.Close()
		return exitUsage
	}
	status := p.pollWith(ctx, store, cfg, wanted, output, trace)
	if err := store.Close(); err != nil {
		fmt.Fprintf(p.stderr, "the storage was not closed well: %v\n", err)
	}
	return status
}

// pollWith polls with an open storage, and prints what came of it.
func (p *program) pollWith(ctx context.Context, store store, cfg *config.Config, wanted map[ledger.ID]bool, output string, trace bool) int {
	books, err := ledger.New(store, p.clock, p.log)
	if err != nil {
		fmt.Fprintf(p.stderr, "%v\n", err)
		return exitUsage
	}
	books.Apply(ledgerAccounts(cfg))
	results := p.pollOnce(ctx, books, cfg, wanted, trace)
	if err := books.Commit(); err != nil {
		fmt.Fprintf(p.stderr, "what was learnt could not be kept: %v\n", err)
	}
	if err := p.printResults(books, results, output); err != nil {
		fmt.Fprintf(p.stderr, "%v\n", err)
		return exitFailed
	}
	if left := len(wanted) - len(results); left > 0 {
		fmt.Fprintf(p.stderr, "interrupted: %s not polled\n", plural(left, "account"))
		return exitFailed
	}
	if failed(results) {
		return exitFailed
	}
	return exitOK
}

// pollOnce polls the wanted accounts and gives what came of each, in the order of their names.
func (p *program) pollOnce(ctx context.Context, books *ledger.Ledger, cfg *config.Config, wanted map[ledger.ID]bool, trace bool) []result {
	keep, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	var keeping sync.WaitGroup
	keeping.Go(func() { books.Run(keep) })
	defer keeping.Wait()
	defer stopKeeping()

	pool := httpclient.NewPool(programVersion())
	atOnce := limits(cfg)
	options := []providers.Option{signers()}
	if trace {
		options = append(options, providers.WithTrace(traceTo(p.stderr)))
		atOnce.Concurrent = 1 // so that what belongs together is printed together
	}
	chosen := slices.DeleteFunc(targets(cfg, pool, p.clock, options...), func(t *poller.Target) bool { return !wanted[t.ID] })
	var results []result
	var line *progress
	if !trace {
		line = p.newProgress(len(chosen))
		defer line.end()
	}
	once := poller.New(books, atOnce, p.clock, noObserver{}, p.pollLog())
	once.Once(ctx, chosen, func(id ledger.ID, verdict poller.Verdict) {
		line.tell(id.String())
		if state, ok := books.Lookup(id); ok {
			results = append(results, result{verdict, state.At(p.clock())})
		}
	})
	slices.SortFunc(results, func(a, b result) int { return a.view.Account.ID.Compare(b.view.Account.ID) })
	return results
}

// pollLog keeps quiet about what the results say anyway, unless everything is wanted.
func (p *program) pollLog() *slog.Logger {
	if p.flags.logging.Level.Level() <= slog.LevelDebug {
		return p.log
	}
	return slog.New(slog.DiscardHandler)
}

// noObserver is for polls whose duration nobody counts.
type noObserver struct{}

// Polled does nothing.
func (noObserver) Polled(string, time.Duration) {}

// selectAccounts finds the accounts that are named, all enabled ones when none is.
func selectAccounts(cfg *config.Config, names []string) (map[ledger.ID]bool, error) {
	wanted := map[ledger.ID]bool{}
	for _, a := range cfg.Accounts {
		if a.Enabled && len(names) == 0 {
			wanted[accountID(a)] = true
		}
	}
	for _, name := range names {
		found := false
		for _, a := range cfg.Accounts {
			if id := accountID(a); id.String() == name || id.Provider == name {
				if !a.Enabled && id.String() == name {
					return nil, fmt.Errorf("account %s is disabled in the configuration", name)
				}
				found = true
				if a.Enabled {
					wanted[id] = true
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("no account %s in the configuration; there are: %s", name, accountNames(cfg))
		}
	}
	if len(wanted) == 0 {
		return nil, errors.New("there is no enabled account in the configuration")
	}
	return wanted, nil
}

// accountNames lists the accounts for a message, not more than a person reads.
func accountNames(cfg *config.Config) string {
	const most = 20
	var names []string
	for _, a := range cfg.Accounts {
		names = append(names, accountID(a).String())
	}
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}

// failed tells whether any account has no fresh good answer.
func failed(results []result) bool {
	return slices.ContainsFunc(results, func(r result) bool { return !r.good() })
}

// good tells whether what is shown is as fresh as the vendor lets it be.
func (r result) good() bool {
	up, known := r.view.Up()
	return up && known && (r.verdict == poller.Polled || r.verdict == poller.Kept)
}
