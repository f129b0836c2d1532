package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// openDir opens storage in a real directory and wants no error.
func openDir(t *testing.T, dir string) *File {
	t.Helper()
	f, err := Open(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func commit(t *testing.T, f *File, records ...Record) {
	t.Helper()
	if err := f.Commit(records); err != nil {
		t.Fatal(err)
	}
}

func put(key, value string) Record { return Record{Key: key, Value: []byte(value)} }

func TestWhatIsCommittedIsThereAgain(t *testing.T) {
	for name, c := range map[string]struct {
		commits [][]Record
		want    map[string]string
	}{
		"nothing":              {nil, map[string]string{}},
		"no records":           {[][]Record{{}}, map[string]string{}},
		"one":                  {[][]Record{{put("a", "1")}}, map[string]string{"a": "1"}},
		"the later one counts": {[][]Record{{put("a", "1"), put("b", "2")}, {put("a", "3")}}, map[string]string{"a": "3", "b": "2"}},
		"twice in one commit":  {[][]Record{{put("a", "1"), put("a", "2")}}, map[string]string{"a": "2"}},
		"deleted":              {[][]Record{{put("a", "1"), put("b", "2")}, {{Key: "a"}}}, map[string]string{"b": "2"}},
		"deleted and back":     {[][]Record{{put("a", "1")}, {{Key: "a"}}, {put("a", "2")}}, map[string]string{"a": "2"}},
		"set and deleted":      {[][]Record{{put("a", "1"), {Key: "a"}}}, map[string]string{}},
		"never there":          {[][]Record{{{Key: "a"}}}, map[string]string{}},
		"an empty value":       {[][]Record{{{Key: "a", Value: []byte{}}}}, map[string]string{"a": ""}},
		"any bytes":            {[][]Record{{put("\x00\xff\n", strings.Repeat("\x00", 3000)+string(frameMarker))}}, map[string]string{"\x00\xff\n": strings.Repeat("\x00", 3000) + string(frameMarker)}},
		"a large value":        {[][]Record{{put("a", strings.Repeat("x", 3<<20))}}, map[string]string{"a": strings.Repeat("x", 3<<20)}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "data")
			f := openDir(t, dir)
			for _, records := range c.commits {
				commit(t, f, records...)
			}
			if got := contents(t, f.Load); !maps.Equal(got, c.want) {
				t.Errorf("before the restart: %.100v", got)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			f = openDir(t, dir)
			if s := f.Status(); s.Err != nil || s.Recovery != nil || s.TornBytes != 0 || s.Records != len(c.want) {
				t.Errorf("status after the restart: %+v", s)
			}
			if got := contents(t, f.Load); !maps.Equal(got, c.want) {
				t.Errorf("after the restart: %.100v", got)
			}
		})
	}
}

func TestOnlyTheOwnerCanRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	f := openDir(t, dir)
	f.pace.least = 0
	for range 4 { // until a compaction has made another file
		commit(t, f, put("a", strings.Repeat("x", 100)))
	}
	names := []string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = fs.ModeDir | 0o700
		} else {
			names = append(names, d.Name())
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %s, not %s", path, info.Mode(), want)
		}
		return err
	})
	if err != nil || fmt.Sprint(names) != "[lock lock.json state.log]" {
		t.Error(names, err)
	}
}

func TestACopyReadableByAllIsClosedAgain(t *testing.T) {
	dir := t.TempDir()
	f := openDir(t, dir)
	commit(t, f, put("a", "1"))
	if err := errors.Join(f.Close(), os.Chmod(f.path, 0o644)); err != nil {
		t.Fatal(err)
	}
	openDir(t, dir)
	if info, err := os.Stat(f.path); err != nil || info.Mode() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestRecordsThatCannotBeKept(t *testing.T) {
	f := openDir(t, t.TempDir())
	for name, r := range map[string]Record{
		"an empty key": put("", "1"),
		"a long key":   put(strings.Repeat("k", maxKey+1), "1"),
	} {
		if err := f.Commit([]Record{put("good", "1"), r}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := f.Status().Err; err != nil {
		t.Errorf("the caller's mistake counts as the disk's: %v", err)
	}
	if got := contents(t, f.Load); len(got) != 0 {
		t.Errorf("half a commit was kept: %v", got)
	}
}

// TestErrorsNameTheFile is about files that a compaction wrote under another name: errors of the system name a file as it
// was opened.
func TestErrorsNameTheFile(t *testing.T) {
	f := openDir(t, t.TempDir())
	f.pace.least = 0
	for range 4 {
		commit(t, f, put("a", strings.Repeat("x", 100)))
		commit(t, f) // makes ready for the next
		if name := f.journal.file.(realFile).Name(); name != f.path {
			t.Errorf("errors would name %s", name)
		}
	}
}

func TestErrorOfYieldEndsLoad(t *testing.T) {
	f := openDir(t, t.TempDir())
	commit(t, f, put("a", "1"), put("b", "2"))
	calls, stop := 0, errors.New("stop")
	if err := f.Load(func(string, []byte) error { calls++; return stop }); !errors.Is(err, stop) || calls != 1 {
		t.Error(err, calls)
	}
}

func TestAfterClose(t *testing.T) {
	f := openDir(t, t.TempDir())
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit([]Record{put("a", "1")}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// TestStatusDoesNotWait asks while a commit hangs in the disk, as on a network that is gone.
func TestStatusDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemDisk()
		f := openMem(t, d)
		hang := make(chan struct{})
		d.fail = func(op string) error {
			if op == "sync" {
				<-hang
			}
			return nil
		}
		done := make(chan error)
		go func() { done <- f.Commit([]Record{put("a", "1")}) }()
		synctest.Wait()
		if s := f.Status(); s.Err != nil || s.Records != 0 {
			t.Errorf("%+v", s)
		}
		close(hang)
		if err := <-done; err != nil || f.Status().Records != 1 {
			t.Error(err, f.Status())
		}
	})
}

func TestNone(t *testing.T) {
	var n None
	if err := errors.Join(n.Commit([]Record{put("a", "1")}), n.Status().Err, n.Close()); err != nil {
		t.Error(err)
	}
	if got := contents(t, n.Load); len(got) != 0 {
		t.Error(got)
	}
	if got := contents(t, n.Salvage); len(got) != 0 {
		t.Error(got)
	}
}
