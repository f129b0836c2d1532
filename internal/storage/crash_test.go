package storage

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// openMem opens storage on a disk in memory, with a compaction every few commits that takes several of them.
func openMem(t *testing.T, d *memDisk) *File {
	t.Helper()
	f := newFile("data", d, func() time.Time { return time.Unix(1_800_000_000, 0) })
	f.pace = pace{least: 600, step: 150, factor: 0, frame: 100}
	f.claim = &freeClaim{held: true}
	f, err := f.start(nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// contents reads everything back.
func contents(t *testing.T, load func(func(string, []byte) error) error) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := load(func(key string, value []byte) error {
		if _, twice := got[key]; twice {
			return fmt.Errorf("%q comes twice", key)
		}
		got[key] = string(value)
		return nil
	})
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return got
}

// history is a sequence of commits with new, changed and deleted keys, large and small values, and the state after each.
func history(seed uint64, n int) (commits [][]Record, states []map[string]string) {
	r := rand.New(rand.NewPCG(seed, 7))
	state := map[string]string{}
	states = append(states, maps.Clone(state))
	for range n {
		var records []Record
		for range 1 + r.IntN(4) {
			record := Record{Key: fmt.Sprintf("account/%d", r.IntN(6)), Value: make([]byte, r.IntN(3)*r.IntN(300))}
			for i := range record.Value {
				record.Value[i] = byte('a' + r.IntN(26))
			}
			if r.IntN(6) == 0 {
				record.Value = nil
			}
			records = append(records, record)
			if record.Value == nil {
				delete(state, record.Key)
			} else {
				state[record.Key] = string(record.Value)
			}
		}
		commits = append(commits, records)
		states = append(states, maps.Clone(state))
	}
	return commits, states
}

// play commits until the first error and tells how many commits were acknowledged.
func play(f *File, commits [][]Record) (acknowledged int) {
	for _, records := range commits {
		if f.Commit(records) != nil {
			break
		}
		acknowledged++
	}
	return acknowledged
}

// checkPrefix wants the state after the last acknowledged commit, or after the one that was interrupted.
func checkPrefix(t *testing.T, at string, f *File, states []map[string]string, acknowledged int) {
	t.Helper()
	checkOneOf(t, at, f, states[acknowledged:min(acknowledged+2, len(states))])
}

// checkGoesOn wants storage to work again after what happened.
func checkGoesOn(t *testing.T, at string, d *memDisk, f *File) {
	t.Helper()
	want := contents(t, f.Load)
	for i := range 5 {
		value := bytes.Repeat([]byte{byte('A' + i)}, 200)
		want["more"] = string(value)
		if err := f.Commit([]Record{{Key: "more", Value: value}}); err != nil {
			t.Fatalf("%s: a commit afterwards: %v", at, err)
		}
	}
	if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, want) {
		t.Fatalf("%s: read back %v, want %v", at, got, want)
	}
}

func TestKilledAtEveryByte(t *testing.T) {
	t.Parallel()
	commits, states := history(1, 14)
	for bytesWritten := 0; ; bytesWritten++ {
		d := newMemDisk()
		d.killed, d.room = true, bytesWritten
		acknowledged := play(openMem(t, d), commits)

		at := fmt.Sprintf("killed after %d bytes and calls", bytesWritten)
		next := d.restarted()
		f := openMem(t, next)
		checkPrefix(t, at, f, states, acknowledged)
		if bytesWritten%5 == 0 {
			checkGoesOn(t, at, next, f)
		}
		if acknowledged == len(commits) && d.room > 0 {
			if bytesWritten < 2000 {
				t.Fatalf("the whole history took only %d bytes", bytesWritten)
			}
			return
		}
	}
}

