package config_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/providers"
)

var update = flag.Bool("update", false, "write what comes out into testdata")

// expected begins the lines at the end of a file in testdata that say what must come out of it.
const expected = "#> "

// catalog holds the vendors of testdata/providers besides the built-in ones.
func catalog(t testing.TB) *providers.Catalog {
	t.Helper()
	paths, err := filepath.Glob("testdata/providers/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	var definitions []*providers.Definition
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		definition, problems := providers.ParseDefinition(path, data)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		definitions = append(definitions, definition)
	}
	c, problems := builtIn(t).With(definitions)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

// environment is what the process finds in its environment.
func environment(variables map[string]string) config.LookupEnv {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

func noEnvironment(string) (string, bool) { return "", false }

// check compares lines with those at the end of the file.
func check(t *testing.T, path string, got []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content, _, _ := bytes.Cut(data, []byte("\n"+expected))
	content = append(bytes.TrimRight(content, "\n"), '\n')
	for _, line := range got {
		content = append(content, expected+strings.ReplaceAll(line, "testdata/", "")+"\n"...)
	}
	if *update {
		if err := os.WriteFile(path, content, 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(content, data) {
		t.Errorf("%s:\n%s", path, content)
	}
}

func testdata(t *testing.T, pattern string, test func(t *testing.T, path string)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("nothing matches %s: %v", pattern, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) { test(t, path) })
	}
}

// Each file is wrong in one way, and says at its end what the user is told.
func TestBadFiles(t *testing.T) {
	definitions := catalog(t)
	testdata(t, "*.bad.yml", func(t *testing.T, path string) {
		_, err := config.Load(path, definitions, noEnvironment)
		if err == nil {
			t.Fatal("no error")
		}
		if strings.Contains(err.Error(), "test-key") {
			t.Errorf("the error holds a secret: %v", err)
		}
		check(t, path, strings.Split(err.Error(), "\n"))
	})
}

// Each file is right, and says at its end what is in force, warnings first.
func TestGoodFiles(t *testing.T) {
	definitions := catalog(t)
	testdata(t, "*.ok.yml", func(t *testing.T, path string) {
		c, err := config.Load(path, definitions, noEnvironment)
		if err != nil {
			t.Fatal(err)
		}
		check(t, path, describe(c))
	})
}

func byName(a, b config.Credential) int { return strings.Compare(a.Name(), b.Name()) }

// describe is a configuration in lines.
func describe(c *config.Config) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, w := range c.Warnings {
		add("warning: %v", w)
	}
	add("concurrent %d, per host %d, storage %+v", c.MaxConcurrent, c.MaxConcurrentPerHost, c.Storage)
	for _, a := range c.Accounts {
		add("%s/%s: wallet %s, enabled %t", a.Definition.Name, a.Name, a.Wallet, a.Enabled)
		add("  interval %v, timeout %v, stale after %v, min_interval %v, host_interval %v",
			a.Interval, a.Timeout, a.StaleAfter, a.MinInterval, a.HostInterval)
		for _, credential := range slices.SortedFunc(slices.Values(a.Credentials), byName) {
			add("  credential %s: %v", credential.Name(), credential)
		}
		if len(a.Params) > 0 {
			add("  params %v", a.Params)
		}
		for _, threshold := range a.Thresholds {
			add("  threshold %s %s: amount %v, percent %v", threshold.Unit, threshold.Severity, threshold.Amount, threshold.Percent)
		}
		if a.RunwayThresholds != nil {
			add("  runway %v", a.RunwayThresholds)
		}
		for _, price := range a.Prices {
			add("  one of %s costs %v %s", price.Unit, price.Amount, price.Currency)
		}
		if a.Labels != nil {
			add("  labels %v", a.Labels)
		}
		if a.BaseURL != nil {
			add("  base URL %v", a.BaseURL)
		}
		if a.HTTPClient.Key() != (config.HTTPClient{}).Key() {
			add("  an HTTP client of its own")
		}
	}
	return lines
}

func TestLoadWithoutFile(t *testing.T) {
	_, err := config.Load("testdata/nowhere.yml", catalog(t), noEnvironment)
	if want := "testdata/nowhere.yml: cannot be read: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestStateDirectory(t *testing.T) {
	env := environment(map[string]string{"STATE_DIRECTORY": "/var/lib/credits_exporter:/var/lib/another"})
	for file, want := range map[string]config.Storage{
		"max_concurrent: 1\n":               {Path: "/var/lib/credits_exporter"},
		"storage: {file: {}}\n":             {Path: "/var/lib/credits_exporter"},
		"storage: {file: {path: books/}}\n": {Path: "/etc/credits/books"},
		"storage: {none: {}}\n":             {None: true},
	} {
		c, err := config.Parse("/etc/credits/config.yml", []byte(file), catalog(t), env)
		if err != nil {
			t.Error(err)
		} else if c.Storage != want {
			t.Errorf("%q: %+v, want %+v", file, c.Storage, want)
		}
	}
}

// A folder's name may hold what would be a wildcard in a pattern.
func TestFolderWithWildcards(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[a]*")
	write(t, filepath.Join(dir, "accounts.d", "team.yml"), "- {provider: acme, credentials: {api_key: {env: KEY}}}\n")
	path := write(t, filepath.Join(dir, "config.yml"), "account_files: [accounts.d/*.yml]\n")
	c, err := config.Load(path, catalog(t), noEnvironment)
	if err != nil || len(c.Accounts) != 1 {
		t.Errorf("%+v, %v, want one account", c, err)
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
