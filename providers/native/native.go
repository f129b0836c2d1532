// Package native holds the primitives that a vendor's definition names in `sign`: signatures over a request, and tokens
// that one call earns for the next. They know how to sign and nothing of balances.
package native

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"github.com/credits-exporter/credits_exporter/providers"
)

// Signers returns every primitive there is by its name, the same as providers.SignerNames. nonce gives a text that was
// not used before, such as crypto/rand.Text, for vendors that refuse a request which they saw already.
//
// Some keep tokens, so a program makes them once and gives them to all of its engines.
func Signers(nonce func() string) map[string]providers.Signer {
	return map[string]providers.Signer{
		"alibaba-acs3":              acs3{nonce: nonce},
		"decodo-login":              decodoLogin{tokens: newTokens()},
		"exoscale-exo2":             exo2{},
		"kling-jwt":                 klingJWT{},
		"oauth2-client-credentials": clientCredentials{tokens: newTokens()},
		"tencent-tc3":               tc3{},
	}
}

// hmacSHA256 is RFC 2104 with SHA-256.
func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// hexSHA256 is a hash as the signatures of clouds write it.
func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
