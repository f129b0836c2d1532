package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

const oneOlostep = `
poll: {interval: 50ms, timeout: 1m}
accounts:
  - {provider: olostep, name: a, credentials: {api_key: test-key-olostep-a}, base_url: VENDORS/olostep}
`

// longestEnd is how long the daemon may take to end.
const longestEnd = 5 * time.Second

// TestEnd: on SIGTERM, and on Ctrl-C, the daemon ends within five seconds whatever a vendor does, says that all went
// well, and has on disk what it knew.
func TestEnd(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			v, f := newVendors(t), newFolder(t)
			a := v.add(vendorsim.Olostep, "a", 100)
			f.configure(oneOlostep, v)
			p := f.start()
			p.await(`credits_balance{account="a",provider="olostep",unit="credits"}`, "100")
			eventually(t, "a poll that is counted", func() bool {
				return p.scrape()[`credits_polls_total{account="a",provider="olostep"}`] > "0"
			})
			a.Hang()
			p.await(`credits_exporter_polls_in_flight`, "1")

			began := time.Now()
			p.signal(s)
			<-p.ended
			if took := time.Since(began); took > longestEnd {
				t.Errorf("it took %v to end", took)
			}
			if p.status != exitOK {
				t.Errorf("exit status %d:\n%s", p.status, p.stderr)
			}
			if strings.Contains(p.stderr.String(), "level=ERROR") || strings.Contains(p.stderr.String(), "level=WARN") &&
				!strings.Contains(p.stderr.String(), "plain text") {
				t.Errorf("the end is logged as a trouble:\n%s", p.stderr)
			}

			// The vendor hangs still: what the next process shows at once was on disk.
			next := f.start()
			series := next.scrape()
			for name, want := range map[string]string{
				`credits_balance{account="a",provider="olostep",unit="credits"}`: "100",
				`credits_up{account="a",provider="olostep"}`:                     "1",
			} {
				if series[name] != want {
					t.Errorf("after the restart %s is %q, want %q", name, series[name], want)
				}
			}
			if status, body := next.ask(http.MethodGet, "/-/ready"); status != http.StatusOK {
				t.Errorf("with every account restored it is not ready: %d %s", status, body)
			}
			v.Close() // ends the hanging request, so that the end is quick
		})
	}
}

// TestReadiness: not ready before every account was tried, then ready whatever happens, and no more once it ends.
func TestReadiness(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	v.add(vendorsim.Olostep, "b", 100).Fail(http.StatusInternalServerError)
	a.Hang()
	f.configure(oneOlostep+
		"  - {provider: olostep, name: b, credentials: {api_key: test-key-olostep-b}, base_url: VENDORS/olostep}\n", v)
	d := f.serve()
	d.await(`credits_up{account="b",provider="olostep"}`, "0")
	if status, body := d.ask(http.MethodGet, "/-/ready"); status != http.StatusServiceUnavailable || !strings.Contains(body, "1 of 2 accounts") {
		t.Errorf("before the first answer: %d %q", status, body)
	}
	if status, _ := d.ask(http.MethodGet, "/-/healthy"); status != http.StatusOK {
		t.Errorf("not healthy: %d", status)
	}
	v.Close() // breaks the hanging request off: that is a try
	d.await(`credits_up{account="a",provider="olostep"}`, "0")
	if status, body := d.ask(http.MethodGet, "/-/ready"); status != http.StatusOK {
		t.Errorf("after every account was tried: %d %q", status, body)
	}
}

