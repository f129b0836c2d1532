package collector

import (
	"time"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
)

// scribe writes groups, one after the other, in memory that is used again. Scribes may work side by side on groups that
// differ.
type scribe struct {
	samples samples
	changed []int
	editor  editor
	changes [form.Forms][families]change
	// grown are the bytes that families grew by, for the sizes that all scribes share.
	grown [form.Forms][families]int
	// made is where blocks were made.
	made [form.Forms][]place
}

// write writes the accounts of a group that changed.
func (s *scribe) write(k *keeper, at int, now time.Time) {
	g := k.groups[at]
	s.samples.labelNames = k.schema.labelNames
	s.changed = g.update(s.changed[:0], nanoseconds(now))
	for f := range s.changes {
		for i := range s.changes[f] {
			s.changes[f][i].reset()
		}
	}
	for _, i := range s.changed {
		view := g.states[i].At(now)
		g.changes[i] = nanoseconds(view.Changes)
		list := s.samples.of(&view)
		for f, kept := range k.kept {
			if kept != nil {
				kept.write(&s.changes[f], list)
			}
		}
	}
	for _, kept := range k.kept {
		if kept != nil {
			s.replace(kept, at, len(g.entries))
		}
	}
}

// replace puts what was written in the place of older blocks.
func (s *scribe) replace(kept *kept, at, size int) {
	for f := range kept.blocks {
		if family(f) == pollFailures {
			continue
		}
		before := kept.blocks[f][at]
		b := s.editor.edit(before, &s.changes[kept.form][f], s.changed, size)
		if b == before {
			continue
		}
		here := place{family(f), at}
		kept.put(here, b)
		s.grown[kept.form][f] += b.size() - before.size()
		s.made[kept.form] = append(s.made[kept.form], here)
	}
}

// finish adds what families grew by to their sizes, and where blocks were made to where others made some.
func (s *scribe) finish(k *keeper, made *[form.Forms][]place) {
	for f, kept := range k.kept {
		if kept == nil {
			continue
		}
		for i, grown := range s.grown[f] {
			kept.sizes[i] += grown
		}
		made[f] = append(made[f], s.made[f]...)
	}
	s.grown, s.made = [form.Forms][families]int{}, [form.Forms][]place{}
}
