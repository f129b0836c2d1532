// Package packed compresses the parts of a body one by one, so that they can be kept and joined to a body that any
// client reads. Parts for gzip are runs of deflate blocks that end on a byte and look back at nothing before them (RFC
// 1951 §3.2.4): joined they are one stream, and so one gzip member, because some clients stop at the end of the first.
// Parts for zstd are frames (RFC 8878 §3.1), which every decoder reads one after the other.
package packed

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
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
	// What gzip's trailer is made of: the checksum and the size of the plain bytes, and what they shift the checksum of
	// all that stands before them by.
	checksum uint32
	size     uint32
	shift    uint32
}

// Packer compresses parts. It is not safe for concurrent use.
type Packer struct {
	buffer  bytes.Buffer
	deflate *flate.Writer
	zstd    *zstd.Encoder
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

// Pack compresses a part. For identity, the part is the plain bytes themselves.
func (p *Packer) Pack(c Coding, plain []byte) Part {
	switch c {
	case Gzip:
		return p.packGzip(plain)
	case Zstd:
		p.buffer.Reset()
		return Part{Data: bytes.Clone(p.zstd.EncodeAll(plain, p.buffer.AvailableBuffer()))}
	}
	return Part{Data: plain}
}

func (p *Packer) packGzip(plain []byte) Part {
	p.buffer.Reset()
	p.deflate.Reset(&p.buffer)
	_, _ = p.deflate.Write(plain) // a buffer takes everything
	_ = p.deflate.Flush()         // likewise
	return Part{
		Data:     bytes.Clone(p.buffer.Bytes()),
		checksum: crc32.ChecksumIEEE(plain), size: uint32(len(plain)), shift: shift(len(plain)),
	}
}

// Body joins parts of one coding.
type Body struct {
	coding Coding
	parts  [][]byte
	// The checksum and the size of the plain bytes so far.
	checksum uint32
	size     uint32
}

// NewBody begins a body with room for that many parts.
func NewBody(c Coding, parts int) *Body {
	b := &Body{coding: c, parts: make([][]byte, 0, parts+2)}
	if c == Gzip {
		// RFC 1952 §2.3: deflate, no flags, no time, fastest algorithm, unknown system.
		b.parts = append(b.parts, []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255})
	}
	return b
}

// Add puts a part at the end.
func (b *Body) Add(p Part) {
	b.parts = append(b.parts, p.Data)
	if b.coding == Gzip {
		b.checksum = multiply(p.shift, b.checksum) ^ p.checksum
		b.size += p.size
	}
}

// End ends the body and gives what it is made of. The slices are shared with the parts.
func (b *Body) End() [][]byte {
	if b.coding == Gzip {
		end := []byte{3, 0} // the last deflate block, with nothing in it
		end = binary.LittleEndian.AppendUint32(end, b.checksum)
		end = binary.LittleEndian.AppendUint32(end, b.size)
		b.parts = append(b.parts, end)
	}
	return b.parts
}
