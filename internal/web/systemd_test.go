//go:build unix

package web_test

import (
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/web"
)

// activatedChild in the environment makes the test below the process that systemd starts.
const activatedChild = "WEB_TEST_ACTIVATED_CHILD"

// TestSystemdSocket passes an open socket to a process of its own, as systemd does (sd_listen_fds(3)).
func TestSystemdSocket(t *testing.T) {
	if os.Getenv(activatedChild) != "" {
		serveActivated(t)
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer shut(listener)
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer shut(socket)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSystemdSocket$", "-test.v")
	child.Env = append(os.Environ(), activatedChild+"=1", "LISTEN_FDS=1")
	child.ExtraFiles = []*os.File{socket}
	child.Stderr = os.Stderr
	stop, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	// Requests wait in the socket's queue until the child serves.
	if got := send(t, newClient(t), newRequest(t, "GET", "http://"+listener.Addr().String()+"/-/healthy")); got.status != 200 {
		t.Errorf("got %d", got.status)
	}
	if err := stop.Close(); err != nil {
		t.Error(err)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("the child ended with %v", err)
	}
}

// serveActivated serves on the socket that it was given until standard input ends.
func serveActivated(t *testing.T) {
	// systemd sets the process id between fork and exec, which a Go parent cannot.
	t.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	server, err := web.Listen(t.Context(), web.ServerOptions{
		SystemdSocket: true, Addresses: []string{"127.0.0.1:1"}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := serve(t, server, newHandler(t, testOptions()))
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Error(err)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
