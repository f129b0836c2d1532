package collector

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
	"github.com/credits-exporter/credits_exporter/collector/internal/packed"
)

// What is worth the work of more than one processor: seldom more than the first scrape, and one after a reload.
const (
	manyGroups = 32
	manyBlocks = 256
)

// write writes the groups that changed, and gives where blocks were made.
func (k *keeper) write(changed []int, now time.Time, processors int) (made [form.Forms][]place) {
	if len(changed) < manyGroups || processors < 2 {
		for _, at := range changed {
			k.scribe.write(k, at, now)
		}
		k.scribe.finish(k, &made)
		return made
	}
	scribes := make([]scribe, processors)
	share(len(changed), processors, func(worker, n int) { scribes[worker].write(k, changed[n], now) })
	for i := range scribes {
		scribes[i].finish(k, &made)
	}
	return made
}

// compress makes blocks as they are sent.
func (k *keeper) compress(kept *kept, places []place, c packed.Coding, processors int) {
	if c == packed.Identity || len(places) < manyBlocks || processors < 2 {
		for _, at := range places {
			kept.pack(k.packer, c, at)
		}
		return
	}
	packers := []*packed.Packer{k.packer}
	for range processors - 1 {
		if p, err := packed.NewPacker(); err == nil {
			packers = append(packers, p)
		}
	}
	share(len(places), len(packers), func(worker, n int) { kept.pack(packers[worker], c, places[n]) })
}

// share has workers do all of n things, each thing once.
func share(n, workers int, do func(worker, n int)) {
	var next atomic.Int64
	var working sync.WaitGroup
	for worker := range workers {
		working.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(worker, i)
			}
		})
	}
	working.Wait()
}
