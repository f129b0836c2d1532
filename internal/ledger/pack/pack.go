// Package pack writes what the ledger keeps in few bytes and reads it back: accounts by the hundred thousand are read at
// a start, and each poll writes one.
package pack

import (
	"encoding/binary"
	"errors"
	"time"
	"unique"

	"github.com/credits-exporter/credits_exporter/providers"
)

// ErrMalformed is for bytes that no Writer wrote.
var ErrMalformed = errors.New("not a packed record")

// Writer appends values one after the other.
type Writer struct{ Bytes []byte }

// Uint appends a number that is mostly small.
func (w *Writer) Uint(n uint64) { w.Bytes = binary.AppendUvarint(w.Bytes, n) }

// Int appends a number that may be negative.
func (w *Writer) Int(n int64) { w.Bytes = binary.AppendVarint(w.Bytes, n) }

// Text appends text of any length.
func (w *Writer) Text(s string) {
	w.Uint(uint64(len(s)))
	w.Bytes = append(w.Bytes, s...)
}

// Bits appends up to eight booleans.
func (w *Writer) Bits(bits ...bool) {
	var b byte
	for i, set := range bits {
		if set {
			b |= 1 << i
		}
	}
	w.Bytes = append(w.Bytes, b)
}

// Time appends a moment, to the nanosecond; its zone is not kept.
func (w *Writer) Time(t time.Time) {
	if t.IsZero() {
		w.Uint(0)
		return
	}
	w.Uint(uint64(t.Nanosecond()) + 1)
	w.Int(t.Unix())
}

// Amount appends an exact amount, or that it is unknown.
func (w *Writer) Amount(a providers.Amount) {
	// Marshalling an amount has no errors.
	text, _ := a.MarshalText()
	w.Uint(uint64(len(text)))
	w.Bytes = append(w.Bytes, text...)
}

// Reader reads what a Writer wrote. Once something is wrong, all that follows is zero; Err tells.
type Reader struct {
	rest   []byte
	broken bool
}

// NewReader reads from b, which must not change meanwhile.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Err is ErrMalformed unless everything was read, and nothing was wrong.
func (r *Reader) Err() error {
	if r.broken || len(r.rest) > 0 {
		return ErrMalformed
	}
	return nil
}

// Fail makes everything that follows zero.
func (r *Reader) Fail() { r.rest, r.broken = nil, true }

// Uint reads a number.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// Int reads a number that may be negative.
func (r *Reader) Int() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// Raw reads bytes, which are valid as long as those that the Reader was made of.
func (r *Reader) Raw() []byte {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.Fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// Text reads text.
func (r *Reader) Text() string { return string(r.Raw()) }

// Word reads text that many records have in common, such as a unit: all of them share it.
func (r *Reader) Word() string {
	b := r.Raw()
	if len(b) == 0 {
		return ""
	}
	return unique.Make(string(b)).Value()
}

// Bits reads booleans into where they belong.
func (r *Reader) Bits(bits ...*bool) {
	if len(r.rest) == 0 || r.rest[0]>>len(bits) != 0 {
		r.Fail()
		return
	}
	for i, bit := range bits {
		*bit = r.rest[0]>>i&1 == 1
	}
	r.rest = r.rest[1:]
}

// Time reads a moment.
func (r *Reader) Time() time.Time {
	n := r.Uint()
	switch {
	case n == 0:
		return time.Time{}
	case n > uint64(time.Second):
		r.Fail()
		return time.Time{}
	}
	return time.Unix(r.Int(), int64(n)-1).UTC()
}

// Amount reads an amount.
func (r *Reader) Amount() providers.Amount {
	var a providers.Amount
	if a.UnmarshalText(r.Raw()) != nil {
		r.Fail()
	}
	return a
}

// Count reads how many elements follow; each takes a byte at least, so no more memory is asked for than there is input.
func (r *Reader) Count() int {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.Fail()
		return 0
	}
	return int(n)
}
