package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// healthcheckTimeout bounds the whole exchange; containers ask every few seconds.
const healthcheckTimeout = 5 * time.Second

var (
	errOtherCertificate = errors.New("another certificate than the web config file's was shown: another program listens there")
	errAddressShape     = errors.New("it must look like :10069 or 127.0.0.1:10069")
	errVsockHealth      = errors.New("a vsock address cannot be asked from here; name a TCP address")
	errNoTCPAddress     = errors.New("--web.listen-address: no address to ask")
)

// CheckHealth asks the process that listens on addresses, by the same web config file as it, for its health, and
// returns nil when it is alive. It asks the first address: one process serves them all.
//
// No credential is sent. A 401 (basic auth) and a 429 (rate limit) come from the process too, so they show that it is
// alive, and so does its demand for a client certificate. With TLS the certificate must be the very one that the web
// config file names; its name, its issuer and its dates do not matter, since this asks by a local address.
func CheckHealth(ctx context.Context, addresses []string, configFile string) error {
	if len(addresses) == 0 {
		return errNoTCPAddress
	}
	targets, err := healthTargets(addresses[0])
	if err != nil {
		return fmt.Errorf("--web.listen-address=%s: %w", addresses[0], err)
	}
	daemon, err := readDaemonTLS(configFile)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	return askHealth(ctx, targets, daemon)
}

// healthTargets returns the addresses to dial, in turn, to reach a process that listens on address. One that listens
// on all addresses is asked over loopback, by number: a container may have no file that says what localhost is.
func healthTargets(address string) ([]string, error) {
	if strings.HasPrefix(address, vsockScheme) {
		return nil, errVsockHealth
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" || port == "0" {
		return nil, errAddressShape
	}
	hosts := []string{host}
	switch ip := net.ParseIP(host); {
	case host == "":
		hosts = []string{"127.0.0.1", "::1"}
	case ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		hosts = []string{"127.0.0.1"}
	case ip != nil && ip.IsUnspecified():
		hosts = []string{"::1", "127.0.0.1"}
	}
	var targets []string
	for _, h := range hosts {
		targets = append(targets, net.JoinHostPort(h, port))
	}
	return targets, nil
}

func askHealth(ctx context.Context, targets []string, daemon daemonTLS) error {
	var shown atomic.Bool
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialFirst(ctx, targets)
		},
		TLSClientConfig: pinned(daemon, &shown),
	}
	target := url.URL{Scheme: "http", Host: targets[0], Path: "/-/healthy"}
	if daemon.enabled {
		target.Scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return fmt.Errorf("asking %s: %w", targets[0], errAddressShape)
	}
	// RoundTrip, unlike a client, follows no redirect.
	response, err := transport.RoundTrip(request)
	if shown.Load() && daemon.asksClients && isAlert(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("asking %s: %w", target.Host, err)
	}
	// The body says nothing that the status does not; the connection is not used again.
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 4<<10)
	switch response.StatusCode {
	case http.StatusOK, http.StatusUnauthorized, http.StatusTooManyRequests:
		return nil
	}
	return fmt.Errorf("%s answered %d instead of 200", target.String(), response.StatusCode)
}

// dialFirst connects to the first of targets that answers; the error is that of the first.
func dialFirst(ctx context.Context, targets []string) (net.Conn, error) {
	var first error
	for _, target := range targets {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", target)
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// pinned accepts the daemon's own certificate and no other, whoever signed it, and notes that it was shown.
func pinned(daemon daemonTLS, shown *atomic.Bool) *tls.Config {
	return &tls.Config{
		// The check by name and issuer is replaced by the stricter one below.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			if daemon.certificate == nil || !state.PeerCertificates[0].Equal(daemon.certificate) {
				return errOtherCertificate
			}
			shown.Store(true)
			return nil
		},
	}
}

// isAlert tells whether the other side ended a TLS handshake with an alert.
func isAlert(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "remote error"
}
