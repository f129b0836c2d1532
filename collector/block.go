package collector

import (
	"bytes"

	"github.com/credits-exporter/credits_exporter/collector/internal/packed"
)

// block is what a group's accounts have in one family, in one form. It is never modified, because scrapes that are under
// way share it.
type block struct {
	text packed.Part // for identity
	// ends are where each account's samples end.
	ends []uint32
}

// size is how many bytes the samples are; a block that is nil has none.
func (b *block) size() int {
	if b == nil {
		return 0
	}
	return b.text.Size()
}

// change is what some of a group's accounts now have in one family.
type change struct {
	plain []byte
	ends  []int
}

func (c *change) reset() { c.plain, c.ends = c.plain[:0], c.ends[:0] }

// of is the bytes of the n-th account that changed.
func (c *change) of(n int) []byte {
	from := 0
	if n > 0 {
		from = c.ends[n-1]
	}
	return c.plain[from:c.ends[n]]
}

// editor makes blocks out of others, in memory that is used again.
type editor struct {
	before   []byte
	after    []byte
	shrinker packed.Shrinker
}

// edit is a block after a change; accounts says which are in it, and size how many the group has. It is the block itself
// when nothing differs, and nil when nothing is left.
func (e *editor) edit(b *block, c *change, accounts []int, size int) *block {
	e.before = e.before[:0]
	if b != nil {
		e.before = b.text.AppendPlain(e.before)
	}
	of := func(i int) []byte {
		switch {
		case b == nil:
			return nil
		case i == 0:
			return e.before[:b.ends[0]]
		}
		return e.before[b.ends[i-1]:b.ends[i]]
	}
	same := true
	for n, i := range accounts {
		same = same && bytes.Equal(of(i), c.of(n))
	}
	if same {
		return b
	}
	e.after = e.after[:0]
	ends := make([]uint32, size)
	n := 0
	for i := range size {
		if n < len(accounts) && accounts[n] == i {
			e.after = append(e.after, c.of(n)...)
			n++
		} else {
			e.after = append(e.after, of(i)...)
		}
		ends[i] = uint32(len(e.after))
	}
	if len(e.after) == 0 {
		return nil
	}
	return &block{text: e.shrinker.Shrink(e.after), ends: ends}
}
