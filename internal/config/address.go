package config

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// address reads where an account's requests go instead of the vendor's host.
func (r *reader) address(m *strict.Mapping, a *Account) {
	allowed := m.Take("allow_http")
	allowHTTP, ok := allowed.Bool()
	if allowed.Exists() && !ok {
		allowHTTP = true // one problem is enough
	}
	n := m.Take("base_url")
	if !n.Exists() {
		if a.Definition != nil && a.Definition.NeedsBaseURL() {
			m.Problem("base_url is missing: %s has no host of its own, so say where yours is", a.Definition.Name)
		}
		return
	}
	raw, ok := text(n)
	if !ok {
		return
	}
	u := r.shared.url(raw) // nil for none
	if wrong := checkBaseURL(raw, u, allowHTTP); wrong != "" {
		n.Problem("%s", wrong)
		return
	}
	a.BaseURL = u
}

// checkBaseURL says what is wrong with a base URL, nil where it is none; it never quotes it, because a key may stand in it.
func checkBaseURL(raw string, u *url.URL, allowHTTP bool) string {
	switch {
	case u == nil || u.Opaque != "" || u.Hostname() == "" || !validPort(u):
		return "must be a URL such as https://proxy.example/path"
	case u.Scheme != "https" && u.Scheme != "http":
		return "must begin with https:// or http://"
	case u.User != nil:
		return "must not hold a user name or a password"
	case strings.Contains(raw, "?"):
		return "must not have a query (?)"
	case strings.Contains(raw, "#"):
		return "must not have a fragment (#)"
	case u.Scheme == "http" && !allowHTTP && !isLoopback(u):
		return "plain http would send the credential unencrypted; write https, or allow_http: true on this account"
	}
	return ""
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		// url.Parse takes "host:" for a host without a port.
		return !strings.HasSuffix(u.Host, ":")
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil
}

// isLoopback tells whether a URL stays on this machine: an address of 127.0.0.0/8 or ::1, or localhost, which names
// nothing else (RFC 6761, section 6.3).
func isLoopback(u *url.URL) bool {
	if u == nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