func TestPowerLostAnywhere(t *testing.T) {
	t.Parallel()
	commits, states := history(2, 14)
	total := func() int {
		d := newMemDisk()
		d.killed = true
		before := d.room
		play(openMem(t, d), commits)
		return before - d.room
	}()
	for stop := 0; stop <= total; stop += 5 {
		d := newMemDisk()
		d.killed, d.room = true, stop
		acknowledged := play(openMem(t, d), commits)
		for seed := range uint64(4) {
			at := fmt.Sprintf("power lost after %d bytes and calls, seed %d", stop, seed)
			next := d.afterPowerLoss(rand.New(rand.NewPCG(seed, uint64(stop))))
			f := openMem(t, next)
			checkPrefix(t, at, f, states, acknowledged)
			if seed == 0 {
				checkGoesOn(t, at, next, f)
			}
		}
	}
}

// TestFullDisk lets the disk fill up at every byte, and finds room again a few commits later.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	commits, _ := history(3, 14)
	for room := range 4500 {
		d := newMemDisk()
		d.room = room
		f := openMem(t, d)
		want := map[string]string{}
		failures := 0
		for _, records := range commits {
			err := f.Commit(records)
			if err == nil {
				apply(want, records)
			} else if failures++; failures == 3 {
				d.room = 1 << 40
			}
			if status := f.Status(); (status.Err == nil) != (err == nil) {
				t.Fatalf("room for %d bytes: Commit says %v and Status %v", room, err, status.Err)
			}
			if err == nil {
				continue
			}
			if got := contents(t, f.Load); !maps.Equal(got, want) {
				t.Fatalf("room for %d bytes: the content is %v, want %v", room, got, want)
			}
		}
		if got := contents(t, f.Load); !maps.Equal(got, want) {
			t.Fatalf("room for %d bytes: the content is %v at the end, want %v", room, got, want)
		}
		d.room = 1 << 40
		checkGoesOn(t, fmt.Sprintf("room for %d bytes", room), d, f)
	}
}

func apply(state map[string]string, records []Record) {
	for _, r := range records {
		if r.Value == nil {
			delete(state, r.Key)
		} else {
			state[r.Key] = string(r.Value)
		}
	}
}

// TestEveryCallFails lets each call to the disk fail once, or fail for a while; a sync among them, whose data may or may
// not have been written.
func TestEveryCallFails(t *testing.T) {
	t.Parallel()
	commits, _ := history(4, 14)
	for _, times := range []int{1, 2, 9} {
		for first := 0; ; first++ {
			d := newMemDisk()
			failed := ""
			d.fail = func(op string) error {
				if d.ops > first && d.ops <= first+times {
					failed = op
					return errSync
				}
				return nil
			}
			f := openMem(t, d)
			acknowledged := map[string]string{}
			var unknown []map[string]string // what a commit that failed may have made of it
			for _, records := range commits {
				err := f.Commit(records)
				if err != nil && !errors.Is(err, errSync) {
					t.Fatalf("call %d (%s) fails: %v", first, failed, err)
				}
				if err == nil {
					apply(acknowledged, records)
					unknown = nil
				} else {
					state := maps.Clone(acknowledged)
					apply(state, records)
					unknown = append(unknown, state)
				}
				at := fmt.Sprintf("call %d (%s) fails %d times, then a crash", first, failed, times)
				r := rand.New(rand.NewPCG(uint64(first), uint64(times)))
				for _, next := range []*memDisk{d.restarted(), d.afterPowerLoss(r)} {
					checkOneOf(t, at, openMem(t, next), append(unknown, acknowledged))
				}
			}
			d.fail = nil
			checkGoesOn(t, fmt.Sprintf("call %d (%s) fails %d times", first, failed, times), d, f)
			if failed == "" {
				if first < 80 {
					t.Fatalf("the whole history took only %d calls", first)
				}
				break
			}
		}
	}
}

// checkOneOf wants one of the states, and nothing set aside.
func checkOneOf(t *testing.T, at string, f *File, states []map[string]string) {
	t.Helper()
	if r := f.Status().Recovery; r != nil {
		t.Fatalf("%s: set aside: %v", at, r.Err)
	}
	got := contents(t, f.Load)
	if !slices.ContainsFunc(states, func(s map[string]string) bool { return maps.Equal(s, got) }) {
		t.Fatalf("%s: the content is %v, want one of %v", at, got, states)
	}
}
