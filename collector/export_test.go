package collector

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
		for _, blocks := range kept.blocks {
			for _, b := range blocks {
				plain += b.size()
				if b == nil {
					continue
				}
				for _, part := range b.parts {
					if part != nil {
						compressed += len(part.Data)
					}
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
