// Package packed compresses the parts of a body one by one, so that they can be kept and joined to a body that any
// client reads. Parts for gzip are runs of deflate blocks that end on a byte and look back at nothing before them (RFC
// 1951 §3.2.4): joined they are one stream, and so one gzip member, because some clients stop at the end of the first.
// Parts for zstd are frames (RFC 8878 §3.1), which every decoder reads one after the other. Parts that are sent plain are
// kept as S2 blocks, an eighth of their size, which take little longer to unpack than the plain bytes to copy.
package packed

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// Coding is how a body is compressed.
type Coding int

// The codings, which have the names of Content-Encoding.
const (
	Identity Coding = iota
	Gzip
	Zstd
	Codings // how many there are
)

// Of is the coding of a Content-Encoding; "" is identity.
func Of(contentEncoding string) (c Coding, ok bool) {
	switch contentEncoding {
	case "", "identity":
		return Identity, true
	case "gzip":
		return Gzip, true
	case "zstd":
		return Zstd, true
	}
	return 0, false
}

// Part is a compressed part of a body. It is immutable.
type Part struct {
	Data []byte
	// size is that of the plain bytes.
	size uint32
	// What gzip's trailer is made of: the checksum of the plain bytes, and what they shift the checksum of all that stands
	// before them by.
	checksum uint32
	shift    uint32
}

// Size is how many plain bytes are in the part.
func (p Part) Size() int { return int(p.size) }

// AppendPlain appends the plain bytes of a part for identity.
func (p Part) AppendPlain(dst []byte) []byte {
	if p.size == 0 {
		return dst
	}
	dst = slices.Grow(dst, p.Size())
	plain, err := s2.Decode(dst[len(dst):len(dst)+p.Size()], p.Data)
	if err != nil {
		panic(fmt.Sprintf("a part that was packed here cannot be unpacked: %v", err))
	}
	return dst[:len(dst)+len(plain)]
}

// Shrinker makes parts for identity. It is not safe for concurrent use; its zero value is ready.
type Shrinker struct{ buffer []byte }

// Shrink makes a part.
func (s *Shrinker) Shrink(plain []byte) Part {
	s.buffer = slices.Grow(s.buffer[:0], s2.MaxEncodedLen(len(plain)))
	return Part{Data: bytes.Clone(s2.Encode(s.buffer[:cap(s.buffer)], plain)), size: uint32(len(plain))}
}

// Packer compresses parts. It is not safe for concurrent use.
type Packer struct {
	shrinker Shrinker
	plain    []byte
	buffer   bytes.Buffer
	deflate  *flate.Writer
	zstd     *zstd.Encoder
}

// windowSize bounds what a zstd decoder needs; parts are seldom larger.
const windowSize = 1 << 18

// NewPacker makes a packer. It compresses at levels that cost little.
func NewPacker() (*Packer, error) {
	p := &Packer{}
	var err error
	if p.deflate, err = flate.NewWriter(&p.buffer, flate.BestSpeed); err != nil {
		return nil, fmt.Errorf("making a deflate writer: %w", err)
	}
	p.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(windowSize))
	if err != nil {
		return nil, fmt.Errorf("making a zstd writer: %w", err)
	}
	return p, nil
}

// Pack compresses a part.
func (p *Packer) Pack(c Coding, plain []byte) Part {
	switch c {
	case Gzip:
		return p.packGzip(plain)
	case Zstd:
		p.buffer.Reset()
		return Part{Data: bytes.Clone(p.zstd.EncodeAll(plain, p.buffer.AvailableBuffer())), size: uint32(len(plain))}
	}
	return p.shrinker.Shrink(plain)
}

// Repack makes a part of another coding of one for identity.
func (p *Packer) Repack(c Coding, part Part) Part {
	p.plain = part.AppendPlain(p.plain[:0])
	return p.Pack(c, p.plain)
}

func (p *Packer) packGzip(plain []byte) Part {
	p.buffer.Reset()
	p.deflate.Reset(&p.buffer)
	_, _ = p.deflate.Write(plain) // a buffer takes everything
	_ = p.deflate.Flush()         // likewise
	return Part{
		Data: bytes.Clone(p.buffer.Bytes()), size: uint32(len(plain)),
		checksum: crc32.ChecksumIEEE(plain), shift: shift(len(plain)),
	}
}
