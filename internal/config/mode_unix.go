//go:build unix

package config

import (
	"errors"
	"io/fs"
	"syscall"
)

// fileMode is the mode of a file, symbolic links followed. A reload asks for that of every key file, so it is asked for
// without what else os.Stat says. Of the forms of files only the regular one is told.
func fileMode(path string) (fs.FileMode, error) {
	var info syscall.Stat_t
	err := syscall.Stat(path, &info)
	for errors.Is(err, syscall.EINTR) {
		err = syscall.Stat(path, &info)
	}
	if err != nil {
		return 0, err
	}
	mode := fs.FileMode(info.Mode) & fs.ModePerm
	if info.Mode&syscall.S_IFMT != syscall.S_IFREG {
		mode |= fs.ModeIrregular
	}
	return mode, nil
}
