package ledger

import (
	"testing"
	"time"
)

// A key that was replaced is never heard of again; what was known of it must not stay for ever.
func TestWhatIsKnownOfReplacedKeysIsForgotten(t *testing.T) {
	const day = 24 * time.Hour
	keys := map[KeyID]Key{
		"refused": {Refusals: 3, RefusedUntil: t0.Add(time.Hour), RefusedFor: time.Hour, RefusedBy: "vendor/a"},
		"limited": {Limited: 2, Until: t0.Add(time.Hour), Length: time.Hour},
	}
	for name, test := range map[string]struct {
		later time.Duration
		known bool
	}{
		"a week later":        {7 * day, true},
		"over a month later":  {32 * day, false},
		"while they matter":   {0, true},
		"just after they end": {2 * time.Hour, true},
	} {
		store := newMemory()
		l := open(t, store, at(t0), quiet())
		for id, key := range keys {
			l.UpdateKey(id, func(Key) Key { return key })
		}
		if err := l.Commit(); err != nil {
			t.Fatal(err)
		}
		loaded := open(t, store, at(t0.Add(test.later)), quiet())
		loaded.Apply(nil)
		for id := range keys {
			if known := loaded.Key(id) != (Key{}); known != test.known {
				t.Errorf("%s, %s: known is %v, want %v", name, id, known, test.known)
			}
		}
	}
}
