package native

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/credits-exporter/credits_exporter/providers"
)

// clientCredentials is the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4): a token is asked for with the
// client's id and secret, and sent as a bearer token (RFC 6750). The request for it has JSON in place of a form and goes
// to /v1/oauth2/token, as Verda has it. Source: the vendor's own client, https://github.com/DataCrunch-io/datacrunch-python
// (verda/authentication). A token is kept for as long as expires_in says, and used once where that is absent.
type clientCredentials struct {
	tokens *tokens
}

const clientCredentialsPath = "/v1/oauth2/token"

func (s clientCredentials) Sign(ctx context.Context, in providers.Signing) (providers.Signed, error) {
	id, secret := in.Credentials["client_id"].Reveal(), in.Credentials["client_secret"].Reveal()
	of := ownerOf(in.Origin.String(), id, secret)
	bearer, err := s.tokens.get(of, in.Now, func() (token, error) { return askForToken(ctx, in, id, secret) })
	if err != nil {
		return providers.Signed{}, err
	}
	return providers.Signed{
		Complete: func(r *http.Request, _ []byte) error {
			r.Header.Set("Authorization", "Bearer "+bearer.value)
			return nil
		},
		Refused: func() { s.tokens.drop(of, bearer) },
	}, nil
}

func askForToken(ctx context.Context, in providers.Signing, id, secret string) (token, error) {
	body, err := json.Marshal(map[string]string{
		"grant_type": "client_credentials", "client_id": id, "client_secret": secret,
	})
	if err != nil {
		return token{}, err
	}
	r, err := tokenRequest(ctx, in, clientCredentialsPath, body)
	if err != nil {
		return token{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	got, err := in.Send(r)
	if err != nil {
		return token{}, clientRefused(got, err)
	}
	var answer struct {
		AccessToken string  `json:"access_token"`
		TokenType   string  `json:"token_type"`
		ExpiresIn   float64 `json:"expires_in"`
	}
	if err := readToken(got, &answer); err != nil {
		return token{}, err
	}
	if answer.TokenType != "" && !strings.EqualFold(answer.TokenType, "Bearer") {
		return token{}, badAnswer(got.Status, "its token is not a bearer token")
	}
	if err := checkToken(answer.AccessToken, got.Status); err != nil {
		return token{}, err
	}
	return token{value: answer.AccessToken, until: until(in.Now, answer.ExpiresIn)}, nil
}

// clientRefused gives an answer of 400 its meaning: RFC 6749, section 5.2, has it for credentials that are not good.
func clientRefused(got providers.Answer, err error) error {
	var answer struct {
		Error string `json:"error"`
	}
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || got.Status != http.StatusBadRequest || json.Unmarshal(got.Body, &answer) != nil {
		return err
	}
	switch answer.Error {
	case "invalid_client", "unauthorized_client":
		refused := *failure
		refused.Reason = providers.ReasonUnauthorized
		refused.Text = "the request for a token was refused: the client is not known, or its secret is not right"
		return &refused
	}
	return err
}
