package storage

import (
	"errors"
	"fmt"
	"time"
)

// What can be wrong with storage, for errors.Is.
var (
	// ErrLocked is in the error of Open, and of Commit where the lock was lost, while another process has the storage.
	ErrLocked = errors.New("another process uses this storage")
	// ErrNewerVersion is in the error of Open for a file that a newer version of the program wrote.
	ErrNewerVersion = errors.New("written by a newer version of credits_exporter")
	// ErrChanged is in the error of Commit when the file is not the one that was read at start, for example because the
	// path became readable only later. Only a restart can read it; it is not overwritten.
	ErrChanged = errors.New("the file is not the one that was read at start; restart to read it")
	// ErrDamaged is why a file was set aside, and why a compaction was given up.
	ErrDamaged = errors.New("damaged")
	// ErrClosed is the error of a Commit after Close.
	ErrClosed = errors.New("storage is closed")
)

// LockedError says who has the storage. It is an ErrLocked.
type LockedError struct {
	Dir    string
	Holder Holder
	Waited time.Duration
}

func (e *LockedError) Error() string {
	text := fmt.Sprintf("%s is in use by %s", e.Dir, e.Holder)
	if e.Waited > 0 {
		text += fmt.Sprintf(" (waited %s for it)", e.Waited)
	}
	return text + "; stop that process, or give this one a path of its own (storage.file.path)"
}

// Unwrap makes a LockedError an ErrLocked.
func (e *LockedError) Unwrap() error { return ErrLocked }

// VersionError says which version of the format a file has that this program cannot read. It is an ErrNewerVersion.
type VersionError struct {
	Path    string
	Version int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was %s: its format is version %d and this program reads up to %d. Nothing was changed; run the newer "+
		"version, or move the file away to begin afresh", e.Path, ErrNewerVersion, e.Version, formatVersion)
}

// Unwrap makes a VersionError an ErrNewerVersion.
func (e *VersionError) Unwrap() error { return ErrNewerVersion }
