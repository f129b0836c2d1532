package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const (
	dirMode  = 0o700
	fileMode = 0o600
)

// disk is what storage asks of a file system. Tests put one in its place that fills up, fails and loses power.
type disk interface {
	makeDir(dir string) error                   // with its parents; one that is there already is kept
	open(path string, flag int) (handle, error) // regular files only
	holds(path string, h handle) (bool, error)  // whether path is h's file; fs.ErrNotExist if nothing is there
	exists(path string) (bool, error)
	rename(from, to string) error
	remove(path string) error // nothing there is no error
	syncDir(dir string) error
}

// handle is an open file.
type handle interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
}

// realDisk is the operating system's.
type realDisk struct{}

func (realDisk) makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return err
	}
	// Without this a loss of power could take the new directory away. Where the parent cannot be opened for it, most file
	// systems still write it together with the first file that is synced.
	_ = realDisk{}.syncDir(filepath.Dir(dir))
	return nil
}

func (realDisk) open(path string, flag int) (handle, error) {
	// A named pipe would block in open.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.OpenFile(path, flag, fileMode)
	if err != nil {
		return nil, err
	}
	if flag&os.O_RDWR != 0 {
		_ = file.Chmod(fileMode) // a copy from a backup may be open to all; only its owner can change that
	}
	return realFile{file}, nil
}

func (realDisk) holds(path string, h handle) (bool, error) {
	there, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	ours, err := h.(realFile).Stat()
	if err != nil {
		return false, err
	}
	return os.SameFile(there, ours), nil
}

func (realDisk) exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (realDisk) rename(from, to string) error { return os.Rename(from, to) }

func (realDisk) remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir makes what was created, renamed and removed in dir durable. Windows has no such call and needs none.
func (realDisk) syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return closeAfter(d, err)
	}
	return d.Close()
}

type realFile struct{ *os.File }

func (f realFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
