package config

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// Cache remembers what account_files said the last time, item by item, so that a reload reads only the accounts whose
// text is another one. What it gives is what reading everything gives: an item is taken from it only if its text, its
// file's name, the defaults and the definitions are the same and nothing was wrong with it, and a file in which anything
// is unusual is read whole. It is for one goroutine at a time. The zero Cache is empty.
type Cache struct {
	// Keep tells which accounts are of use; the others are checked and left out. Nil keeps all.
	Keep func(Account) bool

	mu     sync.Mutex
	labels []map[string]string // the latest different ones, for accounts that have the same

	basis   [sha256.Size]byte
	catalog *providers.Catalog
	items   map[[sha256.Size]byte]*item
}

// item is one entry of a list of accounts that was read without a problem.
type item struct {
	account  Account
	kept     bool
	key      accountKey
	place    strict.Problem
	warnings strict.Problems
}

// Load is as the function Load.
func (c *Cache) Load(path string, catalog *providers.Catalog, env LookupEnv) (*Config, error) {
	data, err := readConfigFile(path)
	if err != nil {
		return nil, strict.Problems{{File: path, Text: "cannot be read: " + err.Error()}}
	}
	l := newLoader(path, catalog, env, diskFiles())
	l.cache, l.seen = c, make(map[[sha256.Size]byte]*item, len(c.items))
	cfg, err := l.load(path, data)
	if err == nil {
		c.items = l.seen // and forget what is in no file any more
	}
	return cfg, err
}

// rebase forgets all items when what they were read with is another one.
func (c *Cache) rebase(basis [sha256.Size]byte) {
	if c.basis != basis {
		c.basis, c.items = basis, nil
	}
}

// shared is a map of labels that is equal and that other accounts have, too: labels name teams and tiers, of which there
// are few, and a map takes much more than what is in it. Nobody modifies them.
func (c *Cache) shared(labels map[string]string) map[string]string {
	const remembered = 16
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, known := range c.labels {
		if maps.Equal(known, labels) {
			return known
		}
	}
	c.labels = append(c.labels, labels)
	c.labels = c.labels[max(0, len(c.labels)-remembered):]
	return labels
}

// piece is the text of one item of a list.
type piece struct {
	text []byte
	line int // lines before it
	sum  [sha256.Size]byte
	item *item
}

// divide cuts a list of accounts into its items, each of which begins with a dash at the beginning of a line. It is
// false for a file that holds anything that reaches over items, or may: then only the whole can be read.
func divide(path string, data []byte) ([]piece, bool) {
	if bytes.ContainsAny(data, "&*%\ufeff\r") && unusual(data) {
		return nil, false
	}
	var pieces []piece
	line := 0
	for len(data) > 0 {
		end := bytes.Index(data, []byte("\n- ")) + 1
		if end == 0 {
			end = len(data)
		}
		text := data[:end]
		if bytes.HasPrefix(text, []byte("- ")) {
			pieces = append(pieces, piece{text: text, line: line})
		} else if !onlyComments(text) {
			return nil, false
		}
		line += bytes.Count(text, []byte("\n"))
		data = data[end:]
	}
	for i := range pieces {
		if bytes.HasPrefix(pieces[i].text, []byte("---")) || bytes.Contains(pieces[i].text, []byte("\n---")) || bytes.Contains(pieces[i].text, []byte("\n...")) {
			return nil, false
		}
		hash := sha256.New()
		_, _ = hash.Write([]byte(path + "\x00"))
		_, _ = hash.Write(pieces[i].text)
		hash.Sum(pieces[i].sum[:0])
	}
	return pieces, true
}

// unusual tells whether a file may have anchors, aliases, directives, a byte order mark or line breaks of another kind.
func unusual(data []byte) bool {
	return bytes.ContainsAny(data, "&*\ufeff\r") || bytes.HasPrefix(data, []byte("%")) || bytes.Contains(data, []byte("\n%"))
}

func onlyComments(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// cached reads a file of accounts item by item, those that are not known side by side. It is false, and nothing has
// happened, where the file must be read whole: to say what is wrong with it, or because it is unusual.
func (l *loader) cached(path string, data []byte) bool {
	if l.cache == nil {
		return false
	}
	pieces, ok := divide(path, data)
	if !ok || !l.readPieces(path, pieces) {
		return false
	}
	names := make(map[accountKey]bool, len(pieces))
	for _, p := range pieces {
		if _, twice := l.places[p.item.key]; twice || names[p.item.key] {
			return false
		}
		names[p.item.key] = true
	}
	for i, p := range pieces {
		l.seen[p.sum] = p.item
		l.places[p.item.key] = p.item.place.Moved(i, p.line)
		for _, w := range p.item.warnings {
			l.warn(w.Moved(i, p.line))
		}
		if p.item.kept {
			l.config.Accounts = append(l.config.Accounts, p.item.account)
		}
	}
	return true
}

// readPieces finds or reads the item of every piece; false when one cannot be read without a problem.
func (l *loader) readPieces(path string, pieces []piece) bool {
	var next atomic.Int64
	var failed atomic.Bool
	read := func() {
		for i := next.Add(1) - 1; i < int64(len(pieces)) && !failed.Load(); i = next.Add(1) - 1 {
			p := &pieces[i]
			if known := l.cache.items[p.sum]; known != nil && known.current(l) {
				p.item = known
				continue
			}
			if p.item = l.readItem(path, p.text); p.item == nil {
				failed.Store(true)
			}
		}
	}
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pieces)) {
		readers.Go(read)
	}
	readers.Wait()
	return !failed.Load()
}

// current tells whether the warnings about an item's files would be the same now.
func (i *item) current(l *loader) bool {
	for _, credential := range i.account.Credentials {
		if s := credential.source; s.file != "" && l.readable(s.path()) != s.readable {
			return false
		}
	}
	return true
}

// readItem reads one item by itself; nil when anything is wrong.
func (l *loader) readItem(path string, text []byte) *item {
	document, roots, ok := strict.ParseAll(path, text)
	if !ok || len(roots) != 1 {
		return nil
	}
	alone := newLoader(path, l.catalog, l.env, l.files)
	alone.dir, alone.broken, alone.defaults = l.dir, l.broken, l.defaults
	alone.accounts(roots[0])
	if len(document.Problems) > 0 || len(alone.problems) > 0 || len(alone.config.Accounts) != 1 || len(alone.places) != 1 {
		return nil
	}
	i := &item{account: alone.config.Accounts[0], warnings: alone.config.Warnings}
	for key, place := range alone.places {
		i.key, i.place = key, place
	}
	i.account.Labels = l.cache.shared(i.account.Labels)
	if i.kept = l.cache.Keep == nil || l.cache.Keep(i.account); !i.kept {
		i.account = Account{}
	}
	i.account.origin = i
	return i
}

// Origin stands for the text that an account was read from.
type Origin struct{ item *item }

// Origin is where a Cache has the account from.
func (a *Account) Origin() Origin { return Origin{a.origin} }

// Unchanged tells whether an account is known to be the same as the one of that origin, in a configuration that was
// loaded with the same Cache before.
func (a *Account) Unchanged(before Origin) bool { return a.origin != nil && a.origin == before.item }
