package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
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
	p.collectAt(untilScraped)
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
	p.collectAt(max(percent, untilScraped))
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

// spare is how much garbage there may be, in percent of what is in use, before it is collected: the less the more
// accounts there are. Most of the memory is accounts that change once in minutes, so little garbage comes of much memory,
// and room for as much garbage again would nearly double what the process takes. Polls make garbage, so there is room
// for two seconds of them.
func spare(accounts []*config.Account) (percent int) {
	polls := 0.0 // a second
	for i := range accounts {
		polls += 1 / accounts[i].Interval.Seconds()
	}
	const (
		most               = 5000 // polls a second that there is room for
		least              = 15   // percent: less would cost more time than the memory is worth
		room, roomOfPoll   = 6 << 20, 2 * 32 << 10
		lives, livesOfEach = 8 << 20, 8 << 10 // about
	)
	percent = 100 * (room + roomOfPoll*int(min(polls, most))) / (lives + livesOfEach*len(accounts))
	return max(percent, least)
}

// How much garbage there may be at least, in percent, until the first scrape was served, and then until the start is over:
// with very many accounts a sixth of the time would be spent on finding it, and what scrapes and polls need later takes
// the room anyway.
const (
	untilScraped = 600
	untilStarted = 100
)

// spareLater sets that once the start is over and the first scrape has found everything in place, both of which make much
// garbage, and gives back to the system what they took.
func (p *program) spareLater(ctx context.Context, percent int) {
	const scraped, start = 10 * time.Second, 30 * time.Second
	if !sleep(ctx, scraped) {
		return
	}
	p.collectAt(max(percent, untilStarted))
	if !sleep(ctx, start-scraped) {
		return
	}
	p.collectAt(percent)
	debug.FreeOSMemory()
}

// sleep waits; it is false when ctx ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// collectAt sets how much garbage there may be, in percent of what is in use. $GOGC overrules it.
func (p *program) collectAt(percent int) {
	if _, set := p.lookupEnv("GOGC"); !set {
		debug.SetGCPercent(percent)
	}
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
