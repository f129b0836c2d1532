package config

import (
	"crypto/sha256"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// Cache remembers what account_files said the last time, file by file and item by item, so that a reload reads only the
// accounts whose text is another one. What it gives is what reading everything gives: an item is taken from it only if its text, its
// file's name, the defaults and the definitions are the same and nothing was wrong with it, and a file in which anything
// is unusual is read whole. An account that was not read anew is the same one, by its pointer. A Cache is for one goroutine
// at a time. The zero Cache is empty.
type Cache struct {
	// Keep tells which accounts are of use; the others are checked and left out. Nil keeps all.
	Keep func(*Account) bool

	shared shared

	basis   [sha256.Size]byte
	catalog *providers.Catalog
	lists   map[string]*list // by their paths
}

// Load is as the function Load.
func (c *Cache) Load(path string, catalog *providers.Catalog, env LookupEnv) (*Config, error) {
	data, err := readConfigFile(path)
	if err != nil {
		return nil, strict.Problems{{File: path, Text: "cannot be read: " + err.Error()}}
	}
	l := newLoader(path, catalog, env, diskFiles())
	l.cache, l.shared = c, &c.shared
	cfg, err := l.load(path, data)
	if err == nil {
		c.lists = l.lists
	}
	return cfg, err
}

// rebase forgets everything when what they were read with is another one.
func (c *Cache) rebase(basis [sha256.Size]byte) {
	if c.basis != basis {
		c.basis, c.lists = basis, nil
	}
}
