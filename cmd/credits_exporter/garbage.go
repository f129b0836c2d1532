package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/config"
)

// spare is how much garbage there may be, in percent of what is in use, before it is collected: the less the more
// accounts there are. Most of the memory is accounts that change once in minutes, so little garbage comes of much memory,
// and room for as much garbage again would nearly double what the process takes. Polls make garbage, so there is room
// for two seconds of them.
func spare(accounts []*config.Account) (percent int) {
	polls := 0.0 // a second
	for i := range accounts {
		polls += 1 / accounts[i].Interval.Seconds()
	}
	const (
		most               = 5000 // polls a second that there is room for
		least              = 15   // percent: less would cost more time than the memory is worth
		room, roomOfPoll   = 6 << 20, 2 * 32 << 10
		lives, livesOfEach = 8 << 20, 8 << 10 // about
	)
	percent = 100 * (room + roomOfPoll*int(min(polls, most))) / (lives + livesOfEach*len(accounts))
	return max(percent, least)
}

// How much garbage there may be at least, in percent, until the configuration was read, and in the last part of the start.
const (
	untilRead    = 200
	untilStarted = 100
)

// atStart is how much there may be until the first scrape was served: with very many accounts a sixth of the time would
// be spent on finding it, and what scrapes and polls need later takes the room anyway.
func atStart(accounts int) (percent int) {
	const many = 10_000
	if accounts < many {
		return untilRead
	}
	return 3 * untilRead
}

// spareLater sets that once the start is over and the first scrape has found everything in place, both of which make much
// garbage, and gives back to the system what they took.
func (p *program) spareLater(ctx context.Context, percent int) {
	const scraped, start = 10 * time.Second, 30 * time.Second
	if !sleep(ctx, scraped) {
		return
	}
	p.collectAt(max(percent, untilStarted))
	if !sleep(ctx, start-scraped) {
		return
	}
	p.collectAt(percent)
	debug.FreeOSMemory()
}

// sleep waits; it is false when ctx ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// collectAt sets how much garbage there may be, in percent of what is in use. $GOGC overrules it.
func (p *program) collectAt(percent int) {
	if _, set := p.lookupEnv("GOGC"); !set {
		debug.SetGCPercent(percent)
	}
}
