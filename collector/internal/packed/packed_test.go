package packed

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// readers are what clients read bodies with. The gzip ones read one member and nothing after it.
var readers = map[string]struct {
	coding Coding
	read   func(io.Reader) ([]byte, error)
}{
	"identity": {Identity, io.ReadAll},
	"Go's gzip": {Gzip, func(r io.Reader) ([]byte, error) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		z.Multistream(false)
		return io.ReadAll(z)
	}},
	"the scraper's gzip": {Gzip, func(r io.Reader) ([]byte, error) {
		z, err := kgzip.NewReader(bufio.NewReader(r))
		if err != nil {
			return nil, err
		}
		z.Multistream(false)
		return io.ReadAll(z)
	}},
	"zstd": {Zstd, func(r io.Reader) ([]byte, error) {
		z, err := zstd.NewReader(r)
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return io.ReadAll(z)
	}},
}

// TestBodies joins parts of all sizes, in another order than that in which they were packed, and reads them back.
func TestBodies(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 20_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	plains := [][]byte{
		[]byte("credits_balance{account=\"a\"} 1\n"), nil, noise[:1], noise, noise[:255], noise[:256],
		[]byte(strings.Repeat("the same again and again\n", 12_000)), // more than a window
	}
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			packer := newPacker(t)
			parts := make([]Part, len(plains))
			for i, plain := range plains {
				parts[i] = packer.Pack(reader.coding, plain)
			}
			for range 8 {
				order := random.Perm(len(plains))[:random.IntN(len(plains)+1)]
				body := NewBody(reader.coding, len(order))
				var want []byte
				for _, i := range order {
					body.Add(parts[i])
					want = append(want, plains[i]...)
				}
				body.End()
				for range 2 { // a body may be sent again
					var sent bytes.Buffer
					if n, err := body.WriteTo(&sent); err != nil || n != int64(sent.Len()) || n != body.Size() {
						t.Fatalf("parts %v: %d bytes sent as %d of %d, %v", order, sent.Len(), n, body.Size(), err)
					}
					got, err := reader.read(&sent)
					if err != nil || !bytes.Equal(got, want) {
						t.Fatalf("parts %v: %d bytes, %v; want %d", order, len(got), err, len(want))
					}
				}
			}
		})
	}
}

// TestPartsArePacked: text shrinks, whatever was packed before it.
func TestPartsArePacked(t *testing.T) {
	plain := []byte(strings.Repeat("credits_balance{account=\"production\",provider=\"olostep\"} 12\n", 40))
	for _, c := range []Coding{Identity, Gzip, Zstd} {
		packer := newPacker(t)
		for range 3 {
			if part := packer.Pack(c, plain); len(part.Data) > len(plain)/10 {
				t.Errorf("coding %v: %d bytes of %d", c, len(part.Data), len(plain))
			}
		}
	}
}

// TestClientThatLeaves: a body that cannot be sent is not tried to its end.
func TestClientThatLeaves(t *testing.T) {
	plain := []byte(strings.Repeat("credits_balance 12\n", 100))
	for _, c := range []Coding{Identity, Gzip, Zstd} {
		body := NewBody(c, 3000)
		part := newPacker(t).Pack(c, plain)
		for range 3000 {
			body.Add(part)
		}
		gone := &goneClient{after: 1}
		n, err := body.End().WriteTo(gone)
		if !errors.Is(err, io.ErrClosedPipe) || gone.writes != 2 || n != gone.read {
			t.Errorf("coding %v: %d writes, %d bytes of %d, %v", c, gone.writes, n, gone.read, err)
		}
	}
}

// goneClient reads so many writes and no more.
type goneClient struct {
	after, writes int
	read          int64
}

func (g *goneClient) Write(p []byte) (int, error) {
	g.writes++
	if g.writes > g.after {
		return 0, io.ErrClosedPipe
	}
	g.read += int64(len(p))
	return len(p), nil
}

func TestOf(t *testing.T) {
	for name, want := range map[string]Coding{"": Identity, "identity": Identity, "gzip": Gzip, "zstd": Zstd} {
		if got, ok := Of(name); !ok || got != want {
			t.Errorf("%q: %v, %v", name, got, ok)
		}
	}
	if got, ok := Of("br"); ok {
		t.Errorf("br: %v", got)
	}
}

// FuzzChecksum: the checksum of two parts is made of theirs.
func FuzzChecksum(f *testing.F) {
	f.Add([]byte("credits"), []byte("_balance"))
	f.Add([]byte{}, []byte{0})
	f.Add([]byte{0, 0, 0}, []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		got := multiply(shift(len(b)), crc32.ChecksumIEEE(a)) ^ crc32.ChecksumIEEE(b)
		if want := crc32.ChecksumIEEE(slices.Concat(a, b)); got != want {
			t.Errorf("%08x, want %08x", got, want)
		}
	})
}

func newPacker(t testing.TB) *Packer {
	t.Helper()
	p, err := NewPacker()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func BenchmarkAdd(b *testing.B) {
	part := newPacker(b).Pack(Gzip, []byte(strings.Repeat("credits_balance{account=\"production\",provider=\"olostep\"} 12\n", 40)))
	const parts = 1000
	for b.Loop() {
		body := NewBody(Gzip, parts)
		for range parts {
			body.Add(part)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/parts, "ns/part")
}
