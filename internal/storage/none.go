package storage

// None keeps nothing: what it is given is forgotten with the process.
type None struct{}

// Load has nothing to give.
func (None) Load(func(key string, value []byte) error) error { return nil }

// Commit takes records and forgets them.
func (None) Commit([]Record) error { return nil }

// Salvage has nothing to give.
func (None) Salvage(func(key string, value []byte) error) error { return nil }

// Status says that all is well.
func (None) Status() Status { return Status{} }

// Close does nothing.
func (None) Close() error { return nil }
