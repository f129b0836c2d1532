package vendorsim_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

func TestFleet(t *testing.T) {
	simulator, clock := newSimulator(t)
	fleet := vendorsim.Fleet{Vendor: vendorsim.Olostep, Prefix: "customer", Count: 10_000, Lots: 3}
	if err := simulator.AddFleet(fleet); err != nil {
		t.Fatal(err)
	}
	if fleet.Name(42) != "customer-000042" || fleet.Key(42) != "test-key-olostep-customer-000042" {
		t.Errorf("%s, %s", fleet.Name(42), fleet.Key(42))
	}
	balances := make(map[string]bool)
	for i := range fleet.Count {
		a := ask(t, simulator, fleet.Vendor, fleet.Key(i))
		var info struct {
			Credits   json.Number
			Breakdown []struct {
				ExpiryDate int64 `json:"expiry_date"`
			}
		}
		if err := json.Unmarshal(a.body, &info); err != nil || len(info.Breakdown) != fleet.Lots {
			t.Fatalf("account %d: %s, %v", i, a.body, err)
		}
		days := make(map[int64]bool)
		for _, lot := range info.Breakdown {
			days[lot.ExpiryDate] = true
		}
		if len(days) != fleet.Lots {
			t.Fatalf("account %d: lots share a day: %s", i, a.body)
		}
		balances[info.Credits.String()] = true
	}
	if len(balances) < fleet.Count/4 {
		t.Errorf("%d different balances", len(balances))
	}
	if have := simulator.Account(fleet.Vendor, fleet.Name(42)).Requests().Count; have != 1 {
		t.Errorf("account 42 saw %d requests", have)
	}
	for _, key := range []string{fleet.Key(fleet.Count), fleet.Key(-1), "test-key-olostep-customer-42", "test-key-massive-customer-000042"} {
		if a := ask(t, simulator, fleet.Vendor, key); a.status != 402 {
			t.Errorf("%s: status %d", key, a.status)
		}
	}
	// An account that nobody has asked for is what it would be, had it been asked all the time.
	clock.Step(time.Hour)
	late, lateClock := newSimulator(t)
	if err := late.AddFleet(fleet); err != nil {
		t.Fatal(err)
	}
	lateClock.Step(time.Hour)
	if a, b := ask(t, simulator, fleet.Vendor, fleet.Key(7)), ask(t, late, fleet.Vendor, fleet.Key(7)); string(a.body) != string(b.body) {
		t.Errorf("asked twice: %s\nasked late: %s", a.body, b.body)
	}
}

func TestFleetMistakes(t *testing.T) {
	simulator, _ := newSimulator(t)
	good := vendorsim.Fleet{Vendor: vendorsim.Massive, Prefix: "customer", Count: 1}
	if err := simulator.AddFleet(good); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []vendorsim.Fleet{good, {Vendor: "nobody", Prefix: "a", Count: 1}, {Vendor: vendorsim.Massive, Count: 1}, {Vendor: vendorsim.Massive, Prefix: "b"}} {
		if err := simulator.AddFleet(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// The cost of one answer in a process with many accounts, which is what a benchmark of polls has to subtract.
func BenchmarkAnswer(b *testing.B) {
	simulator := vendorsim.New(vendorsim.Options{})
	fleet := vendorsim.Fleet{Vendor: vendorsim.Olostep, Prefix: "customer", Count: 10_000, Lots: 3}
	if err := simulator.AddFleet(fleet); err != nil {
		b.Fatal(err)
	}
	keys := make([]string, fleet.Count)
	for i := range keys {
		keys[i] = fleet.Key(i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := try(b.Context(), simulator, fleet.Vendor, keys[i%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}
