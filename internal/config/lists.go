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
	sum    [sha256.Size]byte
	form   form
	pieces []piece
	// whole: it must be read whole, because it is unusual, or to say what is wrong with it.
	whole atomic.Bool
}

// form is in what a list is written.
type form int

const (
	blockYAML form = iota // items that each begin with a dash at the beginning of a line
	jsonArray
)

// piece is one item of a list.
type piece struct {
	// from and to are where its text begins and ends, lines and columns what is before it.
	from, to       int
	lines, columns int
	sum            [sha256.Size]byte // of the text
	item           *item             // nil until it is found, or read
}

func (f *list) text(p *piece) []byte { return f.data[p.from:p.to] }

// before is what stands before the i-th piece.
func (f *list) before(i int) strict.Offset {
	return strict.Offset{Items: i, Lines: f.pieces[i].lines, Columns: f.pieces[i].columns}
}

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
		file.data = nil
	}
}

// accountFile reads a list of accounts whole.
func (l *loader) accountFile(path string, data []byte) {
	document, root, ok := strict.ParseJSON(path, data)
	if ok {
		l.documents = append(l.documents, document)
		l.accounts(root)
		return
	}
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
	sideBySide(len(lists), func(i int) { lists[i].cut(l.cache.lists[lists[i].path]) })
	var runs []run
	total := 0
	for _, file := range lists {
		total += len(file.pieces)
		for from := 0; from < len(file.pieces); from += runLength {
			runs = append(runs, run{file, file.pieces[from:min(from+runLength, len(file.pieces))]})
		}
	}
	sideBySide(len(runs), func(i int) { l.readRun(runs[i]) })
	l.lists = make(map[string]*list, len(lists))
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

// cut cuts the list into its pieces, and finds the items of those that were in it before.
func (f *list) cut(before *list) {
	f.sum = sha256.Sum256(f.data)
	if before != nil && before.sum == f.sum {
		// The pieces are the same, and if one of them is read anew, it is good for the list before, too.
		f.form, f.pieces = before.form, before.pieces
		return
	}
	var ok bool
	if f.pieces, ok = cutJSON(f.data); ok {
		f.form = jsonArray
	} else if f.pieces, ok = divide(f.data); !ok {
		f.whole.Store(true)
		return
	}
	var known map[[sha256.Size]byte]*item
	if before != nil {
		known = make(map[[sha256.Size]byte]*item, len(before.pieces))
		for i := range before.pieces {
			known[before.pieces[i].sum] = before.pieces[i].item
		}
	}
	for i := range f.pieces {
		p := &f.pieces[i]
		p.sum = sha256.Sum256(f.text(p))
		p.item = known[p.sum]
	}
}

// cutJSON cuts a list that is a JSON array.
func cutJSON(data []byte) ([]piece, bool) {
	items, ok := strict.CutJSON(data)
	pieces := make([]piece, len(items))
	for i, item := range items {
		pieces[i] = piece{from: item.From, to: item.To, lines: item.Line, columns: item.Column}
	}
	return pieces, ok
}

// divide cuts a list of accounts into its items, each of which begins with a dash at the beginning of a line. It is
// false for a file that holds anything that reaches over items, or may: then only the whole can be read.
func divide(data []byte) ([]piece, bool) {
	if unusual(data) {
		return nil, false
	}
	var pieces []piece
	line := 0
	for from := 0; from < len(data); {
		to := len(data)
		if next := bytes.Index(data[from:], []byte("\n- ")); next >= 0 {
			to = from + next + 1
		}
		text := data[from:to]
		if bytes.HasPrefix(text, []byte("- ")) {
			pieces = append(pieces, piece{from: from, to: to, lines: line})
		} else if !onlyComments(text) {
			return nil, false
		}
		line += bytes.Count(text, []byte("\n"))
		from = to
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

// join takes the accounts of a list into the configuration. It is false, and nothing has happened, when one of them is
// there already.
func (l *loader) join(file *list) bool {
	for i := range file.pieces {
		item := file.pieces[i].item
		if _, twice := l.places[item.key]; twice {
			for _, other := range file.pieces[:i] {
				delete(l.places, other.item.key)
			}
			return false
		}
		l.places[item.key] = place{&item.place, file.before(i)}
	}
	for i := range file.pieces {
		item := file.pieces[i].item
		for _, w := range item.warnings {
			l.warn(w.Moved(file.before(i)))
		}
		if item.account != nil {
			l.config.Accounts = append(l.config.Accounts, item.account)
		}
	}
	l.lists[file.path] = file
	return true
}
