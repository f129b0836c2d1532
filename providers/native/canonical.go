package native

import (
	"maps"
	"net/url"
	"slices"
)

// canonicalPath is the path of a URL as it is sent.
func canonicalPath(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
