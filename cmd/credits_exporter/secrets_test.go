package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// mark is in every key of these tests. It has no character that any escaping changes.
const mark = "PLANTEDq7Zx3VnK9w"

// key is a key that needs escaping wherever it can stand.
func plantedKey(account string) string { return "test-key-" + mark + `-` + account + `/+=&?"<%41>` }

// placements are a user's own vendors, with the key in each place where it can be.
var placements = map[string]string{
	"in-header": `headers: {X-Key: "{{api_key}}"}`,
	"in-query":  `query: {key: "{{api_key}}", other: "1"}`,
	"in-path":   `url: "/v1/{{api_key}}/balance"`,
	"in-basic":  `basic: {username: user, password: "{{api_key}}"}`,
	"in-body":   `json: {key: "{{api_key}}"}`,
}

func placementDefinition(name, place string) string {
	url, method := "  url: /v1/balance\n", ""
	if strings.HasPrefix(place, "url:") {
		url = ""
	}
	if strings.HasPrefix(place, "json:") {
		method = "  method: POST\n"
	}
	return "schema: 1\nname: " + name + "\ncredentials: {api_key: {}}\nrequest:\n" + method + url + "  " + place + "\n" +
		"min_interval: 1s\nbalances:\n  - unit: credits\n    remaining: .credits\n    lots: [{each: .lots, kind: {jq: .kind}, remaining: .left, expires: .until}]\n"
}

// indiscreet is a vendor that says the key wherever it can. The first segment of the path says how it behaves.
type indiscreet struct {
	// elsewhere is where it redirects to.
	elsewhere string
}

func (v indiscreet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client has gone
	behaviour, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	_, password, _ := r.BasicAuth()
	key := r.URL.Query().Get("key") + r.Header.Get("X-Key") + password
	if key == "" {
		key = r.URL.Path
	}
	secret := key + " " + r.URL.String()
	encoded, _ := json.Marshal(key) // a string always has a JSON form
	quoted := string(encoded)
	header := w.Header()
	header.Set("X-Echo", strings.Map(visible, secret))
	header.Set("Set-Cookie", "key="+mark)
	header.Set("WWW-Authenticate", `Basic realm="`+mark+`"`)
	header.Set("Content-Type", "application/json")
	switch behaviour {
	case "ok":
		fmt.Fprint(w, `{"credits": 5, "lots": [{"kind": "top-up", "left": 5}]}`)
	case "400", "401", "402", "403", "404", "500", "503":
		w.WriteHeader(map[string]int{"400": 400, "401": 401, "402": 402, "403": 403, "404": 404, "500": 500, "503": 503}[behaviour])
		fmt.Fprintf(w, `{"error": %s, "retry_after": %s, "url": %q}`, quoted, quoted, secret)
	case "429":
		header.Set("Retry-After", mark)
		header.Set("X-RateLimit-Reset", mark)
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprintf(w, "please retry in %s seconds", secret)
	case "302", "307", "308":
		header.Set("Location", v.elsewhere+"/?key="+mark)
		w.WriteHeader(map[string]int{"302": 302, "307": 307, "308": 308}[behaviour])
	case "truncated":
		fmt.Fprintf(w, `{"credits": %s`, quoted)
	case "text":
		fmt.Fprint(w, secret)
	case "amount":
		fmt.Fprintf(w, `{"credits": %s, "lots": []}`, quoted)
	case "lot":
		fmt.Fprintf(w, `{"credits": 5, "lots": [{"kind": {%s: 1}, "left": 5}]}`, quoted)
	case "expiry":
		fmt.Fprintf(w, `{"credits": 5, "lots": [{"kind": "a", "left": 5, "until": %s}]}`, quoted)
	case "shape":
		fmt.Fprintf(w, `{"credits": 5, "lots": %s}`, quoted)
	case "hang":
		<-r.Context().Done()
	case "status":
		answerRaw(w, "HTTP/1.1 2OO "+mark+"\r\n\r\n")
	case "protocol":
		answerRaw(w, mark+"\r\n\r\n")
	case "header":
		answerRaw(w, "HTTP/1.1 200 OK\r\n"+mark+"\r\n\r\n")
	case "chunks":
		answerRaw(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+mark+"\r\n")
	case "length":
		answerRaw(w, "HTTP/1.1 200 OK\r\nContent-Length: "+mark+"\r\n\r\n")
	case "encoding":
		answerRaw(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "+mark+"\r\n\r\n")
	case "gzip":
		header.Set("Content-Encoding", "gzip")
		fmt.Fprint(w, secret)
	default: // what a proxy is asked for
		answerRaw(w, "HTTP/1.1 407 "+mark+"\r\nProxy-Authenticate: Basic realm=\""+mark+"\"\r\nContent-Length: 0\r\n\r\n")
	}
}

var behaviours = []string{
	"ok", "400", "401", "402", "403", "404", "429", "500", "503", "302", "307", "308", "truncated", "text", "amount", "lot", "expiry",
	"shape", "hang", "status", "protocol", "header", "chunks", "length", "encoding", "gzip",
}

func visible(r rune) rune {
	if r < ' ' || r > '~' {
		return '.'
	}
	return r
}

// answerRaw sends what no HTTP server would.
func answerRaw(w http.ResponseWriter, text string) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = conn.Close() }()
	_, _ = buffered.WriteString(text) // a client that is gone has nothing to learn
	_ = buffered.Flush()
}

