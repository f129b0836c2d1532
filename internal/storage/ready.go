package storage

import (
	"errors"
	"fmt"
	"io/fs"
)

// ready makes sure that a commit goes to a whole file of ours, in its place, under our lock. It does at start, and again
// before each commit, what has not worked so far, and puts right what went wrong since. With nothing to do it costs a few
// system calls.
func (f *File) ready() error {
	if f.refused != nil {
		return f.refused
	}
	if err := f.disk.makeDir(f.dir); err != nil {
		return err
	}
	fresh, err := f.claim.take()
	if err != nil {
		return err
	}
	f.relocked = f.relocked || fresh
	if err := f.setAside(); err != nil {
		return err
	}
	if f.journal == nil {
		return f.begin()
	}
	return f.goOn()
}

// begin makes the file where none was read.
func (f *File) begin() error {
	there, err := f.disk.exists(f.path)
	if err != nil {
		return err
	}
	if there {
		if err := f.readLate(); err != nil || f.journal != nil {
			return err
		}
	}
	f.relocked = false
	return f.rewrite()
}

// readLate reads a file that was not there, or not readable, at start. Whoever called Load does not know what it holds, and
// would overwrite it with less: such a file stays as it is until a restart. One without records is as good as none.
func (f *File) readLate() error {
	if err := f.read(); err != nil {
		return err
	}
	if err := f.setAside(); err != nil || f.journal == nil {
		return err
	}
	if len(f.index.entries) > 0 {
		f.refused = closeAfter(f.journal.file, fmt.Errorf("%s: %w", f.path, ErrChanged))
		f.journal, f.index = nil, newIndex()
		return f.refused
	}
	f.relocked = false
	return f.goOn()
}

// goOn makes the file that was read ready for the next commit.
func (f *File) goOn() error {
	there, err := f.disk.holds(f.path, f.journal.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.rewrite() // someone removed it; what it held is still in our handle
	case err != nil:
		return err
	case !there:
		return fmt.Errorf("%s: %w", f.path, ErrChanged)
	}
	if f.relocked {
		if err := f.checkSize(); err != nil {
			return err
		}
		f.relocked = false
	}
	if f.journal.unsure {
		if err := f.journal.repair(f.disk, f.path); err != nil {
			return err
		}
	}
	return f.syncDir()
}

// checkSize makes sure that nobody wrote to the file while we did not have the lock.
func (f *File) checkSize() error {
	size, err := f.journal.file.Size()
	if err != nil {
		return err
	}
	if size != f.journal.size {
		return fmt.Errorf("%s: %w", f.path, ErrChanged)
	}
	return nil
}

// syncDir makes the file's name durable, where it may not be.
func (f *File) syncDir() error {
	if !f.dirUnsure {
		return nil
	}
	if err := f.disk.syncDir(f.dir); err != nil {
		return err
	}
	f.dirUnsure = false
	return nil
}
