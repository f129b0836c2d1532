package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"hash/fnv"
	"slices"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// KeyID names a credential at a host by a salted hash, so that storage knows windows but no credential.
type KeyID string

// Key is what a vendor said of one credential at one host, whichever accounts use it.
type Key struct {
	// Until is the end of the retry window, Length how long it was when it was read: a window never grows because a
	// clock stepped back.
	Until  time.Time     `json:"until,omitzero"`
	Length time.Duration `json:"length,omitempty"`
	// Limited is how many answers in a row were rate_limited.
	Limited int `json:"limited,omitempty"`

	// RefusedUntil is when a credential that the vendor refused may be tried again, RefusedFor how long that was when it
	// was refused, Refusals how many refusals there were in a row, RefusedBy the account that was refused last.
	RefusedUntil time.Time     `json:"refused_until,omitzero"`
	RefusedFor   time.Duration `json:"refused_for,omitempty"`
	Refusals     int           `json:"refusals,omitempty"`
	RefusedBy    string        `json:"refused_by,omitempty"`
	// Mixed: the credential is good for one account and refused for another, so a refusal counts for one alone.
	Mixed bool `json:"mixed,omitempty"`
}

// open tells whether anything in the key still matters at a moment. A row of refusals or of windows that nothing was
// added to for as long as a removed account is kept belongs to a credential that was replaced.
func (k Key) open(now time.Time) bool {
	since := now.Add(-keepRemoved)
	return k.Until.After(now) || k.Mixed || k.Limited > 0 && k.Until.After(since) || k.Refusals > 0 && k.RefusedUntil.After(since)
}

// clamped is the key with its times no further ahead than limit allows: after a clock stepped back, and when a window
// of another day is loaded.
func (k Key) clamped(now time.Time, limit time.Duration) Key {
	if k.RefusedFor > 0 {
		k.RefusedUntil = notAfter(k.RefusedUntil, now.Add(k.RefusedFor))
	}
	if k.Length > 0 {
		limit = min(limit, k.Length)
	}
	k.Until = notAfter(k.Until, now.Add(limit))
	return k
}

func notAfter(t, end time.Time) time.Time {
	if t.After(end) {
		return end
	}
	return t
}

// MaxWindow is the longest retry window that is honoured.
const MaxWindow = 24 * time.Hour

// KeyID is the name of an account's credentials at a host.
func (l *Ledger) KeyID(host string, credentials map[string]providers.Secret) KeyID {
	mac, _ := l.macs.Get().(hash.Hash)
	if mac == nil {
		mac = hmac.New(sha256.New, l.salt)
	}
	mac.Reset()
	defer l.macs.Put(mac)
	write := func(s string) {
		_, _ = mac.Write([]byte(s))
		_, _ = mac.Write([]byte{0})
	}
	write(host)
	// The names of the credentials do not count: two definitions may call the same key by different names.
	values := make([]string, 0, len(credentials))
	for _, secret := range credentials {
		values = append(values, secret.Reveal())
	}
	slices.Sort(values)
	for _, value := range values {
		write(value)
	}
	return KeyID(hex.EncodeToString(mac.Sum(nil)[:16]))
}

// Key is what is known of a credential; the zero Key when nothing is.
func (l *Ledger) Key(id KeyID) Key {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys[id]
}

// UpdateKey changes what is known of a credential and gives the outcome. A window is committed at once.
func (l *Ledger) UpdateKey(id KeyID, change func(Key) Key) Key {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.keys[id]
	after := change(before)
	if after == before {
		return after
	}
	l.keys[id] = after
	l.touch(recordID{kind: keyRecords, owner: string(id)}, after.Until.After(before.Until))
	return after
}

// ClockSteppedBack shortens every window that would now be longer than when it was read.
func (l *Ledger) ClockSteppedBack(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, key := range l.keys {
		if clamped := key.clamped(now, MaxWindow); clamped != key {
			l.keys[id] = clamped
			l.touch(recordID{kind: keyRecords, owner: string(id)}, true)
		}
	}
}

// Phase is a fraction from 0 to 1 that belongs to an account and to this ledger's seed: it spreads the polls of many
// accounts evenly and stays the same over restarts.
func (l *Ledger) Phase(id ID) float64 {
	h := fnv.New64a()
	_, _ = h.Write(l.seed)
	_, _ = h.Write([]byte(id.String()))
	// FNV spreads its low bits well and its high bits poorly for short texts that differ at the end, so they are mixed.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}
