// Package providers says what a vendor of prepaid credits is: how to ask for an account's balance and how to read the
// answer. It knows nothing of Prometheus, schedules or disks.
package providers

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Provider asks one vendor for one account's balance.
type Provider interface {
	// Fetch makes the requests of one poll and reads the answer. An error is always an *Error. It ends with ctx.
	Fetch(ctx context.Context, account Account) (Report, error)
}

// Account is what a Provider needs to ask for one account.
type Account struct {
	// Credentials by the names that the definition gives them, already trimmed.
	Credentials map[string]Secret
	// Params by the names that the definition gives them; defaults are filled in by the engine.
	Params map[string]string
	// BaseURL replaces scheme and host of every request; its path goes before the vendor's. Nil: the vendor's own.
	BaseURL *url.URL
	// Transport sends one request and follows nothing: a redirect comes back as it is.
	Transport http.RoundTripper
}

// Report is what one good answer said. What the vendor did not say is absent: an unknown Amount, a zero time, nil.
type Report struct {
	Balances     []Balance `json:"balances"`
	Plan         Plan      `json:"plan,omitzero"`
	UsageAllowed *bool     `json:"usage_allowed,omitempty"`
	// AsOf is when the vendor says that its figures were true.
	AsOf time.Time `json:"as_of,omitzero"`
}

// Plan is the active plan; both fields are absent when the vendor does not name one.
type Plan struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Balance is what can be spent of one unit. A report holds each unit once.
type Balance struct {
	// Unit is `credits`, an ISO 4217 code in capitals or a lower-case plural.
	Unit string `json:"unit"`
	// Unlimited: the vendor says that there is no limit. Then only Used and Resets may be known besides.
	Unlimited bool `json:"unlimited,omitempty"`
	// Remaining is the vendor's own total, or allocated less used. Unknown where the vendor states only lots; the
	// balance is then the sum of those that are valid.
	Remaining Amount `json:"remaining,omitzero"`
	// Allocated is what this balance, or this period of it, began with.
	Allocated Amount `json:"allocated,omitzero"`
	// Used counts up within a period, or over the account's life.
	Used Amount `json:"used,omitzero"`
	// PlanAllocated is what the plan includes per period.
	PlanAllocated Amount `json:"plan_allocated,omitzero"`
	// Period: what is left lapses when the allowance renews.
	Period bool `json:"period,omitempty"`
	// Resets is when the allowance renews.
	Resets time.Time `json:"resets,omitzero"`
	// PeriodLength is how long one period is, 0 when unknown.
	PeriodLength time.Duration `json:"period_length,omitempty"`
	// Returns: the vendor is documented to hold amounts and to give them back.
	Returns bool `json:"returns,omitempty"`
	// Listed: the definition reads lots for this balance. Otherwise Lots holds exactly one, the balance itself, with
	// the id `default` (none when unlimited).
	Listed bool  `json:"listed,omitempty"`
	Lots   []Lot `json:"lots,omitempty"`
}

// Lot is a part of a balance: lots of one balance buy the same thing and add up to it.
type Lot struct {
	// ID is the vendor's own, verbatim; absent when it has none.
	ID string `json:"id,omitempty"`
	// Kind is lower case, with dashes for spaces.
	Kind      string `json:"kind,omitempty"`
	Remaining Amount `json:"remaining"`
	Allocated Amount `json:"allocated,omitzero"`
	Used      Amount `json:"used,omitzero"`
	// Starts is when the lot can first be spent; absent when it can now.
	Starts time.Time `json:"starts,omitzero"`
	// Expires is when what is left is lost; absent when it never is, or the vendor does not say.
	Expires time.Time `json:"expires,omitzero"`
	// Period: this lot lapses when the balance's allowance renews.
	Period bool `json:"period,omitempty"`
}

// Label is the value of a lot's `lot` label: the vendor's id, else the kind and the expiry, else the kind. It does not
// depend on where in the answer the lot stands.
func (l Lot) Label() string {
	switch {
	case l.ID != "":
		return l.ID
	case !l.Expires.IsZero():
		return l.Kind + "-" + l.Expires.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	return l.Kind
}
