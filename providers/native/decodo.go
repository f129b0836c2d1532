package native

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// decodoLogin logs in to Decodo's API with a user name and a password, which gives a token and the user's id that the
// path of the next request has. Source: the vendor's README and examples, https://github.com/Decodo/Decodo-API.
//
// The token is a JWT; it is kept until the time that it says it ends, and used once where it does not say.
type decodoLogin struct {
	tokens *tokens
}

const decodoPath = "/v1/auth"

// decodoUserID is what a user's id looks like; the documented one is a UUID.
var decodoUserID = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (s decodoLogin) Sign(ctx context.Context, in providers.Signing) (providers.Signed, error) {
	username, password := in.Credentials["username"].Reveal(), in.Credentials["password"].Reveal()
	if strings.Contains(username, ":") {
		return providers.Signed{}, &providers.Error{
			Reason: providers.ReasonCredentials, Text: "credentials.username holds a colon, which basic authentication cannot send (RFC 7617)",
		}
	}
	of := ownerOf(in.Origin.String(), username, password)
	session, err := s.tokens.get(of, in.Now, func() (token, error) { return logIn(ctx, in, username, password) })
	if err != nil {
		return providers.Signed{}, err
	}
	return providers.Signed{
		Gives: map[string]string{"user_id": session.subject},
		Complete: func(r *http.Request, _ []byte) error {
			r.Header.Set("Authorization", "Token "+session.value)
			return nil
		},
		Refused: func() { s.tokens.drop(of, session) },
	}, nil
}

func logIn(ctx context.Context, in providers.Signing, username, password string) (token, error) {
	r, err := tokenRequest(ctx, in, decodoPath, nil)
	if err != nil {
		return token{}, err
	}
	r.SetBasicAuth(username, password)
	got, err := in.Send(r)
	if err != nil {
		return token{}, err
	}
	var answer struct {
		UserID string `json:"user_id"`
		Token  string `json:"token"`
	}
	if err := readToken(got, &answer); err != nil {
		return token{}, err
	}
	if err := checkToken(answer.Token, got.Status); err != nil {
		return token{}, err
	}
	if !decodoUserID.MatchString(answer.UserID) {
		return token{}, badAnswer(got.Status, "it holds no user_id, or one that is not such as is documented")
	}
	return token{value: answer.Token, subject: answer.UserID, until: jwtEnd(answer.Token, in.Now)}, nil
}

// jwtEnd is when a JWT is not used any more, by its claim exp (RFC 7519, section 4.1.4), zero where it has none. The
// signature is the vendor's to check.
func jwtEnd(jwt string, now time.Time) time.Time {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Expires float64 `json:"exp"`
	}
	if json.Unmarshal(data, &claims) != nil {
		return time.Time{}
	}
	return until(now, claims.Expires-float64(now.Unix()))
}
