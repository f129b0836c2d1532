package ledger

import (
	"cmp"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

// ID names an account: the `provider` and `account` labels.
type ID struct {
	Provider string
	Account  string
}

func (id ID) String() string { return id.Provider + "/" + id.Account }

// Compare orders accounts by provider, then by name.
func (id ID) Compare(other ID) int {
	return cmp.Or(cmp.Compare(id.Provider, other.Provider), cmp.Compare(id.Account, other.Account))
}

// Account is what the configuration says of one account. It is never modified once it was applied.
type Account struct {
	ID
	// Enabled: a disabled account has no series; what is known of it is kept.
	Enabled bool
	// Wallet is the purse that the account spends from: accounts of one provider with the same wallet keep one book.
	Wallet string
	Labels map[string]string
	// Interval is how often the account is polled, StaleAfter how long the values of the last good poll are shown.
	Interval   time.Duration
	StaleAfter time.Duration

	Thresholds       []Threshold
	RunwayThresholds []RunwayThreshold
	Prices           []Price

	// Identity changes when the account's figures come to mean something else: other params, another base URL or
	// another definition. What the vendor said before is then dropped, and the books make a new beginning.
	Identity string
}

// Threshold is the balance of a unit below which somebody wants to know.
type Threshold struct {
	Unit     string
	Severity string
	Amount   providers.Amount
	// Percent: Amount is a percentage of what was allocated, not a number of units.
	Percent bool
}

// RunwayThreshold is the time left at the present pace below which somebody wants to know.
type RunwayThreshold struct {
	Severity string
	Left     time.Duration
}

// Price is what one unit costs.
type Price struct {
	Unit     string
	Amount   providers.Amount
	Currency string
}
