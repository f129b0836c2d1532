package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// root is the repository, seen from this folder.
const root = "../.."

// shipped is the path of a file of the repository.
func shipped(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }

// tool is the path of a program that `make tools` builds.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(shipped("dist", "tools", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing; `make test-e2e` builds it: %v", name, err)
	}
	return path
}

// exporter is a demo that runs: the exporter itself, and the vendors that it asks.
type exporter struct {
	process *process
	url     string // of the exporter, without a path
	vendors string // the address of the simulated vendors
	temp    string // where the demo keeps its folder
}

// binary is the exporter: $CREDITS_EXPORTER, else it is built.
func binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("CREDITS_EXPORTER"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "credits_exporter")
	build := exec.Command("go", "build", "-o", path, "./cmd/credits_exporter")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the exporter: %v\n%s", err, output)
	}
	return path
}

// startDemo starts the exporter's demo on a port of loopback, and waits until it has asked for every account.
func startDemo(t testing.TB) *exporter {
	t.Helper()
	e := &exporter{temp: t.TempDir()}
	e.process = start(t, e.temp, []string{"TMPDIR=" + e.temp}, binary(t),
		"demo", "--control", "--web.listen-address=127.0.0.1:0", "--log.format=logfmt")
	e.url = e.process.says(t, `(?m)^Metrics: +(http://\S+)/metrics$`)
	e.vendors = e.process.says(t, `(?m)^Vendors: +(http://\S+) `)
	eventually(t, "every account was tried", patience, func(ctx context.Context) error {
		return call(ctx, http.MethodGet, e.url+"/-/ready", nil, nil)
	})
	return e
}

// command is what a simulated vendor is told to do with one of its accounts: internal/vendorsim's Command.
type command struct {
	Provider string  `json:"provider"`
	Account  string  `json:"account"`
	Action   string  `json:"action"`
	Amount   float64 `json:"amount,omitempty"`
	Seconds  float64 `json:"seconds,omitempty"`
	Status   int     `json:"status,omitempty"`
	Key      string  `json:"key,omitempty"`
}

// tell has a vendor do something.
func (e *exporter) tell(t testing.TB, c command) {
	t.Helper()
	if err := call(t.Context(), http.MethodPost, e.vendors+"/control", c, nil); err != nil {
		t.Fatal(err)
	}
}

// setKey writes another key into the file that the demo's configuration names for an account.
func (e *exporter) setKey(t testing.TB, provider, account, key string) {
	t.Helper()
	pattern := filepath.Join(e.temp, "credits_exporter-demo-*", "keys", fmt.Sprintf("test-key-%s-%s", provider, account))
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		t.Fatalf("want one file %s, have %q, %v", pattern, files, err)
	}
	if err := os.WriteFile(files[0], []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}
