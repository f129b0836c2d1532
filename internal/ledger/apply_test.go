package ledger

import (
	"testing"
	"time"
)

// A start with very many accounts would otherwise write all that it has just read.
func TestARestartWritesOnlyWhatChanged(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Account)
		writes bool
	}{
		"nothing":        {func(*Account) {}, false},
		"labels":         {func(a *Account) { a.Labels = map[string]string{"team": "growth"} }, false},
		"another wallet": {func(a *Account) { a.Wallet = "other" }, true},
		"other params":   {func(a *Account) { a.Identity = "2" }, true},
		"removed":        {func(a *Account) { a.ID.Account = "other" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			store := newMemory()
			l := open(t, store, at(t0), quiet())
			l.Apply([]*Account{testAccount()})
			l.Succeeded(testAccount().ID, testAccount().Identity, t0, balance(t, "100"))
			if err := l.Commit(); err != nil {
				t.Fatal(err)
			}
			restarted := store.clone()
			l = open(t, restarted, at(t0), quiet())
			account := testAccount()
			test.change(account)
			l.Apply([]*Account{account})
			if err := l.Commit(); err != nil {
				t.Fatal(err)
			}
			if wrote := restarted.commits > 0; wrote != test.writes {
				t.Errorf("something was written: %v, want %v", wrote, test.writes)
			}
		})
	}
}

func TestAnAccountThatCameBackIsNotForgottenLater(t *testing.T) {
	now := t0
	store := newMemory()
	apply := func(accounts ...*Account) *Ledger {
		l := open(t, store, func() time.Time { return now }, quiet())
		l.Apply(accounts)
		if err := l.Commit(); err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := apply(testAccount())
	l.Succeeded(testAccount().ID, testAccount().Identity, t0, balance(t, "100"))
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	apply()
	apply(testAccount())
	now = now.Add(keepRemoved)
	apply() // removed again, which counts from now
	l = apply(testAccount())
	if state, _ := l.Lookup(testAccount().ID); state.Report == nil {
		t.Error("what the vendor said is forgotten")
	}
}
