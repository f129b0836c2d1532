package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/logging"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

const (
	// lockWait is how long a daemon waits for the one before it to let go of the storage.
	lockWait = 30 * time.Second
	// webGrace is how long HTTP requests in flight may go on after the polls have ended.
	webGrace = 500 * time.Millisecond
)

func (p *program) serveCommand(app *kingpin.Application) (string, command) {
	cmd := app.Command("serve", "Run the exporter (the default).").Default()
	return cmd.FullCommand(), func(ctx context.Context) int {
		return p.serve(ctx, p.loadConfig, nil)
	}
}

// serve runs the daemon until it is told to end. started, if any, is called once it serves, with its first address.
func (p *program) serve(ctx context.Context, load func() (*config.Config, error), started func(address string)) int {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	// From here on, not only once it serves: by default SIGHUP ends a process.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	p.collectAt(untilRead)
	p.cache = &config.Cache{Keep: p.flags.shard.Holds}
	whole := load
	load = func() (*config.Config, error) { return p.shard(whole()) }
	cfg, err := load()
	if err != nil {
		p.logProblems(err)
		return exitFailed
	}
	p.logWarnings(cfg)
	percent := spare(cfg.Accounts)
	p.collectAt(max(percent, atStart(len(cfg.Accounts))))
	server, err := web.Listen(ctx, web.ServerOptions{
		Addresses:     *p.flags.web.WebListenAddresses,
		SystemdSocket: p.flags.web.WebSystemdSocket != nil && *p.flags.web.WebSystemdSocket,
		ConfigFile:    *p.flags.web.WebConfigFile,
		Logger:        p.log,
		ErrorLog:      logging.ErrorLog(p.log),
	})
	if err != nil {
		p.log.Error("Cannot listen", "err", err)
		return exitFailed
	}
	defer server.Close()
	d, err := p.newDaemon(ctx, cfg, load)
	if err != nil && ctx.Err() != nil {
		p.log.Info("Ended before it served")
		return exitOK
	}
	if err != nil {
		p.log.Error("Cannot start", "err", err)
		return exitFailed
	}
	if started != nil {
		started(server.Addrs()[0].String())
	}
	go p.spareLater(ctx, percent)
	return d.run(ctx, server, hangup)
}

// shard is the part of a configuration that this process takes.
func (p *program) shard(cfg *config.Config, err error) (*config.Config, error) {
	if err != nil {
		return nil, err
	}
	return p.flags.shard.Of(cfg), nil
}

// logProblems logs what is wrong with the configuration, a line each.
func (p *program) logProblems(err error) {
	var problems strict.Problems
	if !errors.As(err, &problems) {
		p.log.Error("The configuration cannot be read", "err", err)
		return
	}
	for _, problem := range problems {
		p.log.Error("The configuration is not valid", "problem", problem.Error())
	}
}

func (p *program) logWarnings(cfg *config.Config) {
	for _, warning := range cfg.Warnings {
		p.log.Warn("The configuration can be better", "problem", warning.Error())
	}
}