// TestReload: by SIGHUP and by POST, what is good is taken over and what is bad is refused whole, with the reasons.
func TestReload(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	v.add(vendorsim.Olostep, "a", 100)
	f.configure(oneOlostep, v)
	p := f.start("--web.enable-lifecycle")
	p.await(`credits_balance{account="a",provider="olostep",unit="credits"}`, "100")
	labelled := func(team string) string {
		return strings.Replace(oneOlostep, "name: a,", "name: a, labels: {team: "+team+"},", 1)
	}
	info := func(team string) string {
		return fmt.Sprintf(`credits_account_info{account="a",provider="olostep",team="%s",wallet="olostep/a"}`, team)
	}

	f.configure(labelled("growth"), v)
	p.signal(syscall.SIGHUP)
	p.await(info("growth"), "1")
	loaded := p.scrape()[`credits_exporter_config_last_reload_success_timestamp_seconds`]

	f.configure(labelled("growth")+"colour: blue\nmax_concurrent: -1\n", v)
	p.signal(syscall.SIGHUP)
	p.await(`credits_exporter_config_last_reload_successful`, "0")
	status, body := p.ask(http.MethodPost, "/-/reload")
	if status != http.StatusInternalServerError {
		t.Errorf("a bad configuration is answered with %d", status)
	}
	for _, want := range []string{configName + ":5", "colour", configName + ":6", "max_concurrent"} {
		if !strings.Contains(body, want) {
			t.Errorf("the answer to a bad configuration lacks %q:\n%s", want, body)
		}
	}
	series := p.scrape()
	if series[info("growth")] != "1" || series[`credits_balance{account="a",provider="olostep",unit="credits"}`] != "100" {
		t.Errorf("the old configuration does not stay:\n%s", strings.Join(series.matching("olostep"), "\n"))
	}
	if got := series[`credits_exporter_config_last_reload_success_timestamp_seconds`]; got != loaded {
		t.Errorf("the time of the last good reload moved from %s to %s", loaded, got)
	}

	f.configure(labelled("sales"), v)
	p.reload()
	series = p.scrape()
	if series[info("sales")] != "1" || series[`credits_exporter_config_last_reload_successful`] != "1" ||
		series[`credits_exporter_config_last_reload_success_timestamp_seconds`] == loaded {
		t.Errorf("after a good reload:\n%s", strings.Join(series.matching("info|reload"), "\n"))
	}
	if p.stop() != exitOK {
		t.Errorf("exit status %d", p.status)
	}
}

// TestReloadChangesAccounts: what a reload changes and what it leaves.
func TestReloadChangesAccounts(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	v.add(vendorsim.Olostep, "b", 7)
	const both = oneOlostep + "  - {provider: olostep, name: b, credentials: {api_key: test-key-olostep-b}, base_url: VENDORS/olostep}\n"
	f.configure(both, v)
	d := f.serve("--web.enable-lifecycle")
	balance := func(name string) string {
		return `credits_balance{account="` + name + `",provider="olostep",unit="credits"}`
	}
	consumed := func(name string) string {
		return `credits_consumed_total{account="` + name + `",provider="olostep",unit="credits"}`
	}
	d.await(balance("a"), "100")
	d.await(balance("b"), "7")
	a.Spend(30 * vendorsim.Credit)
	d.await(consumed("a"), "30")

	// Removed: the series end at once. Added again: the books go on where they stopped.
	f.configure(strings.Replace(both, "name: a,", "name: a, enabled: false,", 1), v)
	d.reload()
	if left := d.scrape().matching(`account="a"`); len(left) > 0 {
		t.Errorf("of a disabled account are left:\n%s", strings.Join(left, "\n"))
	}
	if got := d.scrape()[balance("b")]; got != "7" {
		t.Errorf("the other account shows %q", got)
	}
	f.configure(both, v)
	d.reload()
	if got := d.scrape()[consumed("a")]; got != "30" {
		t.Errorf("an account that came back has consumed %q", got)
	}

	// Another question: the figures of the old one are dropped, the books make a new beginning.
	f.configure(strings.Replace(both, "VENDORS/olostep}", "VENDORS/nowhere}", 1), v)
	d.reload()
	d.await(`credits_up{account="a",provider="olostep"}`, "0")
	if got := d.scrape()[balance("a")]; got != "" {
		t.Errorf("a balance of another vendor's is shown: %s", got)
	}
	if got := d.scrape()[consumed("a")]; got != "30" {
		t.Errorf("the counter is %q", got)
	}
}

