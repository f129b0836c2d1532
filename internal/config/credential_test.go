package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/config"
)

// load reads a configuration of one account whose api_key is written so.
func load(t *testing.T, dir, apiKey string, env config.LookupEnv) *config.Config {
	t.Helper()
	c, err := config.Parse(filepath.Join(dir, "config.yml"),
		fmt.Appendf(nil, "accounts:\n  - provider: acme\n    credentials: {api_key: %s}\n", apiKey), catalog(t), env)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCredential(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"key": "test-key-1", "newline": "\n test-key-1 \r\n", "bom": "\ufefftest-key-1\n",
		"empty": " \n", "two-lines": "test-key-1\ntest-key-2\n", "utf16": "\xff\xfet\x00e\x00", "nul": "test\x00key",
		"limit": strings.Repeat("k", 64<<10), "large": strings.Repeat("k", 64<<10+1),
	}
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	for link, target := range map[string]string{"link": "key", "dangling": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := environment(map[string]string{"KEY": " test-key-1\n", "EMPTY": "", "CREDENTIALS_DIRECTORY": dir})

	tests := map[string]struct {
		apiKey string
		want   string // the credential, or
		err    string // the error, with DIR for the folder
	}{
		"file":                    {"{file: key}", "test-key-1", ""},
		"absolute":                {"{file: " + dir + "/key}", "test-key-1", ""},
		"white space":             {"{file: newline}", "test-key-1", ""},
		"byte order mark":         {"{file: bom}", "test-key-1", ""},
		"symbolic link":           {"{file: link}", "test-key-1", ""},
		"as large as may be":      {"{file: limit}", files["limit"], ""},
		"environment":             {"{env: KEY}", "test-key-1", ""},
		"systemd":                 {`{file: "${CREDENTIALS_DIRECTORY}/key"}`, "test-key-1", ""},
		"plain":                   {`" test-key-1 "`, "test-key-1", ""},
		"plain number":            {"0123", "0123", ""},
		"missing":                 {"{file: nowhere}", "", "file DIR/nowhere: no such file or directory"},
		"dangling link":           {"{file: dangling}", "", "file DIR/dangling: no such file or directory"},
		"empty":                   {"{file: empty}", "", "file DIR/empty: empty"},
		"folder":                  {"{file: .}", "", "file DIR: not a regular file"},
		"FIFO":                    {"{file: fifo}", "", "file DIR/fifo: not a regular file"},
		"device":                  {"{file: /dev/zero}", "", "file /dev/zero: not a regular file"},
		"too large":               {"{file: large}", "", "file DIR/large: larger than 64 KiB"},
		"two lines":               {"{file: two-lines}", "", "file DIR/two-lines: a line break or another control character stands inside; it must be one line"},
		"NUL":                     {"{file: nul}", "", "file DIR/nul: a line break or another control character stands inside; it must be one line"},
		"UTF-16":                  {"{file: utf16}", "", "file DIR/utf16: not UTF-8 text"},
		"variable not set":        {"{env: NOWHERE}", "", "environment variable NOWHERE: not set"},
		"variable empty":          {"{env: EMPTY}", "", "environment variable EMPTY: empty"},
		"systemd, file not there": {`{file: "${CREDENTIALS_DIRECTORY}/nowhere"}`, "", "file DIR/nowhere: no such file or directory"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := load(t, dir, test.apiKey, env)
			secret, err := c.Accounts[0].Credentials[0].Read()
			if test.err == "" {
				if err != nil || secret.Reveal() != test.want {
					t.Errorf("credential %q, %v, want %q", secret.Reveal(), err, test.want)
				}
				if problems := c.CheckCredentials(); len(problems) > 0 {
					t.Errorf("check: %v", problems)
				}
				return
			}
			want := strings.ReplaceAll(test.err, "DIR", dir)
			if err == nil || err.Error() != "credential api_key: "+want {
				t.Errorf("error %v, want %s", err, want)
			}
			place := dir + "/config.yml:3:28: accounts[0].credentials.api_key: "
			if got := c.CheckCredentials().Error(); got != place+want {
				t.Errorf("check: %s\nwant: %s", got, place+want)
			}
		})
	}
}

