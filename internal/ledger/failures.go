package ledger

import (
	"slices"

	"github.com/credits-exporter/credits_exporter/providers"
)

// failures counts the failed polls of one provider by reason.
type failures struct {
	counted map[providers.Reason]uint64
	// shown is what is in storage already. It is replaced, never modified.
	shown map[providers.Reason]uint64
}

func (f *failures) count(reason providers.Reason) {
	if f.counted == nil {
		f.counted = map[providers.Reason]uint64{}
	}
	f.counted[reason]++
}

// FailureCount is how many polls of a provider failed for a reason.
type FailureCount struct {
	Provider string
	Reason   providers.Reason
	Count    uint64
}

// Failures counts the failed polls of every configured provider, all reasons of each, as far as they are in storage.
func (l *Ledger) Failures() []FailureCount { return *l.failuresShown.Load() }

// showFailures says anew what Failures gives. It is called with the lock held.
func (l *Ledger) showFailures() {
	named := l.Listing().Providers
	reasons := providers.Reasons()
	slices.Sort(reasons)
	counts := make([]FailureCount, 0, len(named)*len(reasons))
	for _, provider := range named {
		for _, reason := range reasons {
			counts = append(counts, FailureCount{Provider: provider, Reason: reason, Count: l.failures[provider].shown[reason]})
		}
	}
	l.failuresShown.Store(&counts)
}
