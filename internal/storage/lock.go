package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockName   = "lock"
	holderName = "lock.json"
	// lockRetry is how often a waiting process asks again.
	lockRetry = 50 * time.Millisecond
)

// Holder is the process that has the storage, as it noted itself there.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// String names the holder for an error.
func (h Holder) String() string {
	if h.PID == 0 {
		return "another process, which left no note of itself"
	}
	return fmt.Sprintf("process %d on %s since %s", h.PID, h.Host, h.Since.UTC().Format(time.RFC3339))
}

// claim is the right to be the only writer.
type claim interface {
	// take takes the right without waiting. fresh tells that it was not held since the last call.
	take() (fresh bool, err error)
	release() error
}

// dirLock is the lock on a directory. The kernel frees it when the process ends, however it ends, so nothing is ever left
// behind. The file itself stays: removing it would let two processes lock two different files of the same name.
type dirLock struct {
	dir  string
	now  func() time.Time
	held *flock.Flock
}

// wait takes the lock within the given time. Only a *LockedError and the end of ctx mean that there is no use in going on;
// other errors are about the path.
func (l *dirLock) wait(ctx context.Context, limit time.Duration) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	retry := time.NewTicker(lockRetry)
	defer retry.Stop()
	for {
		_, err := l.take()
		var locked *LockedError
		if limit <= 0 || !errors.As(err, &locked) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w while waiting: %s", ctx.Err(), locked.Error())
		case <-deadline.C:
			locked.Waited = limit
			return err
		case <-retry.C:
		}
	}
}

func (l *dirLock) take() (fresh bool, err error) {
	if l.held != nil && l.inPlace() {
		return false, nil
	}
	if err := l.release(); err != nil {
		return false, err
	}
	lock := flock.New(filepath.Join(l.dir, lockName))
	ok, err := lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("taking the lock: %w", err)
	}
	if !ok {
		return false, &LockedError{Dir: l.dir, Holder: l.holder()}
	}
	l.held = lock
	l.note()
	return true, nil
}

// inPlace tells whether the locked file is still the one that another process would lock.
func (l *dirLock) inPlace() bool {
	ours, err := l.held.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(filepath.Join(l.dir, lockName))
	return err == nil && os.SameFile(ours, there)
}

func (l *dirLock) release() error {
	if l.held == nil {
		return nil
	}
	if l.inPlace() {
		_ = os.Remove(filepath.Join(l.dir, holderName)) // only a note, and ours
	}
	err := l.held.Close()
	l.held = nil
	return err
}

// note leaves the holder's name for others. The lock is good without it, so errors are of no interest.
func (l *dirLock) note() {
	host, _ := os.Hostname()
	b, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Since: l.now().UTC().Truncate(time.Second)})
	if err == nil {
		_ = os.WriteFile(filepath.Join(l.dir, holderName), append(b, '\n'), fileMode)
	}
}

func (l *dirLock) holder() Holder {
	var h Holder
	b, err := os.ReadFile(filepath.Join(l.dir, holderName))
	if err != nil || json.Unmarshal(b, &h) != nil {
		return Holder{}
	}
	return h
}
