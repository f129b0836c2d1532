package vendorsim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Fleet is many accounts of one vendor that are told apart by a number. Adding one costs nothing: an account takes
// memory from the first request for it on, and is then what it would be had it begun with the fleet.
type Fleet struct {
	Vendor Vendor
	Prefix string // of the names, such as "customer"; one fleet per vendor and prefix
	Count  int
	Lots   int // lots of each account, with different days of expiry; 0: one amount that never expires
}

// startedFleet is a fleet and when its accounts began.
type startedFleet struct {
	Fleet
	began time.Time
}

// Name is the name of the i-th account: customer-000042.
func (f Fleet) Name(i int) string { return fmt.Sprintf("%s-%06d", f.Prefix, i) }

// Key is the key of the i-th account: test-key-olostep-customer-000042.
func (f Fleet) Key(i int) string { return f.keyPrefix() + f.Name(i) }

func (f Fleet) keyPrefix() string { return "test-key-" + string(f.Vendor) + "-" }

// indexOfName is the number in a name, -1 if the fleet has no such account.
func (f Fleet) indexOfName(name string) int {
	digits, found := strings.CutPrefix(name, f.Prefix+"-")
	i, err := strconv.Atoi(digits)
	if !found || err != nil || i < 0 || i >= f.Count || f.Name(i) != name {
		return -1
	}
	return i
}

func (f Fleet) indexOfKey(key string) int {
	name, found := strings.CutPrefix(key, f.keyPrefix())
	if !found {
		return -1
	}
	return f.indexOfName(name)
}

// spec makes up the i-th account: amounts and paces differ, lots expire at midnights of the next year.
func (f Fleet) spec(i int, seed uint64, now time.Time) Spec {
	spec := Spec{
		Vendor: f.Vendor,
		Name:   f.Name(i),
		Key:    f.Key(i),
		Jobs:   Jobs{Cost: Credit, Every: 5*time.Second + time.Duration(mix(seed, 0)%60)*time.Second},
	}
	if f.Lots == 0 {
		spec.Balance = Credits(1000+mix(seed, 1)%99_000) * Credit
	}
	midnight := now.UTC().Truncate(24 * time.Hour)
	for lot := range f.Lots {
		amount := Credits(1000+mix(seed, uint64(lot)+1)%9000) * Credit
		day := 1 + lot*365/f.Lots + int(mix(seed, uint64(lot)+1)%uint64(max(1, 365/f.Lots)))
		spec.Lots = append(spec.Lots, Lot{
			Kind: KindTopUp, Allocated: amount * 2, Remaining: amount, Expires: midnight.AddDate(0, 0, day),
		})
	}
	return spec
}

// AddFleet lets the accounts of a fleet be known to the vendor.
func (s *Simulator) AddFleet(fleet Fleet) error {
	if _, known := dialectOf(fleet.Vendor); !known || fleet.Prefix == "" || fleet.Count < 1 || fleet.Lots < 0 {
		return fmt.Errorf("vendorsim: fleet %s/%s: a known vendor, a prefix and a positive count are needed", fleet.Vendor, fleet.Prefix)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.fleets {
		if other.Vendor == fleet.Vendor && other.Prefix == fleet.Prefix {
			return fmt.Errorf("vendorsim: fleet %s/%s: there is one already", fleet.Vendor, fleet.Prefix)
		}
	}
	s.fleets = append(s.fleets, startedFleet{fleet, s.options.Clock()})
	return nil
}

// fromFleet begins the account that a name or a key belongs to; nil if it belongs to no fleet.
func (s *Simulator) fromFleet(vendor Vendor, index func(Fleet, string) int, text string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fleet := range s.fleets {
		i := index(fleet.Fleet, text)
		if fleet.Vendor != vendor || i < 0 {
			continue
		}
		name := id{vendor, fleet.Name(i)}
		if account := s.byName[name]; account != nil {
			return account // another request was faster
		}
		account, err := s.add(fleet.spec(i, s.seed(name), fleet.began), fleet.began)
		if err != nil {
			return nil // an account that was added by hand holds this key under another name
		}
		return account
	}
	return nil
}
