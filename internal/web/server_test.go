package web_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

// listen opens n loopback addresses with the web config file given.
func listen(t *testing.T, n int, configFile string) *web.Server {
	t.Helper()
	options := web.ServerOptions{
		ConfigFile: configFile, Logger: slog.New(slog.DiscardHandler), ErrorLog: log.New(io.Discard, "", 0),
	}
	for range n {
		options.Addresses = append(options.Addresses, "127.0.0.1:0")
	}
	server, err := web.Listen(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// shut closes what a test has only looked at.
func shut(closer io.Closer) { _ = closer.Close() }

// serve serves in the background until the test ends. Serve's error comes over the channel.
func serve(t *testing.T, server *web.Server, handler http.Handler) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(handler) }()
	t.Cleanup(server.Close)
	return ended
}

// newClient returns a client that trusts any certificate and keeps no connection.
func newClient(t *testing.T) *http.Client {
	t.Helper()
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
	}
}

func TestServe(t *testing.T) {
	tests := []struct {
		name      string
		config    string // content of the web config file; "" is no file
		scheme    string
		user      string
		password  string
		status    int
		wantProto string
	}{
		{name: "plain", scheme: "http", status: 200, wantProto: "HTTP/1.1"},
		{name: "empty web config", config: "{}\n", scheme: "http", status: 200, wantProto: "HTTP/1.1"},
		{name: "TLS", config: testTLS, scheme: "https", status: 200, wantProto: "HTTP/2.0"},
		{name: "basic auth without password", config: testUsers, scheme: "http", status: 401, wantProto: "HTTP/1.1"},
		{name: "TLS and basic auth without password", config: testTLS + testUsers, scheme: "https", status: 401, wantProto: "HTTP/2.0"},
		{name: "TLS and basic auth", config: testTLS + testUsers, scheme: "https", user: "operator", password: "test-password", status: 200, wantProto: "HTTP/2.0"},
		{name: "unknown password", config: testUsers, scheme: "http", user: "operator", password: "test-key-wrong", status: 401, wantProto: "HTTP/1.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			configFile := ""
			if test.config != "" {
				dir := t.TempDir()
				writeCertificate(t, dir)
				configFile = writeFile(t, dir, "web.yml", test.config)
			}
			server := listen(t, 2, configFile)
			var calls atomic.Int32
			ended := serve(t, server, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				if r.Proto != test.wantProto {
					t.Errorf("asked by %s, want %s", r.Proto, test.wantProto)
				}
			}))
			for _, addr := range server.Addrs() {
				request := newRequest(t, "GET", test.scheme+"://"+addr.String()+"/")
				if test.user != "" {
					request.SetBasicAuth(test.user, test.password)
				}
				if got := send(t, newClient(t), request); got.status != test.status {
					t.Errorf("%s: got %d, want %d", addr, got.status, test.status)
				}
			}
			if want := map[bool]int32{true: 2}[test.status == 200]; calls.Load() != want {
				t.Errorf("the handler was called %d times, want %d", calls.Load(), want)
			}
			if err := server.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Errorf("Serve ended with %v", err)
			}
		})
	}
}

// TestRateLimitCountsOncePerRequest: exporter-toolkit's limiter must not be passed once for each address.
func TestRateLimitCountsOncePerRequest(t *testing.T) {
	configFile := writeFile(t, t.TempDir(), "web.yml", "rate_limit: {interval: 1h, burst: 2}\n")
	server := listen(t, 2, configFile)
	serve(t, server, newHandler(t, testOptions()))
	for _, addr := range server.Addrs() {
		for i, want := range []int{200, 200, 429} {
			if got := send(t, newClient(t), newRequest(t, "GET", "http://"+addr.String()+"/")); got.status != want {
				t.Errorf("%s: request %d got %d, want %d", addr, i+1, got.status, want)
			}
		}
	}
}

