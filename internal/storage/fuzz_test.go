package storage

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzScan reads any file. Whatever it holds, reading it ends without a panic, says what is wrong, gives only records that
// can be read again, and a file cut at the end that was found reads the same.
func FuzzScan(f *testing.F) {
	whole := fileHeader(formatVersion)
	f.Add([]byte{})
	f.Add(bytes.Clone(whole))
	f.Add(fileHeader(2))
	f.Add([]byte("credits_exporter state 99999999999999999999 00000000\n"))
	for _, records := range [][]Record{{put("a", "1")}, {put("b", "22"), {Key: "a"}}, {put("a", "")}} {
		d := diskWith(whole)
		s, err := scan(bytes.NewReader(whole), int64(len(whole)))
		if err != nil || s.damage != nil {
			f.Fatal(err, s.damage)
		}
		frame := emptyFrame(nil)
		for _, r := range records {
			frame = appendRecord(frame, r)
		}
		j := journal{file: &memFile{disk: d, node: d.names[statePath], writable: true}, position: s.position}
		if _, err := j.append(frame); err != nil {
			f.Fatal(err)
		}
		whole = d.names[statePath].data
		f.Add(bytes.Clone(whole))
		f.Add(whole[:len(whole)-1])
		f.Add(append(bytes.Clone(whole), make([]byte, 600)...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scan(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if !errors.Is(err, ErrNewerVersion) {
				t.Fatal(err)
			}
			return
		}
		if s.damage != nil && !errors.Is(s.damage, ErrDamaged) {
			t.Fatal(s.damage)
		}
		checkIndex(t, data, s)
		if s.end == 0 {
			return
		}
		again, err := scan(bytes.NewReader(data[:s.end]), s.end)
		if err != nil || again.damage != nil || again.end != s.end || again.live != s.live || len(again.entries) != len(s.entries) {
			t.Fatalf("cut at %d: %+v %v", s.end, again, err)
		}
	})
}

// FuzzPayload reads any payload whose checksums are right, as a program with a mistake could have written it.
func FuzzPayload(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendRecord(nil, put("a", "1")))
	f.Add(appendRecord(appendRecord(nil, put("a", "1")), Record{Key: "a"}))
	f.Add([]byte{0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0})
	f.Add([]byte{0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'k'})
	f.Fuzz(func(t *testing.T, payload []byte) {
		d := diskWith(nil)
		j, err := newJournal(&memFile{disk: d, node: d.names[statePath], writable: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.append(append(emptyFrame(nil), payload...)); err != nil {
			t.Fatal(err)
		}
		data := d.names[statePath].data
		s, err := scan(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if s.damage == nil && s.end != int64(len(data)) {
			t.Fatalf("a whole commit is taken for a torn one: end %d of %d", s.end, len(data))
		}
		if s.damage == nil {
			checkIndex(t, data, s)
		}
	})
}

func checkIndex(t *testing.T, data []byte, s scanned) {
	t.Helper()
	var live int64
	w := window{from: bytes.NewReader(data), end: s.end}
	for _, p := range s.inFileOrder() {
		raw, _, err := w.record(p.key, s.entries[p.key])
		if err != nil {
			t.Fatalf("%q: %v", p.key, err)
		}
		live += int64(len(raw))
	}
	if live != s.live {
		t.Fatalf("%d bytes are live, not %d", live, s.live)
	}
}
