package web

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// plainPath is an absolute path of whole segments, in characters that a URL holds as they are (RFC 3986 §3.3). It
// leaves out what http.ServeMux reads as a wildcard.
var plainPath = regexp.MustCompile(`^(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$`)

var (
	errPathNotAbsolute = errors.New("it must begin with /, as in /metrics")
	errPathIsRoot      = errors.New("/ is the status page; choose another path, as in /metrics")
	errPathNotPlain    = errors.New("it must be segments of plain characters without a / at the end, as in /metrics")
)

// takenPaths are the paths of other pages; what lies below them is theirs too.
func takenPaths() []string { return []string{"/-", "/api/v1/accounts", "/account", "/assets"} }

func checkTelemetryPath(p string) error {
	switch {
	case !strings.HasPrefix(p, "/"):
		return errPathNotAbsolute
	case p == "/":
		return errPathIsRoot
	case !plainPath.MatchString(p) || path.Clean(p) != p:
		return errPathNotPlain
	}
	for _, taken := range takenPaths() {
		if p == taken || strings.HasPrefix(p, taken+"/") {
			return fmt.Errorf("%s belongs to another page; choose another path, as in /metrics", taken)
		}
	}
	return nil
}
