package ledger

import (
	"reflect"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// wholeRecord has everything that an account's record can have.
func wholeRecord(t testing.TB) accountRecord {
	allowed := false
	at := t0.Add(123456789 * time.Nanosecond)
	return accountRecord{
		Identity: "1234", Wallet: "olostep/production", LastSuccess: at, LastPoll: at.Add(time.Minute), LastRequest: at.Add(time.Hour),
		Polls: 300, DayPolls: 7,
		Report: &providers.Report{
			Plan: providers.Plan{ID: "p", Name: "Pro"}, UsageAllowed: &allowed, AsOf: at,
			Balances: []providers.Balance{
				{Unit: "USD", Unlimited: true, Used: amount(t, "1.5")},
				{
					Unit: "credits", Period: true, Returns: true, Listed: true, Remaining: amount(t, "-12.25"), Allocated: amount(t, "1"), Used: amount(t, "2"),
					PlanAllocated: amount(t, "0"), Resets: at, PeriodLength: time.Hour,
					Lots: []providers.Lot{
						{ID: "x", Kind: "top-up", Remaining: amount(t, "1"), Allocated: amount(t, "123456789012345678901234567890.5"), Used: amount(t, "3"), Starts: at, Expires: at, Period: true},
						{Kind: "manual", Remaining: providers.NewAmount(1).Div(providers.NewAmount(3))},
					},
				},
			},
		},
		Failure: &Failure{Reason: providers.ReasonTimeout, Text: "no answer", Since: t0, At: t0, Streak: 3},
		Window:  t0, Refused: t0, Removed: t0, Empty: map[string]map[string]time.Time{"credits": {"x": t0}},
	}
}

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	ordinary := wholeRecord(t)
	ordinary.Failure, ordinary.Window, ordinary.Refused, ordinary.Removed, ordinary.Empty = nil, time.Time{}, time.Time{}, time.Time{}, nil
	for name, want := range map[string]accountRecord{"all": wholeRecord(t), "ordinary": ordinary, "nothing": {}} {
		t.Run(name, func(t *testing.T) {
			packed, err := want.packed()
			if err != nil {
				t.Fatal(err)
			}
			got, err := unpackAccount(packed)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v (%v), want %+v", got, err, want)
			}
			for n := range packed {
				if _, err := unpackAccount(packed[:n]); err == nil {
					t.Fatalf("the first %d of %d bytes are taken for a record", n, len(packed))
				}
			}
		})
	}
}

func FuzzUnpackAccount(f *testing.F) {
	packed, err := wholeRecord(f).packed()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add([]byte{packedForm, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 127})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := unpackAccount(b)
		if err != nil {
			return
		}
		again, err := r.packed()
		if err != nil {
			t.Skip("a time that has no JSON form")
		}
		if _, err := unpackAccount(again); err != nil {
			t.Fatalf("a record cannot be read once it was written again: %v", err)
		}
	})
}

func FuzzUnpackHistory(f *testing.F) {
	h, _ := History{}.noted(t0, []Balance{{Unit: "credits", Amount: amount(f, "1.5")}, {Unit: "USD", Amount: amount(f, "2")}}, nil)
	f.Add(h.packed())
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := unpackHistory(b)
		if err != nil {
			return
		}
		again, err := unpackHistory(h.packed())
		if err != nil || !reflect.DeepEqual(again, h) {
			t.Fatalf("%+v became %+v: %v", h, again, err)
		}
	})
}
