package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

// memory is a store in memory that can fail.
type memory struct {
	mu      sync.Mutex
	records map[string]string
	commits int
	fails   error
}

func newMemory() *memory { return &memory{records: map[string]string{}} }

func (m *memory) Load(yield func(string, []byte) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, value := range m.records {
		if err := yield(key, []byte(value)); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Salvage(func(string, []byte) error) error { return nil }

func (m *memory) Status() storage.Status { return storage.Status{} }

func (m *memory) Commit(records []storage.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return m.fails
	}
	m.commits++
	for _, r := range records {
		if r.Value == nil {
			delete(m.records, r.Key)
			continue
		}
		m.records[r.Key] = string(r.Value)
	}
	return nil
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails = err
}

// clone is what another process would find.
func (m *memory) clone() *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &memory{records: maps.Clone(m.records)}
}

func open(t testing.TB, store Store, now func() time.Time, log *slog.Logger) *Ledger {
	t.Helper()
	l, err := New(store, now, log)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func at(moment time.Time) func() time.Time { return func() time.Time { return moment } }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func balance(t testing.TB, left string) *providers.Report {
	a := amount(t, left)
	return &providers.Report{Balances: []providers.Balance{{
		Unit: "credits", Remaining: a, Lots: []providers.Lot{{ID: "default", Kind: "default", Remaining: a}},
	}}}
}

// shown is the counters of the test account as a scrape would see them.
func shown(l *Ledger) string {
	state, ok := l.Lookup(testAccount().ID)
	if !ok {
		return "no such account"
	}
	text := fmt.Sprintf("polls %d", state.Shown.Polls)
	for _, b := range state.Shown.Books {
		text += fmt.Sprintf(", %s consumed %s granted %s expired %s", b.Unit, b.Consumed, b.Granted, b.Expired)
	}
	failed := uint64(0)
	for _, f := range l.Failures() {
		failed += f.Count
	}
	return text + fmt.Sprintf(", failed %d", failed)
}

func TestCountersAreShownOnceTheyAreInStorage(t *testing.T) {
	store := newMemory()
	l := open(t, store, at(t0), quiet())
	account := testAccount()
	l.Apply([]*Account{account})
	poll := func(left string) {
		l.Began(account.ID, t0)
		l.Ended()
		l.Succeeded(account.ID, account.Identity, t0, balance(t, left))
	}
	expect := func(when, want string) {
		t.Helper()
		if got := shown(l); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	poll("100")
	expect("before the first commit", "polls 0, failed 0")
	if state, _ := l.Lookup(account.ID); state.At(t0).Balances[0].Amount.String() != "100" {
		t.Error("a gauge waits for the storage")
	}
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	expect("after it", "polls 1, credits consumed 0 granted 0 expired 0, failed 0")

	store.fail(errors.New("no space left on device"))
	poll("80")
	l.Failed(account.ID, account.Identity, t0, providers.ReasonTimeout, "slow")
	if l.Commit() == nil {
		t.Error("the commit succeeded")
	}
	expect("while the storage fails", "polls 1, credits consumed 0 granted 0 expired 0, failed 0")
	if l.StorageHealth().Healthy {
		t.Error("the storage is healthy")
	}
	if got := shown(reopened(t, store)); got != "polls 1, credits consumed 0 granted 0 expired 0, failed 0" {
		t.Errorf("a process that starts now shows %s", got)
	}

	store.fail(nil)
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	const good = "polls 2, credits consumed 20 granted 0 expired 0, failed 1"
	expect("once it works again", good)
	if !l.StorageHealth().Healthy || !l.StorageHealth().LastWrite.Equal(t0) {
		t.Errorf("storage health: %+v", l.StorageHealth())
	}
	if got := shown(reopened(t, store)); got != good {
		t.Errorf("a process that starts now shows %s", got)
	}
}

func reopened(t testing.TB, store *memory) *Ledger {
	l := open(t, store.clone(), at(t0), quiet())
	l.Apply([]*Account{testAccount()})
	return l
}

func TestAStorageFailureIsLoggedOnce(t *testing.T) {
	store, log := newMemory(), &bytes.Buffer{}
	l := open(t, store, at(t0), slog.New(slog.NewTextHandler(log, nil)))
	l.Apply([]*Account{testAccount()})
	store.fail(errors.New("disk full"))
	for range 3 {
		_ = l.Commit()
	}
	store.fail(nil)
	_ = l.Commit()
	_ = l.Commit()
	if got := strings.Count(log.String(), "cannot be written"); got != 1 {
		t.Errorf("logged %d times:\n%s", got, log)
	}
	if got := strings.Count(log.String(), "can be written again"); got != 1 {
		t.Errorf("recovery logged %d times:\n%s", got, log)
	}
}

func TestCommitsComeInGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		l := open(t, store, time.Now, quiet())
		account := testAccount()
		l.Apply([]*Account{account})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { l.Run(ctx); close(done) }()
		synctest.Wait()
		if store.commits != 1 {
			t.Fatalf("%d commits at the start, want 1", store.commits)
		}
		for range 100 { // ten seconds of ten polls a second
			l.Began(account.ID, time.Now())
			l.Ended()
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		if store.commits < 10 || store.commits > 12 {
			t.Errorf("%d commits in ten seconds, want about one a second", store.commits)
		}
		before := store.commits
		l.UpdateKey("k", func(Key) Key { return Key{Until: time.Now().Add(time.Hour), Length: time.Hour} })
		synctest.Wait()
		if store.commits != before+1 {
			t.Error("a new window waits for the next group")
		}
		cancel()
		<-done
	})
}

func TestAFailedCommitIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.fail(errors.New("disk full"))
		l := open(t, store, time.Now, quiet())
		l.Apply([]*Account{testAccount()})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { l.Run(ctx); close(done) }()
		time.Sleep(time.Minute)
		store.fail(nil)
		time.Sleep(retryCommit)
		synctest.Wait()
		if store.commits != 1 || !l.StorageHealth().Healthy {
			t.Errorf("%d commits, healthy %v: nothing was written though nothing new came", store.commits, l.StorageHealth().Healthy)
		}
		cancel()
		<-done
	})
}

// everything is what an account can know, for round trips through the storage.
func TestAccountsSurviveARestart(t *testing.T) {
	store := newMemory()
	l := open(t, store, at(t0), quiet())
	account := testAccount()
	l.Apply([]*Account{account})
	l.Began(account.ID, t0)
	l.Ended()
	l.Succeeded(account.ID, account.Identity, t0, &providers.Report{
		Plan: providers.Plan{ID: "SUB_PRO"}, AsOf: t0.Add(-time.Minute),
		Balances: []providers.Balance{{Unit: "credits", Remaining: amount(t, "12.50"), Listed: true, Resets: t0.Add(time.Hour), Lots: []providers.Lot{
			lot(t, "top-up", "12.5", "20", 3), lot(t, "spent", "0", "", 0),
		}}},
	})
	l.Began(account.ID, t0.Add(time.Minute))
	l.Ended()
	l.Failed(account.ID, account.Identity, t0.Add(time.Minute), providers.ReasonRateLimited, "429")
	l.Held(account.ID, t0.Add(time.Hour))
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	before, _ := l.Lookup(account.ID)
	again := reopened(t, store)
	after, ok := again.Lookup(account.ID)
	if !ok {
		t.Fatal("the account is gone")
	}
	now := t0.Add(2 * time.Minute)
	if got, want := describe(after.At(now)), describe(before.At(now)); got != want {
		t.Errorf("balances:\n%swant:\n%s", got, want)
	}
	if !after.At(now).Changes.Equal(before.At(now).Changes) || !after.Window.Equal(before.Window) || *after.Failure != *before.Failure ||
		!after.LastPoll.Equal(before.LastPoll) || !after.LastSuccess.Equal(before.LastSuccess) || !after.LastRequest.Equal(before.LastRequest) {
		t.Errorf("after: %+v\nbefore: %+v", after, before)
	}
	if shown(again) != shown(l) {
		t.Errorf("counters: %s, before %s", shown(again), shown(l))
	}
	if again.Phase(account.ID) != l.Phase(account.ID) {
		t.Error("the phase changed")
	}
	key := map[string]providers.Secret{"api_key": providers.NewSecret("test-key-1")}
	if again.KeyID("h", key) != l.KeyID("h", key) {
		t.Error("the name of a credential changed")
	}
}

