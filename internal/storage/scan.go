package storage

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
)

// readSize is how much is read at once.
const readSize = 1 << 20

// sector is the least that a disk writes whole or not at all.
const sector = 512

// scanned is what a file was found to hold.
type scanned struct {
	position // of the last whole commit
	index
	size   int64
	damage error // why the file is to be set aside; index then holds what came before
}

// scan reads a whole file: every commit up to the first that is not whole. A commit at the end that was never
// acknowledged is no damage; it lies behind end.
//
// The error is about reading, or a *VersionError.
func scan(file io.ReaderAt, size int64) (scanned, error) {
	s := scanner{
		from:    file,
		r:       bufio.NewReaderSize(io.NewSectionReader(file, 0, size), int(min(size, readSize))),
		scanned: scanned{index: newIndexOf(size), size: size},
	}
	if err := s.header(); err != nil || s.damage != nil {
		return s.scanned, err
	}
	for s.end < size && s.damage == nil {
		whole, err := s.frame()
		if err == nil && !whole {
			err = s.judge()
			if s.damage == nil {
				break
			}
		}
		if err != nil {
			return scanned{}, err
		}
	}
	return s.scanned, nil
}

type scanner struct {
	from io.ReaderAt
	r    *bufio.Reader
	buf  []byte
	scanned
}

func (s *scanner) header() error {
	b, err := s.r.Peek(int(min(s.size, maxFileHeader)))
	if err != nil {
		return err
	}
	version, ok := parseFileHeader(b)
	switch {
	case !ok:
		s.damage = fmt.Errorf("%w: its first line is not that of a state file", ErrDamaged)
		return nil
	case version > formatVersion:
		return &VersionError{Version: version}
	}
	n, err := s.r.Discard(len(fileHeader(version)))
	s.end = int64(n)
	return err
}

// frame reads the frame at end, if it is whole, and takes its records.
func (s *scanner) frame() (whole bool, err error) {
	if s.size-s.end < frameHeaderSize {
		return false, nil
	}
	b, err := s.r.Peek(frameHeaderSize)
	if err != nil {
		return false, err
	}
	h, ok := parseFrameHeader(b)
	if !ok || h.sequence != s.sequence+1 || int64(h.length) > s.size-s.end-frameHeaderSize {
		return false, nil
	}
	if _, err := s.r.Discard(frameHeaderSize); err != nil {
		return false, err
	}
	payload, err := s.payload(int(h.length))
	if err != nil {
		return false, err
	}
	if crc32.Update(s.checksum, castagnoli, payload) != h.checksum {
		return false, nil
	}
	if err := s.take(payload, s.end+frameHeaderSize); err != nil {
		s.damage = err
		return true, nil
	}
	s.position = position{end: s.end + frameHeaderSize + int64(h.length), sequence: h.sequence, checksum: h.checksum}
	return true, nil
}

func (s *scanner) payload(n int) ([]byte, error) {
	if cap(s.buf) < n {
		s.buf = make([]byte, n)
	}
	_, err := io.ReadFull(s.r, s.buf[:n])
	return s.buf[:n], err
}

// judge tells a commit that was cut short by the death of the process or of the machine from damage. Nobody was told that
// a torn commit is durable, so it can be cut off; an acknowledged one that is damaged must not go unnoticed, because
// counters would go back. A commit is torn when nothing was written behind it and
//   - the file ends within it, or
//   - a sector of it holds only zeros: the file grew before its content was written, as after a loss of power.
func (s *scanner) judge() error {
	later, err := s.laterFrame()
	if err != nil {
		return err
	}
	if !later {
		torn, err := s.torn()
		if torn || err != nil {
			return err
		}
	}
	s.damage = fmt.Errorf("%w: the commit at byte %d is not whole, and it is not one that was just being written", ErrDamaged, s.end)
	return nil
}

// laterFrame looks for the header of a commit that was written behind the broken one.
func (s *scanner) laterFrame() (bool, error) {
	buf := make([]byte, min(s.size-s.end, readSize))
	for at := s.end + 1; at+frameHeaderSize <= s.size; {
		n, err := s.from.ReadAt(buf[:min(int64(len(buf)), s.size-at)], at)
		if n < frameHeaderSize {
			return false, err
		}
		if holdsFrameBehind(buf[:n], s.sequence+1) {
			return true, nil
		}
		at += int64(n - frameHeaderSize + 1)
	}
	return false, nil
}

func holdsFrameBehind(b []byte, sequence uint64) bool {
	for {
		i := bytes.Index(b, frameMarker)
		if i < 0 || len(b)-i < frameHeaderSize {
			return false
		}
		if h, ok := parseFrameHeader(b[i:]); ok && h.sequence > sequence {
			return true
		}
		b = b[i+1:]
	}
}

func (s *scanner) torn() (bool, error) {
	if s.size-s.end < frameHeaderSize {
		return true, nil
	}
	b := make([]byte, frameHeaderSize)
	if _, err := s.from.ReadAt(b, s.end); err != nil {
		return false, err
	}
	end := s.size
	if h, ok := parseFrameHeader(b); ok {
		end = s.end + frameHeaderSize + int64(h.length)
	}
	if end > s.size {
		return true, nil
	}
	return s.holdsZeroSector(s.end, end)
}

// holdsZeroSector tells whether one of the sectors from start to end, or the part of one that lies there, is all zeros.
func (s *scanner) holdsZeroSector(start, end int64) (bool, error) {
	buf := make([]byte, sector)
	for start < end {
		next := min(end, (start/sector+1)*sector)
		part := buf[:next-start]
		if _, err := s.from.ReadAt(part, start); err != nil {
			return false, err
		}
		if len(bytes.Trim(part, "\x00")) == 0 {
			return true, nil
		}
		start = next
	}
	return false, nil
}
