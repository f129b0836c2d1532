package web

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

// What one connection may take. A scrape that is read for longer than writeTimeout would be too late for Prometheus
// anyway, and must not hold one of the --web.max-requests for ever.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 2 * time.Minute
	idleTimeout       = 5 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// ServerOptions says where and how to listen.
type ServerOptions struct {
	// Addresses are those of --web.listen-address.
	Addresses []string
	// SystemdSocket takes the sockets that systemd passed instead of opening Addresses.
	SystemdSocket bool
	// ConfigFile is the path of exporter-toolkit's web config file (TLS, basic auth, headers, rate limit); "" is none.
	// The file and its certificates are read again for every request and handshake, so they rotate without a restart.
	ConfigFile string
	Logger     *slog.Logger
	// ErrorLog takes what goes wrong in connections.
	ErrorLog *log.Logger
}

// Server holds open listeners, and serves on them once it is told to. Until then connections wait in the system's
// queue, so a process can claim its addresses before it does anything else.
//
// There is one http.Server for each listener: exporter-toolkit 0.20 replaces the handler and the TLS configuration of
// the server that it serves, so sharing one is a data race, and it would ask for the password once per address. The
// price is that the web config file's rate limit counts for each address by itself.
type Server struct {
	listeners []net.Listener
	servers   []*http.Server
	options   ServerOptions
}

// Listen checks the web config file and opens all addresses, or none. The error names the flag that is to be changed.
func Listen(ctx context.Context, options ServerOptions) (*Server, error) {
	if err := CheckConfigFile(options.ConfigFile); err != nil {
		return nil, err
	}
	listeners, err := openListeners(ctx, options)
	if err != nil {
		return nil, err
	}
	server := &Server{listeners: listeners, options: options}
	for range listeners {
		server.servers = append(server.servers, &http.Server{
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			ErrorLog:          options.ErrorLog,
		})
	}
	return server, nil
}

// Addrs returns the addresses that are listened on.
func (s *Server) Addrs() []net.Addr {
	var addrs []net.Addr
	for _, listener := range s.listeners {
		addrs = append(addrs, listener.Addr())
	}
	return addrs
}

// Serve answers requests by handler until Shutdown or Close; it then returns nil at once, while Shutdown still waits
// for requests in flight. If one address fails, all end, and its error is returned. It is called once.
func (s *Server) Serve(handler http.Handler) error {
	ended := make(chan error, len(s.servers))
	logger := slog.New(valuesHidden{s.options.Logger.Handler()})
	flags := &toolkit.FlagConfig{WebConfigFile: &s.options.ConfigFile}
	for i, server := range s.servers {
		server.Handler = handler
		go func() {
			err := toolkit.Serve(s.listeners[i], server, flags, logger)
			if !errors.Is(err, http.ErrServerClosed) {
				err = fmt.Errorf("serving on %s: %s", s.listeners[i].Addr(), withoutValues(err.Error()))
			}
			ended <- err
		}()
	}
	first := <-ended
	if errors.Is(first, http.ErrServerClosed) {
		return nil
	}
	s.Close()
	return first
}

// Shutdown stops listening and waits for requests in flight until ctx ends; what is left then is cut off and the
// error says so. It may be called before, during and after Serve.
func (s *Server) Shutdown(ctx context.Context) error {
	defer closeListeners(s.listeners)
	failures := make([]error, len(s.servers))
	var group sync.WaitGroup
	for i, server := range s.servers {
		group.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				failures[i] = errors.Join(fmt.Errorf("requests in flight were cut off: %w", err), server.Close())
			}
		})
	}
	group.Wait()
	return errors.Join(failures...)
}

// Close stops listening and cuts off what is in flight.
func (s *Server) Close() {
	for _, server := range s.servers {
		// It fails only where a listener is closed already.
		_ = server.Close()
	}
	closeListeners(s.listeners)
}
