//go:build !unix

package config

import (
	"os"
	"syscall"
)

// readRegular reads a file that must be regular, symbolic links followed: a FIFO would make the reader wait for ever.
func readRegular(path string, limit int64) ([]byte, error) {
	// With O_NONBLOCK opening never waits, whatever is there. This is done for every poll, so the file is asked for what
	// it is once it is open, and not before as well.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	info, err := f.Stat()
	if err != nil {
		return nil, withoutPath(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return readAll(f, limit)
}
