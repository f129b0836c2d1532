package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/mdlayher/vsock"
)

// vsockScheme begins an address of a virtual machine's socket, as in vsock://:10069.
const vsockScheme = "vsock://"

var (
	errNoAddress  = errors.New("--web.listen-address: no address to listen on")
	errNoSockets  = errors.New("--web.systemd-socket: systemd passed no stream socket; start by a .socket unit, or without the flag")
	errVsockShape = errors.New("it must look like vsock://:10069")
)

// openListeners opens all listeners or none.
func openListeners(ctx context.Context, options ServerOptions) ([]net.Listener, error) {
	if options.SystemdSocket {
		return systemdListeners()
	}
	if len(options.Addresses) == 0 {
		return nil, errNoAddress
	}
	var listeners []net.Listener
	for _, address := range options.Addresses {
		listener, err := openListener(ctx, address)
		if err != nil {
			closeListeners(listeners)
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

func openListener(ctx context.Context, address string) (net.Listener, error) {
	var listener net.Listener
	var err error
	if strings.HasPrefix(address, vsockScheme) {
		listener, err = openVsock(address)
	} else {
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", address)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("--web.listen-address=%s: another process listens there, maybe another credits_exporter: stop it or choose another address: %w", address, err)
	}
	if err != nil {
		return nil, fmt.Errorf("--web.listen-address=%s: %w", address, err)
	}
	return listener, nil
}

func openVsock(address string) (net.Listener, error) {
	uri, err := url.Parse(address)
	if err != nil {
		return nil, errVsockShape
	}
	port, err := strconv.ParseUint(uri.Port(), 10, 32)
	if err != nil || uri.Hostname() != "" || uri.Path != "" {
		return nil, errVsockShape
	}
	return vsock.Listen(uint32(port), nil)
}

// systemdListeners takes the sockets that systemd passed (sd_listen_fds(3)).
func systemdListeners() ([]net.Listener, error) {
	passed, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("--web.systemd-socket: %w", err)
	}
	var listeners []net.Listener
	for _, listener := range passed {
		// A socket that is no stream is passed as nil.
		if listener != nil {
			listeners = append(listeners, listener)
		}
	}
	if len(listeners) == 0 {
		return nil, errNoSockets
	}
	return listeners, nil
}

func closeListeners(listeners []net.Listener) {
	for _, listener := range listeners {
		// Nothing was accepted yet, so there is nothing that a failure could lose.
		_ = listener.Close()
	}
}
