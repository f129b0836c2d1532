package vendorsim

import (
	"net/http"
	"time"
)

// deepixels answers as the OpenAPI document of Deepixels' Creative API. It documents no rate limit: 429 comes in the
// form of its other errors with the date form of Retry-After (RFC 9110 §10.2.3).
func deepixels() dialect {
	return dialect{host: "api.deepixels.co", path: "/v1/account/balance", grain: 1, key: xAPIKey, render: renderDeepixels}
}

type deepixelsAccount struct {
	Email   string   `json:"email"`
	Balance *Credits `json:"balance,omitempty"`
}

type deepixelsError struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func renderDeepixels(v view) response {
	fail := func(status int, message string) response {
		return jsonResponse(status, deepixelsError{"error", message})
	}
	switch v.outcome {
	case good:
		return jsonResponse(http.StatusOK, deepixelsAccount{v.email, &v.total})
	case empty:
		return jsonResponse(http.StatusOK, deepixelsAccount{Email: v.email})
	case keyMissing: // 400 and 401 are both documented as «invalid or missing»
		return fail(http.StatusBadRequest, "Invalid or missing API key")
	case keyRefused:
		return fail(http.StatusUnauthorized, "Unauthorized - Invalid or missing API key")
	case paymentRequired: // not documented: plain HTTP
		return fail(http.StatusPaymentRequired, "Payment required")
	case rateLimited:
		// A date has whole seconds; the response's own Date is rounded down, so this one is rounded up.
		end := v.now.Add(v.wait + time.Second - 1).UTC().Truncate(time.Second)
		return fail(http.StatusTooManyRequests, "Too many requests").with("Retry-After", end.Format(http.TimeFormat))
	}
	return fail(v.status, http.StatusText(v.status))
}
