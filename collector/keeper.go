package collector

import (
	"runtime"
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
	// scribe is who writes, and packer who compresses, when there is little to do.
	scribe scribe
	packer *packed.Packer
	// refreshed is when what is kept was last brought up to date.
	refreshed time.Time
}

// keep is what is kept in a form, after it was made or brought up to date. The lock is held.
func (k *keeper) keep(f form.Form, c packed.Coding) (_ *kept, err error) {
	if k.packer == nil {
		if k.packer, err = packed.NewPacker(); err != nil {
			return nil, err
		}
	}
	now, processors := k.now(), runtime.GOMAXPROCS(0)
	if k.kept[f] == nil {
		k.kept[f] = &kept{form: f}
		k.schema, k.failures = nil, nil // which has everything written again
	}
	kept := k.kept[f]
	places := k.refresh(now, processors)[f]
	if kept.asked[c].IsZero() {
		places = kept.begin(c)
	}
	kept.asked[c] = now
	k.compress(kept, places, c, processors)
	return kept, nil
}

// rewrite has everything written again.
func (k *keeper) rewrite() {
	for _, g := range k.groups {
		clear(g.states)
	}
}

// refresh brings what is kept up to date, with at most so many processors, and gives where blocks were made. The lock is held.
func (k *keeper) refresh(now time.Time, processors int) (made [form.Forms][]place) {
	if listing := k.ledger.Listing(); listing != k.listing || k.schema == nil {
		k.relist(listing)
	}
	if now.Before(k.refreshed.Add(-time.Second)) {
		// The clock was set back, and what time alone had changed may have to change back.
		k.rewrite()
	}
	k.refreshed = now
	var changed []int
	nano := nanoseconds(now)
	for at, g := range k.groups {
		if g.changed(nano) {
			changed = append(changed, at)
		}
	}
	made = k.write(changed, now, processors)
	k.writeFailures()
	return made
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
	for _, kept := range k.kept {
		if kept != nil {
			kept.writers = s.writers(kept.form)
		}
	}
	k.rewrite()
}

// writeFailures writes the providers' failures, if they changed.
func (k *keeper) writeFailures() {
	failures := k.ledger.Failures()
	if k.failures != nil && slices.Equal(failures, k.failures) {
		return
	}
	k.failures = failures
	for _, kept := range k.kept {
		if kept == nil {
			continue
		}
		var c change
		for _, one := range failures {
			s := failureSample(one)
			c.plain = kept.writers[pollFailures].AppendSample(c.plain, s.values, s.value)
		}
		c.ends = append(c.ends, len(c.plain))
		if len(kept.blocks[pollFailures]) == 0 {
			kept.blocks[pollFailures] = make([]*block, 1)
		}
		b := k.scribe.editor.edit(kept.blocks[pollFailures][0], &c, []int{0}, 1)
		kept.put(place{family: pollFailures}, b)
		kept.sizes[pollFailures] = b.size()
	}
}
