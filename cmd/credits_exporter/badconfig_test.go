package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestBadConfigurations: each line is a configuration that cannot be used, and what check and the daemon say of it.
func TestBadConfigurations(t *testing.T) {
	t.Parallel()
	account := func(rest string) string {
		return "accounts:\n  - {provider: olostep, credentials: {api_key: test-key-a}, " + rest + "}\n"
	}
	tests := map[string]struct {
		config string
		want   string
	}{
		"empty":                    {"", "empty"},
		"only comments":            {"# nothing\n", "empty"},
		"a list":                   {"- a\n", "must be a mapping"},
		"a text":                   {"accounts\n", "must be a mapping"},
		"two documents":            {"accounts: []\n---\naccounts: []\n", "document"},
		"tabs":                     {"accounts:\n\t- a\n", ":2:"},
		"a control character":      {"accounts: [\x00]\n", "control"},
		"not UTF-8":                {"accounts: [\xff]\n", "UTF-8"},
		"a bomb of aliases":        {"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\naccounts: [*b,*b]\n", "alias"},
		"a key twice":              {"accounts: []\naccounts: []\n", "accounts"},
		"no provider":              {"accounts:\n  - {name: a}\n", "provider is missing"},
		"an unknown provider":      {"accounts:\n  - {provider: olestep, credentials: {api_key: a}}\n", "did you mean olostep?"},
		"a name with a slash":      {account("name: a/b"), "name: must be 1 to 64 letters"},
		"a taken label":            {account("labels: {provider: a}"), "labels.provider"},
		"a label of Prometheus":    {account("labels: {__name__: a}"), "labels.__name__"},
		"an unknown unit":          {account("thresholds: {searches: {warning: 5}}"), "thresholds.searches"},
		"thresholds the wrong way": {account("thresholds: {credits: {warning: 5, critical: 10}}"), "warning"},
		"plain http":               {account("base_url: http://proxy.example"), "plain http would send the credential unencrypted"},
		"a short interval":         {account("interval: 10s"), "min_interval"},
		"stale too early":          {account("stale_after: 1m"), "stale_after: must be at least 20m"},
		"an account twice":         {account("name: a") + "  - {provider: olostep, name: a, credentials: {api_key: a}}\n", "second time"},
		"no such account file":     {"account_files: [nowhere.yml]\naccounts: []\n", "nowhere.yml cannot be read: no such file or directory"},
		"an account file that is a folder": {
			"account_files: [.]\naccounts: []\n", "not a regular file",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			f.write(configName, test.config)
			for _, args := range [][]string{{"check"}, {"--web.listen-address=127.0.0.1:0"}} {
				got := f.run(args...)
				if got.status != exitFailed || !strings.Contains(got.stderr, test.want) || !strings.Contains(got.stderr, f.file(configName)) {
					t.Errorf("%v: status %d, want one that says %q:\n%s", args, got.status, test.want, got.stderr)
				}
			}
		})
	}
}

// TestBadConfigurationFiles: the file itself cannot be used.
func TestBadConfigurationFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		make func(f *folder)
		want string
	}{
		"missing":  {func(*folder) {}, "cannot be read: no such file or directory"},
		"a folder": {func(f *folder) { f.write(configName+"/a", "") }, "is a directory"},
		"too large": {
			func(f *folder) { f.write(configName, "accounts: []\n#"+strings.Repeat("x", 9<<20)) }, "larger than 8192 KiB",
		},
		"a pipe as a key file is no reason to wait": {
			func(f *folder) {
				if err := syscall.Mkfifo(f.file("key"), 0o600); err != nil {
					t.Fatal(err)
				}
				f.write(configName, "accounts:\n  - {provider: olostep, credentials: {api_key: {file: key}}}\n")
			},
			"not a regular file",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			test.make(f)
			got := f.run("check")
			if got.status != exitFailed || !strings.Contains(got.stderr, test.want) || !strings.Contains(got.stderr, f.file(configName)) {
				t.Errorf("status %d, want one that says %q:\n%s", got.status, test.want, got.stderr)
			}
		})
	}
}

// TestConfigurationFromAPipe: the configuration itself may come through one, such as /dev/stdin.
func TestConfigurationFromAPipe(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	if err := syscall.Mkfifo(f.file(configName), 0o600); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		written <- os.WriteFile(f.file(configName), []byte("accounts:\n  - {provider: olostep, credentials: {api_key: a}}\n"), 0o600)
	}()
	if got := f.run("check"); got.status != exitOK {
		t.Errorf("%+v", got)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}
