package poller

import (
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/providers"
)

// watchEvery is how often the credential of an account that it fails for is read again.
const watchEvery = 10 * time.Second

// suspect is an account whose credential may have been replaced.
type suspect struct {
	entry  *entry
	target *Target
	key    ledger.KeyID
}

// failing are the scheduled accounts whose state is as wanted.
func (p *Poller) failing(wanted func(*ledger.State) bool) []suspect {
	var suspects []suspect
	for _, known := range p.ledger.Listing().Entries {
		if !wanted(known.State()) {
			continue
		}
		if e := p.entries[known.ID]; e != nil && e.stage == scheduled {
			suspects = append(suspects, suspect{e, e.target, e.key})
		}
	}
	return suspects
}

// watch reads again the credentials that accounts fail for, unless the last such reading still goes on.
func (p *Poller) watch() {
	if p.watching {
		return
	}
	p.watching = true
	p.reread(p.failing(ourKeyFails), func() { p.watching = false })
}

// reread reads the suspects' credentials beside the poller, and polls at once where one is new. Nobody is asked
// anything for a credential that is as it was.
func (p *Poller) reread(suspects []suspect, done func()) {
	if len(suspects) == 0 || p.stopping {
		done()
		return
	}
	p.spawn(func() func() {
		keys := make(map[*entry]ledger.KeyID, len(suspects))
		for _, s := range suspects {
			if credentials, err := readCredentials(s.target); err == nil {
				keys[s.entry] = p.ledger.KeyID(s.target.Host, credentials)
			}
		}
		return func() {
			done()
			for _, s := range suspects {
				if key, readable := keys[s.entry]; readable {
					p.recheck(s, key)
				}
			}
		}
	})
}

// recheck polls an account at once whose credential is not the one that it failed with.
func (p *Poller) recheck(s suspect, key ledger.KeyID) {
	e := s.entry
	if e.target != s.target || e.stage != scheduled || e.removed {
		return
	}
	state, ok := p.ledger.Lookup(e.target.ID)
	if !ok || state.Failure == nil {
		return
	}
	now := p.clock()
	known := p.ledger.Key(key)
	unchanged := s.key == key && state.Failure.Reason != providers.ReasonCredentials
	// After a restart it is not known which credential an account failed with, but it is known which are refused.
	refused := s.key == "" && known.Refusals > 0
	if unchanged || refused {
		p.setKey(e, key)
		return
	}
	p.setKey(e, key)
	e.now = true
	p.plan(e, now)
}
