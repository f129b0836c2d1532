// Command credits_exporter exposes the balances of prepaid API credits to Prometheus.
package main

import (
	"context"
	"os"
	"time"
)

func main() {
	p := program{
		args: os.Args[1:], stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv,
		clock: func() time.Time { return time.Now().Round(0) },
	}
	os.Exit(p.run(context.Background()))
}
