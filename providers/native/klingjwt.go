package native

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// klingJWT gives Kling AI a JSON Web Token (RFC 7519, HS256) that it mints from the key pair, and the window of time in
// which resource packs are looked for. Source: https://kling.ai/document-api/, "General Information"
// (the token) and "Account Information Inquiry" (the window).
type klingJWT struct{}

const (
	// The vendor's own example has these two.
	klingLifetime = 30 * time.Minute
	klingSkew     = 5 * time.Second
	// klingWindow is how far back packs are looked for. The vendor finds them by when they were bought, so those that
	// last a year must lie within.
	klingWindow = 400 * 24 * time.Hour
)

// klingHeader is {"alg":"HS256","typ":"JWT"}.
const klingHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

func (klingJWT) Sign(_ context.Context, in providers.Signing) (providers.Signed, error) {
	token, err := klingToken(in.Credentials["access_key"].Reveal(), in.Credentials["secret_key"].Reveal(), in.Now)
	if err != nil {
		return providers.Signed{}, err
	}
	return providers.Signed{
		Gives: map[string]string{
			"start_time": strconv.FormatInt(in.Now.Add(-klingWindow).UnixMilli(), 10),
			"end_time":   strconv.FormatInt(in.Now.UnixMilli(), 10),
		},
		Complete: func(r *http.Request, _ []byte) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		},
	}, nil
}

func klingToken(accessKey, secretKey string, now time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Issuer    string `json:"iss"`
		Expires   int64  `json:"exp"`
		NotBefore int64  `json:"nbf"`
	}{accessKey, now.Add(klingLifetime).Unix(), now.Add(-klingSkew).Unix()})
	if err != nil {
		return "", err
	}
	text := klingHeader + "." + base64.RawURLEncoding.EncodeToString(claims)
	return text + "." + hs256(text, []byte(secretKey)), nil
}

// hs256 is the signature of a JWT: HMAC with SHA-256 (RFC 7518, section 3.2), in base64url without padding.
func hs256(text string, key []byte) string {
	return base64.RawURLEncoding.EncodeToString(hmacSHA256(key, text))
}
