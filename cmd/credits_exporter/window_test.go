package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// windowConfig has an account of each vendor that gets into a window, and next to each a witness with a key of its own:
// while a witness is polled, the other would be too, if it were not held.
func windowConfig(name string) string {
	var config strings.Builder
	config.WriteString("poll: {interval: 50ms}\naccounts:\n")
	for _, vendor := range vendorsim.Vendors() {
		for _, account := range []string{name, "witness"} {
			key := "held"
			if account == "witness" {
				key = account
			}
			fmt.Fprintf(&config, "  - {provider: %s, name: %s, credentials: {api_key: test-key-%s-%s}, base_url: VENDORS%s}\n",
				vendor, account, vendor, key, vendor.Path())
		}
	}
	return config.String()
}

// TestWindows: what each vendor says by a 429, in its own form, holds over a death without warning, a restart, a reload,
// a new name and `poll`.
func TestWindows(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	for _, vendor := range vendorsim.Vendors() {
		v.add(vendor, "held", 100)
		v.add(vendor, "witness", 100)
	}
	f.configure(windowConfig("held"), v)
	p := f.start("--web.enable-lifecycle")
	for _, vendor := range vendorsim.Vendors() {
		p.await(fmt.Sprintf(`credits_up{account="held",provider="%s"}`, vendor), "1")
	}
	ends := map[vendorsim.Vendor]time.Time{}
	for _, vendor := range vendorsim.Vendors() {
		ends[vendor] = time.Now().Add(time.Hour)
		v.Account(vendor, "held").RateLimit(time.Hour)
	}
	// As soon as the windows are in storage, and not later.
	eventually(t, "windows in storage", func() bool { return windowsInStorage(t, f) == len(ends) })
	p.kill()
	told := requestsOfHeld(v)

	// watched lets the witnesses be polled, and expects that nobody else was.
	watched := func(when, name string, p *process) {
		t.Helper()
		for _, vendor := range vendorsim.Vendors() {
			witness := v.Account(vendor, "witness")
			before := witness.Requests().Count
			eventually(t, when+": polls of the witness", func() bool { return witness.Requests().Count > before+3 })
			if seen := v.Account(vendor, "held").Requests(); seen.Violations > 0 {
				t.Errorf("%s: %s got %d requests inside the window", when, vendor, seen.Violations)
			}
			series := fmt.Sprintf(`credits_retry_after_timestamp_seconds{account="%s",provider="%s"}`, name, vendor)
			eventually(t, when+": "+series, func() bool { return p.scrape()[series] != "" })
			end, err := strconv.ParseFloat(p.scrape()[series], 64)
			if err != nil {
				t.Fatalf("%s: %s: %v", when, series, err)
			}
			if off := time.UnixMilli(int64(end * 1000)).Sub(ends[vendor]); off < -time.Minute || off > time.Minute {
				t.Errorf("%s: the window of %s is shown to end %v off", when, vendor, off)
			}
		}
		if now := requestsOfHeld(v); now != told {
			t.Errorf("%s: the vendors saw %d requests instead of %d", when, now, told)
		}
	}
	p = f.start("--web.enable-lifecycle")
	watched("after kill -9", "held", p)

	f.configure(strings.Replace(windowConfig("held"), "50ms", "30ms", 1), v)
	p.signal(syscall.SIGHUP)
	p.await(`credits_poll_interval_seconds{account="held",provider="massive"}`, "0.03")
	watched("after SIGHUP", "held", p)

	f.configure(windowConfig("renamed"), v)
	p.reload()
	watched("under another name", "renamed", p)
	if p.stop() != exitOK {
		t.Errorf("status %d:\n%s", p.status, p.stderr)
	}

	got := f.run("poll")
	if got.status != exitFailed {
		t.Errorf("poll with accounts that were skipped has status %d: %s", got.status, got.stderr)
	}
	if n := strings.Count(got.stdout, "skipped"); n != len(ends) {
		t.Errorf("%d of %d accounts are skipped:\n%s", n, len(ends), got.stdout)
	}
	if now := requestsOfHeld(v); now != told {
		t.Errorf("poll asked: %d requests instead of %d", now, told)
	}
	if named := f.run("poll", "massive/renamed"); named.status != exitFailed || !strings.Contains(named.stdout, "skipped") {
		t.Errorf("poll of a single account: %+v", named)
	}
	if witness := f.run("poll", "massive/witness"); witness.status != exitOK {
		t.Errorf("poll of an account whose key is free: %+v", witness)
	}
}

