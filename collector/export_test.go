package collector

import "github.com/credits-exporter/credits_exporter/collector/internal/packed"

// Work is what Run does at each turn.
func (c *Collector) Work() { c.keeper.work() }

// Kept is how many bytes are kept plain and compressed.
func (c *Collector) Kept() (plain, compressed int) {
	c.keeper.mu.Lock()
	defer c.keeper.mu.Unlock()
	for _, kept := range c.keeper.kept {
		if kept == nil {
			continue
		}
		for f, blocks := range kept.blocks {
			for _, b := range blocks {
				if b != nil {
					plain += len(b.text.Data)
				}
			}
			for c := packed.Identity + 1; c < packed.Codings; c++ {
				for _, part := range kept.parts[c][f] {
					compressed += len(part.Data)
				}
			}
		}
	}
	return plain, compressed
}

// Blocks are what is kept, in the order of families and groups, to tell what was written anew.
func (c *Collector) Blocks() (all []any) {
	c.keeper.mu.Lock()
	defer c.keeper.mu.Unlock()
	for _, kept := range c.keeper.kept {
		if kept == nil {
			continue
		}
		for _, blocks := range kept.blocks {
			for _, b := range blocks {
				all = append(all, b)
			}
		}
	}
	return all
}
