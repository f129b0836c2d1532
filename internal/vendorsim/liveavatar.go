package vendorsim

import "net/http"

// liveAvatar answers as https://docs.liveavatar.com/api-reference/users/get-user-credits: an envelope whose code 100 is
// success, and an amount as decimal text. X-RateLimit-Reset counts the seconds left, on good answers too, where it means
// nothing more than that; 429 adds Retry-After (https://docs.liveavatar.com/docs/core-concepts/rate-limits). The code
// of other answers is not documented and left out.
func liveAvatar() dialect {
	return dialect{host: "api.liveavatar.com", path: "/v1/users/credits", grain: 1, key: xAPIKey, render: renderLiveAvatar}
}

type liveAvatarEnvelope struct {
	Code    int             `json:"code,omitempty"`
	Data    *liveAvatarData `json:"data"`
	Message string          `json:"message"`
}

type liveAvatarData struct {
	CreditsLeft string `json:"credits_left"`
}

type liveAvatarInvalid struct {
	Detail []liveAvatarProblem `json:"detail"`
}

type liveAvatarProblem struct {
	Loc  []string `json:"loc"`
	Msg  string   `json:"msg"`
	Type string   `json:"type"`
}

// liveAvatarSuccess is the code of a good answer.
const liveAvatarSuccess = 100

func renderLiveAvatar(v view) response {
	fail := func(status int, message string) response {
		return jsonResponse(status, liveAvatarEnvelope{Message: message})
	}
	const reset = "X-RateLimit-Reset"
	switch v.outcome {
	case good:
		data := &liveAvatarData{v.total.String()}
		return jsonResponse(http.StatusOK, liveAvatarEnvelope{liveAvatarSuccess, data, "Success"}).with(reset, "1")
	case empty:
		return jsonResponse(http.StatusOK, liveAvatarEnvelope{liveAvatarSuccess, nil, "Success"}).with(reset, "1")
	case keyMissing:
		missing := liveAvatarProblem{[]string{"header", "X-API-KEY"}, "Field required", "missing"}
		return jsonResponse(http.StatusUnprocessableEntity, liveAvatarInvalid{[]liveAvatarProblem{missing}})
	case keyRefused:
		return fail(http.StatusUnauthorized, "Unauthorized")
	case paymentRequired: // not documented: plain HTTP
		return fail(http.StatusPaymentRequired, "Payment required")
	case rateLimited:
		wait := seconds(v.waitSeconds())
		return fail(http.StatusTooManyRequests, "Too many requests").with(reset, wait).with("Retry-After", wait)
	}
	return fail(v.status, http.StatusText(v.status))
}
