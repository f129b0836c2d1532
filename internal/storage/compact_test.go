package storage

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
)

// filled is storage with n records of 1,000 bytes, and what it holds.
func filled(t *testing.T, d *memDisk, n int) (*File, map[string]string) {
	t.Helper()
	f := openMem(t, d)
	f.pace = pace{least: 10_000, step: 4_000, factor: 4, frame: 3_000}
	want := map[string]string{}
	for i := range n {
		r := put(fmt.Sprintf("key %d", i), strings.Repeat("v", 1000))
		commit(t, f, r)
		apply(want, []Record{r})
	}
	return f, want
}

// TestWorkOfACommitIsBounded changes one record of a few and one of very many, again and again: a commit never writes
// more than its own record twice, a step of a compaction, and headers; and on average not twice the step's share.
func TestWorkOfACommitIsBounded(t *testing.T) {
	for _, stored := range []int{20, 2000} {
		d := newMemDisk()
		d.powered = true
		f, want := filled(t, d, stored)
		const bound = 2*1100 + 4*1100 + 2*3000
		compactions, total := 0, 0
		for i := range 6 * stored {
			before, running := d.written, f.compaction != nil
			r := put(fmt.Sprintf("key %d", i*7%stored), strings.Repeat("w", 1000))
			commit(t, f, r)
			apply(want, []Record{r})
			if n := d.written - before; n > bound {
				t.Fatalf("%d stored: a commit of one record wrote %d bytes", stored, n)
			}
			total += d.written - before
			if running && f.compaction == nil {
				compactions++
			}
			if s := f.Status(); s.Bytes > 3*s.LiveBytes+2*f.pace.least {
				t.Fatalf("%d stored: %d bytes in the file for %d that are live", stored, s.Bytes, s.LiveBytes)
			}
		}
		if stored == 2000 && compactions < 3 {
			t.Errorf("%d compactions", compactions)
		}
		if mean := total / (6 * stored); mean > 2*1100+400 {
			t.Errorf("%d stored: %d bytes written per commit of one record", stored, mean)
		}
		if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, want) {
			t.Errorf("%d stored: the content is wrong after a restart", stored)
		}
	}
}

func TestDeletedRecordsLeaveTheFile(t *testing.T) {
	d := newMemDisk()
	f, _ := filled(t, d, 30)
	f.pace.least = 200
	for i := range 30 {
		commit(t, f, Record{Key: fmt.Sprintf("key %d", i)})
	}
	for range 10 {
		commit(t, f, put("only", "1"))
	}
	if s := f.Status(); s.Records != 1 || s.Bytes > 500 {
		t.Errorf("status %+v", s)
	}
	if bytes.Contains(d.names[statePath].data, []byte("key ")) {
		t.Error("a deleted key is still in the file")
	}
	if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, map[string]string{"only": "1"}) {
		t.Error(got)
	}
}

// startCompaction replaces records until a compaction begins that takes several steps.
func startCompaction(t *testing.T, f *File, want map[string]string) {
	t.Helper()
	for i := range 100 {
		r := put(fmt.Sprintf("key %d", i%len(want)), strings.Repeat("x", 1000))
		commit(t, f, r)
		apply(want, []Record{r})
		if f.compaction != nil {
			return
		}
	}
	t.Fatal("no compaction began")
}

// TestChangesDuringACompaction replaces, deletes and adds records that were copied already, and ones that were not.
func TestChangesDuringACompaction(t *testing.T) {
	d := newMemDisk()
	f, want := filled(t, d, 40)
	f.pace.factor = 1
	startCompaction(t, f, want)
	for i := 0; f.compaction != nil && i < 40; i++ {
		records := []Record{
			put(fmt.Sprintf("key %d", i), "first"),
			{Key: fmt.Sprintf("key %d", 39-i)},
			put(fmt.Sprintf("new %d", i), "new"),
			{Key: fmt.Sprintf("new %d", i-1)},
		}
		commit(t, f, records...)
		apply(want, records)
		if i == 0 && f.compaction == nil {
			t.Fatal("the compaction took one step only")
		}
	}
	if got := contents(t, f.Load); !maps.Equal(got, want) {
		t.Errorf("afterwards: %.300v", got)
	}
	if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, want) {
		t.Errorf("after a restart: %.300v", got)
	}
}

// TestDamageFoundByACompaction damages a record that was acknowledged long ago. It must not be copied as if it were whole.
func TestDamageFoundByACompaction(t *testing.T) {
	d := newMemDisk()
	f, want := filled(t, d, 20)
	at := f.index.entries["key 3"].offset + 500
	d.names[statePath].data[at] ^= 0x10
	for i := range 60 {
		r := put(fmt.Sprintf("key %d", 4+i%16), strings.Repeat("x", 1000))
		commit(t, f, r)
		apply(want, []Record{r})
	}
	if s := f.Status(); !errors.Is(s.CompactionErr, ErrDamaged) || s.Err != nil {
		t.Fatalf("status %+v", s)
	}
	if d.names["data/"+newName] != nil {
		t.Error("what was given up is still on the disk")
	}
	for i := range 80 { // the damaged record is replaced, so nothing is wrong any more
		r := put(fmt.Sprintf("key %d", 3+i%16), strings.Repeat("y", 1000))
		commit(t, f, r)
		apply(want, []Record{r})
	}
	if s := f.Status(); s.CompactionErr != nil || s.Bytes > 50_000 {
		t.Errorf("status %+v", s)
	}
	f = openMem(t, d.restarted())
	if got := contents(t, f.Load); !maps.Equal(got, want) || f.Status().Recovery != nil {
		t.Errorf("after a restart: %+v", f.Status())
	}
}

func TestRestOfACompactionIsRemoved(t *testing.T) {
	d, want := sample(t)
	d.names["data/"+newName] = &inode{data: []byte("half a file")}
	f := openMem(t, d)
	if d.names["data/"+newName] != nil {
		t.Error("it is still there")
	}
	if got := contents(t, f.Load); !maps.Equal(got, want) {
		t.Error(got)
	}
}

// TestCompactionMakesWayForACommit has room for a commit only once the half-written new file is removed.
func TestCompactionMakesWayForACommit(t *testing.T) {
	d := newMemDisk()
	f, want := filled(t, d, 40)
	f.pace.factor = 0
	startCompaction(t, f, want)
	d.room = 0
	d.fail = func(op string) error {
		if op == "remove" {
			d.room = 5_000
		}
		return nil
	}
	r := put("key 1", "through")
	commit(t, f, r)
	apply(want, []Record{r})
	if f.compaction != nil {
		t.Error("the compaction goes on")
	}
	if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, want) {
		t.Error("the content is wrong after a restart")
	}
}
