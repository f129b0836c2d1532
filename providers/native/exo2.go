package native

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// exo2 signs as Exoscale's API v2 wants it, EXO2-HMAC-SHA256. Source: signRequest of the vendor's own client,
// https://github.com/exoscale/egoscale (v3/api.go), and https://github.com/exoscale/requests-exoscale-auth.
type exo2 struct{}

const (
	exo2Algorithm = "EXO2-HMAC-SHA256"
	// exo2Lifetime is for how long a signature holds, as in the vendor's client.
	exo2Lifetime = 10 * time.Minute
)

func (exo2) Sign(_ context.Context, in providers.Signing) (providers.Signed, error) {
	key, secret := in.Credentials["api_key"].Reveal(), in.Credentials["api_secret"].Reveal()
	return providers.Signed{Complete: func(r *http.Request, body []byte) error {
		expires := strconv.FormatInt(in.Now.Add(exo2Lifetime).Unix(), 10)
		names, values := exo2Query(r.URL.Query())
		// The fourth line would hold the values of signed headers, of which there are none.
		text := strings.Join([]string{r.Method + " " + r.URL.EscapedPath(), string(body), values, "", expires}, "\n")

		parts := []string{exo2Algorithm + " credential=" + key}
		if len(names) > 0 {
			parts = append(parts, "signed-query-args="+strings.Join(names, ";"))
		}
		signature := base64.StdEncoding.EncodeToString(hmacSHA256([]byte(secret), text))
		r.Header.Set("Authorization", strings.Join(append(parts, "expires="+expires, "signature="+signature), ","))
		return nil
	}}, nil
}

// exo2Query gives the names that are signed, sorted, and their values one after the other. A name that comes several
// times is not signed.
func exo2Query(query url.Values) (names []string, values string) {
	var all strings.Builder
	for _, name := range sortedKeys(query) {
		if len(query[name]) == 1 {
			names = append(names, name)
			all.WriteString(query.Get(name))
		}
	}
	return names, all.String()
}
