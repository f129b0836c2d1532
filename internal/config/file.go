package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What a file may hold at most. A bundle of all public certificate authorities has about 220 KiB.
const (
	maxConfigFile     = 8 << 20
	maxListFile       = 64 << 20 // of account_files: hundreds of thousands of accounts
	maxCredentialFile = 64 << 10
	maxTLSFile        = 1 << 20
)

var errNotRegular = errors.New("not a regular file")

// files is how the loader looks at the disk.
type files struct {
	glob func(pattern string) ([]string, error)
	read func(path string) ([]byte, error)
	mode func(path string) (fs.FileMode, error)
}

func diskFiles() files {
	return files{
		glob: filepath.Glob,
		read: func(path string) ([]byte, error) { return readRegular(path, maxListFile) },
		mode: fileMode,
	}
}

// readConfigFile reads the main file, which may also be a pipe such as /dev/stdin.
func readConfigFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	return readAll(f, maxConfigFile)
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("larger than %d KiB", limit>>10)
	}
	return data, nil
}

// withoutPath drops operation and path from an error, because the messages name the path themselves.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// resolve makes a path of the configuration relative to the folder that the configuration is in.
func resolve(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// globMeta are the characters that make a path a pattern.
const globMeta = `*?[\`

// resolvePattern is resolve for a pattern: the folder is taken as it stands, whatever characters its name has.
func resolvePattern(dir, pattern string) string {
	if filepath.IsAbs(pattern) || !strings.ContainsAny(pattern, globMeta) {
		return resolve(dir, pattern)
	}
	var escaped strings.Builder
	for _, r := range dir {
		if strings.ContainsRune(globMeta, r) {
			escaped.WriteByte('\\')
		}
		escaped.WriteRune(r)
	}
	return filepath.Join(escaped.String(), pattern)
}
