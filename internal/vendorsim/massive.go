package vendorsim

import (
	"fmt"
	"net/http"
)

// massive answers as https://docs.joinmassive.com/web-render/reference/user.md: a list of one user of the token, and
// errors in plain text. The retry window stands in the text alone; 503 is not in that document but is seen in practice.
func massive() dialect {
	return dialect{host: "render.joinmassive.com", path: "/user", grain: Credit, key: bearer, render: renderMassive}
}

type massiveUser struct {
	Email   string  `json:"email"`
	Credits Credits `json:"credits"`
}

func renderMassive(v view) response {
	switch v.outcome {
	case good:
		return jsonResponse(http.StatusOK, []massiveUser{{v.email, v.total}})
	case empty:
		return jsonResponse(http.StatusOK, []massiveUser{})
	case keyMissing:
		return textResponse(http.StatusUnauthorized, "Authorization header must be provided")
	case keyRefused:
		return textResponse(http.StatusForbidden, "Valid API token must be provided")
	case paymentRequired: // not documented: plain HTTP
		return textResponse(http.StatusPaymentRequired, "Payment required")
	case rateLimited:
		return textResponse(http.StatusTooManyRequests,
			fmt.Sprintf("Rate limit was exceeded; please retry in %d seconds", v.waitSeconds()))
	}
	if v.status == http.StatusInternalServerError {
		return textResponse(v.status, "Unknown error occurred")
	}
	return textResponse(v.status, http.StatusText(v.status))
}
