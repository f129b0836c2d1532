// Command credits_exporter exposes the balances of prepaid API credits to Prometheus.
package main

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

func main() {
	p := program{
		args: os.Args[1:], stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv,
		clock:   func() time.Time { return time.Now().Round(0) },
		builtin: sync.OnceValues(providers.LoadCatalog),
	}
	os.Exit(p.run(context.Background()))
}
