package e2e

import (
	"bufio"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// weekOfSpend makes a folder of Prometheus' in which every wallet of the demo has spent 500 units a day for eight days, so
// that spend, runway and losses are there at once and not after hours. It holds what the recording rules keep of the past:
// for each wallet what was spent, and as of when.
func weekOfSpend(t testing.TB, demo *exporter) string {
	t.Helper()
	const perDay, step, length = 500.0, 5 * time.Minute, 8 * 24 * time.Hour
	end := time.Now().Add(-time.Minute)
	var text strings.Builder
	wallets := demo.wallets(t)
	for _, fact := range []struct {
		series string
		value  func(at time.Time) float64
	}{
		{"wallet_instance:credits_consumed_total:max", func(at time.Time) float64 { return perDay * at.Sub(end.Add(-length)).Hours() / 24 }},
		{"wallet_instance:credits_consumed_timestamp_seconds:max", func(at time.Time) float64 { return float64(at.Unix()) }},
		{"wallet_instance:credits_poll_interval_seconds:min", func(time.Time) float64 { return 10 }},
	} {
		for _, labels := range wallets {
			for at := end.Add(-length); !at.After(end); at = at.Add(step) {
				fmt.Fprintf(&text, "%s{%s,job=\"credits\",instance=\"credits-0\"} %g %d\n", fact.series, labels, fact.value(at), at.Unix())
			}
		}
	}
	text.WriteString("# EOF\n")
	dir := t.TempDir()
	file, data := filepath.Join(dir, "history.txt"), filepath.Join(dir, "data")
	write(t, file, text.String())
	output, err := exec.Command(tool(t, "promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet",
		"--max-block-duration=384h", file, data).CombinedOutput()
	if err != nil {
		t.Fatalf("writing the history: %v\n%s", err, output)
	}
	return data
}

// wallets are the labels of every wallet of the demo, for each unit.
func (e *exporter) wallets(t testing.TB) []string {
	t.Helper()
	response, err := (&http.Client{Timeout: patience}).Get(e.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	balance := regexp.MustCompile(`^credits_balance\{account="([^"]+)",provider="([^"]+)",unit="([^"]+)"\}`)
	var found []string
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if m := balance.FindStringSubmatch(lines.Text()); m != nil {
			// The demo names no wallets, so each account is its own.
			found = append(found, fmt.Sprintf(`provider=%q,wallet="%s/%s",unit=%q`, m[2], m[2], m[1], m[3]))
		}
	}
	if err := lines.Err(); err != nil || len(found) == 0 {
		t.Fatalf("the demo has no balances: %v", err)
	}
	return found
}
