package status

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999 * time.Millisecond: "0s", 59 * time.Second: "59s", time.Minute: "1m",
		3599 * time.Second: "59m 59s", time.Hour: "1h", 47*time.Hour + 59*time.Minute: "47h 59m",
		48 * time.Hour: "2d", 400*24*time.Hour + 5*time.Hour: "400d 5h", 1000 * 24 * time.Hour: "over 1000d",
	} {
		if got := Span(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}
