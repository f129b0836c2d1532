//go:build !unix

package config

import (
	"io/fs"
	"os"
)

// fileMode is the mode of a file, symbolic links followed.
func fileMode(path string) (fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Mode(), nil
}
