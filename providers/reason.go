package providers

import "time"

// Reason says why a poll failed. The set is closed: it is the `reason` label of the metrics.
type Reason string

// Every reason there is.
const (
	ReasonUnauthorized    Reason = "unauthorized"     // 401, and 403 unless its body is HTML: the key is refused
	ReasonPaymentRequired Reason = "payment_required" // 402: out of credit
	ReasonRateLimited     Reason = "rate_limited"     // 429: too fast
	ReasonClientError     Reason = "client_error"     // other 3xx and 4xx
	ReasonServerError     Reason = "server_error"     // 5xx
	ReasonCredentials     Reason = "credentials"      // ours cannot be read, or cannot be sent
	ReasonTimeout         Reason = "timeout"          // no whole answer in time
	ReasonNetwork         Reason = "network"          // no answer
	ReasonBadResponse     Reason = "bad_response"     // a 2xx that is not what the vendor documents
	ReasonInternal        Reason = "internal"         // a fault of this program
)

// Reasons lists every reason, in the order of the documentation.
func Reasons() []Reason {
	return []Reason{
		ReasonUnauthorized, ReasonPaymentRequired, ReasonRateLimited, ReasonClientError, ReasonServerError,
		ReasonCredentials, ReasonTimeout, ReasonNetwork, ReasonBadResponse, ReasonInternal,
	}
}

// Error is why a Fetch failed. Its text is safe to print: it names fields, expressions and types, and quotes neither
// a body, nor a credential, nor a rendered URL.
type Error struct {
	Reason Reason
	// RetryAfter is how long the vendor asked to wait, counted from its answer; 0 when it said nothing.
	RetryAfter time.Duration
	// Status is the HTTP status of the answer, 0 when there was none.
	Status int
	Text   string
}

func (e *Error) Error() string { return string(e.Reason) + ": " + e.Text }