// leaks finds the mark in a text, also where it was encoded.
func leaks(text string) string {
	forms := map[string]string{"plain": mark, "hex": hex.EncodeToString([]byte(mark))}
	for shift := range 3 {
		// The characters at both ends depend on what stands beside the mark.
		encoded := base64.StdEncoding.EncodeToString([]byte("xxx"[:shift] + mark))
		forms[fmt.Sprint("base64, shifted by ", shift)] = encoded[4 : len(encoded)-4]
	}
	lower := strings.ToLower(text)
	for form, search := range forms {
		haystack, needle := text, search
		if form == "plain" || form == "hex" {
			haystack, needle = lower, strings.ToLower(search)
		}
		if i := strings.Index(haystack, needle); i >= 0 {
			return fmt.Sprintf("%s: ...%s...", form, text[max(i-120, 0):min(i+80, len(text))])
		}
	}
	return ""
}

func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":  `level=ERROR err="Get \"https://host/` + mark + `\""`,
		"lower":  strings.ToLower(mark),
		"hex":    hex.EncodeToString([]byte("user:" + mark)),
		"base64": base64.StdEncoding.EncodeToString([]byte("user:" + mark + "x")),
		"url":    base64.URLEncoding.EncodeToString([]byte(mark)),
	} {
		if leaks(text) == "" {
			t.Errorf("%s is not found in %q", name, text)
		}
	}
	if found := leaks("nothing of the kind"); found != "" {
		t.Errorf("found %s where nothing is", found)
	}
}

// scene is a folder full of keys, and the places where they must never show.
type scene struct {
	*folder
	accounts  []string
	redirects atomic.Int64
	keyFiles  map[string]bool
}

// newScene makes an account for each placement of the key and each way in which a vendor, a proxy or a connection can
// go wrong. The keys stand in files, in the environment and in the configuration in turn.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{folder: newFolder(t), keyFiles: map[string]bool{}}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { s.redirects.Add(1) }))
	t.Cleanup(elsewhere.Close)
	vendor := httptest.NewServer(indiscreet{elsewhere.URL})
	t.Cleanup(vendor.Close)
	secure := httptest.NewUnstartedServer(indiscreet{elsewhere.URL})
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	closed := closedPort(t)

	var config strings.Builder
	config.WriteString("poll: {interval: 1s}\nmax_concurrent_per_host: 64\nprovider_files: [vendors/*.yml]\naccounts:\n")
	for name, place := range placements {
		s.write("vendors/"+name+".yml", placementDefinition(name, place))
		add := func(account, settings string) {
			fmt.Fprintf(&config, "  - {provider: %s, name: %s, credentials: {api_key: %s}, %s}\n", name, account, s.credential(name+"-"+account), settings)
			s.accounts = append(s.accounts, name+"/"+account)
		}
		for _, behaviour := range behaviours {
			// Only in a URL can the key get into an error by itself; the other places are spared what they have in common,
			// because more than a hundred accounts are not polled at once.
			if !strings.Contains("in-path in-query", name) && !strings.Contains("ok 401 302 truncated", behaviour) {
				continue
			}
			settings := "base_url: " + vendor.URL + "/" + behaviour
			if behaviour == "hang" {
				settings += ", timeout: 300ms"
			}
			add(behaviour, settings)
		}
		proxy := `http_client: {proxy_url: "` + strings.Replace(vendor.URL, "http://", "http://user:"+mark+"@", 1) + `"}`
		add("refused", "base_url: http://"+closed+"/ok")
		if !strings.Contains("in-path in-query", name) {
			continue
		}
		add("not-tls", "base_url: "+strings.Replace(vendor.URL, "http:", "https:", 1)+"/ok")
		add("unknown-authority", "base_url: "+secure.URL+"/ok")
		add("no-such-host", "base_url: https://vendor.invalid/ok, timeout: 1s")
		add("proxy-407", "base_url: https://vendor.invalid, "+proxy)
		add("proxy-http", "allow_http: true, base_url: http://vendor.invalid, "+proxy)
		add("proxy-refused", `base_url: https://vendor.invalid, http_client: {proxy_url: "http://user:`+mark+`@`+closed+`"}`)
		add("proxy-socks", `base_url: https://vendor.invalid, http_client: {proxy_url: "socks5://user:`+mark+`@`+closed+`"}`)
	}
	for name, content := range map[string]string{
		"two-lines": mark + "\n" + mark, "control": mark + "\x00" + mark, "not-utf8": mark + "\xff", "empty": " \n",
	} {
		s.writeKey(name+".key", content)
		fmt.Fprintf(&config, "  - {provider: in-path, name: %s, credentials: {api_key: {file: %s.key}}, base_url: %s/ok}\n", name, name, vendor.URL)
		s.accounts = append(s.accounts, "in-path/"+name)
	}
	s.write(configName, config.String())
	return s
}

