package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

// healthTimeout is how long the daemon may take to say that it is alive.
const healthTimeout = 5 * time.Second

func (p *program) healthcheckCommand(app *kingpin.Application) (string, command) {
	cmd := app.Command("healthcheck", "Ask the running daemon whether it is alive, for containers.")
	return cmd.FullCommand(), p.healthcheck
}

func (p *program) healthcheck(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := web.CheckHealth(ctx, *p.flags.web.WebListenAddresses, *p.flags.web.WebConfigFile); err != nil {
		fmt.Fprintf(p.stderr, "not healthy: %v\n", err)
		return exitFailed
	}
	fmt.Fprintln(p.stdout, "healthy")
	return exitOK
}
