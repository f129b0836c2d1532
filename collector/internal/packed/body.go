package packed

import (
	"encoding/binary"
	"io"
)

// Body joins parts of one coding. Once it is ended it may be sent, any number of times and side by side.
type Body struct {
	coding Coding
	parts  []Part
	size   int64
	// The checksum and the size of the plain bytes so far, for gzip.
	checksum uint32
	plain    uint32
}

// NewBody begins a body with room for that many parts.
func NewBody(c Coding, parts int) *Body {
	b := &Body{coding: c, parts: make([]Part, 0, parts+2)}
	if c == Gzip {
		// RFC 1952 §2.3: deflate, no flags, no time, fastest algorithm, unknown system.
		b.add(Part{Data: []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}})
	}
	return b
}

// Add puts a part at the end.
func (b *Body) Add(p Part) {
	b.add(p)
	if b.coding == Gzip {
		b.checksum = multiply(p.shift, b.checksum) ^ p.checksum
		b.plain += p.size
	}
}

func (b *Body) add(p Part) {
	b.parts = append(b.parts, p)
	if b.coding == Identity {
		b.size += int64(p.Size())
	} else {
		b.size += int64(len(p.Data))
	}
}

// End ends the body.
func (b *Body) End() *Body {
	if b.coding == Gzip {
		end := []byte{3, 0} // the last deflate block, with nothing in it
		end = binary.LittleEndian.AppendUint32(end, b.checksum)
		end = binary.LittleEndian.AppendUint32(end, b.plain)
		b.add(Part{Data: end})
	}
	return b
}

// Size is how many bytes are sent.
func (b *Body) Size() int64 { return b.size }

// chunkSize is how much is sent at once. Larger ones are hardly faster.
const chunkSize = 64 << 10

// WriteTo sends the body. It holds on to nothing but the body, however slowly it is read.
func (b *Body) WriteTo(w io.Writer) (sent int64, err error) {
	chunk := make([]byte, 0, chunkSize)
	flush := func() error {
		n, err := w.Write(chunk)
		sent, chunk = sent+int64(n), chunk[:0]
		return err
	}
	for _, p := range b.parts {
		length := len(p.Data)
		if b.coding == Identity {
			length = p.Size()
		}
		if len(chunk) > 0 && len(chunk)+length > chunkSize {
			if err := flush(); err != nil {
				return sent, err
			}
		}
		if b.coding == Identity {
			chunk = p.AppendPlain(chunk) // which grows for a part that is larger
		} else {
			chunk = append(chunk, p.Data...)
		}
	}
	if len(chunk) > 0 {
		err = flush()
	}
	return sent, err
}
