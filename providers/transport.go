package providers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
)

// transportError is why there is no answer. Its text is one of a closed list: those of net and net/http may hold the
// URL, and so a key.
func transportError(ctx context.Context, err error) *Error {
	if ours, ok := errors.AsType[*Error](err); ok {
		return ours
	}
	if timedOut(ctx, err) {
		return &Error{Reason: ReasonTimeout, Text: "no whole answer in time"}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{Reason: ReasonNetwork, Text: "the poll was broken off"}
	}
	return &Error{Reason: ReasonNetwork, Text: describeNetwork(err)}
}

func timedOut(ctx context.Context, err error) bool {
	var timeout net.Error
	return errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// describeNetwork finds the words for an error of the transport.
func describeNetwork(err error) string {
	if text := describeTLS(err); text != "" {
		return text
	}
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the host's name does not exist"
	case errors.As(err, &dns):
		return "the host's name cannot be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "the host cannot be reached"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended before the answer did"
	case strings.Contains(err.Error(), "response headers exceeded"):
		// net/http has no type for it.
		return "the header block of the answer is too large"
	case errors.As(err, &op) && op.Op == "dial":
		return "no connection to the host, or to the proxy"
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		return "the proxy did not connect"
	}
	return "the request failed without an answer"
}

func describeTLS(err error) string {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
		record       tls.RecordHeaderError
		alert        tls.AlertError
	)
	switch {
	case errors.As(err, &authority):
		return "the host's certificate is signed by an unknown authority"
	case errors.As(err, &hostname):
		return "the host's certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the host's certificate has expired or is not valid yet"
	case errors.As(err, &invalid), errors.As(err, &verification):
		return "the host's certificate is not valid"
	case errors.As(err, &record):
		return "the host does not speak TLS"
	case errors.As(err, &alert):
		return "the TLS handshake failed"
	}
	return ""
}

// signerError keeps only the reason of an error that is not ours.
func signerError(ctx context.Context, name string, err error) *Error {
	if ours, ok := errors.AsType[*Error](err); ok {
		return ours
	}
	if timedOut(ctx, err) {
		return &Error{Reason: ReasonTimeout, Text: "the signer " + name + " did not end in time"}
	}
	return &Error{Reason: ReasonCredentials, Text: "the signer " + name + " cannot sign with these credentials"}
}
