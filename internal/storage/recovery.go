package storage

import "fmt"

// Recovery says what was found damaged, and where it is now.
type Recovery struct {
	// Path is the damaged file: its new name, or the old one as long as it could not be moved.
	Path string
	// Err says what is wrong with it. It is an ErrDamaged.
	Err error
	// Records is how many could be read before the damage; see Salvage.
	Records int
}

// setAside is a damaged file.
type setAside struct {
	recovery Recovery
	moved    bool
	file     handle // nil once released
	index    index
	end      int64 // what lies behind it is not whole
}

func (s *setAside) release() error {
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file, s.index = nil, index{}
	return file.Close()
}

// Salvage gives the records of a damaged file as they were at its last commit before the damage, until the first Commit
// that succeeds. They are older than what was once acknowledged, by an unknown amount, so they must not be taken for the
// state: a counter among them went on later, and one that is shown again with its old value counts what lies between
// twice. Good for use is what stays true however old it is, such as the end of a retry window.
//
// The value is valid only during the call. An error of yield ends Salvage and is returned as it is.
func (f *File) Salvage(yield func(key string, value []byte) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.set == nil || f.set.file == nil {
		return nil
	}
	return walk(window{from: f.set.file, end: f.set.end}, f.set.index, yield)
}

// setAside moves a damaged file out of the way, where that has not been done yet.
func (f *File) setAside() error {
	if f.set == nil || f.set.moved {
		return nil
	}
	there, err := f.disk.holds(f.path, f.set.file)
	if err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("%s: %w", f.path, ErrChanged)
	}
	to, err := f.freeName()
	if err != nil {
		return err
	}
	if err := f.disk.rename(f.path, to); err != nil {
		return err
	}
	f.set.moved, f.set.recovery.Path = true, to // the directory is synced with the new file, see rewrite
	return nil
}

// freeName is a name for a damaged file that no earlier one has. We hold the lock, so it stays free.
func (f *File) freeName() (string, error) {
	base := f.path + ".damaged-" + f.now().UTC().Format("20060102T150405Z")
	name := base
	for n := 2; ; n++ {
		taken, err := f.disk.exists(name)
		if err != nil || !taken {
			return name, err
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
}
