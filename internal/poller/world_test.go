package poller_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/poller"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

// world is a poller with its ledger and its vendors, in simulated time.
type world struct {
	t      *testing.T
	store  *memory
	vendor *vendor
	// step is how far the wall clock is off the elapsed time.
	step time.Duration
	mu   sync.Mutex

	targets []*poller.Target
	limits  poller.Limits
	ledger  *ledger.Ledger
	poller  *poller.Poller
	end     func()
}

func simulate(t *testing.T, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, limits: poller.Limits{Concurrent: 64, PerHost: 4}, store: newMemory(), vendor: &vendor{polling: map[string]int{}, answers: map[string]answer{}}}
		w.vendor.world = w
		test(w)
		w.stop()
	})
}

// now is the wall clock.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.step)
}

func (w *world) stepClock(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.step += by
}

// account adds an account; its key is its name's unless changed.
func (w *world) account(name string, change ...func(*poller.Target)) *poller.Target {
	target := &poller.Target{
		ID: ledger.ID{Provider: "vendor", Account: name}, Provider: w.vendor, Host: "vendor.example",
		Credentials: map[string]poller.CredentialReader{"api_key": fixed("test-key-" + name)},
		Params:      map[string]string{"account": name},
		Interval:    5 * time.Minute, Timeout: 20 * time.Second, MinInterval: time.Minute, Identity: "1",
	}
	for _, c := range change {
		c(target)
	}
	w.targets = append(w.targets, target)
	return target
}

// key gives an account another credential.
func key(reader poller.CredentialReader) func(*poller.Target) {
	return func(t *poller.Target) { t.Credentials = map[string]poller.CredentialReader{"api_key": reader} }
}

func (w *world) accounts() []*ledger.Account {
	var all []*ledger.Account
	for _, t := range w.targets {
		all = append(all, &ledger.Account{
			ID: t.ID, Enabled: true, Wallet: t.ID.String(), Interval: t.Interval, StaleAfter: 6 * time.Hour, Identity: t.Identity,
		})
	}
	return all
}

// open reads the ledger, and makes a poller for it.
func (w *world) open() *poller.Poller {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	var err error
	if w.ledger, err = ledger.New(w.store, w.now, log); err != nil {
		w.t.Fatal(err)
	}
	w.ledger.Apply(w.accounts())
	return poller.New(w.ledger, w.limits, w.now, nobody{}, log)
}

// start begins to poll, as a process does: with what the storage knows.
func (w *world) start() {
	w.poller = w.open()
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.ledger.Run(ctx) })
	running.Go(func() { w.poller.Run(ctx, w.targets) })
	w.end = func() { cancel(); running.Wait() }
}

// stop ends the process well.
func (w *world) stop() {
	if w.end != nil {
		w.end()
		_ = w.ledger.Commit()
		w.end = nil
	}
}

// restart kills the process as it is, without a last word to the storage, and starts another.
func (w *world) restart() {
	kept := w.store.clone()
	w.stop()
	w.store = kept
	w.start()
}

// reload applies what the targets are now.
func (w *world) reload() {
	w.ledger.Apply(w.accounts())
	w.poller.Apply(w.targets, w.limits)
}

func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) state(name string) *ledger.State {
	w.t.Helper()
	state, ok := w.ledger.Lookup(ledger.ID{Provider: "vendor", Account: name})
	if !ok {
		w.t.Fatalf("no account %s", name)
	}
	return state
}

// answer is how the vendor answers an account.
type answer func(ctx context.Context, key string) (providers.Report, error)

// vendor plays the vendor and notes who asked when.
type vendor struct {
	world *world

	mu      sync.Mutex
	answers map[string]answer
	usual   answer // of accounts that have none of their own; nil is well
	polling map[string]int
	polls   []poll
}

type poll struct {
	account, key string
	at           time.Time
}

func (v *vendor) Fetch(ctx context.Context, account providers.Account) (providers.Report, error) {
	name, key := account.Params["account"], account.Credentials["api_key"].Reveal()
	v.mu.Lock()
	v.polls = append(v.polls, poll{name, key, v.world.now()})
	if v.polling[name]++; v.polling[name] > 1 {
		v.world.t.Errorf("two polls of %s at once", name)
	}
	do := v.answers[name]
	if do == nil {
		do = v.usual
	}
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.polling[name]--
	}()
	if do == nil {
		return report("100"), nil
	}
	return do(ctx, key)
}

// answers says how an account is answered from now on; nil is well.
func (v *vendor) answer(name string, do answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers[name] = do
}

// otherwise says how all accounts are answered that have no answer of their own.
func (v *vendor) otherwise(do answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.usual = do
}

// asked are the times at which the named accounts were asked for, all when none is named.
func (v *vendor) asked(names ...string) []time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	var at []time.Time
	for _, p := range v.polls {
		if len(names) == 0 {
			at = append(at, p.at)
		}
		for _, name := range names {
			if p.account == name {
				at = append(at, p.at)
			}
		}
	}
	return at
}

// forget begins to count anew.
func (v *vendor) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.polls = nil
}

func report(left string) providers.Report {
	a, err := providers.ParseAmount(left)
	if err != nil {
		panic(err)
	}
	return providers.Report{Balances: []providers.Balance{{Unit: "credits", Remaining: a}}}
}

// fails answers with an error.
func fails(reason providers.Reason, status int, retryAfter time.Duration) answer {
	return func(context.Context, string) (providers.Report, error) {
		return providers.Report{}, &providers.Error{Reason: reason, Status: status, RetryAfter: retryAfter, Text: "as the test wants"}
	}
}

// hangs never answers.
func hangs(ctx context.Context, _ string) (providers.Report, error) {
	<-ctx.Done()
	return providers.Report{}, &providers.Error{Reason: providers.ReasonTimeout, Text: "no answer"}
}

// fixed is a credential that never changes.
type fixed string

func (f fixed) Read() (providers.Secret, error) { return providers.NewSecret(string(f)), nil }

// Same compares the keys.
func (f fixed) Same(other any) bool { return f == other }

// file is a credential that can be rotated, or be missing.
type file struct {
	mu    sync.Mutex
	value string
}

func (f *file) Read() (providers.Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.value == "" {
		return providers.Secret{}, errors.New("no such file")
	}
	return providers.NewSecret(f.value), nil
}

// Same compares the places.
func (f *file) Same(other any) bool { return f == other }

func (f *file) write(value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.value = value
}

type nobody struct{}

func (nobody) Polled(string, time.Duration) {}

// memory is a store that outlives its process.
type memory struct {
	mu      sync.Mutex
	records map[string]string
}

func newMemory() *memory { return &memory{records: map[string]string{}} }

func (m *memory) clone() *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &memory{records: maps.Clone(m.records)}
}

func (m *memory) Load(yield func(string, []byte) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, v := range m.records {
		if err := yield(k, []byte(v)); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Salvage(func(string, []byte) error) error { return nil }
func (m *memory) Status() storage.Status                   { return storage.Status{} }
func (m *memory) Commit(records []storage.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		if r.Value == nil {
			delete(m.records, r.Key)
			continue
		}
		m.records[r.Key] = string(r.Value)
	}
	return nil
}

// gaps are the times between neighbours, for messages.
func gaps(at []time.Time) string {
	text := fmt.Sprint(len(at), " polls")
	for i := 1; i < len(at); i++ {
		text += " " + at[i].Sub(at[i-1]).Round(time.Millisecond).String()
	}
	return text
}
