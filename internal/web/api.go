package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

const (
	// apiPageSize is how many accounts an answer has unless it is asked for otherwise, maxAPIPageSize how many at most.
	apiPageSize    = 1000
	maxAPIPageSize = 10000
	// pollPatience is how long a request waits for the poll that it asked for. It is shorter than the server's own limit
	// for an answer.
	pollPatience = time.Minute
)

// Poller polls one account out of its turn.
type Poller interface {
	// PollNow polls an account and waits for the end of the poll, or of ctx. How the poll went is the ledger's to tell;
	// the error says why there was none: ErrUnknownAccount, a *WaitError, or another one.
	PollNow(ctx context.Context, id ledger.ID) error
}

// ErrUnknownAccount says that a Poller does not poll an account of that name.
var ErrUnknownAccount = errors.New("no such account")

// WaitError says that an account may not be polled before a given time.
type WaitError struct {
	Until time.Time
	// Window: the vendor's retry window is open. Otherwise the vendor was asked less than min_interval ago.
	Window bool
}

func (e *WaitError) Error() string {
	until := e.Until.UTC().Format(time.RFC3339)
	if e.Window {
		return "the vendor asked to come back later: its retry window is open until " + until
	}
	return "the vendor was asked less than its min_interval ago: ask again from " + until
}

// The kinds of errors, as the API names them.
const (
	errorBadData     = "bad_data"
	errorNotFound    = "not_found"
	errorUnavailable = "unavailable"
	errorWindow      = "retry_window"
	errorTooEarly    = "min_interval"
	errorTimeout     = "timeout"
)

// success and failure are what every answer is wrapped in, as Prometheus does it.
type success struct {
	Status string `json:"status"`
	Data   any    `json:"data"`
}

type failure struct {
	Status    string    `json:"status"`
	ErrorType string    `json:"errorType"`
	Error     string    `json:"error"`
	Until     time.Time `json:"until,omitzero"`
}

// serveAccounts serves GET /api/v1/accounts.
func (s *site) serveAccounts(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.Query(), apiPageSize, maxAPIPageSize)
	if err != nil {
		writeFailure(w, http.StatusBadRequest, failure{ErrorType: errorBadData, Error: strings.ReplaceAll(err.Error(), "\n", "; ")})
		return
	}
	s.writeSuccess(w, r, func() any { return s.accountList(q) })
}

func (s *site) accountList(q query) accountList {
	now := s.options.Now()
	known := s.overview.snapshot()
	found := known.find(q)
	asked := q.page
	shown, pages := q.paged(found)
	if asked > pages {
		// Whoever counts up until nothing comes must come to an end.
		shown = nil
	}
	list := accountList{
		Accounts: make([]accountJSON, 0, len(shown)), Matching: len(found), Page: asked, Pages: pages,
		Totals: newTotalsJSON(known.totals),
	}
	for _, row := range shown {
		v := row.entry.State().At(now)
		list.Accounts = append(list.Accounts, newAccountJSON(&v, now))
	}
	return list
}

// serveAccountDetail serves GET /api/v1/accounts/{provider}/{account}.
func (s *site) serveAccountDetail(w http.ResponseWriter, r *http.Request) {
	state, id, ok := s.account(r)
	if !ok {
		writeUnknown(w, id)
		return
	}
	s.writeSuccess(w, r, func() any { return s.detail(state) })
}

func (s *site) detail(state *ledger.State) accountDetail {
	now := s.options.Now()
	v := state.At(now)
	d := newAccountDetail(&v, now)
	if known, ok := s.options.Definition(v.Account.Provider); ok {
		d.Definition = &definitionJSON{known.Title, known.Docs, known.Verified, known.YAML}
	}
	return d
}

// servePoll serves POST /api/v1/accounts/{provider}/{account}/poll.
func (s *site) servePoll(w http.ResponseWriter, r *http.Request) {
	if !s.options.Lifecycle {
		writeFailure(w, http.StatusForbidden, failure{ErrorType: errorUnavailable, Error: lifecycleDisabled})
		return
	}
	_, id, ok := s.account(r)
	if !ok {
		writeUnknown(w, id)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pollPatience)
	defer cancel()
	if err := s.options.Poller.PollNow(ctx, id); err != nil {
		s.refusePoll(w, id, err)
		return
	}
	state, _, ok := s.account(r)
	if !ok {
		writeUnknown(w, id)
		return
	}
	s.writeSuccess(w, r, func() any { return s.detail(state) })
}

// refusePoll says why there was no poll.
func (s *site) refusePoll(w http.ResponseWriter, id ledger.ID, err error) {
	wait, early := errors.AsType[*WaitError](err)
	switch {
	case early:
		left := math.Ceil(max(wait.Until.Sub(s.options.Now()).Seconds(), 1))
		w.Header().Set("Retry-After", strconv.FormatFloat(left, 'f', 0, 64))
		if wait.Window {
			writeFailure(w, http.StatusConflict, failure{ErrorType: errorWindow, Error: wait.Error(), Until: wait.Until.UTC()})
			return
		}
		writeFailure(w, http.StatusTooManyRequests, failure{ErrorType: errorTooEarly, Error: wait.Error(), Until: wait.Until.UTC()})
	case errors.Is(err, ErrUnknownAccount):
		writeUnknown(w, id)
	case errors.Is(err, context.DeadlineExceeded):
		writeFailure(w, http.StatusGatewayTimeout, failure{
			ErrorType: errorTimeout, Error: fmt.Sprintf("the poll is still to be made or under way after %s; the account shows how it ends", pollPatience),
		})
	default:
		writeFailure(w, http.StatusServiceUnavailable, failure{ErrorType: errorUnavailable, Error: err.Error()})
	}
}

func writeUnknown(w http.ResponseWriter, id ledger.ID) {
	writeFailure(w, http.StatusNotFound, failure{
		ErrorType: errorNotFound, Error: fmt.Sprintf("there is no account %q of provider %q", printable(id.Account), printable(id.Provider)),
	})
}

// writeSuccess answers with data, or with 304 where the client has it already.
func (s *site) writeSuccess(w http.ResponseWriter, r *http.Request, data func() any) {
	var body bytes.Buffer
	var err error
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if !s.inTurn(r, func() { err = encoder.Encode(success{Status: "success", Data: data()}) }) {
		return
	}
	if err != nil {
		writeText(w, http.StatusInternalServerError, "the answer cannot be encoded: "+err.Error())
		return
	}
	digest := sha256.Sum256(body.Bytes())
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if r.Method == http.MethodPost {
		header.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusOK)
		_, _ = body.WriteTo(w)
		return
	}
	header.Set("ETag", `"`+hex.EncodeToString(digest[:16])+`"`)
	header.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

func writeFailure(w http.ResponseWriter, status int, f failure) {
	f.Status = "error"
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// It is made of texts and a time, which always have a JSON form; a client that is gone is not an error of ours.
	_ = json.NewEncoder(w).Encode(f)
}