// credential is where an account has its key: in the file itself, in the environment, or in a file of its own.
func (s *scene) credential(account string) string {
	key := plantedKey(account)
	switch len(s.accounts) % 3 {
	case 0:
		return fmt.Sprintf("'%s'", key)
	case 1:
		variable := "KEY_" + strings.ToUpper(strings.ReplaceAll(account, "-", "_"))
		s.env[variable] = key
		return "{env: " + variable + "}"
	}
	s.writeKey(account+".key", key+"\n")
	return "{file: " + account + ".key}"
}

func (s *scene) writeKey(name, content string) {
	s.write(name, content)
	s.keyFiles[s.file(name)] = true
}

// closedPort is an address on which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// badConfigurations hold keys in places where they do not belong.
func badConfigurations() map[string]string {
	account := func(rest string) string { return "accounts:\n  - {provider: olostep, " + rest + "}\n" }
	return map[string]string{
		"not YAML":                "accounts:\n  - provider: olostep\n    credentials: {api_key: '" + mark + "\n",
		"indented wrong":          "accounts:\n  - provider: olostep\n   credentials:\n  api_key: " + mark + "\n",
		"an unknown key":          account("api_key: " + mark),
		"a list":                  account("credentials: {api_key: [" + mark + "]}"),
		"an unknown source":       account("credentials: {api_key: {vault: " + mark + "}}"),
		"two sources":             account("credentials: {api_key: {file: a, env: " + mark + "}}"),
		"in place of credentials": account("credentials: " + mark),
		"as a credential's name":  account("credentials: {" + mark + ": }"),
		"as another credential":   account("credentials: {api_key: a, token: " + mark + "}"),
		"as a variable":           account("credentials: {api_key: {env: $" + mark + "}}"),
		"in an expansion":         account("credentials: {api_key: '${" + mark + "}'}"),
		"two lines":               account("credentials: {api_key: \"" + mark + "\\n" + mark + "\"}"),
		"in the base URL":         account("credentials: {api_key: a}, base_url: 'https://user:" + mark + "@host'"),
		"in its query":            account("credentials: {api_key: a}, base_url: 'https://host/?key=" + mark + "'"),
		"in a proxy's URL":        account("credentials: {api_key: a}, http_client: {proxy_url: 'ftp://user:" + mark + "@host'}"),
		"in a proxy's broken URL": account("credentials: {api_key: a}, http_client: {proxy_url: 'http://user:" + mark + "@host:port'}"),
		"in a TLS key":            account("credentials: {api_key: a}, http_client: {tls_config: {cert: a, key: " + mark + ", colour: blue}}"),
		"of an unknown provider":  "accounts:\n  - {provider: nobody, credentials: {api_key: " + mark + ", other: [" + mark + "]}}\n",
		"of an alias":             "accounts:\n  - {provider: olostep, credentials: &" + mark + " {api_key: *" + mark + "}}\n",
		"twice":                   account("credentials: {api_key: " + mark + ", api_key: " + mark + "}"),
	}
}

