// Command credits_exporter exposes the balances of prepaid API credits to Prometheus.
package main

import (
	"context"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/common/version"

	"github.com/credits-exporter/credits_exporter/providers"
)

func main() {
	if version.Version == "" {
		// The linker was not told one: `go install` and `go build` leave what they know elsewhere.
		version.Version = moduleVersion()
	}
	p := program{
		args: os.Args[1:], stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv,
		clock:   func() time.Time { return time.Now().Round(0) },
		builtin: sync.OnceValues(providers.LoadCatalog),
	}
	os.Exit(p.run(context.Background()))
}

// moduleVersion is the version that the go command found for the module, "dev" where it found none.
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
