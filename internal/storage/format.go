package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
)

// The file is one line of text that names the format, and behind it commits, each of them one frame:
//
//	marker 4 | payload length 4 | sequence 8 | payload checksum 4 | checksum of the 20 bytes before 4 | payload
//
// Numbers are little-endian, checksums CRC-32C. The payload checksum goes on from that of the frame before, so a frame is
// only whole behind the one it was written behind. The payload is a row of records:
//
//	checksum of the rest 4 | key length, uvarint | value length + 1, or 0 for a deletion, uvarint | key | value
//
// The record's own checksum is looked at whenever a single record is read again, so that a compaction cannot give damaged
// bytes a right checksum.
const (
	formatVersion   = 1
	signature       = "credits_exporter state "
	maxFileHeader   = 64
	frameHeaderSize = 24
	maxPayload      = 1 << 30
	maxKey          = 1 << 12
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	// frameMarker begins every frame. It holds bytes that no text holds, so values never look like a frame.
	frameMarker = []byte{0xff, 'C', 'X', 0xfe}
)

// Record is one key and its value. A nil Value deletes the key; an empty one is kept.
type Record struct {
	Key   string
	Value []byte
}

// fileHeader is the first line of a file of that version. The line stays the same in all versions, so that an old program
// can tell a newer file from a damaged one.
func fileHeader(version int) []byte {
	line := fmt.Appendf(nil, "%s%d ", signature, version)
	return fmt.Appendf(line, "%08x\n", crc32.Checksum(line, castagnoli))
}

// parseFileHeader gives the version that the first bytes of a file name, and whether they are whole.
func parseFileHeader(b []byte) (version int, ok bool) {
	line, _, found := bytes.Cut(b[:min(len(b), maxFileHeader)], []byte{'\n'})
	rest, signed := bytes.CutPrefix(line, []byte(signature))
	number, _, _ := bytes.Cut(rest, []byte{' '})
	version, err := strconv.Atoi(string(number))
	if !found || !signed || err != nil || version < 1 {
		return 0, false
	}
	return version, bytes.Equal(fileHeader(version), b[:len(line)+1])
}

// frameHeader is what precedes a commit's payload.
type frameHeader struct {
	length   uint32
	sequence uint64
	checksum uint32
}

func (h frameHeader) put(b []byte) {
	copy(b, frameMarker)
	binary.LittleEndian.PutUint32(b[4:], h.length)
	binary.LittleEndian.PutUint64(b[8:], h.sequence)
	binary.LittleEndian.PutUint32(b[16:], h.checksum)
	binary.LittleEndian.PutUint32(b[20:], crc32.Checksum(b[:20], castagnoli))
}

// parseFrameHeader reads the header at the beginning of b, which is at least frameHeaderSize long.
func parseFrameHeader(b []byte) (h frameHeader, ok bool) {
	if !bytes.HasPrefix(b, frameMarker) || binary.LittleEndian.Uint32(b[20:]) != crc32.Checksum(b[:20], castagnoli) {
		return frameHeader{}, false
	}
	h = frameHeader{
		length:   binary.LittleEndian.Uint32(b[4:]),
		sequence: binary.LittleEndian.Uint64(b[8:]),
		checksum: binary.LittleEndian.Uint32(b[16:]),
	}
	return h, h.length <= maxPayload
}

// appendRecord appends r as it stands in a payload.
func appendRecord(b []byte, r Record) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.AppendUvarint(b, uint64(len(r.Key)))
	if r.Value == nil {
		b = binary.AppendUvarint(b, 0)
	} else {
		b = binary.AppendUvarint(b, uint64(len(r.Value))+1)
	}
	b = append(b, r.Key...)
	b = append(b, r.Value...)
	binary.LittleEndian.PutUint32(b[start:], crc32.Checksum(b[start+4:], castagnoli))
	return b
}

// parsedRecord is a record that still lies in the bytes it was read from.
type parsedRecord struct {
	key, value []byte
	deleted    bool
	size       int // of the whole record
}

var errBadRecord = errors.New("a record is not whole or its checksum is wrong")

// parseRecord reads the record at the beginning of b.
func parseRecord(b []byte) (parsedRecord, error) {
	if len(b) < 4 {
		return parsedRecord{}, errBadRecord
	}
	rest := b[4:]
	keyLength, n := binary.Uvarint(rest)
	if n <= 0 {
		return parsedRecord{}, errBadRecord
	}
	rest = rest[n:]
	valueLength, n := binary.Uvarint(rest)
	if n <= 0 {
		return parsedRecord{}, errBadRecord
	}
	rest = rest[n:]
	deleted := valueLength == 0
	if !deleted {
		valueLength--
	}
	if keyLength == 0 || keyLength > maxKey || valueLength > uint64(len(rest)) || keyLength > uint64(len(rest))-valueLength {
		return parsedRecord{}, errBadRecord
	}
	r := parsedRecord{key: rest[:keyLength], value: rest[keyLength : keyLength+valueLength], deleted: deleted}
	r.size = len(b) - len(rest) + int(keyLength+valueLength)
	if binary.LittleEndian.Uint32(b) != crc32.Checksum(b[4:r.size], castagnoli) {
		return parsedRecord{}, errBadRecord
	}
	return r, nil
}

// payloadSize is about how many bytes records take, never less. It refuses what the format cannot hold, which is the
// caller's mistake and says nothing about the disk.
func payloadSize(records []Record) (int, error) {
	var total int64
	for i := range records {
		key, value := records[i].Key, records[i].Value
		if key == "" || len(key) > maxKey {
			return 0, fmt.Errorf("storage: a key is %d bytes long, not 1 to %d", len(key), maxKey)
		}
		total += 4 + 2*binary.MaxVarintLen32 + int64(len(key)) + int64(len(value))
	}
	if total > maxPayload {
		return 0, fmt.Errorf("storage: the records of a commit are %d bytes long, not at most %d", total, maxPayload)
	}
	return int(total), nil
}
