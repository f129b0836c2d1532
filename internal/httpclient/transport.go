package httpclient

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	dialTimeout         = 10 * time.Second
	tlsHandshakeTimeout = 10 * time.Second
	keepAlive           = 30 * time.Second

	// maxHeader bounds the header block of an answer; net/http would take 10 MiB.
	maxHeader = 64 << 10

	// A connection that was needed is kept for the next poll: the poller bounds how many there are to a host, and accounts
	// by the thousand take one another's. What is not used for idleTimeout is closed.
	maxIdle        = 1024
	maxIdlePerHost = 1024
	idleTimeout    = 90 * time.Second

	// Without pings a connection that a NAT has forgotten would fail every poll until the kernel gives it up.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second
)

// newTransport is made from nothing and not from http.DefaultTransport, which follows the proxies of the environment.
// An answer in gzip is decompressed unless the request itself asks for an encoding.
func newTransport(proxy func(*http.Request) (*url.URL, error), tlsConfig *tls.Config) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    tlsHandshakeTimeout,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		Protocols:              protocols,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
	}
}
