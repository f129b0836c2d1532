package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestFiveMistakes: a configuration with five mistakes in three files gets five messages, each with file, line and key,
// from check and from the start of the daemon alike.
func TestFiveMistakes(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, `
poll:
  interval: 5 minutes
account_files: [accounts.d/*.yml]
provider_files: [vendors/acme.yml]
accounts:
  - provider: olostep
    name: production
    credentials: {}
  - provider: massive
    credentials: {api_key: test-key-massive}
    colour: blue
`)
	f.write("accounts.d/growth.yml", `- provider: olostep
  name: production
  credentials: {api_key: test-key-olostep}
`)
	f.write("vendors/acme.yml", `schema: 1
name: acme
request:
  url: https://api.acme.example/balance
  headers: {X-Key: "{{api_key}}"}
credentials: {api_key: {}}
balances:
  - {unit: credits, remaining: .left, allocated: 100}
`)
	want := [][]string{
		{f.file(configName) + ":3:13", "poll.interval", "5m"},
		{f.file(configName) + ":9:", "accounts[0].credentials", "api_key is missing"},
		{f.file(configName) + ":12:", "accounts[1]", "colour"},
		{f.file("accounts.d/growth.yml") + ":1:", "[0]", "olostep/production", "second time"},
		{f.file("vendors/acme.yml") + ":8:", "balances[0].allocated"},
	}
	for _, args := range [][]string{{"check"}, {"check", "--no-credentials"}, {"serve", "--web.listen-address=127.0.0.1:0"}, nil, {"poll"}} {
		got := f.run(args...)
		status := exitFailed
		if len(args) > 0 && args[0] == "poll" {
			status = exitUsage
		}
		if got.status != status || got.stdout != "" {
			t.Errorf("%v: status %d, standard output %q", args, got.status, got.stdout)
		}
		var problems []string
		for line := range strings.Lines(got.stderr) {
			if strings.Contains(line, f.path) && !strings.Contains(line, "is not valid:") {
				problems = append(problems, line)
			}
		}
		if len(problems) != len(want) {
			t.Errorf("%v: %d messages instead of %d:\n%s", args, len(problems), len(want), got.stderr)
			continue
		}
		for _, words := range want {
			if !anyHasAll(problems, words) {
				t.Errorf("%v: no message has all of %q:\n%s", args, words, got.stderr)
			}
		}
	}
}

func anyHasAll(lines, words []string) bool {
	for _, line := range lines {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			return true
		}
	}
	return false
}

// TestCheckCredentials: what can only be seen when the credentials are read is found by check, and left out where they
// are not there.
func TestCheckCredentials(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	var config strings.Builder
	config.WriteString("accounts:\n")
	add := func(name, credential string) {
		fmt.Fprintf(&config, "  - {provider: olostep, name: %s, credentials: {api_key: %s}}\n", name, credential)
	}
	add("missing", "{file: missing.key}")
	add("empty", "{file: empty.key}")
	add("unset", "{env: UNSET}")
	add("folder", "{file: .}")
	add("good", "{file: good.key}")
	f.write("empty.key", "\n")
	f.write("good.key", "test-key-olostep-good\n")
	f.write(configName, config.String())

	got := f.run("check")
	for _, want := range []string{
		f.file(configName) + ":2:", "missing.key: no such file or directory", f.file(configName) + ":3:", "empty.key: empty",
		f.file(configName) + ":4:", "UNSET: not set", f.file(configName) + ":5:", "not a regular file", "4 problems",
	} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("check says nothing of %q:\n%s", want, got.stderr)
		}
	}
	if got.status != exitFailed || got.stdout != "" {
		t.Errorf("%+v", got)
	}
	got = f.run("check", "--no-credentials")
	if got.status != exitOK || got.stderr != "" || !strings.Contains(got.stdout, "is valid: 5 accounts of 1 provider; credentials were not read") {
		t.Errorf("without credentials: %+v", got)
	}
}

// TestCheckSaysWhatItSaw: a valid configuration is summed up; what could be better is a warning, and no failure.
func TestCheckSaysWhatItSaw(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, `
accounts:
  - {provider: olostep, credentials: {api_key: test-key-olostep}}
  - {provider: massive, credentials: {api_key: test-key-massive}, enabled: false}
`)
	got := f.run("check")
	if got.status != exitOK || !strings.Contains(got.stdout, "is valid: 2 accounts of 2 providers, 1 disabled") {
		t.Errorf("%+v", got)
	}
	if strings.Count(got.stderr, "warning: "+f.file(configName)+":") != 2 || strings.Contains(got.stderr, "test-key") {
		t.Errorf("keys in plain text get a warning each, without the key:\n%s", got.stderr)
	}
}
