package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
)

// What a Cache gives is what reading everything gives, whatever changes between two loads.
func TestACacheChangesNothing(t *testing.T) {
	catalog, err := providers.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entry := func(name, more string) string {
		return fmt.Sprintf("- provider: olostep\n  name: %s\n  credentials: {api_key: {file: %s.key}}\n%s", name, name, more)
	}
	list := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(entry(fmt.Sprint("customer-", i), ""))
		}
		return b.String()
	}
	object := func(name, more string) string {
		return fmt.Sprintf("{\"provider\": \"olostep\",\n \"name\": %q, \"credentials\": {\"api_key\": {\"file\": \"%s.key\"}}%s}", name, name, more)
	}
	array := func(objects ...string) string { return "[\n" + strings.Join(objects, ",\n") + "\n]\n" }
	var many []string
	for i := range 100 {
		many = append(many, object(fmt.Sprint("customer-", i), ""))
	}
	plainKey := `{"provider": "olostep", "name": "plain", "credentials": {"api_key": "test-key-1"}}`
	usual := "account_files: [a*.yml]\n"
	steps := []struct{ name, main, file string }{
		{"many", usual, list(20)},
		{"the same", usual, list(20)},
		{"one more in front", usual, entry("first", "  labels: {team: blue}\n") + list(20)},
		{"comments", usual, "# customers\n" + entry("first", "  # a comment\n") + "# between\n\n" + list(20)},
		{"a plain key is warned of", usual, list(3) + "- {provider: olostep, name: plain, credentials: {api_key: test-key-1}}\n" + entry("last", "")},
		{"the warning moves", usual, "\n\n" + list(5) + "- {provider: olostep, name: plain, credentials: {api_key: test-key-1}}\n"},
		{"other defaults", usual + "poll: {interval: 1h}\n", list(20)},
		{"a mistake", usual, list(3) + entry("bad", "  intervall: 5m\n") + list(1)},
		{"twice", usual, list(3) + entry("customer-1", "")},
		{"twice, in two files", usual + "accounts: [{provider: olostep, name: customer-2, credentials: {api_key: {env: A}}}]\n", list(3)},
		{"anchors", usual, "- &a {provider: olostep, name: x, credentials: {api_key: {env: A}}}\n- provider: olostep\n  credentials: &c {api_key: {env: A}}\n"},
		{"text over lines", usual, "- provider: olostep\n  name: x\n  credentials: {api_key: {env: A}}\n  wallet: \"a\n- b\"\n"},
		{"a block of text", usual, "- provider: olostep\n  name: x\n  credentials: {api_key: {env: A}}\n  labels:\n    note: |+\n      - a\n\n\n- provider: olostep\n  credentials: {api_key: {env: B}}\n"},
		{"an indented list", usual, "  - {provider: olostep, credentials: {api_key: {env: A}}}\n  - {provider: olostep, name: b, credentials: {api_key: {env: A}}}\n"},
		{"a dash alone", usual, "-\n  provider: olostep\n  credentials: {api_key: {env: A}}\n- {provider: olostep, name: b, credentials: {api_key: {env: A}}}\n"},
		{"two documents", usual, list(2) + "---\n" + list(1)},
		{"no list", usual, "provider: olostep\n"},
		{"windows", usual, strings.ReplaceAll(list(3), "\n", "\r\n")},
		{"nothing", usual, "# all gone\n"},
		{"no YAML", usual, list(2) + "- {provider: olostep\n"},
		{"text over lines, and a dash alone", usual, "- {provider: olostep, name: \"a\n- b\", credentials: {api_key: {env: A}}}\n-\n  {provider: olostep, name: c, credentials: {api_key: {env: A}}}\n"},
		{"many again", usual, list(20)},
		{"hundreds", usual, list(300)},
		{"some of them changed", usual, list(100) + entry("new-1", "") + entry("new-2", "  labels: {team: blue}\n") + list(300)[len(list(150)):]},
		{"a mistake among hundreds", usual, list(250) + entry("bad", "  intervall: 5m\n") + entry("last", "")},
		{"a warning among hundreds", usual, list(250) + "# new\n\n- {provider: olostep, name: plain, credentials: {api_key: test-key-1}}\n" + entry("last", "")},
		{"JSON", usual, array(many...)},
		{"JSON, one more in front", usual, array(append([]string{object("first", `, "labels": {"team": "\ud83d\ude00"}`)}, many...)...)},
		{"JSON in a line, a warning among others", usual, "  [" + many[0] + ", " + plainKey + "," + many[1] + "]"},
		{"JSON, the warning moves", usual, "[" + many[0] + ",\n" + many[2] + ", " + plainKey + "," + many[1] + "]"},
		{"JSON, a mistake", usual, array(append(many[:50:50], object("bad", `, "intervall": "5m"`), many[60])...)},
		{"JSON, no account", usual, array(append(many[:50:50], "null", "1", "[{}]")...)},
		{"JSON, twice", usual, array(append(many[:50:50], many[20])...)},
		{"JSON, a key twice", usual, array(append(many[:50:50], object("x", `, "name": "y"`))...)},
		{"JSON, empty", usual, " [ ]\n"},
		{"JSON cut short", usual, array(many...)[:200]},
		{"JSON with a comment", usual, array(many...) + "# the end\n"},
		{"half a pair", usual, array(append(many[:50:50], object("x", `, "labels": {"team": "\ud83d"}`))...)},
		{"no JSON again", usual, list(20)},
		{"twice among hundreds, in two files", usual + "accounts: [{provider: olostep, name: customer-290, credentials: {api_key: {env: A}}}]\n", list(300)},
	}
	env := func(string) (string, bool) { return "", false }
	cache := &Cache{}
	path := filepath.Join(dir, "main.yml")
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			write("main.yml", step.main)
			write("accounts.yml", step.file)
			want, wantErr := Load(path, catalog, env)
			got, gotErr := cache.Load(path, catalog, env)
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Fatalf("with the cache:\n%v\nwithout:\n%v", gotErr, wantErr)
			}
			if wantErr != nil {
				return
			}
			if !reflect.DeepEqual(got.Warnings, want.Warnings) {
				t.Errorf("warnings with the cache:\n%v\nwithout:\n%v", got.Warnings, want.Warnings)
			}
			if len(got.Accounts) != len(want.Accounts) {
				t.Fatalf("%d accounts with the cache, %d without", len(got.Accounts), len(want.Accounts))
			}
			for i := range got.Accounts {
				if a, b := plain(got.Accounts[i]), plain(want.Accounts[i]); !reflect.DeepEqual(a, b) {
					t.Errorf("with the cache:\n%+v\nwithout:\n%+v", a, b)
				}
			}
		})
	}
}

