package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// TestPollOutputs: the three outputs, of accounts that succeed, fail, wait and cannot read their key.
func TestPollOutputs(t *testing.T) {
	t.Parallel()
	v, f := documentedVendors(t, func() time.Time { return documentedDay })
	v.add(vendorsim.Massive, "refused", 1).RefuseKey()
	debt := vendorsim.Spec{Vendor: vendorsim.Massive, Name: "debt", Key: "test-key-massive-debt", Balance: -5 * vendorsim.Credit, Overdraft: true}
	if _, err := v.Add(debt); err != nil {
		t.Fatal(err)
	}
	v.add(vendorsim.LiveAvatar, "limited", 1).RateLimit(time.Hour)
	hostile := v.add(vendorsim.Olostep, "hostile", 1)
	hostile.Answer(http.StatusOK, nil, `{"credits": 0.125, "breakdown": [
		{"purchase_kind": "<b>\u202e\"ä", "remaining_units": 0.125}], "allow_usage": false}`)
	f.configure(`
accounts:
  - {provider: olostep, name: production, credentials: {api_key: test-key-olostep-production}, base_url: VENDORS/olostep}
  - {provider: olostep, name: hostile, credentials: {api_key: test-key-olostep-hostile}, base_url: VENDORS/olostep}
  - {provider: massive, name: production, credentials: {api_key: test-key-massive-production}, base_url: VENDORS/massive}
  - {provider: massive, name: refused, credentials: {api_key: test-key-massive-refused}, base_url: VENDORS/massive}
  - {provider: massive, name: debt, credentials: {api_key: test-key-massive-debt}, base_url: VENDORS/massive}
  - {provider: massive, name: disabled, credentials: {api_key: test-key-massive-disabled}, enabled: false}
  - {provider: liveavatar, name: production, credentials: {api_key: test-key-liveavatar-production}, base_url: VENDORS/liveavatar}
  - {provider: liveavatar, name: limited, credentials: {api_key: test-key-liveavatar-limited}, base_url: VENDORS/liveavatar}
  - {provider: deepixels, name: production, credentials: {api_key: {env: DEEPIXELS_KEY}}, base_url: VENDORS/deepixels}
`, v)
	for _, run := range []struct{ file, output string }{
		{"poll-first.txt", "table"}, {"poll.txt", "table"}, {"poll.json", "json"}, {"poll.prom", "prometheus"},
	} {
		got := f.run("poll", "--output="+run.output)
		if got.status != exitFailed || strings.Contains(got.stderr, "level=ERROR") {
			t.Errorf("%s: status %d: %s", run.output, got.status, got.stderr)
		}
		golden(t, run.file, got.stdout)
	}
	if seen := v.Account(vendorsim.LiveAvatar, "limited").Requests(); seen.Count != 1 {
		t.Errorf("an account in a window was asked %d times", seen.Count)
	}
}

// TestPollStatus: 0 when all succeeded, 1 when any failed, 2 when the command could not be carried out.
func TestPollStatus(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	good := v.add(vendorsim.Olostep, "good", 100)
	bad := v.add(vendorsim.Olostep, "bad", 100)
	bad.Fail(http.StatusInternalServerError)
	const accounts = `
accounts:
  - {provider: olostep, name: good, credentials: {api_key: test-key-olostep-good}, base_url: VENDORS/olostep}
  - {provider: olostep, name: bad, credentials: {api_key: test-key-olostep-bad}, base_url: VENDORS/olostep}
  - {provider: olostep, name: disabled, credentials: {api_key: test-key-olostep-disabled}, enabled: false}
`
	f.configure(accounts, v)
	tests := map[string]struct {
		args   []string
		status int
		want   string // in what is printed
	}{
		"one that succeeds":      {[]string{"poll", "olostep/good"}, exitOK, "100"},
		"one that fails":         {[]string{"poll", "olostep/bad"}, exitFailed, "server_error"},
		"all":                    {[]string{"poll"}, exitFailed, "server_error"},
		"all of a provider":      {[]string{"poll", "olostep"}, exitFailed, "100"},
		"an unknown account":     {[]string{"poll", "olostep/nobody"}, exitUsage, "there are: olostep/bad, olostep/disabled, olostep/good"},
		"a disabled account":     {[]string{"poll", "olostep/disabled"}, exitUsage, "disabled"},
		"an unknown output":      {[]string{"poll", "--output=xml"}, exitUsage, "xml"},
		"an unknown flag":        {[]string{"poll", "--nope"}, exitUsage, "--nope"},
		"an unknown flag before": {[]string{"--nope", "poll"}, exitUsage, "--nope"},
		"a bad global flag":      {[]string{"--log.level=loud", "poll"}, exitUsage, "loud"},
	}
	for name, test := range tests {
		got := f.run(test.args...)
		if got.status != test.status || !strings.Contains(got.stdout+got.stderr, test.want) {
			t.Errorf("%s: want status %d and %q, got %+v", name, test.status, test.want, got)
		}
	}
	if v.Strays() > 0 {
		t.Errorf("%d requests were nobody's", v.Strays())
	}
	if good.Requests().Count != 3 || bad.Requests().Count != 3 {
		t.Errorf("%d and %d requests for three polls of each", good.Requests().Count, bad.Requests().Count)
	}

	if got := newFolder(t).run("poll"); got.status != exitUsage || !strings.Contains(got.stderr, configName+": cannot be read") {
		t.Errorf("no configuration: %+v", got)
	}
	f.configure(accounts+"storage: {file: {path: "+configName+"}}\n", v)
	if got := f.run("poll", "olostep/good"); got.status != exitUsage || !strings.Contains(got.stderr, "storage") {
		t.Errorf("a storage that cannot be: %+v", got)
	}
	f.configure("accounts: []\n", v)
	if got := f.run("poll"); got.status != exitUsage || !strings.Contains(got.stderr, "no enabled account") {
		t.Errorf("nothing to poll: %+v", got)
	}
}

