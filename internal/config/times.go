package config

import (
	"time"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

const (
	defaultInterval   = 5 * time.Minute
	defaultTimeout    = 20 * time.Second
	defaultStaleAfter = 6 * time.Hour

	// staleIntervals is how many intervals a figure lives at least: one failed poll must not end a series.
	staleIntervals = 4

	shortest        = 10 * time.Millisecond
	longestTimeout  = 10 * time.Minute
	longestInterval = 365 * 24 * time.Hour
	longestStale    = staleIntervals * longestInterval
)

// pollTimes are the defaults of all accounts.
type pollTimes struct {
	interval   time.Duration
	timeout    time.Duration
	staleAfter time.Duration
}

// readPoll reads the defaults under `poll`.
func readPoll(n strict.Node) pollTimes {
	t := pollTimes{interval: defaultInterval, timeout: defaultTimeout, staleAfter: defaultStaleAfter}
	m, ok := n.Map()
	if !ok {
		return t
	}
	interval := m.Take("interval")
	if d, ok := duration(interval, shortest, longestInterval); ok {
		t.interval = d
	}
	if d, ok := duration(m.Take("timeout"), shortest, longestTimeout); ok {
		t.timeout = d
	}
	if d, ok := staleAfter(m.Take("stale_after"), t.interval); ok {
		t.staleAfter = d
	}
	m.Done()
	return t
}

// times reads what is in force for one account, whose definition and base URL are known by now.
func (r *reader) times(m *strict.Mapping, a *Account) {
	if a.Definition != nil && !isLoopback(a.BaseURL) {
		a.MinInterval, a.HostInterval = a.Definition.MinInterval, a.Definition.HostInterval
	}
	a.Interval = max(r.defaults.interval, a.MinInterval)
	interval := m.Take("interval")
	if d, ok := duration(interval, shortest, longestInterval); ok {
		a.Interval = d
		if d < a.MinInterval {
			interval.Problem("is shorter than %s, the least that %s allows between two polls (min_interval)",
				show(a.MinInterval), a.Definition.Name)
		}
	}
	a.Timeout = r.defaults.timeout
	if d, ok := duration(m.Take("timeout"), shortest, longestTimeout); ok {
		a.Timeout = d
	}
	a.StaleAfter = max(r.defaults.staleAfter, staleIntervals*a.Interval)
	if d, ok := staleAfter(m.Take("stale_after"), a.Interval); ok {
		a.StaleAfter = d
	}
}

// staleAfter is how long the figures of the last good poll are shown, at least four intervals.
func staleAfter(n strict.Node, interval time.Duration) (time.Duration, bool) {
	d, ok := duration(n, shortest, longestStale)
	if ok && d < staleIntervals*interval {
		n.Problem("must be at least %s, which is %d x the interval of %s", show(staleIntervals*interval), staleIntervals, show(interval))
	}
	return d, ok
}
