package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var statePath = filepath.Join("data", fileName)

// writtenFile is a file with five commits, their ends, and the state after each.
func writtenFile(t *testing.T) (data []byte, ends []int64, states []map[string]string) {
	t.Helper()
	d := newMemDisk()
	f := openMem(t, d)
	f.pace = usualPace
	ends = append(ends, f.journal.end)
	states = append(states, map[string]string{})
	for i := range 5 {
		commit(t, f, put(fmt.Sprintf("key %d", i%3), strings.Repeat(string(rune('a'+i)), 300)), put("last", fmt.Sprint(i)))
		ends = append(ends, f.journal.end)
		states = append(states, contents(t, f.Load))
	}
	return bytes.Clone(d.names[statePath].data), ends, states
}

func diskWith(data []byte) *memDisk {
	d := newMemDisk()
	d.names[statePath] = &inode{data: bytes.Clone(data), synced: bytes.Clone(data)}
	return d.restarted()
}

// checkSetAside wants a fresh start, the damaged file kept as it was, and only what is older than the damage to salvage.
func checkSetAside(t *testing.T, at string, d *memDisk, damaged []byte, states []map[string]string) {
	t.Helper()
	f := openMem(t, d)
	s := f.Status()
	if s.Recovery == nil || s.Err != nil || s.Records != 0 {
		t.Fatalf("%s: not set aside, status %+v", at, s)
	}
	if !errors.Is(s.Recovery.Err, ErrDamaged) || !strings.HasPrefix(s.Recovery.Path, statePath+".damaged-20270115T080000Z") {
		t.Fatalf("%s: %+v", at, s.Recovery)
	}
	if kept := d.names[s.Recovery.Path]; kept == nil || !bytes.Equal(kept.data, damaged) {
		t.Fatalf("%s: the damaged file is not kept as it was", at)
	}
	if got := contents(t, f.Load); len(got) != 0 {
		t.Fatalf("%s: damaged content is used: %v", at, got)
	}
	salvaged := contents(t, f.Salvage)
	if !slices.ContainsFunc(states, func(s map[string]string) bool { return maps.Equal(s, salvaged) }) || len(salvaged) != s.Recovery.Records {
		t.Fatalf("%s: salvaged %v", at, salvaged)
	}
	commit(t, f, put("new", "1"))
	if got := contents(t, f.Salvage); len(got) != 0 {
		t.Fatalf("%s: salvaged after a commit: %v", at, got)
	}
	if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, map[string]string{"new": "1"}) {
		t.Fatalf("%s: after a restart: %v", at, got)
	}
}

func TestEveryDamagedByteIsNoticed(t *testing.T) {
	data, _, states := writtenFile(t)
	for i := range data {
		for _, change := range []byte{0x01, 0x80, data[i]} { // the last one makes it zero
			damaged := bytes.Clone(data)
			if damaged[i] ^= change; change == 0 {
				continue
			}
			checkSetAside(t, fmt.Sprintf("byte %d xor %#x", i, change), diskWith(damaged), damaged, states)
		}
	}
}

func TestDamagedRegions(t *testing.T) {
	data, ends, states := writtenFile(t)
	zeroed := func(from, to int64) []byte {
		b := bytes.Clone(data)
		clear(b[from:to])
		return b
	}
	for name, damaged := range map[string][]byte{
		"an empty file":                 {},
		"half of the first line":        data[:ends[0]/2],
		"another program's file":        []byte("{\"version\": 1}\n"),
		"a large file of zeros":         make([]byte, 10_000),
		"the first line is gone":        data[ends[0]:],
		"the first line is zeros":       zeroed(0, ends[0]),
		"a commit in the middle zeroed": zeroed(ends[1], ends[2]),
		"most of the file zeroed":       zeroed(ends[1], ends[4]),
		"a commit is missing":           slices.Concat(data[:ends[1]], data[ends[2]:]),
		"a commit comes twice":          slices.Concat(data[:ends[2]], data[ends[1]:]),
		"commits in another order":      slices.Concat(data[:ends[1]], data[ends[2]:ends[3]], data[ends[1]:ends[2]], data[ends[3]:]),
		"something else behind it":      append(bytes.Clone(data), strings.Repeat("not a commit ", 10)...),
		"its beginning behind it":       append(bytes.Clone(data), data[:ends[1]]...),
		"bytes inserted":                slices.Concat(data[:ends[1]+40], []byte("xx"), data[ends[1]+40:]),
	} {
		t.Run(name, func(t *testing.T) { checkSetAside(t, name, diskWith(damaged), damaged, states) })
	}
}

