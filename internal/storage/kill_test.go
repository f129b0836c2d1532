package storage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
)

const numberedKeys = 7

// numbered is the n-th commit of a child: the number itself, and a longer record of one of a few keys.
func numbered(n uint64) []Record {
	return []Record{
		{Key: "last", Value: binary.BigEndian.AppendUint64(nil, n)},
		{Key: numberedKey(n), Value: numberedValue(n)},
	}
}

func numberedKey(n uint64) string { return fmt.Sprintf("key %d", n%numberedKeys) }

func numberedValue(n uint64) []byte {
	return bytes.Repeat(binary.BigEndian.AppendUint64(nil, n), 1+int(n%331))
}

// lastNumber reads what a child left and wants it to be whole: exactly what its commits up to the last number made.
func lastNumber(f *File) (last uint64, err error) {
	got := map[string]string{}
	err = f.Load(func(key string, value []byte) error {
		got[key] = string(value)
		return nil
	})
	if err != nil || len(got) == 0 {
		return 0, err
	}
	if status := f.Status(); status.Err != nil || status.Recovery != nil {
		return 0, fmt.Errorf("status %+v", status)
	}
	last = binary.BigEndian.Uint64([]byte(got["last"]))
	for n := last; n > 0 && n+numberedKeys > last; n-- {
		if got[numberedKey(n)] != string(numberedValue(n)) {
			return 0, fmt.Errorf("the last number is %d, but %q is not that of %d", last, numberedKey(n), n)
		}
	}
	return last, nil
}

// TestKillNine kills a process that commits as fast as it can, again and again, in one directory.
func TestKillNine(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(9, 9))
	var acknowledged uint64
	for round := range 6 {
		c := start(t, "write", dir)
		for range 1 + r.IntN(60) {
			if !c.out.Scan() {
				t.Fatalf("round %d: the child stopped: %v", round, c.out.Err())
			}
			acknowledged = number(t, c)
		}
		_ = c.Process.Kill()
		for c.out.Scan() { // what it still said before it was gone
			acknowledged = number(t, c)
		}
		c.kill()

		f := openDir(t, dir)
		last, err := lastNumber(f)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if last != acknowledged && last != acknowledged+1 {
			t.Fatalf("round %d: %d is acknowledged and %d is there", round, acknowledged, last)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if acknowledged < 20 {
		t.Errorf("only %d commits were made", acknowledged)
	}
}

// number reads a line of the child, which it writes whole or not at all.
func number(t *testing.T, c *child) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(c.out.Text(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
