// Package vendorsim simulates four vendors of prepaid credits over plain HTTP, for the demo and for tests: Massive under
// /massive, Deepixels under /deepixels, Olostep under /olostep and LiveAvatar under /liveavatar, each followed by the
// vendor's own path. Each answers in the statuses, headers and bodies that its vendor documents, and asks for the key
// where its vendor does.
//
// Accounts are small simulations over a clock that is passed in. They spend, are topped up, lose lots and renew by
// themselves, and can be changed by calls. What an account holds is a function of the seed, the calls and the clock; it
// does not depend on when anybody looked, and no goroutine runs for it.
package vendorsim

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the settings of a Simulator; the zero value is usable.
type Options struct {
	Clock func() time.Time // time.Now if left out
	Seed  uint64           // what chance is drawn from
	// History is how many request times each account keeps; 256 if left out.
	History int
	// Control lets POST /control change accounts from another process. It asks for no password: loopback only.
	Control bool
}

// Simulator plays the vendors. It is an http.Handler, and safe for concurrent use.
type Simulator struct {
	options Options
	closed  chan struct{}
	close   sync.Once
	strays  atomic.Int64

	mu     sync.RWMutex
	byName map[id]*Account
	byKey  map[id]*Account // former keys too, so that their requests are counted
	fleets []startedFleet
}

// id is a name or a key at a vendor.
type id struct {
	vendor Vendor
	text   string
}

// New returns a simulator without accounts.
func New(options Options) *Simulator {
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.History < 1 {
		options.History = 256
	}
	return &Simulator{
		options: options,
		closed:  make(chan struct{}),
		byName:  make(map[id]*Account),
		byKey:   make(map[id]*Account),
	}
}

// Add begins an account. It fails on a spec that makes no sense, and on a name or key that the vendor has already.
func (s *Simulator) Add(spec Spec) (*Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(spec, s.options.Clock())
}

func (s *Simulator) add(spec Spec, start time.Time) (*Account, error) {
	if err := spec.validate(); err != nil {
		return nil, err
	}
	name, key := id{spec.Vendor, spec.Name}, id{spec.Vendor, spec.Key}
	if s.byName[name] != nil || s.byKey[key] != nil {
		return nil, fmt.Errorf("vendorsim: account %s/%s: its name or its key is taken", spec.Vendor, spec.Name)
	}
	d, _ := dialectOf(spec.Vendor)
	account := newAccount(spec, d, s.seed(name), start, s.options)
	s.byName[name], s.byKey[key] = account, account
	return account, nil
}

// seed gives each account chance of its own, whatever the order in which accounts are added.
func (s *Simulator) seed(name id) uint64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s/%s", name.vendor, name.text)
	return mix(s.options.Seed, hash.Sum64())
}

// Account returns the account of this name, nil if the vendor has none.
func (s *Simulator) Account(vendor Vendor, name string) *Account {
	s.mu.RLock()
	account := s.byName[id{vendor, name}]
	s.mu.RUnlock()
	if account == nil {
		account = s.fromFleet(vendor, Fleet.indexOfName, name)
	}
	return account
}

// RotateKey gives an account another key; the old one is refused from now on.
func (s *Simulator) RotateKey(vendor Vendor, name, key string) error {
	account := s.Account(vendor, name)
	if account == nil {
		return fmt.Errorf("vendorsim: no account %s/%s", vendor, name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if holder := s.byKey[id{vendor, key}]; key == "" || (holder != nil && holder != account) {
		return fmt.Errorf("vendorsim: account %s/%s: the new key is empty or taken", vendor, name)
	}
	s.byKey[id{vendor, key}] = account
	account.at(func(time.Time) {
		account.key = key
		account.window = window{} // a window belongs to the key
	})
	return nil
}

// Strays counts requests that belong to no account: unknown paths, unknown keys, no key.
func (s *Simulator) Strays() int { return int(s.strays.Load()) }

func (s *Simulator) accountOfKey(vendor Vendor, key string) *Account {
	s.mu.RLock()
	account := s.byKey[id{vendor, key}]
	s.mu.RUnlock()
	if account == nil {
		account = s.fromFleet(vendor, Fleet.indexOfKey, key)
	}
	return account
}

// errNoAnswer ends a request that is never answered.
var errNoAnswer = errors.New("vendorsim: no answer")

// respond answers one request, or fails when it is not to be answered.
func (s *Simulator) respond(r *http.Request) (response, error) {
	if s.options.Control && r.URL.Path == controlPath {
		return s.control(r), nil
	}
	vendor, d := vendorOfPath(r.URL.Path)
	if vendor == "" || r.Method != http.MethodGet {
		s.strays.Add(1)
		return textResponse(http.StatusNotFound, "Not found"), nil
	}
	key, given := d.key(r.Header)
	if !given {
		s.strays.Add(1)
		return d.render(view{outcome: keyMissing}), nil
	}
	account := s.accountOfKey(vendor, key)
	if account == nil {
		s.strays.Add(1)
		return d.render(view{outcome: keyRefused}), nil
	}
	slow, silent := account.arrive()
	if err := s.wait(r.Context(), slow, silent); err != nil {
		account.leave(0)
		return response{}, err
	}
	answer := account.answer(key)
	account.leave(answer.status)
	return answer, nil
}

func vendorOfPath(path string) (Vendor, dialect) {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	vendor := Vendor(name)
	if d, known := dialectOf(vendor); known && path == vendor.Path()+d.path {
		return vendor, d
	}
	return "", dialect{}
}

// wait holds an answer back; a silent account's for ever.
func (s *Simulator) wait(ctx context.Context, slow time.Duration, silent bool) error {
	if slow <= 0 && !silent {
		return nil
	}
	var over <-chan time.Time
	if !silent {
		timer := time.NewTimer(slow)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.closed:
		return errNoAnswer
	}
}

// ServeHTTP answers as the vendor of the path. A request that is not to be answered ends with its connection.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.respond(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Date", s.date())
	answer.write(w)
}

// date is the simulator's clock, which retry dates are measured against.
func (s *Simulator) date() string { return s.options.Clock().UTC().Format(http.TimeFormat) }

// Close ends all requests that are held back, now and later. Accounts go on.
func (s *Simulator) Close() { s.close.Do(func() { close(s.closed) }) }

// Serve answers on a listener until ctx ends, and then closes the simulator and the listener.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		s.Close()
		_ = server.Close() // it fails only where the listener was closed already
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("vendorsim: serve: %w", err)
	}
	return nil
}
