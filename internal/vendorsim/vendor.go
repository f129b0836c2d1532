package vendorsim

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Vendor names a simulated vendor as the catalogue does.
type Vendor string

// The vendors that are simulated.
const (
	Massive    Vendor = "massive"
	Deepixels  Vendor = "deepixels"
	Olostep    Vendor = "olostep"
	LiveAvatar Vendor = "liveavatar"
)

// Vendors lists all vendors that are simulated.
func Vendors() []Vendor { return []Vendor{Massive, Deepixels, Olostep, LiveAvatar} }

// Path is what a vendor's own paths are put under. An account's base_url is the address of the simulator with this path.
func (v Vendor) Path() string { return "/" + string(v) }

// dialect is how one vendor speaks.
type dialect struct {
	host   string  // where the vendor is in the real world; Simulator.Transport knows it
	path   string  // the vendor's own path of its balance
	grain  Credits // the smallest amount it counts in
	lists  bool    // it lists lots
	key    func(http.Header) (key string, given bool)
	render func(view) response
}

func dialectOf(v Vendor) (d dialect, known bool) {
	switch v {
	case Massive:
		return massive(), true
	case Deepixels:
		return deepixels(), true
	case Olostep:
		return olostep(), true
	case LiveAvatar:
		return liveAvatar(), true
	}
	return dialect{}, false
}

func (d dialect) floor(amount Credits) Credits {
	rest := amount % d.grain
	if rest < 0 {
		rest += d.grain
	}
	return amount - rest
}

// outcome is what an answer is to say; each vendor says it in its own way.
type outcome int

const (
	good            outcome = iota
	empty                   // 200 in the documented form, without a balance
	keyMissing              // no key in the vendor's place for it
	keyRefused              // a key that the vendor does not accept
	paymentRequired         // usage is refused until somebody pays
	rateLimited             // inside a retry window
	failed                  // view.status, usually a server error
)

// view is what a vendor sees of an account when it answers.
type view struct {
	outcome outcome
	now     time.Time
	email   string
	total   Credits
	lots    []Lot
	plan    *Plan
	allowed bool          // usage is allowed
	wait    time.Duration // until the retry window ends
	status  int
}

// waitSeconds rounds up, so that a client which waits as long as it was told comes when the window is over.
func (v view) waitSeconds() int { return int((v.wait + time.Second - 1) / time.Second) }

// response is an answer before it is written.
type response struct {
	status int
	header http.Header
	body   []byte
}

func textResponse(status int, text string) response {
	return response{status, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, []byte(text)}
}

func jsonResponse(status int, value any) response {
	body, err := json.Marshal(value)
	if err != nil {
		// Every value is a struct or a map of ours that encodes; a failure is a fault in this package.
		panic(err)
	}
	return response{status, http.Header{"Content-Type": {"application/json"}}, body}
}

func (r response) with(name, value string) response {
	r.header.Set(name, value)
	return r
}

func (r response) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // the client is gone; there is nobody to tell
}

func seconds(n int) string { return strconv.Itoa(n) }

// bearer reads `Authorization: Bearer KEY` (RFC 6750 §2.1; the scheme's case does not matter, RFC 9110 §11.1).
func bearer(header http.Header) (string, bool) {
	scheme, key, found := strings.Cut(header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") || key == "" {
		return "", false
	}
	return key, true
}

// xAPIKey reads the header `x-api-key`.
func xAPIKey(header http.Header) (string, bool) {
	key := header.Get("X-Api-Key")
	return key, key != ""
}
