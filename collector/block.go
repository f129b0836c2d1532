package collector

import "bytes"

// block is what a group's accounts have in one family, in one form. The bytes are never modified, because scrapes that
// are under way share them.
type block struct {
	plain []byte
	// ends are where each account's samples end.
	ends []uint32
}

func (b *block) size() int {
	if b == nil {
		return 0
	}
	return len(b.plain)
}

// of is the bytes of the i-th account; a block that is nil has none.
func (b *block) of(i int) []byte {
	if b == nil {
		return nil
	}
	from := uint32(0)
	if i > 0 {
		from = b.ends[i-1]
	}
	return b.plain[from:b.ends[i]]
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

// with is the block after a change; accounts says which are in it, and size how many the group has. It is the block
// itself when nothing differs, and nil when nothing is left.
func (b *block) with(c *change, accounts []int, size int) *block {
	length, same := 0, true
	if b != nil {
		length = len(b.plain)
	}
	for n, i := range accounts {
		before, now := b.of(i), c.of(n)
		length += len(now) - len(before)
		same = same && bytes.Equal(before, now)
	}
	switch {
	case same:
		return b
	case length == 0:
		return nil
	}
	next := &block{plain: make([]byte, 0, length), ends: make([]uint32, size)}
	n := 0
	for i := range size {
		if n < len(accounts) && accounts[n] == i {
			next.plain = append(next.plain, c.of(n)...)
			n++
		} else {
			next.plain = append(next.plain, b.of(i)...)
		}
		next.ends[i] = uint32(len(next.plain))
	}
	return next
}
