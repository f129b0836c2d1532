package storage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// heldByChild starts a process that has the storage in dir.
func heldByChild(t *testing.T, dir string) *child {
	t.Helper()
	c := start(t, "hold", dir)
	if !c.out.Scan() || c.out.Text() != "held" {
		t.Fatal("the other process could not open the storage")
	}
	return c
}

func TestSecondProcessIsTurnedAway(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Second)
	dir := t.TempDir()
	c := heldByChild(t, dir)
	after := time.Now()
	for _, wait := range []time.Duration{0, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := Open(context.Background(), dir, Options{LockWait: wait})
			if took := time.Since(began); took != wait {
				t.Errorf("it gave up after %s, not %s", took, wait)
			}
			var locked *LockedError
			if !errors.Is(err, ErrLocked) || !errors.As(err, &locked) {
				t.Fatalf("error %v", err)
			}
			h := locked.Holder
			if h.PID != c.Process.Pid || h.Host != host || h.Since.Before(before) || h.Since.After(after) || locked.Waited != wait {
				t.Errorf("the holder is process %d, the error says %+v", c.Process.Pid, locked)
			}
			if text := err.Error(); !strings.Contains(text, h.String()) || !strings.Contains(text, dir) {
				t.Error(text)
			}
		})
	}
}

func TestLockIsFreeAfterKillNine(t *testing.T) {
	dir := t.TempDir()
	c := heldByChild(t, dir)
	if _, err := Open(context.Background(), dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("the other process does not hold the lock: %v", err)
	}
	c.kill()
	openDir(t, dir)
}

func TestWaitingEndsWhenTheLockIsFree(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		first := openDir(t, dir)
		began := time.Now()
		time.AfterFunc(10*time.Second, func() {
			if err := first.Close(); err != nil {
				t.Error(err)
			}
		})
		second, err := Open(context.Background(), dir, Options{LockWait: 30 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 10*time.Second || took > 10*time.Second+lockRetry {
			t.Errorf("it waited %s", took)
		}
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	dir := t.TempDir()
	openDir(t, dir)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := Open(ctx, dir, Options{LockWait: time.Minute})
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrLocked) {
			t.Errorf("error %v", err)
		}
	})
}

func TestHolderWithoutANote(t *testing.T) {
	dir := t.TempDir()
	openDir(t, dir)
	for _, note := range []string{"", "{", "null", `{"pid":"x"}`} {
		if err := os.WriteFile(filepath.Join(dir, holderName), []byte(note), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(context.Background(), dir, Options{})
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "another process") {
			t.Errorf("note %q: %v", note, err)
		}
	}
}

// TestLockLostWhileRunning removes the lock's file, so that another can take the storage.
func TestLockLostWhileRunning(t *testing.T) {
	dir := t.TempDir()
	f := openDir(t, dir)
	commit(t, f, put("a", "1"))
	if err := os.Remove(filepath.Join(dir, lockName)); err != nil {
		t.Fatal(err)
	}
	other := openDir(t, dir)
	commit(t, other, put("a", "2"))
	if err := f.Commit([]Record{put("a", "3")}); !errors.Is(err, ErrLocked) {
		t.Errorf("commit while another holds the lock: %v", err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit([]Record{put("a", "3")}); !errors.Is(err, ErrChanged) {
		t.Errorf("commit after another wrote: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, openDir(t, dir).Load); got["a"] != "2" {
		t.Errorf("the other's commit is lost: %v", got)
	}
}
