//go:build unix

package config

import (
	"errors"
	"fmt"
	"syscall"
)

// readRegular reads a file that must be regular, symbolic links followed: a FIFO would make the reader wait for ever. With
// O_NONBLOCK opening never waits, whatever is there, so the file is asked for what it is once it is open, and not before as
// well. This is done for every poll, and so without an os.File, which would be offered to the poller of sockets first.
func readRegular(path string, limit int64) ([]byte, error) {
	fd, err := again(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd) //nolint:errcheck // nothing was written
	var info syscall.Stat_t
	if err := syscall.Fstat(fd, &info); err != nil {
		return nil, err
	}
	if info.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return nil, errNotRegular
	}
	data := make([]byte, 0, min(info.Size, limit)+1) // one byte more, for the read that finds the end
	for {
		n, err := again(func() (int, error) { return syscall.Read(fd, data[len(data):cap(data)]) })
		if err != nil {
			return nil, err
		}
		data = data[:len(data)+n]
		switch {
		case n == 0:
			return data, nil
		case int64(len(data)) > limit:
			return nil, fmt.Errorf("larger than %d KiB", limit>>10)
		case len(data) == cap(data): // it grew meanwhile, or its length is not known before, as in /proc
			data = append(data, 0)[:len(data)]
		}
	}
}

// again repeats what a signal interrupted.
func again(do func() (int, error)) (int, error) {
	for {
		n, err := do()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
