package storage

import (
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// position is how far a file is whole: what the next frame has to go on from.
type position struct {
	end      int64 // behind the last whole commit
	sequence uint64
	checksum uint32
}

// journal is one file that commits are appended to.
type journal struct {
	file handle
	position
	size   int64 // of the file, as far as this process knows; unknownSize after a failed write
	unsure bool  // there may be something behind end, or a sync failed: repair before the next commit
}

const unknownSize = -1

// newJournal begins an empty file with the line that names the format. Nothing is synced yet.
func newJournal(file handle) (*journal, error) {
	header := fileHeader(formatVersion)
	if _, err := file.WriteAt(header, 0); err != nil {
		return nil, err
	}
	size := int64(len(header))
	return &journal{file: file, position: position{end: size}, size: size}, nil
}

// emptyFrame is b emptied, with room for the header in front of a payload.
func emptyFrame(b []byte) []byte {
	return append(b[:0], make([]byte, frameHeaderSize)...)
}

// append writes a frame whose payload is in place, fills in its header, and gives the payload's offset. The frame is on
// disk only after a sync.
func (j *journal) append(frame []byte) (payload int64, err error) {
	h := frameHeader{
		length:   uint32(len(frame) - frameHeaderSize), // at most maxPayload, see payloadSize
		sequence: j.sequence + 1,
		checksum: crc32.Update(j.checksum, castagnoli, frame[frameHeaderSize:]),
	}
	h.put(frame)
	if _, err := j.file.WriteAt(frame, j.end); err != nil {
		j.unsure, j.size = true, unknownSize
		return 0, err
	}
	payload = j.end + frameHeaderSize
	j.position = position{end: j.end + int64(len(frame)), sequence: h.sequence, checksum: h.checksum}
	j.size = j.end
	return payload, nil
}

// commit appends a frame and syncs. After an error the journal stands where it stood, and wants repair.
func (j *journal) commit(frame []byte) (payload int64, err error) {
	before := j.position
	payload, err = j.append(frame)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.position = before
		j.unsure, j.size = true, unknownSize
		return 0, err
	}
	return payload, nil
}

// repair cuts off what lies behind the last whole commit. It opens the file anew, because a handle whose sync failed once
// may say that all is well the next time (the kernel forgets pages that it could not write). Cutting dirties the page
// that holds the end, so that the next sync writes it again; what lies before was synced before the failure.
func (j *journal) repair(d disk, path string) error {
	fresh, err := d.open(path, os.O_RDWR)
	if err != nil {
		return err
	}
	if err := cut(fresh, j.end); err != nil {
		return closeAfter(fresh, err)
	}
	old := j.file
	j.file, j.size, j.unsure = fresh, j.end, false
	return old.Close()
}

func cut(file handle, end int64) error {
	size, err := file.Size()
	if err != nil {
		return err
	}
	if size < end {
		return fmt.Errorf("%w: it is %d bytes long, not %d", ErrChanged, size, end)
	}
	if err := file.Truncate(end); err != nil {
		return err
	}
	return file.Sync()
}

// closeAfter closes what is of no more use because of err.
func closeAfter(c io.Closer, err error) error {
	_ = c.Close() // err is why, and says more
	return err
}

// window reads records whose offsets ascend, many at a time.
type window struct {
	from   io.ReaderAt
	end    int64 // no record lies behind it
	buf    []byte
	offset int64 // of buf
}

const windowSize = 256 << 10

// at gives the n bytes at offset, valid until the next call.
func (w *window) at(offset int64, n int) ([]byte, error) {
	if offset < w.offset || offset+int64(n) > w.offset+int64(len(w.buf)) {
		if err := w.move(offset, max(n, int(min(windowSize, w.end-offset))), n); err != nil {
			return nil, err
		}
	}
	start := offset - w.offset
	return w.buf[start : start+int64(n)], nil
}

func (w *window) move(offset int64, size, least int) error {
	if cap(w.buf) < size {
		w.buf = make([]byte, size)
	}
	n, err := w.from.ReadAt(w.buf[:size], offset)
	w.buf, w.offset = w.buf[:n], offset
	if n >= least {
		return nil
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// record reads the record of key at e again and checks it.
func (w *window) record(key string, e entry) (raw []byte, r parsedRecord, err error) {
	raw, err = w.at(e.offset, int(e.size))
	if err != nil {
		return nil, parsedRecord{}, err
	}
	r, err = parseRecord(raw)
	if err != nil || r.size != len(raw) || r.deleted || string(r.key) != key {
		return nil, parsedRecord{}, fmt.Errorf("%w: byte %d no longer holds the record written there", ErrDamaged, e.offset)
	}
	return raw, r, nil
}
