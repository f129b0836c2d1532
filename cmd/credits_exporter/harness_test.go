package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
	"github.com/credits-exporter/credits_exporter/providers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// patience is how long a test waits for what must happen; it is long because machines may be slow.
const patience = 30 * time.Second

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("in vain waited for: %s", what)
		case <-tick.C:
		}
	}
}

// output collects what a program writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// folder is where a program's configuration, keys and state are.
type folder struct {
	t     testing.TB
	path  string
	env   map[string]string
	clock func() time.Time
}

func newFolder(t testing.TB) *folder {
	t.Helper()
	return &folder{t: t, path: t.TempDir(), env: map[string]string{}, clock: func() time.Time { return time.Now().Round(0) }}
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

func (f *folder) write(name, text string) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.file(name)), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(f.file(name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// configure writes the configuration. VENDORS in it stands for the address of the simulated vendors.
func (f *folder) configure(text string, v vendors) {
	f.t.Helper()
	f.write(configName, strings.ReplaceAll(text, "VENDORS", v.url))
}

const configName = "credits_exporter.yml"

// builtin is read once for all tests.
var builtin = sync.OnceValues(providers.LoadCatalog)

func (f *folder) program(args []string, stdout, stderr io.Writer) *program {
	return &program{
		args:   append([]string{"--config.file=" + f.file(configName)}, args...),
		stdout: stdout, stderr: stderr, clock: f.clock, builtin: builtin,
		lookupEnv: func(name string) (string, bool) { value, ok := f.env[name]; return value, ok },
	}
}

// outcome is what a command came to.
type outcome struct {
	status         int
	stdout, stderr string
}

// run runs a command that ends by itself.
func (f *folder) run(args ...string) outcome {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	var stdout, stderr output
	status := f.program(args, &stdout, &stderr).run(ctx)
	if ctx.Err() != nil {
		f.t.Fatalf("%v did not end", args)
	}
	return outcome{status, stdout.String(), stderr.String()}
}

// running is an exporter at work: in the test's process, or in one of its own.
type running struct {
	t              testing.TB
	stdout, stderr *output
	base           string
	client         *http.Client
	// ended is closed at the end; status is then the exit status.
	ended  chan struct{}
	status int
	// end asks it to end, as a signal does.
	end func()
}

func newRunning(t testing.TB) *running {
	return &running{
		t: t, stdout: &output{}, stderr: &output{}, ended: make(chan struct{}),
		client: &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// serve runs the daemon in the test's own process and waits until it serves.
func (f *folder) serve(args ...string) *running {
	f.t.Helper()
	d := newRunning(f.t)
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.t.Context()))
	d.end = cancel
	p := f.program(append([]string{"serve", "--web.listen-address=127.0.0.1:0"}, args...), d.stdout, d.stderr)
	go func() {
		defer close(d.ended)
		d.status = p.run(ctx)
	}()
	d.begun()
	return d
}

var serving = regexp.MustCompile(`msg=Serving .*addresses="?\[([0-9.:]+)\]`)

// begun waits until the daemon serves, and sees to it that it ends with the test.
func (d *running) begun() {
	d.t.Helper()
	d.t.Cleanup(func() { d.stop() })
	eventually(d.t, "serving", func() bool {
		if found := serving.FindStringSubmatch(d.stderr.String()); found != nil {
			d.base = "http://" + found[1]
			return true
		}
		select {
		case <-d.ended:
			d.t.Fatalf("it ended with status %d instead of serving:\n%s", d.status, d.stderr)
		default:
		}
		return false
	})
}

// stop ends the daemon and gives its exit status.
func (d *running) stop() int {
	d.t.Helper()
	d.end()
	select {
	case <-d.ended:
	case <-time.After(patience):
		d.t.Fatalf("it does not end:\n%s", d.stderr)
	}
	return d.status
}

// ask sends one request.
func (d *running) ask(method, path string) (status int, body string) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.base+path, http.NoBody)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := d.client.Do(request)
	if err != nil {
		d.t.Fatalf("%s %s: %v\n%s", method, path, err, d.stderr)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// scrape is what /metrics says.
func (d *running) scrape() samples {
	d.t.Helper()
	status, body := d.ask(http.MethodGet, "/metrics")
	if status != http.StatusOK {
		d.t.Fatalf("/metrics: %d: %s", status, body)
	}
	return parseSamples(body)
}

// await waits until a series has a value; "" is absent.
func (d *running) await(series, value string) {
	d.t.Helper()
	eventually(d.t, series+" "+value, func() bool { return d.scrape()[series] == value })
}

// reload asks for a reload and expects it to succeed.
func (d *running) reload() {
	d.t.Helper()
	if status, body := d.ask(http.MethodPost, "/-/reload"); status != http.StatusOK {
		d.t.Fatalf("reload: %d: %s", status, body)
	}
}

// samples are the values of series, each named as it stands in the exposition.
type samples map[string]string

func parseSamples(exposition string) samples {
	all := samples{}
	for line := range strings.Lines(exposition) {
		line = strings.TrimSpace(line)
		if i := strings.LastIndex(line, " "); i > 0 && !strings.HasPrefix(line, "#") {
			all[line[:i]] = line[i+1:]
		}
	}
	return all
}

// matching are the lines whose series match, sorted.
func (s samples) matching(pattern string) []string {
	wanted := regexp.MustCompile(pattern)
	var lines []string
	for _, series := range slices.Sorted(maps.Keys(s)) {
		if wanted.MatchString(series) {
			lines = append(lines, series+" "+s[series])
		}
	}
	return lines
}

// vendors are simulated vendors that listen on loopback.
type vendors struct {
	*vendorsim.Simulator
	t   testing.TB
	url string
}

func newVendors(t testing.TB) vendors {
	t.Helper()
	return newVendorsAt(t, time.Now)
}

func newVendorsAt(t testing.TB, clock func() time.Time) vendors {
	t.Helper()
	simulator := vendorsim.New(vendorsim.Options{Seed: 1, Clock: clock})
	server := httptest.NewServer(simulator)
	t.Cleanup(server.Close)
	t.Cleanup(simulator.Close)
	return vendors{simulator, t, server.URL}
}

// add begins a simulated account whose key is test-key-VENDOR-NAME.
func (v vendors) add(vendor vendorsim.Vendor, name string, balance int64) *vendorsim.Account {
	v.t.Helper()
	a, err := v.Add(vendorsim.Spec{
		Vendor: vendor, Name: name, Key: "test-key-" + string(vendor) + "-" + name, Balance: vendorsim.Credits(balance) * vendorsim.Credit,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("not as in %s; -update writes it anew:\n%s", path, difference(string(want), got))
	}
}

// difference is the lines that only one of two texts has.
func difference(want, got string) string {
	wanted, gotten := strings.Split(want, "\n"), strings.Split(got, "\n")
	var diff strings.Builder
	for _, line := range wanted {
		if !slices.Contains(gotten, line) {
			diff.WriteString("- " + line + "\n")
		}
	}
	for _, line := range gotten {
		if !slices.Contains(wanted, line) {
			diff.WriteString("+ " + line + "\n")
		}
	}
	return diff.String()
}
