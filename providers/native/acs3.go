package native

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// acs3 signs as Alibaba Cloud's OpenAPI wants it, ACS3-HMAC-SHA256. The request names its action and version in the
// headers x-acs-action and x-acs-version. Source:
// https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
type acs3 struct {
	nonce func() string
}

const acs3Algorithm = "ACS3-HMAC-SHA256"

func (s acs3) Sign(_ context.Context, in providers.Signing) (providers.Signed, error) {
	keyID, secret := in.Credentials["access_key_id"].Reveal(), in.Credentials["access_key_secret"].Reveal()
	return providers.Signed{Complete: func(r *http.Request, body []byte) error {
		r.Header.Set("X-Acs-Date", in.Now.UTC().Format(time.RFC3339))
		r.Header.Set("X-Acs-Signature-Nonce", s.nonce())
		r.Header.Set("X-Acs-Content-Sha256", hexSHA256(body))
		canonical, signedHeaders := acs3Canonical(r)
		signature := hmacSHA256([]byte(secret), acs3Algorithm+"\n"+hexSHA256([]byte(canonical)))
		r.Header.Set("Authorization", acs3Algorithm+" Credential="+keyID+",SignedHeaders="+signedHeaders+
			",Signature="+hex.EncodeToString(signature))
		return nil
	}}, nil
}

// acs3Canonical is the request in the form that is signed, and the headers that it takes in: Host, Content-Type and all
// of Alibaba's own.
func acs3Canonical(r *http.Request) (canonical, signedHeaders string) {
	headers := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if name = strings.ToLower(name); name == "content-type" || strings.HasPrefix(name, "x-acs-") {
			headers[name] = strings.TrimSpace(strings.Join(values, ","))
		}
	}
	names := sortedKeys(headers)
	var lines strings.Builder
	for _, name := range names {
		lines.WriteString(name + ":" + headers[name] + "\n")
	}
	signedHeaders = strings.Join(names, ";")
	return strings.Join([]string{
		r.Method, canonicalPath(r.URL), acs3Query(r.URL.Query()), lines.String(), signedHeaders,
		r.Header.Get("X-Acs-Content-Sha256"),
	}, "\n"), signedHeaders
}

// acs3Query is the query sorted by name and escaped as RFC 3986 does it, which has %20 for a space.
func acs3Query(query url.Values) string {
	var pairs []string
	for _, name := range sortedKeys(query) {
		for _, value := range slices.Sorted(slices.Values(query[name])) {
			pairs = append(pairs, escape3986(name)+"="+escape3986(value))
		}
	}
	return strings.Join(pairs, "&")
}

func escape3986(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