// TestListenFirstServeLater connects before anything is served.
func TestListenFirstServeLater(t *testing.T) {
	server := listen(t, 1, "")
	conn, err := net.Dial("tcp", server.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer shut(conn)
	if _, err := io.WriteString(conn, "GET /-/healthy HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	serve(t, server, newHandler(t, testOptions()))
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 200 OK") {
		t.Errorf("got %q, %v", answer, err)
	}
}

func TestListenErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer shut(taken)
	dir := t.TempDir()
	tests := []struct {
		name    string
		options web.ServerOptions
		want    []string
	}{
		{
			"taken port",
			web.ServerOptions{Addresses: []string{"127.0.0.1:0", taken.Addr().String()}},
			[]string{"--web.listen-address=" + taken.Addr().String(), "another process listens there"},
		},
		{"no address", web.ServerOptions{}, []string{"--web.listen-address: no address"}},
		{"no port", web.ServerOptions{Addresses: []string{"127.0.0.1"}}, []string{"--web.listen-address=127.0.0.1", "missing port"}},
		{"vsock without port", web.ServerOptions{Addresses: []string{"vsock://"}}, []string{"--web.listen-address=vsock://", "vsock://:10069"}},
		{"vsock with host", web.ServerOptions{Addresses: []string{"vsock://3:10069"}}, []string{"vsock://:10069"}},
		{"no sockets of systemd", web.ServerOptions{SystemdSocket: true}, []string{"--web.systemd-socket", ".socket unit"}},
		{
			"no web config file",
			web.ServerOptions{ConfigFile: dir + "/none.yml"},
			[]string{"--web.config.file=" + dir + "/none.yml", "no such file"},
		},
		{
			"unknown key",
			web.ServerOptions{ConfigFile: writeFile(t, dir, "unknown.yml", "basic_auth: {}\n")},
			[]string{"--web.config.file=", "line 1", "basic_auth"},
		},
		{
			"no certificate",
			web.ServerOptions{ConfigFile: writeFile(t, dir, "tls.yml", testTLS)},
			[]string{"--web.config.file=", "cert.pem"},
		},
		{
			"password instead of hash",
			web.ServerOptions{ConfigFile: writeFile(t, dir, "hash.yml", "basic_auth_users: {operator: test-key-plain}\n")},
			[]string{"--web.config.file=", "bcrypt hashes"},
		},
		{
			"password in the wrong place",
			web.ServerOptions{ConfigFile: writeFile(t, dir, "place.yml", "basic_auth_users: test-key-plain\n")},
			[]string{"--web.config.file=", "line 1", "`...`"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if len(test.options.Addresses) == 0 && test.options.ConfigFile != "" {
				test.options.Addresses = []string{"127.0.0.1:0"}
			}
			test.options.Logger = slog.New(slog.DiscardHandler)
			server, err := web.Listen(t.Context(), test.options)
			if err == nil {
				server.Close()
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "test-key") {
				t.Errorf("the error quotes a password: %v", err)
			}
		})
	}
}

// TestListenLeavesNothingOpen: when one address cannot be had, the others are free again. Another process may take a
// free port at any time, so one of a few tries is enough.
func TestListenLeavesNothingOpen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer shut(taken)
	for range 5 {
		// A Server gives its address back on Close, which makes a free one known.
		server := listen(t, 1, "")
		free := server.Addrs()[0].String()
		server.Close()
		_, err = web.Listen(t.Context(), web.ServerOptions{
			Addresses: []string{free, taken.Addr().String()}, Logger: slog.New(slog.DiscardHandler),
		})
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatalf("got %v", err)
		}
		conn, err := net.Dial("tcp", free)
		if err != nil {
			return
		}
		shut(conn)
	}
	t.Error("the first address is still listened on")
}

func TestShutdownWaitsForRequestsInFlight(t *testing.T) {
	server := listen(t, 2, "")
	entered, release := make(chan struct{}), make(chan struct{})
	ended := serve(t, server, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "done")
	}))
	url := "http://" + server.Addrs()[1].String()
	answers := make(chan answer, 1)
	go func() { answers <- send(t, newClient(t), newRequest(t, "GET", url)) }()
	<-entered
	down := make(chan error, 1)
	go func() { down <- server.Shutdown(t.Context()) }()
	if err := <-ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
	select {
	case err := <-down:
		t.Errorf("Shutdown did not wait: %v", err)
	default:
	}
	close(release)
	if got := <-answers; got.text != "done" {
		t.Errorf("the request in flight got %q", got.text)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	for _, addr := range server.Addrs() {
		if conn, err := net.Dial("tcp", addr.String()); err == nil {
			shut(conn)
			t.Errorf("%s is still listened on", addr)
		}
	}
}

