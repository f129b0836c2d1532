package storage

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"syscall"
)

var (
	errKilled = errors.New("the process was killed")
	errSync   = errors.New("input/output error")
)

// memDisk is a disk in memory that fills up, fails, is left by a killed process, and loses power: what was not synced is
// then there in part, sector by sector, and names that were not synced with their directory may be the old ones.
type memDisk struct {
	names   map[string]*inode // as the running system sees them
	durable map[string]*inode
	changes []map[string]*inode // names after each change since the directory was synced

	room    int  // bytes that may still be written; the write that needs more is partial
	powered bool // the power is never lost, so sync need not keep a copy
	killed  bool // with room used up everything fails, as in a process that is gone, instead of the disk being full
	fail    func(op string) error
	ops     int
	written int
}

type inode struct {
	data   []byte
	synced []byte
}

func newMemDisk() *memDisk {
	return &memDisk{names: map[string]*inode{}, durable: map[string]*inode{}, room: 1 << 40}
}

// op counts an operation and says whether it fails.
func (d *memDisk) op(name string) error {
	d.ops++
	if d.killed && d.room <= 0 {
		return errKilled
	}
	if d.killed {
		d.room--
	}
	if d.fail != nil {
		return d.fail(name)
	}
	return nil
}

func (d *memDisk) changed() { d.changes = append(d.changes, maps.Clone(d.names)) }

func (d *memDisk) makeDir(string) error { return d.op("makeDir") }

func (d *memDisk) open(path string, flag int) (handle, error) {
	name := "open"
	if flag&os.O_RDWR != 0 {
		name = "open to write"
	}
	if err := d.op(name); err != nil {
		return nil, err
	}
	node := d.names[path]
	switch {
	case node == nil && flag&os.O_CREATE == 0:
		return nil, fs.ErrNotExist
	case node != nil && flag&os.O_EXCL != 0:
		return nil, fs.ErrExist
	case node == nil:
		node = &inode{}
		d.names[path] = node
		d.changed()
	}
	return &memFile{disk: d, node: node, writable: flag&os.O_RDWR != 0}, nil
}

func (d *memDisk) holds(path string, h handle) (bool, error) {
	if err := d.op("holds"); err != nil {
		return false, err
	}
	node := d.names[path]
	if node == nil {
		return false, fs.ErrNotExist
	}
	return node == h.(*memFile).node, nil
}

func (d *memDisk) exists(path string) (bool, error) {
	err := d.op("exists")
	return err == nil && d.names[path] != nil, err
}

func (d *memDisk) rename(from, to string) error {
	if err := d.op("rename"); err != nil {
		return err
	}
	d.names[to] = d.names[from]
	delete(d.names, from)
	d.changed()
	return nil
}

func (d *memDisk) remove(path string) error {
	if err := d.op("remove"); err != nil {
		return err
	}
	if d.names[path] != nil {
		delete(d.names, path)
		d.changed()
	}
	return nil
}

func (d *memDisk) syncDir(string) error {
	if err := d.op("syncDir"); err != nil {
		return err
	}
	d.durable, d.changes = maps.Clone(d.names), nil
	return nil
}

// restarted is the disk as the next process finds it after a kill: all that was written is there.
func (d *memDisk) restarted() *memDisk {
	next := newMemDisk()
	copies := map[*inode]*inode{}
	for name, node := range d.names {
		copies[node] = &inode{data: bytes.Clone(node.data), synced: bytes.Clone(node.data)}
		next.names[name] = copies[node]
	}
	next.durable = maps.Clone(next.names)
	return next
}

// afterPowerLoss is the disk as it may be after a loss of power.
func (d *memDisk) afterPowerLoss(r *rand.Rand) *memDisk {
	names := d.durable
	if n := r.IntN(len(d.changes) + 1); n > 0 {
		names = d.changes[n-1]
	}
	next := newMemDisk()
	for name, node := range names {
		data := node.survivors(r)
		next.names[name] = &inode{data: data, synced: bytes.Clone(data)}
	}
	next.durable = maps.Clone(next.names)
	return next
}

// survivors is what of a file is on disk: what was synced, and of what was written since any sectors at all. The file may
// have grown before its new sectors were written; these are zeros.
func (n *inode) survivors(r *rand.Rand) []byte {
	if string(n.data) == string(n.synced) || r.IntN(4) == 0 {
		return bytes.Clone(n.synced)
	}
	size := len(n.data)
	if r.IntN(2) == 0 {
		size = len(n.synced)
	}
	out := make([]byte, size)
	copy(out, n.synced)
	for at := 0; at < size; at += sector {
		if end := min(at+sector, size, len(n.data)); at < end && r.IntN(2) == 0 {
			copy(out[at:end], n.data[at:end])
		}
	}
	return out
}

type memFile struct {
	disk     *memDisk
	node     *inode
	writable bool
	closed   bool
}

func (f *memFile) ReadAt(b []byte, offset int64) (int, error) {
	if err := f.disk.op("read"); err != nil {
		return 0, err
	}
	if f.closed {
		return 0, fs.ErrClosed
	}
	if offset >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.node.data[offset:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(b []byte, offset int64) (int, error) {
	if err := f.disk.op("write"); err != nil {
		return 0, err
	}
	if f.closed || !f.writable {
		return 0, fs.ErrPermission
	}
	n := min(len(b), max(f.disk.room, 0))
	f.disk.room -= n
	f.disk.written += n
	if need := int(offset) + n; need > len(f.node.data) {
		f.node.data = append(f.node.data, make([]byte, need-len(f.node.data))...)
	}
	copy(f.node.data[offset:], b[:n])
	if n < len(b) {
		if f.disk.killed {
			return n, errKilled
		}
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (f *memFile) Truncate(size int64) error {
	if err := f.disk.op("truncate"); err != nil {
		return err
	}
	if !f.writable {
		return fs.ErrPermission
	}
	f.node.data = f.node.data[:size:size]
	return nil
}

func (f *memFile) Sync() error {
	if err := f.disk.op("sync"); err != nil {
		return err
	}
	if !f.disk.powered {
		f.node.synced = bytes.Clone(f.node.data)
	}
	return nil
}

func (f *memFile) Size() (int64, error) { return int64(len(f.node.data)), f.disk.op("size") }

func (f *memFile) Close() error {
	f.closed = true
	return nil
}

// freeClaim is the lock of a process that is alone.
type freeClaim struct{ held bool }

func (c *freeClaim) take() (bool, error) {
	fresh := !c.held
	c.held = true
	return fresh, nil
}

func (c *freeClaim) release() error {
	c.held = false
	return nil
}
