package storage

import (
	"math"
	"os"
	"path/filepath"
)

// A compaction writes the live records to a new file, which then takes the old one's place. It goes in steps, one after
// each commit and in proportion to it, so no commit waits for the whole and no goroutine is needed. While it lasts each
// commit goes to both files. The old one counts until the new one is whole, synced and renamed, so a crash in between
// loses nothing.

// pace is when to compact and how fast.
type pace struct {
	least  int64 // bytes without use that are no reason to compact
	step   int   // bytes that a step copies, if the commit's share is less
	factor int   // a commit's share: its own bytes times this
	frame  int   // about so many bytes of records are copied as one frame
}

// usualPace keeps the file within about two and a half times what is live, and a step within a few milliseconds.
var usualPace = pace{least: 4 << 20, step: 1 << 20, factor: 4, frame: 256 << 10}

type compaction struct {
	to     *journal
	left   []place // still to be copied, in file order
	window window
	buf    []byte
}

// compact goes on with a compaction, or begins one where over half of the file is of no use. Its errors are no errors of
// the commit, which is durable already.
func (f *File) compact(frame []byte) {
	if f.compaction == nil && !f.wantsCompaction() {
		return
	}
	if err := f.compactSome(frame); err != nil {
		f.giveUp(err)
	}
}

func (f *File) wantsCompaction() bool {
	dead := f.journal.end - f.index.live
	return dead > f.pace.least && dead > f.index.live && f.journal.end >= f.compactAt
}

func (f *File) compactSome(frame []byte) error {
	budget := max(f.pace.step, f.pace.factor*len(frame))
	if f.compaction == nil {
		if err := f.beginCompaction(); err != nil {
			return err
		}
	} else if err := f.mirror(frame); err != nil {
		return err
	}
	if err := f.copyRecords(budget); err != nil {
		return err
	}
	// Syncing every step keeps the last one as short as the others.
	if err := f.compaction.to.file.Sync(); err != nil {
		return err
	}
	if len(f.compaction.left) > 0 {
		return nil
	}
	return f.swap()
}

func (f *File) newPath() string { return filepath.Join(f.dir, newName) }

func (f *File) beginCompaction() error {
	if err := f.disk.remove(f.newPath()); err != nil {
		return err
	}
	file, err := f.disk.open(f.newPath(), os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	f.compaction = &compaction{to: &journal{file: file}, left: f.index.inFileOrder()}
	if f.journal != nil {
		f.compaction.window = window{from: f.journal.file, end: f.journal.end}
	}
	to, err := newJournal(file)
	if err != nil {
		return err
	}
	f.compaction.to = to
	return nil
}

// mirror repeats a commit in the new file.
func (f *File) mirror(frame []byte) error {
	offset, err := f.compaction.to.append(frame)
	if err != nil {
		return err
	}
	return eachRecord(frame[frameHeaderSize:], offset, func(r parsedRecord, at int64) {
		if e, live := f.index.entries[string(r.key)]; live {
			e.moved = at
			f.index.entries[string(r.key)] = e
		}
	})
}

// copyRecords copies about budget bytes of records that are still live and not in the new file.
func (f *File) copyRecords(budget int) error {
	c := f.compaction
	for budget > 0 && len(c.left) > 0 {
		frame := emptyFrame(c.buf)
		for len(frame) < f.pace.frame && len(c.left) > 0 {
			key := c.left[0].key
			c.left = c.left[1:]
			e, live := f.index.entries[key]
			if !live || e.moved != 0 {
				continue
			}
			raw, _, err := c.window.record(key, e)
			if err != nil {
				return err
			}
			e.moved = c.to.end + int64(len(frame))
			f.index.entries[key] = e
			frame = append(frame, raw...)
		}
		c.buf = frame
		if len(frame) == frameHeaderSize {
			return nil // what was left has been replaced meanwhile
		}
		if _, err := c.to.append(frame); err != nil {
			return err
		}
		budget -= len(frame)
	}
	return nil
}

// swap puts the new file, which is whole and synced, in the place of the old one.
func (f *File) swap() error {
	c := f.compaction
	if err := f.disk.rename(f.newPath(), f.path); err != nil {
		// On a network the answer can be lost after the work was done.
		if there, asked := f.disk.holds(f.path, c.to.file); asked != nil || !there {
			return err
		}
	}
	old := f.journal
	f.journal, f.compaction = c.to, nil
	f.journal.unsure = true // the next commit opens it under its own name, which is what an error is to say
	for key, e := range f.index.entries {
		e.offset, e.moved = e.moved, 0
		f.index.entries[key] = e
	}
	f.compactAt, f.compactErr = 0, nil
	f.dirUnsure = true
	if old != nil {
		_ = old.file.Close() // nothing in it counts any more
	}
	return f.syncDir()
}

// giveUp drops a compaction, if there is one. Why is nil where nothing went wrong.
func (f *File) giveUp(why error) {
	f.compactErr = why
	if f.journal != nil {
		f.compactAt = f.journal.end + max(f.pace.least, f.index.live/4)
	}
	if f.compaction == nil {
		return
	}
	_ = f.compaction.to.file.Close() // it goes away
	_ = f.disk.remove(f.newPath())   // the next one tries again
	f.compaction = nil
	for key, e := range f.index.entries {
		if e.moved != 0 {
			e.moved = 0
			f.index.entries[key] = e
		}
	}
}

// rewrite writes the file anew at once: an empty one where there was none, and all that the handle of the old one still
// holds where someone removed it.
func (f *File) rewrite() error {
	f.giveUp(nil)
	f.compactAt = 0
	err := f.beginCompaction()
	if err == nil {
		err = f.copyRecords(math.MaxInt)
	}
	if err == nil {
		err = f.compaction.to.file.Sync()
	}
	if err == nil {
		err = f.swap()
	}
	if err != nil {
		f.giveUp(nil)
	}
	return err
}
