package ledger

import (
	"runtime"
	"sync"
)

// loadAtOnce is how many bytes of records are unpacked at once.
const loadAtOnce = 64 << 10

// batch is some records as they are in storage.
type batch struct {
	ids    []recordID
	ends   []int // of their values
	values []byte
}

// load takes in what is in storage. It is read from front to back and unpacked on all processors, because of very many
// accounts there is a lot.
func (l *Ledger) load() error {
	processors := runtime.GOMAXPROCS(0)
	batches, used := make(chan *batch, processors), make(chan *batch, 2*processors+1)
	for range cap(used) {
		used <- &batch{}
	}
	var workers sync.WaitGroup
	for range processors {
		workers.Go(func() {
			for b := range batches {
				l.loadBatch(b)
				used <- b
			}
		})
	}
	next := <-used
	err := l.store.Load(func(key string, value []byte) error {
		next.ids = append(next.ids, parseRecordID(key))
		next.values = append(next.values, value...)
		next.ends = append(next.ends, len(next.values))
		if len(next.values) >= loadAtOnce {
			batches <- next
			next = <-used
		}
		return nil
	})
	batches <- next
	close(batches)
	workers.Wait()
	return err
}

// loadBatch unpacks records and takes them in. The batch is empty then.
func (l *Ledger) loadBatch(b *batch) {
	type unpacked struct {
		value any
		err   error
	}
	all := make([]unpacked, len(b.ids))
	from := 0
	for i, to := range b.ends {
		all[i].value, all[i].err = l.unpack(b.ids[i], b.values[from:to])
		from = to
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, id := range b.ids {
		l.take(id, all[i].value, all[i].err)
	}
	clear(b.ids)
	b.ids, b.ends, b.values = b.ids[:0], b.ends[:0], b.values[:0]
}
