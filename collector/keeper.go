package collector

import (
	"slices"
	"sync"
	"time"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
	"github.com/credits-exporter/credits_exporter/collector/internal/packed"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// keeper keeps what is exposed, in the forms that are asked for. Whoever writes to the ledger never waits for it.
type keeper struct {
	ledger      *ledger.Ledger
	now         func() time.Time
	definitions *[families]definition

	// mu is held while something is written or joined, never while something is sent.
	mu       sync.Mutex
	listing  *ledger.Listing
	schema   *schema
	failures []ledger.FailureCount
	groups   []*group
	kept     [form.Forms]*kept
	packer   *packed.Packer
	// ahead: what is written is compressed at once, for whoever asks next.
	ahead bool
	// refreshed is when that was last done.
	refreshed time.Time

	// What follows is memory that is used again.
	samples samples
	changed []int
	changes [form.Forms][families]change
}

// keep is what is kept in a form, after it was made or brought up to date. The lock is held.
func (k *keeper) keep(f form.Form, c packed.Coding) (_ *kept, err error) {
	if k.packer == nil {
		if k.packer, err = packed.NewPacker(); err != nil {
			return nil, err
		}
	}
	now := k.now()
	if k.kept[f] == nil {
		k.kept[f] = &kept{form: f}
		k.schema, k.failures = nil, nil // which has everything written again
	}
	k.kept[f].asked[c] = now
	k.refresh(now)
	return k.kept[f], nil
}

// rewrite has everything written again.
func (k *keeper) rewrite() {
	for _, g := range k.groups {
		clear(g.states)
	}
}

// refresh brings what is kept up to date. The lock is held.
func (k *keeper) refresh(now time.Time) {
	if listing := k.ledger.Listing(); listing != k.listing || k.schema == nil {
		k.relist(listing)
	}
	if now.Before(k.refreshed.Add(-time.Second)) {
		// The clock was set back, and what time alone had changed may have to change back.
		k.rewrite()
	}
	k.refreshed = now
	nano := nanoseconds(now)
	for at, g := range k.groups {
		k.changed = k.changed[:0]
		for i, entry := range g.entries {
			state := entry.State()
			if state == g.states[i] && nano < g.changes[i] {
				continue
			}
			g.states[i] = state
			k.changed = append(k.changed, i)
		}
		if len(k.changed) > 0 {
			k.write(at, now)
		}
	}
	k.writeFailures()
}

// relist makes room for another set of accounts. Groups that stay as they are keep what was written of them.
func (k *keeper) relist(listing *ledger.Listing) {
	if k.schema == nil || !slices.Equal(k.schema.labelNames, listing.LabelNames) {
		k.reform(newSchema(k.definitions, listing.LabelNames))
	}
	before := make(map[*ledger.Entry]int, len(k.groups))
	for at, g := range k.groups {
		before[g.entries[0]] = at
	}
	parts := split(listing.Entries)
	groups, from := make([]*group, len(parts)), make([]int, len(parts))
	for to, entries := range parts {
		at, known := before[entries[0]]
		if known && slices.Equal(k.groups[at].entries, entries) {
			groups[to], from[to] = k.groups[at], at
			groups[to].entries = entries // the old listing is not held on to
			continue
		}
		groups[to], from[to] = newGroup(entries), -1
	}
	for _, kept := range k.kept {
		if kept != nil {
			kept.regroup(from)
		}
	}
	k.groups, k.listing = groups, listing
}

// reform has everything written by another schema.
func (k *keeper) reform(s *schema) {
	k.schema = s
	k.samples.labelNames = s.labelNames
	for _, kept := range k.kept {
		if kept != nil {
			kept.writers = s.writers(kept.form)
		}
	}
	k.rewrite()
}

// write writes the accounts of a group that changed.
func (k *keeper) write(at int, now time.Time) {
	g := k.groups[at]
	for f := range k.changes {
		for i := range k.changes[f] {
			k.changes[f][i].reset()
		}
	}
	for _, i := range k.changed {
		view := g.states[i].At(now)
		g.changes[i] = nanoseconds(view.Changes)
		list := k.samples.of(&view)
		for f, kept := range k.kept {
			if kept != nil {
				kept.write(&k.changes[f], list)
			}
		}
	}
	for f, kept := range k.kept {
		if kept == nil {
			continue
		}
		for i := range kept.blocks {
			if family(i) != pollFailures {
				k.replace(kept, family(i), at, kept.blocks[i][at].with(&k.changes[f][i], k.changed, len(g.entries)))
			}
		}
	}
}

// replace puts a block in the place of an older one.
func (k *keeper) replace(kept *kept, f family, at int, b *block) {
	before := kept.blocks[f][at]
	if b == before {
		return
	}
	kept.sizes[f] += b.size() - before.size()
	kept.blocks[f][at] = b
	if k.ahead && b != nil {
		for c := range packed.Codings {
			if !kept.asked[c].IsZero() {
				b.pack(k.packer, c)
			}
		}
	}
}

// writeFailures writes the providers' failures, if they changed.
func (k *keeper) writeFailures() {
	failures := k.ledger.Failures()
	if k.failures != nil && slices.Equal(failures, k.failures) {
		return
	}
	k.failures = failures
	for f, kept := range k.kept {
		if kept == nil {
			continue
		}
		c := &k.changes[f][pollFailures]
		c.reset()
		for _, one := range failures {
			s := failureSample(one)
			c.plain = kept.writers[pollFailures].AppendSample(c.plain, s.values, s.value)
		}
		c.ends = append(c.ends, len(c.plain))
		if len(kept.blocks[pollFailures]) == 0 {
			kept.blocks[pollFailures] = make([]*block, 1)
		}
		k.replace(kept, pollFailures, 0, kept.blocks[pollFailures][0].with(c, []int{0}, 1))
	}
}
