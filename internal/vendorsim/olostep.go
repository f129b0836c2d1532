package vendorsim

import (
	"net/http"
	"time"
)

// olostep answers as https://docs.olostep.com/balance-billing/balance-and-billing, and where that is silent as the
// vendor's own client expects: 402 means a bad key unless usage_limit_reached is true; 401 says invalid_api_key; 501
// says max_capacity_reached. No answer to haste is documented for this endpoint: 429 comes with the two fields of its
// error body that tell a cooldown.
func olostep() dialect {
	return dialect{
		host: "api.olostep.com", path: "/user/credits/info", grain: Credit, lists: true, key: bearer, render: renderOlostep,
	}
}

type olostepInfo struct {
	Credits            Credits             `json:"credits"`
	Breakdown          []olostepLot        `json:"breakdown"`
	ActiveSubscription olostepSubscription `json:"active_subscription"`
	AllowUsage         bool                `json:"allow_usage"`
}

type olostepLot struct {
	PurchaseKind   string  `json:"purchase_kind"`
	AllocatedUnits Credits `json:"allocated_units"`
	RemainingUnits Credits `json:"remaining_units"`
	ExpiryDate     int64   `json:"expiry_date,omitempty"`
}

type olostepSubscription struct {
	ID          string  `json:"id"`
	DisplayName string  `json:"display_name"`
	Credits     Credits `json:"credits"`
	CreatedAt   int64   `json:"created_at,omitempty"`
}

type olostepError struct {
	Error              string `json:"error,omitempty"`
	RetryAfter         int    `json:"retry_after,omitempty"`
	CooldownSeconds    int    `json:"cooldown_seconds,omitempty"`
	UsageLimitReached  bool   `json:"usage_limit_reached,omitempty"`
	InvalidAPIKey      bool   `json:"invalid_api_key,omitempty"`
	MaxCapacityReached bool   `json:"max_capacity_reached,omitempty"`
	Message            string `json:"message,omitempty"`
}

func renderOlostep(v view) response {
	switch v.outcome {
	case good:
		return jsonResponse(http.StatusOK, olostepGood(v))
	case empty:
		return jsonResponse(http.StatusOK, struct{}{}) // no field is required
	case keyMissing:
		return jsonResponse(http.StatusUnauthorized, olostepError{InvalidAPIKey: true, Message: "Missing API key"})
	case keyRefused: // documented without a body
		return response{status: http.StatusPaymentRequired, header: http.Header{}}
	case paymentRequired:
		return jsonResponse(http.StatusPaymentRequired,
			olostepError{UsageLimitReached: true, Message: "Usage limit reached"})
	case rateLimited:
		wait := v.waitSeconds()
		return jsonResponse(http.StatusTooManyRequests,
			olostepError{Error: "Too Many Requests", RetryAfter: wait, CooldownSeconds: wait})
	}
	if v.status == http.StatusNotImplemented {
		return jsonResponse(v.status, olostepError{MaxCapacityReached: true, Message: "Max capacity reached"})
	}
	return jsonResponse(v.status, olostepError{Error: http.StatusText(v.status)})
}

func olostepGood(v view) olostepInfo {
	info := olostepInfo{
		Credits:            v.total,
		Breakdown:          make([]olostepLot, 0, len(v.lots)),
		ActiveSubscription: olostepSubscription{ID: "SUB_BASE", DisplayName: "Base"},
		AllowUsage:         v.allowed && v.total > 0,
	}
	for _, lot := range v.lots {
		info.Breakdown = append(info.Breakdown, olostepLot{lot.Kind, lot.Allocated, lot.Remaining, unixOrZero(lot.Expires)})
	}
	if v.plan != nil {
		info.ActiveSubscription = olostepSubscription{v.plan.ID, v.plan.Name, v.plan.Credits, unixOrZero(v.plan.Started)}
	}
	return info
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
