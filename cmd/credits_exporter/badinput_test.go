package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// badAnswer is something that a vendor sends, and what becomes of the account.
type badAnswer struct {
	answer func(w http.ResponseWriter, r *http.Request)
	reason string
	// text is what the log says of it.
	text string
}

func sends(contentType, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body) // a client that gives up is what is tested
	}
}

func sendsGzip(body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, body)
	}
}

// bomb is so many MiB of zeros in gzip form, which may be put together from parts.
func bomb(t *testing.T, size int) string {
	t.Helper()
	var part strings.Builder
	w := gzip.NewWriter(&part)
	if _, err := w.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.Repeat(part.String(), size)
}

func badAnswers(t *testing.T) map[string]badAnswer {
	t.Helper()
	const json = "application/json"
	lots := func(n int, format string) string {
		var b strings.Builder
		b.WriteString(`{"credits": 5, "breakdown": [`)
		for i := range n {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, format, i)
		}
		return b.String() + "]}"
	}
	return map[string]badAnswer{
		"html":         {sends("text/html", "<!DOCTYPE html><title>Sign in</title>"), "bad_response", "not JSON"},
		"empty":        {sends(json, ""), "bad_response", "the body is empty"},
		"truncated":    {sends(json, `{"credits": 5, "breakd`), "bad_response", "not JSON"},
		"two-values":   {sends(json, `{"credits": 5} {"credits": 6}`), "bad_response", "something follows the first value"},
		"null":         {sends(json, `null`), "bad_response", ".credits: missing"},
		"deep":         {sends(json, strings.Repeat("[", 100_000)), "bad_response", "nested too deep"},
		"not-a-number": {sends(json, `{"credits": "NaN"}`), "bad_response", "balances[0].remaining"},
		"boolean":      {sends(json, `{"credits": true}`), "bad_response", "balances[0].remaining"},
		"absurd":       {sends(json, `{"credits": 9007199254740992}`), "bad_response", "balances[0].remaining"},
		"exponent":     {sends(json, `{"credits": 1e999999999}`), "bad_response", "balances[0].remaining"},
		"lot-absurd":   {sends(json, lots(1, `{"purchase_kind": "a%d", "remaining_units": -1e300}`)), "bad_response", "2^53"},
		"lot-utf8":     {sends(json, lots(1, "{\"purchase_kind\": \"a\xff%d\", \"remaining_units\": 5}")), "bad_response", "UTF-8"},
		"lot-long": {
			sends(json, lots(1, `{"purchase_kind": "`+strings.Repeat("a", 300)+`%d", "remaining_units": 5}`)), "bad_response", "256",
		},
		"lots":        {sends(json, lots(20_000, `{"purchase_kind": "a", "remaining_units": 5, "expiry_date": %d}`)), "bad_response", "10000"},
		"large":       {sends(json, `{"credits": 5, "more": "`+strings.Repeat("x", 5<<20)+`"}`), "bad_response", "larger than 4 MiB"},
		"gzip-bomb":   {sendsGzip(bomb(t, 1000)), "bad_response", "larger than 4 MiB"},
		"gzip-broken": {sendsGzip(`{"credits": 5}`), "bad_response", "not the gzip"},
		"header-flood": {
			func(w http.ResponseWriter, _ *http.Request) {
				for i := range 1000 {
					w.Header().Set(fmt.Sprint("X-Flood-", i), strings.Repeat("x", 100))
				}
				_, _ = io.WriteString(w, `{"credits": 5}`)
			},
			"network", "header block",
		},
		"slow-bytes": {
			func(w http.ResponseWriter, r *http.Request) {
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-r.Context().Done():
						return
					case <-tick.C:
						_, _ = io.WriteString(w, " ")
						_ = http.NewResponseController(w).Flush()
					}
				}
			},
			"timeout", "no whole answer in time",
		},
		"hung-up":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "network", "ended before the answer did"},
		"not-http":  {func(w http.ResponseWriter, _ *http.Request) { answerRaw(w, "220 smtp ready\r\n") }, "network", ""},
		"redirect":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, "client_error", "302"},
		"forbidden": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }, "unauthorized", "403"},
		"firewall":  {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusForbidden) }, "client_error", "403"},
		"status-999": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(999) }, "server_error", "999",
		},
	}
}

