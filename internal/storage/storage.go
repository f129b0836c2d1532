package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	fileName = "state.log"
	newName  = "state.log.new" // what a compaction writes before it takes the file's place
)

// Options are for Open.
type Options struct {
	// LockWait is how long Open waits for another process to let go of the directory. Zero does not wait.
	LockWait time.Duration
	// Now gives the time for the holder's note and for names of files set aside; time.Now where it is nil.
	Now func() time.Time
}

// File is storage in a directory, for one process at a time. Its methods may be called at the same time; Status never
// waits for the disk.
type File struct {
	dir, path string
	disk      disk
	claim     claim
	now       func() time.Time

	mu         sync.Mutex // held while the disk works
	journal    *journal   // nil as long as there is no file, or it could not be read
	index      index
	refused    error // why nothing can ever be committed until a restart
	relocked   bool  // the lock was taken after the file was read: it may have changed
	dirUnsure  bool  // the directory is to be synced before the next commit counts
	set        *setAside
	compaction *compaction
	compactAt  int64 // no compaction before the file is that long; after one that failed
	pace       pace
	buf        []byte
	closed     bool
	failure    error // of the last commit, or of the start
	compactErr error
	torn       int64

	status atomic.Pointer[Status]
}

// Status is how storage is. It is one moment's, whole.
type Status struct {
	// Err is why the last commit failed, or why the start could not make the file ready. Nil while all is well.
	Err error
	// CompactionErr is why the last compaction was given up. Commits go on without it, while the file grows.
	CompactionErr error
	// Records is the number of keys, Bytes the length of the file, and LiveBytes what of it is of use.
	Records          int
	Bytes, LiveBytes int64
	// Recovery is what was found damaged at start and set aside; nil if nothing was.
	Recovery *Recovery
	// TornBytes is what was cut off at start: the rest of a commit that a crash interrupted.
	TornBytes int64
}

// Open takes the lock on dir and reads what is there.
//
// It fails only where going on would be wrong: an error is an ErrLocked, an ErrNewerVersion, or that of ctx. A directory
// that cannot be made, read or written gives a File all the same: Status().Err says what is wrong, Load gives what could
// be read, and every Commit tries again and fails until the path works. A damaged file is set aside; see Status.Recovery.
func Open(ctx context.Context, dir string, options Options) (*File, error) {
	now := options.Now
	if now == nil {
		now = time.Now
	}
	f := newFile(dir, realDisk{}, now)
	lock := &dirLock{dir: dir, now: now}
	f.claim = lock

	err := f.disk.makeDir(dir)
	if err == nil {
		err = lock.wait(ctx, options.LockWait)
	}
	if ctx.Err() != nil && !errors.Is(err, ErrLocked) {
		err = ctx.Err()
	}
	if errors.Is(err, ErrLocked) || ctx.Err() != nil {
		return nil, fmt.Errorf("storage: %w", errors.Join(err, lock.release()))
	}
	return f.start(err)
}

func newFile(dir string, d disk, now func() time.Time) *File {
	return &File{dir: dir, path: filepath.Join(dir, fileName), disk: d, now: now, index: newIndex(), pace: usualPace}
}

// start reads the file and makes it ready. blocked is what has already gone wrong.
func (f *File) start(blocked error) (*File, error) {
	err := f.read()
	if version := (*VersionError)(nil); errors.As(err, &version) {
		return nil, fmt.Errorf("storage: %w", errors.Join(err, f.claim.release()))
	}
	f.failure = cmp.Or(blocked, err)
	if f.failure == nil {
		_ = f.disk.remove(f.newPath()) // left by a compaction that a crash interrupted; only a waste of space
		f.failure = f.ready()
	}
	f.publish()
	return f, nil
}

