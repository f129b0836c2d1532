package vendorsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

const (
	controlPath = "/control"
	// maxCommand bounds the body of a command, in bytes.
	maxCommand = 64 << 10
)

// Command is the JSON body of POST /control: what to do with one account. Its Content-Type must be application/json,
// which a page in a browser cannot send to another origin unasked.
type Command struct {
	Provider Vendor `json:"provider"`
	Account  string `json:"account"`
	// Action is one of: state (changes nothing), set_balance, spend, top_up, add_lot, expire, block, require_payment,
	// unblock, rate_limit, refuse_key, accept_key, rotate_key, hang, slow, fail, empty, recover.
	Action  string  `json:"action"`
	Amount  Credits `json:"amount,omitempty"`  // set_balance, spend, top_up, add_lot
	Kind    string  `json:"kind,omitempty"`    // add_lot: one of the Kind constants, Top-up if left out
	Seconds float64 `json:"seconds,omitempty"` // add_lot: its life, 0 is for ever; rate_limit, slow
	Status  int     `json:"status,omitempty"`  // fail
	Key     string  `json:"key,omitempty"`     // rotate_key
}

// State is the JSON answer to a command: the account after it.
type State struct {
	Balance    Credits `json:"balance"`
	Requests   int     `json:"requests"`
	Violations int     `json:"violations"`
}

// maxSeconds keeps a command's time within what a time.Duration holds.
const maxSeconds = 10 * 365 * 24 * 3600

// Do carries a command out, as POST /control does.
func (s *Simulator) Do(c Command) (State, error) {
	account := s.Account(c.Provider, c.Account)
	if account == nil {
		return State{}, fmt.Errorf("vendorsim: no account %s/%s", c.Provider, c.Account)
	}
	if c.Seconds < 0 || c.Seconds > maxSeconds {
		return State{}, fmt.Errorf("vendorsim: seconds must lie between 0 and %d", maxSeconds)
	}
	if err := s.apply(account, c); err != nil {
		return State{}, err
	}
	requests := account.Requests()
	return State{account.Balance(), requests.Count, requests.Violations}, nil
}

func (s *Simulator) apply(account *Account, c Command) error {
	length := time.Duration(c.Seconds * float64(time.Second))
	switch c.Action {
	case "state":
	case "set_balance":
		account.SetBalance(c.Amount)
	case "spend", "top_up", "add_lot":
		return move(account, c, length)
	case "expire":
		account.Expire()
	case "block":
		account.Block()
	case "require_payment":
		account.RequirePayment()
	case "unblock":
		account.Unblock()
	case "rate_limit":
		account.RateLimit(length)
	case "refuse_key":
		account.RefuseKey()
	case "accept_key":
		account.AcceptKey()
	case "rotate_key":
		return s.RotateKey(c.Provider, c.Account, c.Key)
	case "hang":
		account.Hang()
	case "slow":
		account.Slow(length)
	case "fail":
		if c.Status < 300 || c.Status > 599 {
			return errors.New("vendorsim: fail: status must lie between 300 and 599")
		}
		account.Fail(c.Status)
	case "empty":
		account.Empty()
	case "recover":
		account.Recover()
	default:
		return fmt.Errorf("vendorsim: no action %q", c.Action)
	}
	return nil
}

// move carries out the commands that need a positive amount.
func move(account *Account, c Command, life time.Duration) error {
	if c.Amount <= 0 {
		return fmt.Errorf("vendorsim: %s: the amount must be positive", c.Action)
	}
	switch c.Action {
	case "spend":
		account.Spend(c.Amount)
	case "top_up":
		account.TopUp(c.Amount)
	case "add_lot":
		account.AddLot(c.Kind, c.Amount, life)
	}
	return nil
}

// control answers POST /control with the account's state, or with 400 and {"error": "..."}.
func (s *Simulator) control(r *http.Request) response {
	fail := func(status int, err error) response {
		return jsonResponse(status, map[string]string{"error": err.Error()})
	}
	if r.Method != http.MethodPost {
		return fail(http.StatusMethodNotAllowed, errors.New("vendorsim: want POST")).with("Allow", http.MethodPost)
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fail(http.StatusUnsupportedMediaType, errors.New("vendorsim: want Content-Type application/json"))
	}
	var command Command
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxCommand))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&command); err != nil {
		return fail(http.StatusBadRequest, fmt.Errorf("vendorsim: command: %w", err))
	}
	state, err := s.Do(command)
	if err != nil {
		return fail(http.StatusBadRequest, err)
	}
	return jsonResponse(http.StatusOK, state)
}