// badCredentials are files that cannot be a key.
func badCredentials(t *testing.T, f *folder) map[string]string {
	t.Helper()
	f.write("keys/empty", " \n")
	f.write("keys/folder/a", "")
	f.write("keys/huge", strings.Repeat("x", 100_000))
	f.write("keys/control", "test\x07key")
	f.write("keys/two-lines", "test-key-a\ntest-key-b\n")
	f.write("keys/not-utf8", "test-key-\xff")
	if err := syscall.Mkfifo(f.file("keys/pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"missing": "no such file or directory", "empty": "empty", "folder": "not a regular file", "pipe": "not a regular file",
		"huge": "larger than 64 KiB", "control": "control character", "two-lines": "line break", "not-utf8": "not UTF-8",
	}
}

// TestBadInput: each bad answer and each bad key fails its own account, for the right reason and with words that help,
// and costs a healthy account beside them nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	healthy := v.add("olostep", "healthy", 100)
	answers := badAnswers(t)
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		answers[name].answer(w, r)
	}))
	t.Cleanup(vendor.Close)
	var config strings.Builder
	config.WriteString("poll: {interval: 5s}\nmax_concurrent_per_host: 16\naccounts:\n")
	config.WriteString("  - {provider: olostep, name: healthy, credentials: {api_key: test-key-olostep-healthy}, base_url: VENDORS/olostep, interval: 100ms}\n")
	for name := range answers {
		timeout := patience
		if name == "slow-bytes" {
			timeout = 500 * time.Millisecond
		}
		fmt.Fprintf(&config, "  - {provider: olostep, name: \"%s\", credentials: {api_key: test-key-%s}, base_url: %s/%s, timeout: %v}\n",
			name, name, vendor.URL, name, timeout)
	}
	credentials := badCredentials(t, f)
	for name := range credentials {
		fmt.Fprintf(&config, "  - {provider: olostep, name: key-%s, credentials: {api_key: {file: keys/%s}}, base_url: VENDORS/olostep}\n", name, name)
	}
	f.configure(config.String(), v)
	d := f.serve("--log.level=debug")

	expect := func(name, reason, text string) {
		t.Helper()
		up := fmt.Sprintf(`credits_up{account="%s",provider="olostep"}`, name)
		eventually(t, up, func() bool { return d.scrape()[up] != "" })
		series := d.scrape()
		failing := fmt.Sprintf(`credits_poll_failing{account="%s",provider="olostep",reason="%s"}`, name, reason)
		if series[failing] != "1" {
			t.Errorf("%s: want %s, got %v", name, failing, series.matching(`^credits_poll_failing{account="`+name+`"`))
		}
		if shown := series.matching(`^credits_(balance|remaining\w*|allocated){account="` + name + `"`); len(shown) > 0 {
			t.Errorf("%s: figures from a bad answer: %v", name, shown)
		}
		if line := logged(d.stderr.String(), "account="+name+" "); !strings.Contains(line, text) {
			t.Errorf("%s: the log says %q, want %q", name, line, text)
		}
	}
	for name, answer := range answers {
		expect(name, answer.reason, answer.text)
	}
	for name, text := range credentials {
		expect("key-"+name, "credentials", text)
	}
	eventually(t, "a second poll of what fails", func() bool {
		return d.scrape()[`credits_polls_total{account="html",provider="olostep"}`] > "1"
	})
	if n := strings.Count(d.stderr.String(), "account=html "); n != 1 {
		t.Errorf("a failure that goes on is logged %d times", n)
	}
	before := healthy.Requests().Count
	eventually(t, "polls of the healthy account", func() bool { return healthy.Requests().Count > before+3 })
	if got := d.scrape()[`credits_balance{account="healthy",provider="olostep",unit="credits"}`]; got != "100" {
		t.Errorf("the healthy account shows %q", got)
	}
	if got := d.scrape()[`credits_up{account="healthy",provider="olostep"}`]; got != "1" {
		t.Errorf("the healthy account is up %q", got)
	}
	if v.Strays() > 0 {
		t.Errorf("%d requests were made with a key that cannot be one", v.Strays())
	}
}

