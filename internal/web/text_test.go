package web

import (
	"testing"
	"time"
)

func TestGrouped(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "999": "999", "1000": "1,000", "1234567": "1,234,567", "-1234567.8901": "-1,234,567.8901",
		"123456": "123,456", "0.0001": "0.0001", "1e6": "1e6", "": "", "12x4567": "12x4567", "+1000": "+1,000",
	} {
		if got := grouped(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestMoments(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		after   time.Duration
		ago, in string
	}{
		{-90 * time.Second, "1m 30s ago", "now"},
		{0, "just now", "now"},
		{90 * time.Second, "just now", "in 1m 30s"},
	}
	for _, test := range tests {
		then := now.Add(test.after)
		if got := ago(now, then); got.Text != test.ago || got.At != then.Format(time.RFC3339) {
			t.Errorf("%s: got %+v, want %q", test.after, got, test.ago)
		}
		if got := in(now, then); got.Text != test.in {
			t.Errorf("%s: got %+v, want %q", test.after, got, test.in)
		}
	}
	if ago(now, time.Time{}) != nil || in(now, time.Time{}) != nil {
		t.Error("a moment that is not known is shown")
	}
}
