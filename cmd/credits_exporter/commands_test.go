package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

func TestProviders(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	got := f.run("providers")
	if got.status != exitOK || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	for _, vendor := range vendorsim.Vendors() {
		if !regexp.MustCompile(`(?m)^` + string(vendor) + ` .*\bcredits\b.*20\d\d-\d\d-\d\d`).MatchString(got.stdout) {
			t.Errorf("%s is not listed with its unit and the date it was verified:\n%s", vendor, got.stdout)
		}
	}
	got = f.run("providers", "olestep")
	if got.status != exitFailed || got.stdout != "" || !strings.Contains(got.stderr, "did you mean olostep?") {
		t.Errorf("an unknown name: %+v", got)
	}
	got = f.run("providers", "nothing-of-the-kind-at-all")
	if got.status != exitFailed || strings.Contains(got.stderr, "did you mean") {
		t.Errorf("a name that is like no other: %+v", got)
	}
}

// TestProviderIsAConfiguration: what `providers NAME` says to put into the configuration is one, and the definition
// that it prints is one.
func TestProviderIsAConfiguration(t *testing.T) {
	t.Parallel()
	for _, vendor := range vendorsim.Vendors() {
		f := newFolder(t)
		got := f.run("providers", string(vendor))
		config, definition, found := strings.Cut(got.stdout, "\n# The definition:\n")
		if got.status != exitOK || !found {
			t.Fatalf("%+v", got)
		}
		f.write(configName, config)
		if checked := f.run("check", "--no-credentials"); checked.status != exitOK || !strings.Contains(checked.stdout, "1 account of 1 provider") {
			t.Errorf("%s: the configuration that is shown: %+v\n%s", vendor, checked, config)
		}
		f.write("own.yml", strings.Replace(definition, "name: "+string(vendor), "name: my-own", 1))
		f.write(configName, "provider_files: [own.yml]\naccounts:\n  - {provider: my-own, credentials: {api_key: a}}\n")
		if checked := f.run("check"); checked.status != exitOK {
			t.Errorf("%s: the definition that is shown: %+v\n%s", vendor, checked, definition)
		}
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	d := f.serve()
	address := strings.TrimPrefix(d.base, "http://")
	if got := f.run("healthcheck", "--web.listen-address="+address); got.status != exitOK || got.stdout != "healthy\n" {
		t.Errorf("%+v", got)
	}
	d.stop()
	if got := f.run("healthcheck", "--web.listen-address="+address); got.status != exitFailed || !strings.Contains(got.stderr, "refused") {
		t.Errorf("after the end: %+v", got)
	}
}

// TestVersion: a binary says which one it is, in --version, in the log and in the metrics.
func TestVersion(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	p := f.launch("--version")
	<-p.ended
	found := regexp.MustCompile(`^credits_exporter, version (\S+) `).FindStringSubmatch(p.stdout.String())
	if found == nil || p.status != exitOK {
		t.Fatalf("status %d: %s", p.status, p.stdout)
	}
	p = f.start()
	if info := p.scrape().matching(`^credits_exporter_build_info{.*version="` + regexp.QuoteMeta(found[1]) + `"}`); len(info) != 1 {
		t.Errorf("the metric says %v", p.scrape().matching("build_info"))
	}
	if !strings.Contains(p.stderr.String(), "msg=Serving version="+found[1]+" ") {
		t.Errorf("the log says:\n%s", p.stderr)
	}
}

// TestHelp: the commands and flags that scripts rely on.
func TestHelp(t *testing.T) {
	t.Parallel()
	got := newFolder(t).run("--help")
	if got.status != exitOK || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{
		"serve*", "check", "poll", "providers", "healthcheck", "demo", "--config.file=\"credits_exporter.yml\"",
		"--web.listen-address=:10069", "--web.config.file", "--web.telemetry-path=\"/metrics\"", "--[no-]web.enable-lifecycle",
		"--web.max-requests=40", "--[no-]web.systemd-socket", "--log.level=info", "--log.format=auto", "--[no-]version", "--[no-]help",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("--help says nothing of %s:\n%s", want, got.stdout)
		}
	}
	for _, command := range []string{"serve", "check", "poll", "providers", "healthcheck", "demo"} {
		if got := newFolder(t).run(command, "--help"); got.status != exitOK || !strings.Contains(got.stdout, "usage: credits_exporter "+command) {
			t.Errorf("%s --help: %+v", command, got)
		}
	}
}

// TestBadCommandLines end with status 1 and a word of what is wrong; those of poll are tested with it.
func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--nope"}, "--nope"},
		{[]string{"serve", "--nope"}, "--nope"},
		{[]string{"serve", "--web.max-requests=many"}, "many"},
		{[]string{"serve", "--log.level=loud"}, "loud"},
		{[]string{"serve", "--log.format=xml"}, "xml"},
		{[]string{"serve", "--web.listen-address=nonsense"}, "--web.listen-address=nonsense"},
		{[]string{"serve", "--web.config.file=" + f.file("nowhere.yml"), "--web.listen-address=127.0.0.1:0"}, "nowhere.yml"},
		{[]string{"check", "extra"}, "extra"},
		{[]string{"chekc"}, "chekc"},
		{[]string{"healthcheck", "--web.listen-address=nonsense"}, "nonsense"},
	} {
		got := f.run(test.args...)
		if got.status != exitFailed || got.stdout != "" || !strings.Contains(got.stderr, test.want) {
			t.Errorf("%v: want a word of %q, got %+v", test.args, test.want, got)
		}
	}
}

// TestNoColor: a NO_COLOR that is empty is none (https://no-color.org).
func TestNoColor(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"1": true, "": false, "unset": false} {
		f := newFolder(t)
		if value != "unset" {
			f.env["NO_COLOR"] = value
		}
		var stdout, stderr output
		p := f.program([]string{"providers"}, &stdout, &stderr)
		if status := p.run(t.Context()); status != exitOK || p.flags.logging.NoColor != want {
			t.Errorf("NO_COLOR=%q: status %d, no colour: %v", value, status, p.flags.logging.NoColor)
		}
	}
}

// TestExampleConfiguration: the one in the repository loads as it stands.
func TestExampleConfiguration(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	example, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f.write(configName, string(example))
	if got := f.run("check", "--no-credentials"); got.status != exitOK || got.stderr != "" {
		t.Errorf("%+v", got)
	}
}

// TestDemo needs nothing, shows all four vendors, says what to open and leaves nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.env["TMPDIR"] = f.path
	p := f.launch("demo", "--web.listen-address=127.0.0.1:0")
	p.begun()
	eventually(t, "balances of all four vendors", func() bool {
		series := p.scrape()
		for _, vendor := range vendorsim.Vendors() {
			if len(series.matching(`^credits_remaining{.*provider="`+string(vendor)+`"`)) == 0 {
				return false
			}
		}
		return true
	})
	lines := strings.Split(strings.TrimSpace(p.stdout.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], p.base+"/metrics") || !strings.Contains(lines[1], p.base+"/") {
		t.Errorf("it says:\n%s", p.stdout)
	}
	if _, page := p.ask(http.MethodGet, "/"); !strings.Contains(page, "olostep") {
		t.Errorf("the page has no account:\n%s", page)
	}
	if p.stop() != exitOK {
		t.Errorf("status %d:\n%s", p.status, p.stderr)
	}
	if left, err := os.ReadDir(f.path); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