// logged is the first line that has a text in it.
func logged(log, text string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "Polls fail") && strings.Contains(line+" ", text) {
			return line
		}
	}
	return ""
}

// TestBadState: whatever is found where the state should be, either the daemon serves, says what is wrong and shows it
// in a metric, or it refuses to start and touches nothing.
func TestBadState(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path string
		make func(f *folder)
		// says is in the log; status is exitOK where it serves all the same.
		says   string
		status int
		// series are what it shows then.
		series map[string]string
	}{
		"garbage": {
			path:   "data",
			make:   func(f *folder) { f.write("data/state.log", strings.Repeat("garbage\n", 1000)) },
			says:   "it was set aside and begins anew",
			series: map[string]string{"credits_exporter_storage_recovered_total": "1", "credits_exporter_storage_healthy": "1"},
		},
		"a newer version": {
			path:   "data",
			make:   func(f *folder) { f.write("data/state.log", newerState()) },
			says:   "newer version",
			status: exitFailed,
		},
		"a file in place of the folder": {
			path:   "data",
			make:   func(f *folder) { f.write("data", "") },
			says:   "The storage cannot be written",
			series: map[string]string{"credits_exporter_storage_recovered_total": "0", "credits_exporter_storage_healthy": "0"},
		},
		"a folder in place of the file": {
			path:   "data",
			make:   func(f *folder) { f.write("data/state.log/a", "") },
			says:   "The storage cannot be written",
			series: map[string]string{"credits_exporter_storage_healthy": "0"},
		},
		"a path that cannot be made": {
			path:   "/proc/nowhere/data",
			make:   func(*folder) {},
			says:   "The storage cannot be written",
			series: map[string]string{"credits_exporter_storage_healthy": "0"},
		},
		"a folder that cannot be written": {
			path: "data",
			make: func(f *folder) {
				if os.Geteuid() == 0 {
					f.t.Skip("root writes everywhere")
				}
				if err := os.Mkdir(f.file("data"), 0o500); err != nil {
					f.t.Fatal(err)
				}
			},
			says:   "The storage cannot be written",
			series: map[string]string{"credits_exporter_storage_healthy": "0"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, f := newVendors(t), newFolder(t)
			v.add("olostep", "a", 100)
			f.configure(oneOlostep+"storage: {file: {path: "+test.path+"}}\n", v)
			test.make(f)
			if test.status != exitOK {
				before, _ := os.ReadFile(f.file("data/state.log"))
				got := f.run("serve", "--web.listen-address=127.0.0.1:0")
				if got.status != test.status || !strings.Contains(got.stderr, test.says) {
					t.Errorf("%+v", got)
				}
				if after, _ := os.ReadFile(f.file("data/state.log")); !bytes.Equal(before, after) {
					t.Error("the file was changed")
				}
				return
			}
			d := f.serve()
			d.await(`credits_balance{account="a",provider="olostep",unit="credits"}`, "100")
			for series, want := range test.series {
				d.await(series, want)
			}
			if n := strings.Count(d.stderr.String(), test.says); n != 1 {
				t.Errorf("%q is logged %d times:\n%s", test.says, n, d.stderr)
			}
			if d.stop() != exitOK {
				t.Errorf("status %d:\n%s", d.status, d.stderr)
			}
		})
	}
}