// plain is an account with credentials that can be compared.
func plain(account *Account) any {
	a := *account
	credentials := fmt.Sprint(a.Credentials)
	a.Credentials = nil
	return []any{a, credentials}
}

func TestACacheKnowsWhatIsUnchanged(t *testing.T) {
	catalog, err := providers.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "main.yml")
	cache := &Cache{}
	load := func(names ...string) map[string]*Account {
		var text strings.Builder
		for _, name := range names {
			fmt.Fprintf(&text, "- {provider: olostep, name: %s, credentials: {api_key: {file: %s}}}\n", name[:1], name)
		}
		for file, text := range map[string]string{"main.yml": "account_files: [a.yml]\n", "a.yml": text.String()} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cfg, err := cache.Load(path, catalog, func(string) (string, bool) { return "", false })
		if err != nil {
			t.Fatal(err)
		}
		accounts := map[string]*Account{}
		for _, a := range cfg.Accounts {
			accounts[a.Name] = a
		}
		return accounts
	}
	before := load("a1", "b1", "c1")
	if err := os.WriteFile(filepath.Join(dir, "c1"), []byte("test-key"), 0o644); err != nil {
		t.Fatal(err)
	}
	after := load("x1", "a1", "b2", "c1")
	for name, want := range map[string]bool{"a": true, "b": false, "c": false} { // c's file can be read by others now
		if got := before[name] == after[name]; got != want {
			t.Errorf("%s is unchanged: %v, want %v", name, got, want)
		}
	}
}
