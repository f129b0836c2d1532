package ledger

import (
	"strconv"
	"testing"
	"time"
)

// spend polls the test account every 10 minutes for a while, during which it spends one credit a minute.
func spend(t *testing.T, l *Ledger, from time.Time, minutes int, left int64) int64 {
	t.Helper()
	account := testAccount()
	for m := 0; m <= minutes; m += 10 {
		l.Succeeded(account.ID, account.Identity, from.Add(time.Duration(m)*time.Minute), balance(t, itoa(left-int64(m))))
	}
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	return left - int64(minutes)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestPaceAndRunway(t *testing.T) {
	store := newMemory()
	l := open(t, store, at(t0), quiet())
	l.Apply([]*Account{testAccount()})
	state := func() *State { s, _ := l.Lookup(testAccount().ID); return s }

	left := spend(t, l, t0, 170, 10_000)
	if _, known := state().Pace("credits"); known {
		t.Error("a pace is known before three hours")
	}
	left = spend(t, l, t0.Add(170*time.Minute), 20*60, left)
	pace, known := state().Pace("credits")
	if !known || pace < 0.99/60 || pace > 1.01/60 {
		t.Errorf("pace %v a second, want one a minute", pace)
	}
	view := state().At(state().LastSuccess)
	runway, known := state().Runway(view.Balances[0])
	if want := time.Duration(left) * time.Minute; !known || runway < want*98/100 || runway > want*102/100 {
		t.Errorf("runway %v, want about %v", runway, want)
	}

	// A top-up changes the runway by what it adds and the pace not at all.
	l.Succeeded(testAccount().ID, testAccount().Identity, state().LastSuccess.Add(time.Minute), balance(t, itoa(left+5000)))
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	if after, _ := state().Pace("credits"); after > pace*1.01 || after < pace*0.98 {
		t.Errorf("pace after a top-up %v, before %v", after, pace)
	}

	again := reopened(t, store)
	restored, _ := again.Lookup(testAccount().ID)
	if got, known := restored.Pace("credits"); !known || got != mustPace(t, state()) {
		t.Errorf("pace after a restart: %v", got)
	}
	if _, known := state().Pace("verifications"); known {
		t.Error("a pace of a unit that there is not")
	}
}

func mustPace(t *testing.T, s *State) float64 {
	t.Helper()
	pace, known := s.Pace("credits")
	if !known {
		t.Fatal("no pace")
	}
	return pace
}

func TestHistoryIsBounded(t *testing.T) {
	l := open(t, newMemory(), at(t0), quiet())
	l.Apply([]*Account{testAccount()})
	spend(t, l, t0, 10*24*60, 100_000)
	state, _ := l.Lookup(testAccount().ID)
	samples := state.History.Samples("credits")
	if len(samples) != historyLength {
		t.Errorf("%d samples, want %d", len(samples), historyLength)
	}
	for i := 1; i < len(samples); i++ {
		if gap := samples[i].At.Sub(samples[i-1].At); gap != sampleEvery {
			t.Fatalf("samples %v apart", gap)
		}
	}
	if oldest := state.LastSuccess.Sub(samples[0].At); oldest > 7*24*time.Hour+sampleEvery {
		t.Errorf("the oldest sample is %v old", oldest)
	}
}
