package poller

import (
	"container/heap"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// stage is where an account is on its way through a poll. An account is in one stage at a time, which is why it never
// has two polls in flight.
type stage int

const (
	scheduled stage = iota // in the queue, until it is due
	queued                 // due, waits for a place at its host
	reading                // its credentials are being read
	waiting                // waits for another account's poll with the same credential
	asking                 // its vendor is being asked
)

// entry is an account in the poller. It belongs to the poller's own goroutine.
type entry struct {
	target *Target
	phase  float64
	stage  stage
	due    time.Time
	index  int   // in the queue, -1 when it is not there
	host   *host // where it waits for a place, or has one

	// key is the credential that was read last, empty before the first time.
	key ledger.KeyID
	// freed is the end of the window that the account waits for, slot its place among those that wait for it.
	freed time.Time
	slot  int
	// turn is when the account may ask its host, where that wants a pause between any two requests; zero while none is
	// reserved.
	turn time.Time
	// now: the account is to be polled as soon as the vendor's limits allow, whatever its schedule says.
	now bool
	// asked: the vendor was asked for the account, by this poller.
	asked bool
	// cutOff: the end of the program came before the answer.
	cutOff bool
	// removed: the account left the configuration while it was being polled.
	removed bool
	// round is the last configuration that the account was in.
	round int
	// awaited are told when the poll is over: see PollNow.
	awaited []chan<- error
}

// dueQueue is a heap of the scheduled accounts, the one that is due first on top.
type dueQueue []*entry

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is for container/heap.
func (q *dueQueue) Push(x any) {
	e, _ := x.(*entry)
	e.index = len(*q)
	*q = append(*q, e)
}

// Pop is for container/heap.
func (q *dueQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	e.index = -1
	return e
}

// set puts an account where its due time belongs.
func (q *dueQueue) set(e *entry, due time.Time) {
	e.due = due
	if e.index >= 0 {
		heap.Fix(q, e.index)
		return
	}
	heap.Push(q, e)
}

// drop takes an account out, if it is there.
func (q *dueQueue) drop(e *entry) {
	if e.index >= 0 {
		heap.Remove(q, e.index)
	}
}

// next takes out the account that is due first, nil when none is due by now.
func (q *dueQueue) next(now time.Time) *entry {
	if len(*q) == 0 || (*q)[0].due.After(now) {
		return nil
	}
	e, _ := heap.Pop(q).(*entry)
	return e
}
