package config

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// list is one of the account_files.
type list struct {
	path   string
	data   []byte
	pieces []piece
	// whole: it must be read whole, because it is unusual, or to say what is wrong with it.
	whole atomic.Bool
}

// piece is the text of one item of a list.
type piece struct {
	text []byte
	line int // lines before it
	sum  [sha256.Size]byte
	item *item
}

// run is some pieces of a list that follow each other.
type run struct {
	list   *list
	pieces []piece
}

// runLength is how many pieces are read at once: enough that a parser is not set up for a few lines, and few enough that
// all processors have something to do until the end.
const runLength = 32

// accountFiles reads the lists of accounts, with a Cache side by side.
func (l *loader) accountFiles(patterns strict.Node) {
	var lists []*list
	l.eachFile(patterns, func(path string, data []byte) { lists = append(lists, &list{path: path, data: data}) })
	if l.cache != nil {
		l.readPieces(lists)
	}
	for _, file := range lists {
		if l.cache == nil || file.whole.Load() || !l.join(file) {
			l.accountFile(file.path, file.data)
		}
	}
}

// accountFile reads a list of accounts whole.
func (l *loader) accountFile(path string, data []byte) {
	document, roots, ok := strict.ParseAll(path, data)
	l.documents = append(l.documents, document)
	if !ok || len(roots) == 0 {
		// A file in which every account is commented out is as good as none.
		return
	}
	if len(roots) > 1 {
		roots[1].Problem("a second document begins here; one file holds one list of accounts")
		return
	}
	l.accounts(roots[0])
}

// readPieces finds or reads the items of all lists, side by side.
func (l *loader) readPieces(lists []*list) {
	sideBySide(len(lists), func(i int) {
		var ok bool
		lists[i].pieces, ok = divide(lists[i].data)
		lists[i].whole.Store(!ok)
	})
	var runs []run
	total := 0
	for _, file := range lists {
		total += len(file.pieces)
		for from := 0; from < len(file.pieces); from += runLength {
			runs = append(runs, run{file, file.pieces[from:min(from+runLength, len(file.pieces))]})
		}
	}
	sideBySide(len(runs), func(i int) { l.readRun(runs[i]) })
	l.seen = make(map[[sha256.Size]byte]*item, total)
	l.places = grown(l.places, total)
	l.config.Accounts = slices.Grow(l.config.Accounts, total)
}

// grown is a map with room for n more.
func grown[K comparable, V any](m map[K]V, n int) map[K]V {
	larger := make(map[K]V, len(m)+n)
	maps.Copy(larger, m)
	return larger
}

// sideBySide calls do for every number below n, on all processors.
func sideBySide(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// divide cuts a list of accounts into its items, each of which begins with a dash at the beginning of a line. It is
// false for a file that holds anything that reaches over items, or may: then only the whole can be read.
func divide(data []byte) ([]piece, bool) {
	if unusual(data) {
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
	return pieces, true
}

// unusual tells whether a file may have anchors, aliases, directives, several documents, a byte order mark or line breaks
// of another kind.
func unusual(data []byte) bool {
	for _, start := range []string{"%", "---", "..."} {
		if bytes.HasPrefix(data, []byte(start)) {
			return true
		}
	}
	for _, odd := range []string{"&", "*", "\r", "\ufeff", "\n%", "\n---", "\n..."} {
		if bytes.Contains(data, []byte(odd)) {
			return true
		}
	}
	return false
}

func onlyComments(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// readRun finds or reads the items of some pieces.
func (l *loader) readRun(r run) {
	text := append([]byte(r.list.path), 0)
	named := len(text)
	unknown := 0 // pieces at the end of what was looked at that are to be read
	for i := range r.pieces {
		p := &r.pieces[i]
		text = append(text[:named], p.text...)
		p.sum = sha256.Sum256(text)
		known := l.cache.items[p.sum]
		if known == nil || !known.current(l) {
			unknown++
			continue
		}
		p.item = known
		l.readItems(r.list, r.pieces[i-unknown:i])
		unknown = 0
	}
	l.readItems(r.list, r.pieces[len(r.pieces)-unknown:])
}

// readItems reads the items of pieces that follow each other, each as if it were alone. When anything is wrong, the list
// must be read whole.
func (l *loader) readItems(file *list, pieces []piece) {
	if len(pieces) == 0 || file.whole.Load() {
		return
	}
	var text []byte
	above := make([]int, len(pieces))
	for i, p := range pieces {
		text = append(text, p.text...)
		above[i] = p.line - pieces[0].line
	}
	items, ok := strict.ParseItems(file.path, text, above)
	if !ok {
		file.whole.Store(true)
		return
	}
	for i := range items {
		if pieces[i].item = l.readItem(items[i]); pieces[i].item == nil {
			file.whole.Store(true)
			return
		}
	}
}

// readItem reads one item; nil when anything is wrong.
func (l *loader) readItem(alone strict.Item) *item {
	reader := loader{
		dir: l.dir, env: l.env, files: l.files, catalog: l.catalog, broken: l.broken, defaults: l.defaults,
		places: make(map[accountKey]place, 1),
	}
	reader.account(alone.Node)
	if len(alone.Document.Problems) > 0 || len(reader.config.Accounts) != 1 || len(reader.places) != 1 {
		return nil
	}
	i := &item{account: reader.config.Accounts[0], warnings: reader.config.Warnings}
	for key, at := range reader.places {
		i.key, i.place = key, at.problem()
	}
	i.account.Labels = l.cache.shared(i.account.Labels)
	if i.kept = l.cache.Keep == nil || l.cache.Keep(i.account); !i.kept {
		i.account = Account{}
	}
	i.account.origin = i
	return i
}

// join takes the accounts of a list into the configuration. It is false, and nothing has happened, when one of them is
// there already.
func (l *loader) join(file *list) bool {
	for i, p := range file.pieces {
		if _, twice := l.places[p.item.key]; twice {
			for _, q := range file.pieces[:i] {
				delete(l.places, q.item.key)
			}
			return false
		}
		l.places[p.item.key] = place{&p.item.place, i, p.line}
	}
	for i, p := range file.pieces {
		l.seen[p.sum] = p.item
		for _, w := range p.item.warnings {
			l.warn(w.Moved(i, p.line))
		}
		if p.item.kept {
			l.config.Accounts = append(l.config.Accounts, p.item.account)
		}
	}
	return true
}