func TestShutdownCutsOffWhatIsLate(t *testing.T) {
	server := listen(t, 1, "")
	entered := make(chan struct{})
	serve(t, server, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done() // It ends when its connection does.
	}))
	request := newRequest(t, "GET", "http://"+server.Addrs()[0].String())
	failed := make(chan error, 1)
	go func() {
		response, err := newClient(t).Do(request)
		if err == nil {
			err = response.Body.Close()
		}
		failed <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Shutdown(ctx); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("got %v, want an error that says what was cut off", err)
	}
	if err := <-failed; err == nil {
		t.Error("the late request got an answer")
	}
}

func TestShutdownBeforeServe(t *testing.T) {
	dir := t.TempDir()
	writeCertificate(t, dir)
	server := listen(t, 2, writeFile(t, dir, "web.yml", testTLS))
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(newHandler(t, testOptions())); err != nil {
		t.Errorf("got %v", err)
	}
}

// TestServeFailureEndsAll damages the web config file between Listen and Serve.
func TestServeFailureEndsAll(t *testing.T) {
	dir := t.TempDir()
	configFile := writeFile(t, dir, "web.yml", "{}\n")
	server := listen(t, 2, configFile)
	writeFile(t, dir, "web.yml", "basic_auth_users: test-key-x\n")
	err := server.Serve(newHandler(t, testOptions()))
	if err == nil || !strings.Contains(err.Error(), "serving on 127.0.0.1:") || strings.Contains(err.Error(), "test-key") {
		t.Errorf("got %v, want an error with the address and without values", err)
	}
}

// TestBrokenWebConfigIsLoggedWithoutValues breaks the file while the process runs, in ways that YAML errors quote.
func TestBrokenWebConfigIsLoggedWithoutValues(t *testing.T) {
	for _, broken := range []string{"basic_auth_users: test-key-x\n", "basic_auth_users: {operator: *test-key-anchor}\n"} {
		configFile := writeFile(t, t.TempDir(), "web.yml", "{}\n")
		var logged bytes.Buffer
		server, err := web.Listen(t.Context(), web.ServerOptions{
			Addresses: []string{"127.0.0.1:0"}, ConfigFile: configFile, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		ended := serve(t, server, newHandler(t, testOptions()))
		request := newRequest(t, "GET", "http://"+server.Addrs()[0].String()+"/-/healthy")
		if got := send(t, newClient(t), request); got.status != 200 {
			t.Fatalf("got %d", got.status)
		}
		if err := os.WriteFile(configFile, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := send(t, newClient(t), request); got.status != 500 || strings.Contains(got.text, "test-key") {
			t.Errorf("got %d %q", got.status, got.text)
		}
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if strings.Contains(logged.String(), "test-key") || !strings.Contains(logged.String(), "Unable to parse configuration") {
			t.Errorf("the log has %q", logged.String())
		}
	}
}

// TestLargeHeader: a header block over the limit is refused, whatever it holds.
func TestLargeHeader(t *testing.T) {
	server := listen(t, 1, "")
	serve(t, server, newHandler(t, testOptions()))
	request := newRequest(t, "GET", "http://"+server.Addrs()[0].String())
	request.Header.Set("X-Large", strings.Repeat("x", 80<<10))
	if got := send(t, newClient(t), request); got.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %d", got.status)
	}
}

// TestServerLogs: the log says where the process listens, as every exporter's does.
func TestServerLogs(t *testing.T) {
	var logged bytes.Buffer
	server, err := web.Listen(t.Context(), web.ServerOptions{
		Addresses: []string{"127.0.0.1:0"}, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(newHandler(t, testOptions())); err != nil {
		t.Fatal(err)
	}
	if want := "address=" + server.Addrs()[0].String(); !strings.Contains(logged.String(), want) {
		t.Errorf("the log %q lacks %s", logged.String(), want)
	}
}
