package native

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// tc3 signs as Tencent Cloud's API 3.0 wants it, TC3-HMAC-SHA256. The request is a POST with a body and names its
// action and version in the headers X-TC-Action and X-TC-Version; the service is the first part of the host's name, as
// in billing.tencentcloudapi.com. Source: https://www.tencentcloud.com/document/product/1021/34193
type tc3 struct{}

const (
	tc3Algorithm     = "TC3-HMAC-SHA256"
	tc3Terminator    = "tc3_request"
	tc3SignedHeaders = "content-type;host;x-tc-action"
)

func (tc3) Sign(_ context.Context, in providers.Signing) (providers.Signed, error) {
	id, key := in.Credentials["secret_id"].Reveal(), in.Credentials["secret_key"].Reveal()
	return providers.Signed{Complete: func(r *http.Request, body []byte) error {
		now := in.Now.UTC()
		timestamp, date := strconv.FormatInt(now.Unix(), 10), now.Format(time.DateOnly)
		service, _, _ := strings.Cut(r.Host, ".")
		scope := date + "/" + service + "/" + tc3Terminator
		r.Header.Set("X-Tc-Timestamp", timestamp)

		text := strings.Join([]string{tc3Algorithm, timestamp, scope, hexSHA256([]byte(tc3Canonical(r, body)))}, "\n")
		derived := hmacSHA256([]byte("TC3"+key), date)
		derived = hmacSHA256(derived, service)
		derived = hmacSHA256(derived, tc3Terminator)
		r.Header.Set("Authorization", tc3Algorithm+" Credential="+id+"/"+scope+", SignedHeaders="+tc3SignedHeaders+
			", Signature="+hex.EncodeToString(hmacSHA256(derived, text)))
		return nil
	}}, nil
}

// tc3Canonical is the request in the form that is signed. Header values are in lower case there.
func tc3Canonical(r *http.Request, body []byte) string {
	return strings.Join([]string{
		r.Method,
		"/", // whatever the path is
		r.URL.RawQuery,
		"content-type:" + strings.ToLower(r.Header.Get("Content-Type")),
		"host:" + strings.ToLower(r.Host),
		"x-tc-action:" + strings.ToLower(r.Header.Get("X-Tc-Action")),
		"",
		tc3SignedHeaders,
		hexSHA256(body),
	}, "\n")
}
