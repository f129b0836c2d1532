package collector

import (
	"bytes"
	"time"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
	"github.com/credits-exporter/credits_exporter/collector/internal/packed"
)

// kept is what is kept in one form.
type kept struct {
	form    form.Form
	writers *[families]form.Writer
	// asked is when the form was last asked for in each coding, zero when nothing is kept in it.
	asked [packed.Codings]time.Time
	// blocks of each family, one for each group, nil where that has no samples. Failures have one block in all.
	blocks [families][]*block
	// sizes are how many plain bytes the blocks of each family are.
	sizes [families]int
	// headers are what stands before the blocks.
	headers [families]*block
}

// write appends one account's samples to the changes.
func (k *kept) write(changes *[families]change, list []sample) {
	for _, s := range list {
		c := &changes[s.family]
		c.plain = k.writers[s.family].AppendSample(c.plain, s.values, s.value)
	}
	for f := range changes {
		changes[f].ends = append(changes[f].ends, len(changes[f].plain))
	}
}

// regroup puts the blocks of each group where that is now; from says where it was, -1 for a new one.
func (k *kept) regroup(from []int) {
	for f, before := range k.blocks {
		if family(f) == pollFailures {
			continue
		}
		k.blocks[f], k.sizes[f] = make([]*block, len(from)), 0
		for to, at := range from {
			if at >= 0 && at < len(before) {
				k.blocks[f][to] = before[at]
				k.sizes[f] += before[at].size()
			}
		}
	}
}

// all are the blocks that there are.
func (k *kept) all() (all []*block) {
	for _, blocks := range k.blocks {
		for _, b := range blocks {
			if b != nil {
				all = append(all, b)
			}
		}
	}
	return all
}

// header is what stands before the samples of a family.
func (k *kept) header(f family) *block {
	plain := k.writers[f].AppendHeader(nil, k.sizes[f])
	if k.headers[f] == nil || !bytes.Equal(k.headers[f].plain, plain) {
		k.headers[f] = &block{plain: plain}
	}
	return k.headers[f]
}

// forget drops what nobody asked for since a moment, and tells whether anything is left.
func (k *kept) forget(since time.Time) (left bool) {
	for c, asked := range k.asked {
		switch {
		case asked.IsZero():
		case asked.After(since):
			left = true
		default:
			k.asked[c] = time.Time{}
			k.unpack(packed.Coding(c))
		}
	}
	return left
}

// unpack drops what is compressed in a coding.
func (k *kept) unpack(c packed.Coding) {
	for f, blocks := range k.blocks {
		for _, b := range blocks {
			if b != nil {
				b.parts[c] = nil
			}
		}
		if k.headers[f] != nil {
			k.headers[f].parts[c] = nil
		}
	}
}
