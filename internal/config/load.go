package config

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

const (
	defaultMaxConcurrent        = 64
	defaultMaxConcurrentPerHost = 4
	highestConcurrency          = 10_000
)

// loader gathers a configuration from its files, and what is wrong with them.
type loader struct {
	reader

	config    Config
	places    map[accountKey]place // where each account stands
	documents []*strict.Document
	problems  strict.Problems // those that belong to none of the documents

	cache *Cache           // nil: everything is read
	lists map[string]*list // those of this configuration, for the cache
}

// place is a place in a file: that of an item which was read alone, and what it stands behind.
type place struct {
	alone *strict.Problem
	moved strict.Offset
}

func (p place) problem() strict.Problem { return p.alone.Moved(p.moved) }

func newLoader(file string, catalog *providers.Catalog, env LookupEnv, files files) *loader {
	return &loader{
		reader: reader{dir: filepath.Dir(file), env: env, files: files, catalog: catalog, broken: map[string]bool{}, shared: &shared{}},
		places: map[accountKey]place{},
	}
}

func (l *loader) load(file string, data []byte) (*Config, error) {
	document, root, ok := strict.Parse(file, data)
	l.documents = append(l.documents, document)
	if ok {
		l.root(root)
	}
	problems := slices.Clone(l.problems)
	for _, d := range l.documents {
		problems = append(problems, d.Problems...)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(l.config.Accounts) == 0 {
		l.warn(root.Note("there is no account in this configuration, so there is nothing to poll"))
	}
	byName := func(a, b *Account) int {
		return cmp.Or(cmp.Compare(a.Definition.Name, b.Definition.Name), cmp.Compare(a.Name, b.Name))
	}
	if !slices.IsSortedFunc(l.config.Accounts, byName) {
		slices.SortFunc(l.config.Accounts, byName)
	}
	l.config.Warnings = l.warnings.Sorted()
	return &l.config, nil
}

func (l *loader) root(root strict.Node) {
	m, ok := root.Map()
	if !ok {
		return
	}
	l.config.MaxConcurrent = concurrency(m.Take("max_concurrent"), defaultMaxConcurrent)
	l.config.MaxConcurrentPerHost = concurrency(m.Take("max_concurrent_per_host"), defaultMaxConcurrentPerHost)
	l.defaults = readPoll(m.Take("poll"))
	l.config.Storage = l.storage(m.Take("storage"))
	l.definitions(m.Take("provider_files"))
	l.accounts(m.Take("accounts"))
	l.accountFiles(m.Take("account_files"))
	m.Done()
}

func concurrency(n strict.Node, otherwise int) int {
	if v, ok := n.Int(1, highestConcurrency); ok {
		return v
	}
	return otherwise
}

func (l *loader) storage(n strict.Node) Storage {
	otherwise := "data"
	// systemd lists the folders of a unit separated by colons.
	if state, _ := l.env("STATE_DIRECTORY"); state != "" {
		otherwise, _, _ = strings.Cut(state, ":")
	}
	s := Storage{Path: resolve(l.dir, otherwise)}
	m, ok := n.Map()
	if !ok {
		return s
	}
	none := m.Take("none")
	if s.None = m.Has("none"); s.None {
		s.Path = ""
		if m.Has("file") {
			m.Problem("file and none exclude each other")
		}
	}
	if none, ok := none.Map(); ok {
		none.Done()
	}
	if file, ok := m.Take("file").Map(); ok {
		if path, ok := text(file.Take("path")); ok {
			s.Path = resolve(l.dir, path)
		}
		file.Done()
	}
	m.Done()
	return s
}

// ownName finds the name that a definition gives itself, even when the rest of it cannot be read.
var ownName = regexp.MustCompile(`(?m)^name:[ \t]*["']?([a-z0-9-]+)`)

// definitions adds the user's own definitions to the catalogue.
func (l *loader) definitions(patterns strict.Node) {
	var own []*providers.Definition
	basis := sha256.New()
	fmt.Fprintf(basis, "%v %q", l.defaults, l.dir)
	for _, d := range l.catalog.Definitions() {
		fmt.Fprintf(basis, " %p", d)
	}
	l.eachFile(patterns, func(path string, data []byte) {
		fmt.Fprintf(basis, "%q %d ", path, len(data))
		_, _ = basis.Write(data)
		definition, problems := providers.ParseDefinition(path, data)
		if len(problems) > 0 {
			l.problems = append(l.problems, problems...)
			// The accounts of this provider are not to blame, so they get no message of their own.
			if name := ownName.FindSubmatch(data); name != nil {
				l.broken[string(name[1])] = true
			}
			return
		}
		own = append(own, definition)
	})
	catalog, problems := l.catalog.With(own)
	l.problems = append(l.problems, problems...)
	if len(problems) == 0 {
		l.catalog = catalog
	}
	if l.cache != nil {
		l.rebase([sha256.Size]byte(basis.Sum(nil)))
	}
	l.config.Catalog = l.catalog
}

// rebase lets accounts that were read before keep the definitions that they were read with, if those are the same.
func (l *loader) rebase(basis [sha256.Size]byte) {
	l.cache.rebase(basis)
	if l.cache.lists != nil && l.cache.catalog != nil {
		l.catalog = l.cache.catalog
	}
	l.cache.catalog = l.catalog
}

// eachFile reads every file that a list of patterns names, each once. A pattern may match nothing; a path without a
// wildcard must be there.
func (l *loader) eachFile(patterns strict.Node, read func(path string, data []byte)) {
	items, ok := patterns.List()
	if !ok {
		return
	}
	seen := map[string]bool{}
	for _, item := range items {
		for _, path := range l.match(item) {
			if seen[path] {
				continue
			}
			seen[path] = true
			data, err := l.files.read(path)
			if err != nil {
				item.Problem("%s cannot be read: %v", path, err)
				continue
			}
			read(path, data)
		}
	}
}

func (l *loader) match(n strict.Node) []string {
	pattern, ok := text(n)
	if !ok {
		return nil
	}
	path := resolvePattern(l.dir, pattern)
	if !strings.ContainsAny(pattern, globMeta) {
		return []string{path}
	}
	paths, err := l.files.glob(path)
	if err != nil {
		n.Problem("is not a valid pattern: %v", err)
	}
	return paths
}