// TestAnswerToAnOldQuestion: what was asked before the account changed its address is dropped when it arrives.
func TestAnswerToAnOldQuestion(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	a.Slow(time.Second)
	f.configure(oneOlostep, v)
	d := f.serve("--web.enable-lifecycle")
	eventually(t, "a request under way", func() bool { return a.Requests().Count == 1 })
	f.configure(strings.Replace(oneOlostep, "VENDORS/olostep", "VENDORS/nowhere", 1), v)
	d.reload()
	d.await(`credits_poll_failing{account="a",provider="olostep",reason="client_error"}`, "1")
	if a.Requests().Statuses[http.StatusOK] != 1 {
		t.Error("the first request was not answered")
	}
	if shown := d.scrape().matching(`^credits_(balance|remaining|granted_total){`); len(shown) > 0 {
		t.Errorf("an answer to the old question is shown: %v", shown)
	}
}

// TestReloadIsOffByDefault: nobody can reload over HTTP unless it was allowed.
func TestReloadIsOffByDefault(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	f.configure("accounts: []\n", v)
	d := f.serve()
	if status, body := d.ask(http.MethodPost, "/-/reload"); status != http.StatusForbidden || !strings.Contains(body, "--web.enable-lifecycle") {
		t.Errorf("%d %q", status, body)
	}
}

// TestOneDaemonPerStorage: while one runs, another that would use its storage waits, says for whom, and can be ended;
// poll does not wait.
func TestOneDaemonPerStorage(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	v.add(vendorsim.Olostep, "a", 100)
	f.configure(oneOlostep, v)
	first := f.start()
	first.await(`credits_up{account="a",provider="olostep"}`, "1")
	holder := fmt.Sprintf("process %d", first.cmd.Process.Pid)

	polled := f.run("poll")
	if polled.status != exitUsage || !strings.Contains(polled.stderr, holder) || polled.stdout != "" {
		t.Errorf("poll beside a daemon: %+v", polled)
	}

	second := f.launch("serve", "--web.listen-address=127.0.0.1:0")
	eventually(t, "the second one says for whom it waits", func() bool { return strings.Contains(second.stderr.String(), holder) })
	if second.stop() != exitOK {
		t.Errorf("a daemon that is ended while it waits has status %d:\n%s", second.status, second.stderr)
	}

	// The first one ends while another one waits: that one takes over.
	third := f.launch("serve", "--web.listen-address=127.0.0.1:0")
	eventually(t, "the third one waits", func() bool { return strings.Contains(third.stderr.String(), holder) })
	third.signal(syscall.SIGHUP) // which would end a process that does not listen to it yet
	if first.stop() != exitOK {
		t.Errorf("status %d", first.status)
	}
	third.begun()
	third.await(`credits_balance{account="a",provider="olostep",unit="credits"}`, "100")
}

// TestPortTaken: it ends before anybody is polled.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add(vendorsim.Olostep, "a", 100)
	f.configure(oneOlostep, v)
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	got := f.run("serve", "--web.listen-address="+taken.Addr().String())
	if got.status != exitFailed || !strings.Contains(got.stderr, "--web.listen-address="+taken.Addr().String()) ||
		!strings.Contains(got.stderr, "another process listens there") {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(f.file("data")); err == nil || a.Requests().Count > 0 {
		t.Errorf("it had begun: %d requests were made, state: %v", a.Requests().Count, err)
	}
}

// TestTelemetryPath: one that another page has is an error at start, and leaves nothing behind.
func TestTelemetryPath(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	f.configure("accounts: []\n", v)
	for _, path := range []string{"/", "/-/healthy", "/-/ready", "/-/reload", "metrics", "/api/v1/accounts"} {
		got := f.run("serve", "--web.listen-address=127.0.0.1:0", "--web.telemetry-path="+path)
		if got.status != exitFailed || !strings.Contains(got.stderr, "--web.telemetry-path") {
			t.Errorf("%s: %+v", path, got)
		}
	}
	d := f.serve("--web.telemetry-path=/probe")
	if status, body := d.ask(http.MethodGet, "/probe"); status != http.StatusOK || !strings.Contains(body, "credits_exporter_build_info") {
		t.Errorf("%d %s", status, body)
	}
}
