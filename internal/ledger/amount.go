package ledger

import "github.com/credits-exporter/credits_exporter/providers"

// Amount is an exact number of units, or unknown; for packages that know the ledger and no providers.
type Amount = providers.Amount