func TestReload(t *testing.T) {
	poll := func(l *Ledger, left string) {
		id := testAccount().ID
		state, _ := l.Lookup(id)
		l.Began(id, t0)
		l.Ended()
		l.Succeeded(id, state.Account.Identity, t0, balance(t, left))
		if err := l.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	start := func() (*Ledger, *time.Time) {
		now := t0
		l := open(t, newMemory(), func() time.Time { return now }, quiet())
		l.Apply([]*Account{testAccount()})
		poll(l, "100")
		poll(l, "70")
		return l, &now
	}
	shows := func(l *Ledger) string {
		state, _ := l.Lookup(testAccount().ID)
		return describe(state.At(t0)) + shown(l)
	}
	const full = "credits 70\n  default[default] 70\npolls 2, credits consumed 30 granted 0 expired 0, failed 0"

	t.Run("labels", func(t *testing.T) {
		l, _ := start()
		account := testAccount()
		account.Labels = map[string]string{"team": "growth"}
		l.Apply([]*Account{account})
		if got := shows(l); got != full {
			t.Errorf("got %s\nwant %s", got, full)
		}
		if names := l.Listing().LabelNames; len(names) != 1 || names[0] != "team" {
			t.Errorf("label names: %v", names)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		l, _ := start()
		before, _ := l.Lookup(testAccount().ID)
		l.Apply([]*Account{testAccount()})
		if after, _ := l.Lookup(testAccount().ID); after != before {
			t.Error("an account that did not change was touched")
		}
	})
	t.Run("params", func(t *testing.T) {
		l, _ := start()
		account := testAccount()
		account.Identity = "2"
		if changed := l.Apply([]*Account{account}); len(changed) != 1 {
			t.Errorf("changed: %v", changed)
		}
		if got, want := shows(l), "polls 2, credits consumed 30 granted 0 expired 0, failed 0"; got != want {
			t.Errorf("after the change: %s, want %s", got, want)
		}
		l.Succeeded(account.ID, "1", t0, balance(t, "1")) // an answer that was in flight
		if got, want := shows(l), "polls 2, credits consumed 30 granted 0 expired 0, failed 0"; got != want {
			t.Errorf("an answer to the old question counts: %s", got)
		}
		poll(l, "5")
		poll(l, "4")
		if got, want := shows(l), "credits 4\n  default[default] 4\npolls 4, credits consumed 31 granted 0 expired 0, failed 0"; got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
	t.Run("removed and back", func(t *testing.T) {
		l, now := start()
		l.Apply(nil)
		if _, there := l.Lookup(testAccount().ID); there || len(l.Listing().Entries) != 0 {
			t.Error("a removed account is shown")
		}
		*now = t0.Add(keepRemoved - time.Second)
		l.Apply([]*Account{testAccount()})
		if got := shown(l); !strings.HasSuffix(full, got) {
			t.Errorf("got %s\nwant %s", got, full)
		}
	})
	t.Run("removed for too long", func(t *testing.T) {
		l, now := start()
		l.Apply(nil)
		*now = t0.Add(keepRemoved)
		l.Apply(nil)
		_ = l.Commit()
		store, _ := l.store.(*memory)
		for key := range store.records {
			if strings.HasPrefix(key, "account/") || strings.HasPrefix(key, "book/") {
				t.Errorf("%s is kept", key)
			}
		}
		l.Apply([]*Account{testAccount()})
		if got := shown(l); got != "polls 0, failed 0" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("removed and back, but disabled", func(t *testing.T) {
		l, now := start()
		l.Apply(nil)
		account := testAccount()
		account.Enabled = false
		l.Apply([]*Account{account})
		*now = t0.Add(3 * keepRemoved)
		l.Apply([]*Account{account})
		l.Apply([]*Account{testAccount()})
		if got := shown(l); !strings.HasSuffix(full, got) {
			t.Errorf("got %s\nwant %s", got, full)
		}
	})
	t.Run("disabled", func(t *testing.T) {
		l, now := start()
		account := testAccount()
		account.Enabled = false
		l.Apply([]*Account{account})
		if len(l.Listing().Entries) != 0 {
			t.Error("a disabled account is shown")
		}
		*now = t0.Add(3 * keepRemoved)
		l.Apply([]*Account{account})
		l.Apply([]*Account{testAccount()})
		if got := shown(l); !strings.HasSuffix(full, got) {
			t.Errorf("got %s\nwant %s", got, full)
		}
	})
}

// Two keys on one wallet see one balance, so it is booked once and shown for both.
func TestAWalletHasOneBook(t *testing.T) {
	l := open(t, newMemory(), at(t0), quiet())
	one, two := testAccount(), testAccount()
	two.ID.Account = "second"
	one.Wallet, two.Wallet = "main", "main"
	l.Apply([]*Account{one, two})
	for i, left := range []string{"100", "100", "80", "75"} {
		account := []*Account{one, two}[i%2]
		l.Succeeded(account.ID, account.Identity, t0.Add(time.Duration(i)*time.Minute), balance(t, left))
	}
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, account := range []*Account{one, two} {
		state, _ := l.Lookup(account.ID)
		if len(state.Shown.Books) != 1 || state.Shown.Books[0].Consumed.String() != "25" {
			t.Errorf("%s: %+v, want 25 consumed", account.ID, state.Shown.Books)
		}
	}
}

// A window is never longer than when it was read, whatever the clock did meanwhile.
// A wallet that is renamed and named back keeps its book.
func TestTheBookOfAnotherWalletIsKeptForAWhile(t *testing.T) {
	now := t0
	store := newMemory()
	l := open(t, store, func() time.Time { return now }, quiet())
	apply := func(wallet string) {
		account := testAccount()
		account.Wallet = wallet
		l.Apply([]*Account{account})
	}
	apply("main")
	for _, left := range []string{"100", "70"} {
		l.Succeeded(testAccount().ID, testAccount().Identity, now, balance(t, left))
	}
	apply("other")
	now = now.Add(keepRemoved - time.Hour)
	apply("main")
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, want := shown(l), "polls 0, credits consumed 30 granted 0 expired 0, failed 0"; got != want {
		t.Errorf("named back: %s, want %s", got, want)
	}
	apply("other")
	now = now.Add(keepRemoved)
	apply("other")
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, kept := store.records["book/olostep/main"]; kept {
		t.Error("the book of a wallet that was left long ago is kept")
	}
}

func TestWindowsDoNotGrowWithTheClock(t *testing.T) {
	store := newMemory()
	l := open(t, store, at(t0), quiet())
	l.UpdateKey("k", func(Key) Key { return Key{Until: t0.Add(time.Hour), Length: time.Hour} })
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ step, left time.Duration }{
		"no step":            {0, time.Hour},
		"half an hour later": {30 * time.Minute, 30 * time.Minute},
		"a day back":         {-24 * time.Hour, time.Hour},
	} {
		now := t0.Add(test.step)
		loaded := open(t, store.clone(), at(now), quiet())
		if got := loaded.Key("k").Until.Sub(now); got != test.left {
			t.Errorf("%s, loaded: %v left, want %v", name, got, test.left)
		}
	}
	l.ClockSteppedBack(t0.Add(-24 * time.Hour))
	if got := l.Key("k").Until; !got.Equal(t0.Add(-23 * time.Hour)) {
		t.Errorf("after a step back the window ends at %v", got)
	}
}

func TestADamagedRecordCostsOneAccount(t *testing.T) {
	store := newMemory()
	l := open(t, store, at(t0), quiet())
	l.Apply([]*Account{testAccount()})
	_ = l.Commit()
	store.records["account/olostep/broken"] = "{"
	store.records["book/olostep/broken"] = `{"units": 5}`
	store.records["of/a/later/version"] = "?"
	log := &bytes.Buffer{}
	again := open(t, store, at(t0), slog.New(slog.NewTextHandler(log, nil)))
	again.Apply([]*Account{testAccount()})
	if _, ok := again.Lookup(testAccount().ID); !ok {
		t.Error("the good account is gone")
	}
	if !strings.Contains(log.String(), "account/olostep/broken") {
		t.Errorf("the log does not name the record:\n%s", log)
	}
}

func TestPhasesAreEven(t *testing.T) {
	l := open(t, newMemory(), at(t0), quiet())
	var tenths [10]int
	const n = 10_000
	for i := range n {
		tenths[int(l.Phase(ID{"olostep", fmt.Sprintf("account-%d", i)})*10)]++
	}
	for i, got := range tenths {
		if got < n/10*8/10 || got > n/10*12/10 {
			t.Errorf("tenth %d holds %d of %d accounts", i, got, n)
		}
	}
}

func TestKeysAreToldApart(t *testing.T) {
	l := open(t, newMemory(), at(t0), quiet())
	key := func(values ...string) map[string]providers.Secret {
		m := map[string]providers.Secret{}
		for i, v := range values {
			m[fmt.Sprint("k", i)] = providers.NewSecret(v)
		}
		return m
	}
	same := l.KeyID("a.example", key("test-key-1"))
	if same != l.KeyID("a.example", map[string]providers.Secret{"token": providers.NewSecret("test-key-1")}) {
		t.Error("the name that a definition gives a key makes another key of it")
	}
	for name, other := range map[string]KeyID{
		"host":         l.KeyID("b.example", key("test-key-1")),
		"value":        l.KeyID("a.example", key("test-key-2")),
		"two values":   l.KeyID("a.example", key("test-key-1", "x")),
		"another salt": open(t, newMemory(), at(t0), quiet()).KeyID("a.example", key("test-key-1")),
	} {
		if other == same {
			t.Errorf("another %s gives the same key", name)
		}
	}
	if strings.Contains(string(same), "test-key") {
		t.Error("the key is in its name")
	}
}