// TestPollKeepsTheBooks: what poll learns is in the storage, as the daemon would have it.
func TestPollKeepsTheBooks(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	f.configure(oneOlostep, v)
	if got := f.run("poll"); got.status != exitOK {
		t.Fatalf("%+v", got)
	}
	a.Spend(40 * vendorsim.Credit)
	got := f.run("poll", "--output=prometheus")
	series := parseSamples(got.stdout)
	for name, want := range map[string]string{
		`credits_balance{account="a",provider="olostep",unit="credits"}`:        "60",
		`credits_consumed_total{account="a",provider="olostep",unit="credits"}`: "40",
		`credits_polls_total{account="a",provider="olostep"}`:                   "2",
	} {
		if series[name] != want {
			t.Errorf("%s is %q, want %q", name, series[name], want)
		}
	}
	if next := series.matching("next_poll"); len(next) > 0 {
		t.Errorf("nobody polls again by itself, but it says %v", next)
	}
	a.Hang()
	d := f.serve()
	if got := d.scrape()[`credits_consumed_total{account="a",provider="olostep",unit="credits"}`]; got != "40" {
		t.Errorf("the daemon knows %q of what poll learnt", got)
	}
	v.Close()
}

// TestPollIsPolite: many accounts with one refused key cost one request, and with one key in a window none.
func TestPollIsPolite(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	refused := v.add(vendorsim.Massive, "refused", 1)
	refused.RefuseKey()
	var config strings.Builder
	config.WriteString("accounts:\n")
	for i := range 5 {
		fmt.Fprintf(&config, "  - {provider: massive, name: a%d, credentials: {api_key: test-key-massive-refused}, base_url: VENDORS/massive}\n", i)
	}
	f.configure(config.String(), v)
	got := f.run("poll", "--output=json")
	var results []struct{ Account, Status, Reason string }
	if err := json.Unmarshal([]byte(got.stdout), &results); err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Status != "failed" || r.Reason != "unauthorized" {
			t.Errorf("%+v", r)
		}
	}
	if len(results) != 5 || refused.Requests().Count != 1 || got.status != exitFailed {
		t.Errorf("%d results of %d requests, status %d", len(results), refused.Requests().Count, got.status)
	}
	// A person who asks again is not put off.
	refused.AcceptKey()
	if got := f.run("poll"); got.status != exitOK || strings.Count(got.stdout, " ok") != 5 {
		t.Errorf("after the key is accepted: %+v", got)
	}
}

// TestPollEndsOnSignal: the results so far are printed.
func TestPollEndsOnSignal(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	v.add(vendorsim.Olostep, "quick", 100)
	slow := v.add(vendorsim.Olostep, "slow", 100)
	slow.Hang()
	f.configure(`
poll: {timeout: 1m}
accounts:
  - {provider: olostep, name: quick, credentials: {api_key: test-key-olostep-quick}, base_url: VENDORS/olostep}
  - {provider: olostep, name: slow, credentials: {api_key: test-key-olostep-slow}, base_url: VENDORS/olostep}
`, v)
	p := f.launch("poll")
	eventually(t, "both were asked", func() bool {
		return slow.Requests().Count == 1 && v.Account(vendorsim.Olostep, "quick").Requests().Statuses[http.StatusOK] == 1
	})
	if p.stop() != exitFailed {
		t.Errorf("status %d: %s", p.status, p.stderr)
	}
	if lines := slices.Collect(strings.Lines(p.stdout.String())); len(lines) < 2 || !strings.Contains(p.stdout.String(), "quick") {
		t.Errorf("the results so far are lost:\n%s%s", p.stdout, p.stderr)
	}
}