var windowRecord = regexp.MustCompile(`key/([0-9a-f]+)\{"until":`)

// windowsInStorage counts the windows that are on disk.
func windowsInStorage(t *testing.T, f *folder) int {
	t.Helper()
	state, err := os.ReadFile(filepath.Join(f.path, "data", "state.log"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, record := range windowRecord.FindAllSubmatch(state, -1) {
		found[string(record[1])] = true
	}
	return len(found)
}

func requestsOfHeld(v vendors) int {
	sum := 0
	for _, vendor := range vendorsim.Vendors() {
		sum += v.Account(vendor, "held").Requests().Count
	}
	return sum
}

// TestWindowOfASharedKey: all accounts with a key wait when one of them was told to, those that are new to it too.
func TestWindowOfASharedKey(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	shared := v.add(vendorsim.Olostep, "shared", 100)
	v.add(vendorsim.Olostep, "witness", 100)
	shared.RateLimit(time.Hour)
	const account = "  - {provider: olostep, name: %s, credentials: {api_key: {file: %s}}, base_url: VENDORS/olostep}\n"
	f.write("shared.key", "test-key-olostep-shared\n")
	f.write("witness.key", "test-key-olostep-witness\n")
	config := "poll: {interval: 50ms}\naccounts:\n" + fmt.Sprintf(account, "one", "shared.key") +
		fmt.Sprintf(account, "two", "shared.key") + fmt.Sprintf(account, "three", "shared.key") + fmt.Sprintf(account, "witness", "witness.key")
	f.configure(config, v)
	d := f.serve("--web.enable-lifecycle")
	waits := func(name string) {
		t.Helper()
		series := fmt.Sprintf(`credits_retry_after_timestamp_seconds{account="%s",provider="olostep"}`, name)
		eventually(t, name+" waits", func() bool { return d.scrape()[series] != "" })
	}
	waits("one")
	waits("two")
	waits("three")
	f.configure(config+fmt.Sprintf(account, "new", "shared.key"), v)
	d.reload()
	waits("new")
	before := v.Account(vendorsim.Olostep, "witness").Requests().Count
	eventually(t, "polls of the witness", func() bool { return v.Account(vendorsim.Olostep, "witness").Requests().Count > before+3 })
	if seen := shared.Requests(); seen.Count != 1 || seen.Violations > 0 {
		t.Errorf("four accounts with one key made %d requests, %d of them inside the window", seen.Count, seen.Violations)
	}
}

// TestEndOfAWindow: the next poll comes within two seconds after the wait.
func TestEndOfAWindow(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Massive, "a", 100)
	f.configure(`
poll: {interval: 50ms}
accounts:
  - {provider: massive, name: a, credentials: {api_key: test-key-massive-a}, base_url: VENDORS/massive}
`, v)
	d := f.serve()
	d.await(`credits_up{account="a",provider="massive"}`, "1")
	a.RateLimit(2 * time.Second)
	d.await(`credits_poll_failing{account="a",provider="massive",reason="rate_limited"}`, "1")
	if got := d.scrape()[`credits_balance{account="a",provider="massive",unit="credits"}`]; got != "100" {
		t.Errorf("inside the window the balance is %q", got)
	}
	d.await(`credits_up{account="a",provider="massive"}`, "1")
	seen := a.Requests()
	if seen.Violations > 0 || seen.Statuses[429] != 1 {
		t.Errorf("%+v", seen)
	}
	if got := d.scrape()[`credits_retry_after_timestamp_seconds{account="a",provider="massive"}`]; got != "" {
		t.Errorf("the window is shown after its end: %s", got)
	}
}