// TestTornEnds has what a crash leaves of a commit that nobody was told of.
func TestTornEnds(t *testing.T) {
	data, ends, states := writtenFile(t)
	large := func() []byte { // a commit over several sectors that follows
		d := diskWith(data)
		f := openMem(t, d)
		commit(t, f, put("large", strings.Repeat("x", 4*sector)))
		return bytes.Clone(d.names[statePath].data)
	}()
	zeroSector := func(nth int64) []byte {
		b := bytes.Clone(large)
		from := (ends[5]/sector + nth) * sector
		clear(b[from : from+sector])
		return b
	}
	for name, torn := range map[string][]byte{
		"half a header":         large[:ends[5]+10],
		"a header":              large[:ends[5]+frameHeaderSize],
		"half a commit":         large[:ends[5]+1000],
		"the file grew":         append(bytes.Clone(data), make([]byte, 3*sector)...),
		"a sector not written":  zeroSector(1),
		"another, further back": zeroSector(3),
	} {
		t.Run(name, func(t *testing.T) {
			d := diskWith(torn)
			f := openMem(t, d)
			if s := f.Status(); s.Recovery != nil || s.Err != nil || s.TornBytes != int64(len(torn)-len(data)) {
				t.Errorf("status %+v", s)
			}
			if got := contents(t, f.Load); !maps.Equal(got, states[5]) {
				t.Errorf("content %v", got)
			}
			checkGoesOn(t, name, d, f)
		})
	}
}

func TestCutAtEveryLength(t *testing.T) {
	data, ends, states := writtenFile(t)
	for n := range len(data) {
		d := diskWith(data[:n])
		whole := 0
		for whole < 5 && ends[whole+1] <= int64(n) {
			whole++
		}
		if int64(n) < ends[0] {
			checkSetAside(t, fmt.Sprintf("%d bytes", n), d, data[:n], states[:1])
			continue
		}
		f := openMem(t, d)
		if got := contents(t, f.Load); !maps.Equal(got, states[whole]) || f.Status().Recovery != nil {
			t.Fatalf("%d bytes: %v", n, got)
		}
	}
}

func TestEarlierDamagedFilesAreKept(t *testing.T) {
	dir := t.TempDir()
	moment := func() time.Time { return time.Unix(1_800_000_000, 0) }
	for i := range 3 {
		if err := os.WriteFile(filepath.Join(dir, fileName), fmt.Appendf(nil, "damaged %d", i), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(context.Background(), dir, Options{Now: moment})
		if err != nil {
			t.Fatal(err)
		}
		name := fileName + ".damaged-20270115T080000Z" + []string{"", "-2", "-3"}[i]
		if got := f.Status().Recovery; got == nil || got.Path != filepath.Join(dir, name) {
			t.Errorf("recovery %+v", got)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		for j := range i + 1 {
			name := filepath.Join(dir, fileName+".damaged-20270115T080000Z"+[]string{"", "-2", "-3"}[j])
			if b, err := os.ReadFile(name); err != nil || string(b) != fmt.Sprintf("damaged %d", j) {
				t.Errorf("%s: %q %v", name, b, err)
			}
		}
	}
}

// TestDamagedFileThatCannotBeMoved is one on a disk that is read-only for a while.
func TestDamagedFileThatCannotBeMoved(t *testing.T) {
	damaged := []byte("damaged")
	d := diskWith(damaged)
	d.fail = func(op string) error {
		if op == "rename" || op == "open to write" {
			return syscall.EROFS
		}
		return nil
	}
	f := openMem(t, d)
	if s := f.Status(); !errors.Is(s.Err, syscall.EROFS) || s.Recovery == nil || s.Recovery.Path != statePath {
		t.Errorf("status %+v", s)
	}
	if err := f.Commit([]Record{put("a", "1")}); !errors.Is(err, syscall.EROFS) || !bytes.Equal(d.names[statePath].data, damaged) {
		t.Errorf("commit: %v", err)
	}
	d.fail = nil
	commit(t, f, put("a", "2"))
	if s := f.Status(); s.Err != nil || !bytes.Equal(d.names[s.Recovery.Path].data, damaged) {
		t.Errorf("status %+v", s)
	}
}

func TestNewerVersionIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	newer := append(fileHeader(formatVersion+1), "in whatever form"...)
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time shows that the lock was let go
		_, err := Open(context.Background(), dir, Options{})
		var version *VersionError
		if !errors.Is(err, ErrNewerVersion) || !errors.As(err, &version) || version.Version != formatVersion+1 || version.Path != path {
			t.Fatalf("error %v", err)
		}
		if !strings.Contains(err.Error(), path) {
			t.Error(err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, newer) {
		t.Errorf("it was changed: %q %v", b, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("there is more than the file and the lock: %v %v", entries, err)
	}
}