// TestSecrets plants keys and looks for them in every byte that the program writes anywhere, while all goes wrong that
// can.
func TestSecrets(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	d := s.serve("--log.level=debug", "--web.enable-lifecycle")
	found := finder(t)
	polled := func() bool {
		series := d.scrape()
		for _, account := range s.accounts {
			provider, name, _ := strings.Cut(account, "/")
			if series[fmt.Sprintf(`credits_up{account="%s",provider="%s"}`, name, provider)] == "" {
				return false
			}
		}
		return true
	}
	eventually(t, "polls of all accounts", polled)
	for _, name := range []string{"401", "hang"} { // and again, from what was learnt
		counter := fmt.Sprintf(`credits_polls_total{account="%s",provider="in-path"}`, name)
		eventually(t, counter, func() bool { return d.scrape()[counter] > "1" })
	}
	for provider := range placements {
		d.await(`credits_up{account="ok",provider="`+provider+`"}`, "1") // so the keys do arrive
	}
	paths := []string{"/metrics", "/", "/?per_page=1000", "/-/ready", "/-/healthy", "/api/v1/accounts", "/nowhere", "/account/nobody/401"}
	for _, account := range s.accounts {
		paths = append(paths, "/account/"+account, "/api/v1/accounts/"+account)
	}
	for _, path := range paths {
		_, body := d.ask(http.MethodGet, path)
		found(path, body)
	}
	for _, account := range []string{"in-path/401", "in-path/ok"} {
		_, body := d.ask(http.MethodPost, "/api/v1/accounts/"+account+"/poll")
		found("a poll of "+account, body)
	}

	if d.stop() != exitOK {
		t.Errorf("status %d", d.status)
	}
	found("standard output", d.stdout.String())
	found("the log", d.stderr.String())

	for _, args := range [][]string{
		{"check"},
		{"poll"},
		{"poll", "--output=json"},
		{"poll", "--output=prometheus"},
		{"poll", "--trace"},
		{"--log.format=json", "--log.level=debug", "poll"},
		{"--log.format=console", "--log.level=debug", "poll"},
	} {
		got := s.run(args...)
		if got.status != exitFailed || len(got.stdout)+len(got.stderr) == 0 {
			t.Errorf("%v: status %d, %d bytes", args, got.status, len(got.stdout)+len(got.stderr))
		}
		found(fmt.Sprint(args), got.stdout+got.stderr)
	}
	s.searchFiles(found)
	if n := s.redirects.Load(); n > 0 {
		t.Errorf("%d requests were made to where vendors redirect", n)
	}
}

// TestSecretsInBadConfigurations: what a configuration says in the wrong place may be a key too.
func TestSecretsInBadConfigurations(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write(configName, "accounts: []\n")
	d := f.serve("--log.level=debug", "--web.enable-lifecycle")
	found := finder(t)
	others := [][]string{{"check", "--no-credentials"}, {"poll"}, {"serve", "--web.listen-address=127.0.0.1:0"}}
	for name, text := range badConfigurations() {
		f.write(configName, text)
		status, body := d.ask(http.MethodPost, "/-/reload")
		if status != http.StatusInternalServerError {
			t.Errorf("%s: the configuration is taken over: %d", name, status)
		}
		found(name+": the answer to a reload", body)
		others = append(others[1:], others[0]) // each command gets its share
		for _, args := range [][]string{{"check"}, others[0]} {
			got := f.run(args...)
			if got.status == exitOK {
				t.Errorf("%s: %v finds nothing wrong", name, args)
			}
			found(fmt.Sprintf("%s: %v", name, args), got.stdout+got.stderr)
		}
	}
	d.stop()
	found("the log", d.stderr.String())
}

// finder fails the test where a text has a key in it.
func finder(t *testing.T) func(where, text string) {
	return func(where, text string) {
		t.Helper()
		if found := leaks(text); found != "" {
			t.Errorf("%s shows a key: %s", where, found)
		}
	}
}

// searchFiles looks into every file but those that the keys were planted in.
func (s *scene) searchFiles(found func(where, text string)) {
	s.t.Helper()
	if info, err := os.Stat(s.file("data")); err != nil || info.Mode().Perm() != 0o700 {
		s.t.Errorf("the folder of the state: %v, %v", info.Mode(), err)
	}
	looked := 0
	err := filepath.WalkDir(s.path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || s.keyFiles[path] || path == s.file(configName) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if info, err := entry.Info(); err == nil && strings.HasPrefix(path, s.file("data")) && info.Mode().Perm()&0o077 != 0 {
			s.t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		looked++
		found(path, path+"\n"+string(content))
		return nil
	})
	if err != nil || looked < len(placements)+1 {
		s.t.Errorf("%d files were looked into: %v", looked, err)
	}
}

// TestNewKey: a refused key that is replaced in its file is used within seconds, and the old one is forgotten.
func TestNewKey(t *testing.T) {
	t.Parallel()
	v, f := newVendors(t), newFolder(t)
	a := v.add("olostep", "a", 100)
	f.write("a.key", "test-key-olostep-old\n")
	f.configure(`
poll: {interval: 1h}
accounts:
  - {provider: olostep, name: a, credentials: {api_key: {file: a.key}}, base_url: VENDORS/olostep}
`, v)
	d := f.serve("--web.enable-lifecycle")
	d.await(`credits_poll_failing{account="a",provider="olostep",reason="unauthorized"}`, "1")
	f.write("a.key", "\ufeff  test-key-olostep-a \r\n")
	began := time.Now()
	d.reload()
	d.await(`credits_up{account="a",provider="olostep"}`, "1")
	if got := a.Requests().Count; got != 1 {
		t.Errorf("%d requests with the new key after %v", got, time.Since(began))
	}
}
