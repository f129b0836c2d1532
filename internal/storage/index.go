package storage

import (
	"cmp"
	"fmt"
	"slices"
)

// entry says where the latest record of a key lies.
type entry struct {
	offset int64
	moved  int64 // where it lies in the file that a compaction is writing; 0 while it is not there
	size   uint32
}

// index is what a file holds: the latest record of every key that is not deleted.
type index struct {
	entries map[string]entry
	live    int64 // bytes of these records
}

func newIndex() index { return newIndexOf(0) }

// newIndexOf is an index with room for what a file of that size may hold, so that it need not grow again and again.
func newIndexOf(size int64) index {
	const (
		usual = 512     // bytes of a record in a file with many, some of them outdated
		most  = 1 << 20 // records that room is made for before one is seen
	)
	return index{entries: make(map[string]entry, min(size/usual, most))}
}

// set takes a record that was written at e.
func (x *index) set(key []byte, deleted bool, e entry) {
	old, known := x.entries[string(key)]
	if known {
		x.live -= int64(old.size)
	}
	if deleted {
		if known {
			delete(x.entries, string(key))
		}
		return
	}
	x.live += int64(e.size)
	x.entries[string(key)] = e
}

// take enters the records of a commit's payload, which lies at offset. The error is an ErrDamaged.
func (x *index) take(payload []byte, offset int64) error {
	return eachRecord(payload, offset, func(r parsedRecord, at int64) {
		x.set(r.key, r.deleted, entry{offset: at, size: uint32(r.size)})
	})
}

// eachRecord gives the records of a payload, which lies at offset, each with its own offset.
func eachRecord(payload []byte, offset int64, yield func(r parsedRecord, at int64)) error {
	for len(payload) > 0 {
		r, err := parseRecord(payload)
		if err != nil {
			return fmt.Errorf("%w: byte %d: %w", ErrDamaged, offset, err)
		}
		yield(r, offset)
		offset += int64(r.size)
		payload = payload[r.size:]
	}
	return nil
}

// place is where the record of a key lies.
type place struct {
	key    string
	offset int64
}

// inFileOrder gives the keys in the order in which their records lie in the file, for reading it once from front to back.
func (x *index) inFileOrder() []place {
	places := make([]place, 0, len(x.entries))
	for key, e := range x.entries {
		places = append(places, place{key: key, offset: e.offset})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.offset, b.offset) })
	return places
}
