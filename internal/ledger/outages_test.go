package ledger

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// outagesOf writes the outages of the test account, the newest first.
func outagesOf(l *Ledger) string {
	state, ok := l.Lookup(testAccount().ID)
	if !ok {
		return "no such account"
	}
	var lines []string
	for _, o := range state.Outages() {
		line := fmt.Sprintf("%s %dx +%v..+%v", o.Reason, o.Polls, o.Since.Sub(t0), o.Last.Sub(t0))
		if !o.Ended.IsZero() {
			line += fmt.Sprintf(" ended +%v", o.Ended.Sub(t0))
		}
		lines = append(lines, line+": "+o.Text)
	}
	return strings.Join(lines, "\n")
}

// fails lets the test account fail a number of minutes after t0.
func fails(l *Ledger, minute int, reason providers.Reason, text string) {
	l.Failed(testAccount().ID, testAccount().Identity, t0.Add(time.Duration(minute)*time.Minute), reason, text)
}

func succeeds(t *testing.T, l *Ledger, minute int) {
	t.Helper()
	l.Succeeded(testAccount().ID, testAccount().Identity, t0.Add(time.Duration(minute)*time.Minute), balance(t, "1"))
}

// TestOutages: failures for one reason in a row are one outage, also over a restart, and successes do not push it out.
func TestOutages(t *testing.T) {
	store := newMemory()
	l := open(t, store, at(t0), quiet())
	l.Apply([]*Account{testAccount()})
	succeeds(t, l, -1)
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	for key := range store.clone().records {
		if strings.HasPrefix(key, outageRecords) {
			t.Errorf("an account that never failed has the record %s", key)
		}
	}
	if got := outagesOf(l); got != "" {
		t.Errorf("before any failure: %s", got)
	}
	fails(l, 0, providers.ReasonTimeout, "no answer in 20s")
	fails(l, 1, providers.ReasonTimeout, "no answer in 10s")
	fails(l, 2, providers.ReasonServerError, "the vendor answered with status 500")
	for minute := 3; minute < 30; minute++ {
		succeeds(t, l, minute)
	}
	fails(l, 30, providers.ReasonTimeout, "no answer in 20s")
	fails(l, 31, providers.ReasonTimeout, "no answer in 20s")
	const want = "timeout 2x +30m0s..+31m0s: no answer in 20s\n" +
		"server_error 1x +2m0s..+2m0s ended +3m0s: the vendor answered with status 500\n" +
		"timeout 2x +0s..+1m0s ended +2m0s: no answer in 10s"
	if got := outagesOf(l); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := outagesOf(reopened(t, store)); got != want {
		t.Errorf("after a restart\n%s\nwant\n%s", got, want)
	}
}

// TestOutagesAreBounded: the last twenty that are over are kept, and the one that lasts.
func TestOutagesAreBounded(t *testing.T) {
	l := open(t, newMemory(), at(t0), quiet())
	l.Apply([]*Account{testAccount()})
	for i := range 50 {
		fails(l, 2*i, providers.ReasonNetwork, fmt.Sprintf("number %d", i))
		if i < 49 {
			succeeds(t, l, 2*i+1)
		}
	}
	state, _ := l.Lookup(testAccount().ID)
	all := state.Outages()
	if len(all) != outagesKept+1 || all[0].Text != "number 49" || !all[0].Ended.IsZero() || all[outagesKept].Text != "number 29" {
		t.Errorf("%d outages, the newest %+v, the oldest %+v", len(all), all[0], all[len(all)-1])
	}
	l.Apply(nil)
	back := testAccount()
	back.Identity = "2"
	l.Apply([]*Account{back})
	state, _ = l.Lookup(back.ID)
	if all := state.Outages(); len(all) != outagesKept || all[0].Text != "number 49" || all[0].Ended.IsZero() {
		t.Errorf("of an account that came back as another: %d outages, the newest %+v", len(all), all[0])
	}
}

func TestPollsToday(t *testing.T) {
	store := newMemory()
	l := open(t, store, at(t0), quiet())
	l.Apply([]*Account{testAccount()})
	today := func(l *Ledger, now time.Time) uint64 {
		t.Helper()
		if err := l.Commit(); err != nil {
			t.Fatal(err)
		}
		state, _ := l.Lookup(testAccount().ID)
		return state.PollsToday(now)
	}
	poll := func(moment time.Time) { l.Began(testAccount().ID, moment); l.Ended() }
	poll(t0)
	l.FailedUnasked(testAccount().ID, testAccount().Identity, t0.Add(time.Hour), providers.ReasonCredentials, "no file")
	poll(t0.Add(2 * time.Hour))
	if state, _ := l.Lookup(testAccount().ID); state.PollsToday(t0.Add(3*time.Hour)) != 0 {
		t.Error("what is not in storage yet is counted")
	}
	if got := today(l, t0.Add(3*time.Hour)); got != 3 {
		t.Errorf("got %d, want 3", got)
	}
	if got := today(l, t0.Add(12*time.Hour)); got != 0 {
		t.Errorf("at midnight: got %d, want 0", got)
	}
	poll(t0.Add(13 * time.Hour))
	if got := today(l, t0.Add(13*time.Hour)); got != 1 {
		t.Errorf("on the next day: got %d, want 1", got)
	}
	if got := today(reopened(t, store), t0.Add(13*time.Hour)); got != 1 {
		t.Errorf("after a restart: got %d, want 1", got)
	}
}