// read reads the file at the path, without changing anything. Where there is none, nothing is read.
func (f *File) read() error {
	file, err := f.disk.open(f.path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	size, err := file.Size()
	if err != nil {
		return closeAfter(file, err)
	}
	s, err := scan(file, size)
	if version := (*VersionError)(nil); errors.As(err, &version) {
		version.Path = f.path
	}
	if err != nil {
		return closeAfter(file, err)
	}
	if s.damage != nil {
		f.set = &setAside{file: file, end: s.end, index: s.index, recovery: Recovery{Path: f.path, Err: s.damage, Records: len(s.entries)}}
		return nil
	}
	// The handle cannot write: unsure makes ready open another before the first commit.
	f.journal = &journal{file: file, position: s.position, size: size, unsure: true}
	f.index = s.index
	f.torn = size - s.end
	return nil
}

// Load gives every record to yield, in no order that means anything. The value is valid only during the call. An error of
// yield ends Load and is returned as it is.
func (f *File) Load(yield func(key string, value []byte) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.journal == nil {
		return nil
	}
	return walk(window{from: f.journal.file, end: f.journal.end}, f.index, yield)
}

func walk(w window, x index, yield func(key string, value []byte) error) error {
	for _, p := range x.inFileOrder() {
		_, r, err := w.record(p.key, x.entries[p.key])
		if err != nil {
			return fmt.Errorf("storage: %w", err)
		}
		if err := yield(p.key, r.value); err != nil {
			return err
		}
	}
	return nil
}

// Commit makes records durable, all of them or none; it has when it returns nil. Where a key comes twice, the later one
// counts. No records at all is a question whether a commit would work.
//
// After an error none of the records is in what this File holds, and the next Commit goes on from there. If the process
// dies before a Commit succeeds again, the next one may find them, all of them: a sync that failed may have written them.
func (f *File) Commit(records []Record) error {
	size, err := payloadSize(records)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fmt.Errorf("storage: %w", ErrClosed)
	}
	f.failure = f.commit(records, size)
	if f.failure == nil && f.set != nil {
		_ = f.set.release() // it was only read from
	}
	f.publish()
	if f.failure != nil {
		return fmt.Errorf("storage: %w", f.failure)
	}
	return nil
}

func (f *File) commit(records []Record, size int) error {
	if err := f.ready(); err != nil || len(records) == 0 {
		return err
	}
	frame := slices.Grow(emptyFrame(f.buf), size)
	for i := range records {
		frame = appendRecord(frame, records[i])
	}
	payload, err := f.journal.commit(frame)
	if err != nil && f.compaction != nil {
		// The new file may have taken the space that this commit needs.
		f.giveUp(err)
		if f.ready() == nil {
			payload, err = f.journal.commit(frame)
		}
	}
	if err != nil {
		return err
	}
	if err := f.index.take(frame[frameHeaderSize:], payload); err != nil {
		return err
	}
	f.compact(frame)
	f.buf = keep(frame)
	return nil
}

// keep gives a buffer back for the next commit, unless it is so large that it would be a waste.
func keep(b []byte) []byte {
	if cap(b) > 1<<20 {
		return nil
	}
	return b[:0]
}

// Status tells how storage is, without waiting for the disk.
func (f *File) Status() Status { return *f.status.Load() }

func (f *File) publish() {
	s := Status{Err: f.failure, CompactionErr: f.compactErr, Records: len(f.index.entries), LiveBytes: f.index.live, TornBytes: f.torn}
	if f.journal != nil {
		s.Bytes = f.journal.end
	}
	if f.set != nil {
		r := f.set.recovery
		s.Recovery = &r
	}
	f.status.Store(&s)
}

// Close frees the lock. What was committed is already durable.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	f.giveUp(nil)
	var errs []error
	if f.journal != nil {
		errs = append(errs, f.journal.file.Close())
	}
	if f.set != nil {
		errs = append(errs, f.set.release())
	}
	if err := errors.Join(append(errs, f.claim.release())...); err != nil {
		return fmt.Errorf("storage: %w", err)
	}
	return nil
}