// A file in /proc says that it has no length.
func TestCredentialOfUnknownLength(t *testing.T) {
	const path = "/proc/sys/kernel/ostype"
	content, err := os.ReadFile(path)
	if err != nil {
		t.Skip("there is no such file here")
	}
	c := load(t, t.TempDir(), "{file: "+path+"}", noEnvironment)
	secret, err := c.Accounts[0].Credentials[0].Read()
	if want := strings.TrimSpace(string(content)); err != nil || secret.Reveal() != want {
		t.Errorf("%q, %v, want %q", secret.Reveal(), err, want)
	}
}

func TestCredentialsDirectoryNotSet(t *testing.T) {
	c := load(t, t.TempDir(), `{file: "${CREDENTIALS_DIRECTORY}/key"}`, noEnvironment)
	_, err := c.Accounts[0].Credentials[0].Read()
	want := "credential api_key: CREDENTIALS_DIRECTORY is not set; systemd sets it for units with LoadCredential"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// A rotated key is found without a reload, and a key that is gone is not replaced by the last one.
func TestCredentialIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "key"), "test-key-1\n")
	credential := load(t, dir, "{file: key}", noEnvironment).Accounts[0].Credentials[0]
	for _, key := range []string{"test-key-1", "test-key-2"} {
		write(t, path, key)
		if secret, err := credential.Read(); err != nil || secret.Reveal() != key {
			t.Errorf("%q, %v, want %q", secret.Reveal(), err, key)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if secret, err := credential.Read(); err == nil || secret.Reveal() != "" {
		t.Errorf("%q, %v, want an error", secret.Reveal(), err)
	}
}

// What a disabled account needs is read when it is enabled.
func TestDisabledAccountsAreNotChecked(t *testing.T) {
	for enabled, want := range map[string]int{"true": 1, "false": 0} {
		c := load(t, t.TempDir(), "{file: nowhere}}\n    enabled: "+enabled+"\n    params: {", noEnvironment)
		if problems := c.CheckCredentials(); len(problems) != want {
			t.Errorf("enabled %s: %v, want %d problems", enabled, problems, want)
		}
	}
}

// Certificate files are checked with the credentials, because they too may be where the configuration is not.
func TestCertificateFilesAreChecked(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "key"), "test-key-1")
	write(t, filepath.Join(dir, "empty.pem"), "")
	write(t, filepath.Join(dir, "pair.pem"), "test-key-tls")
	for settings, want := range map[string]string{
		"{ca_file: nowhere.pem}":                    "file " + dir + "/nowhere.pem: no such file or directory",
		"{ca_file: key}":                            "ca: no certificate in PEM form",
		"{ca_file: empty.pem}":                      "file " + dir + "/empty.pem: empty",
		"{cert_file: pair.pem, key_file: pair.pem}": "cert and key: tls: failed to find any PEM data in certificate input",
	} {
		c := load(t, dir, "{file: key}}\n    http_client: {tls_config: "+settings, noEnvironment)
		want = dir + "/config.yml:4:31: accounts[0].http_client.tls_config: " + want
		if got := c.CheckCredentials().Error(); got != want {
			t.Errorf("%s\nwant: %s", got, want)
		}
	}
}

func TestReadableKeyFile(t *testing.T) {
	warning := "accounts[0].credentials.api_key.file: every user of this machine can read this file; chmod 0600 it, or 0640 with a group"
	for _, test := range []struct {
		mode os.FileMode
		env  map[string]string
		warn bool
	}{
		{0o600, nil, false},
		{0o640, nil, false},
		{0o644, nil, true},
		{0o644, map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, false},
	} {
		dir := t.TempDir()
		if err := os.Chmod(write(t, filepath.Join(dir, "key"), "test-key-1"), test.mode); err != nil {
			t.Fatal(err)
		}
		warnings := load(t, dir, "{file: key}", environment(test.env)).Warnings
		if got := strings.Contains(warnings.Error(), warning); got != test.warn || len(warnings) > 1 {
			t.Errorf("mode %o, %v: warnings %v", test.mode, test.env, warnings)
		}
	}
}
