package storage

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPathThatBecomesUsable begins where a file stands in the directory's place, which stops root as well.
func TestPathThatBecomesUsable(t *testing.T) {
	base := t.TempDir()
	inTheWay := filepath.Join(base, "data")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := openDir(t, filepath.Join(inTheWay, "state"))
	if err := f.Status().Err; !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("status: %v", err)
	}
	if got := contents(t, f.Load); len(got) != 0 {
		t.Error(got)
	}
	if err := f.Commit([]Record{put("a", "1")}); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("commit: %v", err)
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	commit(t, f, put("a", "2"))
	if err := f.Status().Err; err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, openDir(t, f.dir).Load); got["a"] != "2" {
		t.Error(got)
	}
}

// sample is a disk with three commits on it, and what they made.
func sample(t *testing.T) (*memDisk, map[string]string) {
	t.Helper()
	d := newMemDisk()
	f := openMem(t, d)
	commit(t, f, put("a", "1"), put("b", strings.Repeat("b", 100)))
	commit(t, f, put("c", "3"))
	commit(t, f, put("a", "4"))
	return d.restarted(), contents(t, f.Load)
}

func TestReadOnlyDisk(t *testing.T) {
	d, want := sample(t)
	d.fail = func(op string) error {
		switch op {
		case "open", "read", "size", "holds", "exists", "makeDir":
			return nil
		}
		return syscall.EROFS
	}
	f := openMem(t, d)
	if got := contents(t, f.Load); !maps.Equal(got, want) {
		t.Errorf("loaded %v", got)
	}
	for range 2 {
		if err := f.Commit([]Record{put("new", "1")}); !errors.Is(err, syscall.EROFS) || f.Status().Err == nil {
			t.Errorf("commit: %v", err)
		}
	}
	d.fail = nil
	commit(t, f, put("new", "2"))
	want["new"] = "2"
	if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, want) {
		t.Errorf("read back %v", got)
	}
}

// TestFileThatBecomesReadableTooLate has records that Load did not give: they are not overwritten.
func TestFileThatBecomesReadableTooLate(t *testing.T) {
	d, want := sample(t)
	d.fail = func(op string) error {
		if op == "open" {
			return fs.ErrPermission
		}
		return nil
	}
	f := openMem(t, d)
	if err := f.Status().Err; !errors.Is(err, fs.ErrPermission) {
		t.Errorf("status: %v", err)
	}
	if err := f.Commit([]Record{put("a", "new")}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("commit while it cannot be read: %v", err)
	}
	d.fail = nil
	for range 2 {
		if err := f.Commit([]Record{put("a", "new")}); !errors.Is(err, ErrChanged) {
			t.Errorf("commit once it can be read: %v", err)
		}
	}
	if got := contents(t, openMem(t, d.restarted()).Load); !maps.Equal(got, want) {
		t.Errorf("after a restart: %v", got)
	}
}

func TestSomethingElseAtThePath(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, fileName), 0o700); err != nil {
		t.Fatal(err)
	}
	f := openDir(t, dir)
	if err := f.Commit([]Record{put("a", "1")}); err == nil || f.Status().Err == nil {
		t.Error("a directory in the file's place is no error")
	}
}

func TestRemovedWhileRunning(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	f := openDir(t, dir)
	commit(t, f, put("a", "1"), put("b", "2"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	commit(t, f, put("b", "3"))
	if _, err := Open(context.Background(), dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("the lock was not taken again: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, openDir(t, dir).Load); !maps.Equal(got, map[string]string{"a": "1", "b": "3"}) {
		t.Error(got)
	}
}

func TestReplacedWhileRunning(t *testing.T) {
	f := openDir(t, t.TempDir())
	commit(t, f, put("a", "1"))
	other := fileHeader(formatVersion)
	kept := f.path + ".kept"
	if err := errors.Join(os.Rename(f.path, kept), os.WriteFile(f.path, other, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit([]Record{put("a", "2")}); !errors.Is(err, ErrChanged) {
		t.Errorf("commit: %v", err)
	}
	if b, err := os.ReadFile(f.path); err != nil || !bytes.Equal(b, other) {
		t.Errorf("the other file was changed: %q %v", b, err)
	}
	if err := os.Rename(kept, f.path); err != nil {
		t.Fatal(err)
	}
	commit(t, f, put("a", "3"))
}
