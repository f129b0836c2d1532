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
	// parts are the blocks as they are sent in each coding that is asked for, so near to each other that a scrape has
	// little to look at. A block that was made since and is not compressed yet has none.
	parts [packed.Codings][families][]packed.Part
	// headers are what stands before the blocks.
	headers [packed.Codings][families]header
}

// place is where a block of a form is.
type place struct {
	family family
	group  int
}

// header is what stands before the samples of a family, plain and as it is sent.
type header struct {
	plain []byte
	part  packed.Part
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

// regroup puts what there is of each group where that is now; from says where it was, -1 for a new one.
func (k *kept) regroup(from []int) {
	for f, before := range k.blocks {
		if family(f) == pollFailures {
			continue
		}
		k.blocks[f] = moved(before, from)
		k.sizes[f] = 0
		for _, b := range k.blocks[f] {
			k.sizes[f] += b.size()
		}
		for c := range k.parts {
			if !k.asked[c].IsZero() {
				k.parts[c][f] = moved(k.parts[c][f], from)
			}
		}
	}
}

// moved is a list of which each element is one that was elsewhere before, or nothing.
func moved[T any](before []T, from []int) []T {
	now := make([]T, len(from))
	for to, at := range from {
		if at >= 0 && at < len(before) {
			now[to] = before[at]
		}
	}
	return now
}

// put puts a block in its place, nil for none. As it is sent it has to be made anew.
func (k *kept) put(at place, b *block) {
	k.blocks[at.family][at.group] = b
	for c := range k.parts {
		if !k.asked[c].IsZero() {
			k.parts[c][at.family][at.group] = packed.Part{}
		}
	}
}

// begin makes room for a coding that was not asked for until now, and gives the places of all blocks.
func (k *kept) begin(c packed.Coding) (all []place) {
	for f, blocks := range k.blocks {
		k.parts[c][f] = make([]packed.Part, len(blocks))
		for i, b := range blocks {
			if b != nil {
				all = append(all, place{family(f), i})
			}
		}
	}
	return all
}

// pack makes a block as it is sent.
func (k *kept) pack(p *packed.Packer, c packed.Coding, at place) {
	b := k.blocks[at.family][at.group]
	switch {
	case b == nil:
	case c == packed.Identity:
		k.parts[c][at.family][at.group] = b.text
	default:
		k.parts[c][at.family][at.group] = p.Repack(c, b.text)
	}
}

// header is what stands before the samples of a family.
func (k *kept) header(p *packed.Packer, c packed.Coding, f family) packed.Part {
	plain := k.writers[f].AppendHeader(nil, k.sizes[f])
	h := &k.headers[c][f]
	if !bytes.Equal(h.plain, plain) {
		*h = header{plain, p.Pack(c, plain)}
	}
	return h.part
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
			k.parts[c], k.headers[c] = [families][]packed.Part{}, [families]header{}
		}
	}
	return left
}
