package config

import "github.com/credits-exporter/credits_exporter/providers/strict"

// run is some pieces of a list that follow each other.
type run struct {
	list   *list
	pieces []piece
}

// runLength is how many pieces are read at once: enough that a parser is not set up for a few lines, and few enough that
// all processors have something to do until the end.
const runLength = 32

// item is one entry of a list of accounts that was read without a problem.
type item struct {
	account  *Account // nil when it is not kept
	key      accountKey
	place    strict.Problem
	warnings strict.Problems
}

// readRun reads the items of some pieces, unless they are known.
func (l *loader) readRun(r run) {
	unknown := 0 // pieces at the end of what was looked at that are to be read
	for i := range r.pieces {
		if known := r.pieces[i].item; known == nil || !known.current(&l.reader) {
			unknown++
			continue
		}
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
	items, ok := file.parse(pieces)
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

// parse reads the text of pieces that follow each other.
func (f *list) parse(pieces []piece) ([]strict.Item, bool) {
	if f.form == jsonArray {
		texts := make([][]byte, len(pieces))
		for i := range pieces {
			texts[i] = f.text(&pieces[i])
		}
		return strict.ParseJSONItems(f.path, texts)
	}
	var text []byte
	above := make([]int, len(pieces))
	for i := range pieces {
		text = append(text, f.text(&pieces[i])...)
		above[i] = pieces[i].lines - pieces[0].lines
	}
	return strict.ParseItems(f.path, text, above)
}

// readItem reads one item; nil when anything is wrong.
func (l *loader) readItem(alone strict.Item) *item {
	r := l.reader
	r.warnings = nil
	e, ok := r.account(alone.Node)
	if !ok || len(alone.Document.Problems) > 0 || e.account.Definition == nil {
		return nil
	}
	i := &item{account: e.account, key: e.key, place: e.node.Note(""), warnings: r.warnings}
	if l.cache.Keep != nil && !l.cache.Keep(i.account) {
		i.account = nil
	}
	return i
}

// current tells whether the warnings about an item's files would be the same now.
func (i *item) current(r *reader) bool {
	if i.account == nil {
		return true
	}
	for _, credential := range i.account.Credentials {
		if s := credential.source; s.file != "" && r.readable(s.path()) != s.readable {
			return false
		}
	}
	return true
}
