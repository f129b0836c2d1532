package config

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// A list in JSON says what it says when it is read as YAML: the accounts, the warnings and the problems are the same.
func FuzzJSONList(f *testing.F) {
	for _, seed := range []string{
		`[{"provider": "olostep", "name": "a", "credentials": {"api_key": {"file": "a.key"}}, "labels": {"team": "blue"}}]`,
		"[\n  {\"provider\": \"olostep\",\n   \"credentials\": {\"api_key\": \"test-key-1\"}}, {\"provider\": \"olostep\", \"name\": 7, \"credentials\": {\"api_key\": {\"env\": \"A\"}}, \"thresholds\": {\"credits\": {\"warning\": 2e3, \"critical\": 5}}}]",
		`[{"provider": "olostep", "provider": "x", "enabled": "yes", "interval": 5, "params": null, "credentials": []}, null, [], 1, "é"]`,
		`[{"provider": "olostep", "credentials": {"api_key": {"file": "a"}}}, {"provider": "olostep", "credentials": {"api_key": {"file": "a"}}}]`,
	} {
		f.Add([]byte(seed))
	}
	catalog, err := providers.LoadCatalog()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		if _, _, ok := strict.ParseJSON("", list); !ok {
			return
		}
		// A comment makes it YAML that is not JSON.
		asYAML, yamlErr := loadList(t, catalog, append(slices.Clip(list), " # YAML"...), nil)
		if yamlErr != nil && strings.Contains(yamlErr.Error(), "not valid YAML") {
			return
		}
		for _, cache := range []*Cache{nil, {}} {
			asJSON, jsonErr := loadList(t, catalog, list, cache)
			if fmt.Sprint(jsonErr) != fmt.Sprint(yamlErr) {
				t.Fatalf("as JSON:\n%v\nas YAML:\n%v", jsonErr, yamlErr)
			}
			if jsonErr == nil && !reflect.DeepEqual(said(asJSON), said(asYAML)) {
				t.Fatalf("as JSON:\n%v\nas YAML:\n%v", said(asJSON), said(asYAML))
			}
		}
	})
}

// loadList loads a configuration with one list of accounts from memory.
func loadList(t *testing.T, catalog *providers.Catalog, list []byte, cache *Cache) (*Config, error) {
	t.Helper()
	l := newLoader("config.yml", catalog, func(string) (string, bool) { return "", false }, files{
		read: func(string) ([]byte, error) { return list, nil },
		mode: func(string) (fs.FileMode, error) { return 0, fs.ErrNotExist },
	})
	l.cache = cache
	return l.load("config.yml", []byte("account_files: [list]\n"))
}

// said is what a configuration says of its accounts.
func said(c *Config) []any {
	all := []any{c.Warnings}
	for _, a := range c.Accounts {
		all = append(all, plain(a))
	}
	return all
}