// newerState is the first line of a state file of a version that does not exist yet.
func newerState() string {
	const line = "credits_exporter state 99 "
	return fmt.Sprintf("%s%08x\nand whatever that version may write", line, crc32.Checksum([]byte(line), crc32.MakeTable(crc32.Castagnoli)))
}

// TestDamagedStateKeepsNothingOld: of a damaged file the counters begin anew, and the file stays for whoever wants to
// look at it.
func TestDamagedStateKeepsNothingOld(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add("olostep", "a", 100)
	f.configure(oneOlostep, v)
	d := f.serve()
	consumed := `credits_consumed_total{account="a",provider="olostep",unit="credits"}`
	d.await(consumed, "0")
	a.Spend(30_000)
	d.await(consumed, "30")
	d.stop()
	path := f.file("data/state.log")
	state, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	state[len(state)/3] ^= 0xff
	if err := os.WriteFile(path, state, 0o600); err != nil {
		t.Fatal(err)
	}
	d = f.serve()
	d.await("credits_exporter_storage_recovered_total", "1")
	d.await(consumed, "0")
	aside, err := filepath.Glob(f.file("data/*"))
	if err != nil {
		t.Fatal(err)
	}
	kept := false
	for _, name := range aside {
		content, _ := os.ReadFile(name)
		kept = kept || bytes.Equal(content, state)
	}
	if !kept {
		t.Errorf("the damaged file is gone; there are %v", aside)
	}
}

// TestBadRequests: what nobody should send to the daemon gets an answer that says so, and the daemon goes on.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	d := f.serve("--web.enable-lifecycle")
	tests := map[string]struct {
		method, path string
		header       http.Header
		want         int
	}{
		"a post of metrics":          {http.MethodPost, "/metrics", nil, http.StatusMethodNotAllowed},
		"a delete":                   {http.MethodDelete, "/", nil, http.StatusMethodNotAllowed},
		"a reload by GET":            {http.MethodGet, "/-/reload", nil, http.StatusMethodNotAllowed},
		"a reload from another site": {http.MethodPost, "/-/reload", http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		"no such page":               {http.MethodGet, "/nowhere", nil, http.StatusNotFound},
		"a path upwards":             {http.MethodGet, "/%2e%2e/%2e%2e/etc/passwd", nil, http.StatusNotFound},
		"a huge header":              {http.MethodGet, "/metrics", http.Header{"X-Huge": {strings.Repeat("x", 200_000)}}, http.StatusRequestHeaderFieldsTooLarge},
		"no known form":              {http.MethodGet, "/metrics", http.Header{"Accept": {"image/png"}, "Accept-Encoding": {"br"}}, http.StatusOK},
		"HEAD":                       {http.MethodHead, "/metrics", nil, http.StatusOK},
	}
	for name, test := range tests {
		request, err := http.NewRequestWithContext(t.Context(), test.method, d.base+test.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if test.header != nil {
			request.Header = test.header
		}
		response, err := d.client.Transport.RoundTrip(request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", name, response.StatusCode, test.want)
		}
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(d.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("\x16\x03\x01 this is not HTTP\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); err != nil || !bytes.Contains(answer, []byte(" 400 ")) {
		t.Errorf("what is not HTTP is answered with %q, %v", answer, err)
	}
	d.scrape()
}

// TestMaxRequests: more scrapes at once than allowed are refused, none waits.
func TestMaxRequests(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	d := f.serve("--web.max-requests=1")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	refused := make(chan struct{}, 100)
	for range 8 {
		go func() {
			for ctx.Err() == nil {
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/metrics", http.NoBody)
				if err != nil {
					return
				}
				response, err := d.client.Do(request)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if response.StatusCode == http.StatusServiceUnavailable {
					select {
					case refused <- struct{}{}:
					default:
					}
				}
			}
		}()
	}
	select {
	case <-refused:
	case <-time.After(patience):
		t.Error("eight clients at once were never refused though one is allowed")
	}
}
