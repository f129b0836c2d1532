package native

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	// maxTokens bounds how many tokens one signer keeps. Accounts beyond it ask for a token at every poll.
	maxTokens = 4096
	// maxTokenLife is the longest that a token is kept, however long the vendor says that it lives.
	maxTokenLife = 24 * time.Hour
	// tokenMargin is how long before its end a token is not used any more.
	tokenMargin = time.Minute
	// maxTokenLength is far above what vendors give and below what their servers take in a header.
	maxTokenLength = 16 << 10
)

// token is what a call earned. It is shown nowhere.
type token struct {
	value   string
	subject string    // for whom it is, where the vendor says so
	until   time.Time // zero: its life is not known, so it is used once
}

// owner is a hash of a credential and of the place that it was sent to.
type owner [sha256.Size]byte

// tokens keeps each token for its lifetime. It is safe for concurrent use.
type tokens struct {
	mu   sync.Mutex
	kept map[owner]token
}

func newTokens() *tokens { return &tokens{kept: map[owner]token{}} }

// ownerOf tells whose token it is, by the parts in their order.
func ownerOf(parts ...string) owner {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return owner(h.Sum(nil))
}

// get gives the token that is kept and still good, else the one that earn asks for.
func (t *tokens) get(of owner, now time.Time, earn func() (token, error)) (token, error) {
	if kept, ok := t.lookup(of); ok && now.Before(kept.until) {
		return kept, nil
	}
	earned, err := earn()
	if err != nil {
		return token{}, err
	}
	t.keep(of, earned, now)
	return earned, nil
}

func (t *tokens) lookup(of owner) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept, ok := t.kept[of]
	return kept, ok
}

// keep remembers a token. Those that are no longer good make room; when there is none, the token is not kept.
func (t *tokens) keep(of owner, earned token, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.kept, of)
	if !now.Before(earned.until) {
		return
	}
	if len(t.kept) >= maxTokens {
		for other, kept := range t.kept {
			if !now.Before(kept.until) {
				delete(t.kept, other)
			}
		}
	}
	if len(t.kept) < maxTokens {
		t.kept[of] = earned
	}
}

// drop forgets a token that was refused, unless another has taken its place.
func (t *tokens) drop(of owner, refused token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept[of].value == refused.value {
		delete(t.kept, of)
	}
}

// until is when a token that lives for so many seconds is not used any more; zero where that is already so.
func until(now time.Time, seconds float64) time.Time {
	if seconds <= tokenMargin.Seconds() {
		return time.Time{}
	}
	life := time.Duration(min(seconds, maxTokenLife.Seconds()) * float64(time.Second))
	return now.Add(life - tokenMargin)
}

// checkToken refuses what cannot be sent in a header (RFC 6749, appendix A.12, but for spaces).
func checkToken(value string, status int) error {
	if value == "" {
		return badAnswer(status, "it holds no token")
	}
	if len(value) > maxTokenLength {
		return badAnswer(status, "its token is too long")
	}
	for _, b := range []byte(value) {
		if b <= ' ' || b > '~' {
			return badAnswer(status, "its token holds a character that no token can")
		}
	}
	return nil
}

// tokenRequest is a POST to a path below the origin that the account's other requests go to.
func tokenRequest(ctx context.Context, in providers.Signing, path string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, in.Origin.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// readToken reads an answer that is one JSON object.
func readToken(got providers.Answer, v any) error {
	if json.Unmarshal(got.Body, v) != nil {
		return badAnswer(got.Status, "it is not the JSON that is documented")
	}
	return nil
}

func badAnswer(status int, what string) error {
	return &providers.Error{
		Reason: providers.ReasonBadResponse, Status: status, Text: "the answer to the request for a token is not good: " + what,
	}
}
