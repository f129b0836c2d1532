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

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999 * time.Millisecond: "0s", 59 * time.Second: "59s", time.Minute: "1m",
		3599 * time.Second: "59m 59s", time.Hour: "1h", 47*time.Hour + 59*time.Minute: "47h 59m",
		48 * time.Hour: "2d", 400*24*time.Hour + 5*time.Hour: "400d 5h",
	} {
		if got := span(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestAgoAndAhead(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		after      time.Duration
		ago, ahead string
	}{
		{-90 * time.Second, "1m 30s ago", "now"},
		{0, "just now", "now"},
		{90 * time.Second, "just now", "in 1m 30s"},
	}
	for _, test := range tests {
		then := now.Add(test.after)
		if got := ago(now, then); got != test.ago {
			t.Errorf("%s: got %q, want %q", test.after, got, test.ago)
		}
		if got := ahead(now, then); got != test.ahead {
			t.Errorf("%s: got %q, want %q", test.after, got, test.ahead)
		}
	}
}
