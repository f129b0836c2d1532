package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// site is a folder with the configuration, the keys and the state of one exporter.
type site struct {
	dir      string
	binary   string
	accounts int
	lots     int
	lists    string // listsJSON or listsYAML
}

// In what the lists of accounts are written: as a program writes them, or as a person does.
const (
	listsJSON = "json"
	listsYAML = "yaml"
)

// accountsPerFile is how many accounts stand in each of the account_files.
const accountsPerFile = 1000

// build makes the exporter's binary.
func build(ctx context.Context, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, "./cmd/credits_exporter")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// lay writes a configuration: the accounts in account_files, each key in a file of its own.
func (s site) lay(vendor string, interval time.Duration) error {
	config := fmt.Sprintf("max_concurrent: %d\nmax_concurrent_per_host: %d\npoll: {interval: %dms}\nstorage: {file: {path: data}}\naccount_files: [accounts/*.%s]\n",
		atOnce, atOnce, interval.Milliseconds(), s.lists)
	for _, dir := range []string{"accounts", "keys"} {
		if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o700); err != nil {
			return err
		}
	}
	if err := os.WriteFile(s.configFile(), []byte(config), 0o600); err != nil {
		return err
	}
	for from := 0; from < s.accounts; from += accountsPerFile {
		if err := s.layAccounts(vendor, from, "blue"); err != nil {
			return err
		}
	}
	for i := range s.accounts {
		path := filepath.Join(s.dir, "keys", accountName(i))
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.WriteFile(path, []byte(accountKey(i)+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// layAccounts writes one of the account_files; the label of its first account is to be chosen, so that it can change.
func (s site) layAccounts(vendor string, from int, team string) error {
	format, between, before, after := blockItem, "", "", ""
	if s.lists == listsJSON {
		format, between, before, after = jsonItem, ",\n", "[\n", "\n]\n"
	}
	var items []string
	for i := from; i < min(from+accountsPerFile, s.accounts); i++ {
		items = append(items, fmt.Sprintf(format, accountName(i), vendor, team))
		team = "blue"
	}
	text := before + strings.Join(items, between) + after
	return os.WriteFile(filepath.Join(s.dir, "accounts", fmt.Sprintf("%06d.%s", from, s.lists)), []byte(text), 0o600)
}

// An account in a list: its name, the vendor's address and its team.
const (
	jsonItem = `{"provider": "olostep", "name": "%[1]s", "credentials": {"api_key": {"file": "keys/%[1]s"}}, "base_url": "http://%[2]s", ` +
		`"thresholds": {"credits": {"warning": "20%%", "critical": 500}}, "labels": {"team": "%[3]s"}}`
	blockItem = `- provider: olostep
  name: %[1]s
  credentials: {api_key: {file: keys/%[1]s}}
  base_url: http://%[2]s
  thresholds: {credits: {warning: 20%%, critical: 500}}
  labels: {team: %[3]s}
`
)

func (s site) configFile() string { return filepath.Join(s.dir, "credits_exporter.yml") }
func (s site) log() string        { return filepath.Join(s.dir, "exporter.log") }

// start starts the exporter. It does not wait until it serves.
func (s site) start(ctx context.Context) (*process, error) {
	return spawn(ctx, s.log(), s.binary, "serve", "--config.file="+s.configFile(), "--web.listen-address=%s", "--web.enable-lifecycle", "--log.level=warn")
}

// whole tells whether the exporter shows every lot of every account, and was ever polled.
func (s site) whole(ctx context.Context, p *process) bool {
	c := &lineCounter{prefix: []byte("credits_remaining{")}
	err := newScraper().get(ctx, p.address, "/metrics", "", c)
	return err == nil && c.lines == s.accounts*s.lots
}

// lineCounter counts the lines that begin in a certain way.
type lineCounter struct {
	prefix []byte
	rest   []byte
	lines  int
}

func (c *lineCounter) Write(p []byte) (int, error) {
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			c.rest = append(c.rest, p...)
			return n, nil
		}
		line := p[:i]
		if len(c.rest) > 0 {
			c.rest = append(c.rest, line...)
			line = c.rest
		}
		if bytes.HasPrefix(line, c.prefix) {
			c.lines++
		}
		c.rest, p = c.rest[:0], p[i+1:]
	}
}

// reload lets the exporter read its configuration again and tells how long that took.
func reload(ctx context.Context, p *process) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.address+"/-/reload", nil)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	response, err := newScraper().client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the reload failed: %s", text)
	}
	return time.Since(began), nil
}

// sample reads one series of the exporter that has no labels.
func sample(ctx context.Context, p *process, name string) (float64, error) {
	var text bytes.Buffer
	if err := newScraper().get(ctx, p.address, "/metrics", "", &text); err != nil {
		return 0, err
	}
	_, after, found := bytes.Cut(text.Bytes(), []byte("\n"+name+" "))
	if !found {
		return 0, fmt.Errorf("no series %s", name)
	}
	value, _, _ := bytes.Cut(after, []byte("\n"))
	return strconv.ParseFloat(string(value), 64)
}

// stateBytes is how long the state file is.
func (s site) stateBytes() int64 {
	info, err := os.Stat(filepath.Join(s.dir, "data", "state.log"))
	if err != nil {
		return 0
	}
	return info.Size()
}
