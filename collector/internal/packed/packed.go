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

// Packer compresses parts. Its memory is taken when a coding is first used. It is not safe for concurrent use.
type Packer struct {
	buffer  bytes.Buffer
	deflate *flate.Writer
	zstd    *zstd.Encoder
}

// windowSize bounds what a zstd decoder needs; parts are seldom larger.
const windowSize = 1 << 18

// Pack compresses a part, at a level that costs little. For identity, the part is the plain bytes themselves.
func (p *Packer) Pack(c Coding, plain []byte) (Part, error) {
	switch c {
	case Gzip:
		return p.packGzip(plain)
	case Zstd:
		return p.packZstd(plain)
	}
	return Part{Data: plain}, nil
}

func (p *Packer) packGzip(plain []byte) (Part, error) {
	if p.deflate == nil {
		w, err := flate.NewWriter(&p.buffer, flate.BestSpeed)
		if err != nil {
			return Part{}, fmt.Errorf("making a deflate writer: %w", err)
		}
		p.deflate = w
	}
	p.buffer.Reset()
	p.deflate.Reset(&p.buffer)
	if _, err := p.deflate.Write(plain); err != nil {
		return Part{}, fmt.Errorf("deflating: %w", err)
	}
	if err := p.deflate.Flush(); err != nil {
		return Part{}, fmt.Errorf("deflating: %w", err)
	}
	return Part{
		Data:     bytes.Clone(p.buffer.Bytes()),
		checksum: crc32.ChecksumIEEE(plain), size: uint32(len(plain)), shift: shift(len(plain)),
	}, nil
}

func (p *Packer) packZstd(plain []byte) (Part, error) {
	if p.zstd == nil {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithEncoderCRC(false), zstd.WithWindowSize(windowSize))
		if err != nil {
			return Part{}, fmt.Errorf("making a zstd writer: %w", err)
		}
		p.zstd = e
	}
	room := p.buffer.AvailableBuffer()
	p.buffer.Reset()
	p.buffer.Write(p.zstd.EncodeAll(plain, room[:0]))
	return Part{Data: bytes.Clone(p.buffer.Bytes())}, nil
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
