package providers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxLookedAt bounds how much of a body that cannot be parsed a rule can look at.
const maxLookedAt = 64 << 10

// answer is an answer that did not fail, as expressions see it.
type answer struct {
	Answer
	form  *request
	at    time.Time // when it was read
	value any
	// unparsed is why the body is not of its form; nil: value is what it holds.
	unparsed error
	means    meaning
	rule     int // the rule that matched, -1: none did
}

// ask makes one request and decides what the answer means. An answer that fails the poll is an error.
func (p *poll) ask(ctx context.Context, name string, r *request) (*answer, error) {
	p.current = name
	req, err := p.build(ctx, r)
	if err != nil {
		return nil, err
	}
	p.traceRequest(r)
	got, err := p.roundTrip(req)
	if err != nil {
		return nil, err
	}
	a := &answer{Answer: got, form: r, at: p.engine.now().UTC()}
	a.value, a.unparsed = parseBody(r.body, got.Body)
	if a.unparsed != nil {
		a.value = validText(string(got.Body[:min(len(got.Body), maxLookedAt)]))
	}
	if p.engine.rules.headers {
		p.variables[headersVariable] = headersOf(got.Header)
	}
	p.decide(ctx, a)
	if p.refused != nil && (a.Status == http.StatusUnauthorized || a.means == meaning(ReasonUnauthorized)) {
		p.refused()
	}
	p.traceAnswer(a)
	return a, p.failure(ctx, a)
}

// roundTrip sends a request and reads the answer whole. The error is an *Error.
func (p *poll) roundTrip(req *http.Request) (Answer, error) {
	ctx := req.Context()
	response, err := p.account.Transport.RoundTrip(req)
	if err != nil {
		return Answer{}, transportError(ctx, err)
	}
	defer response.Body.Close()
	got := Answer{Status: response.StatusCode, Header: response.Header}
	got.Body, err = readLimited(response.Body, response.ContentLength)
	switch good := got.Status >= 200 && got.Status <= 299; {
	case err == nil:
		return got, nil
	case ctx.Err() != nil:
		return got, transportError(ctx, err)
	case !good:
		// The status says what is wrong, whatever the body is.
		return got, nil
	case errors.Is(err, errBodyTooLarge):
		return got, &Error{Reason: ReasonBadResponse, Status: got.Status, Text: err.Error()}
	case notGzip(err):
		return got, &Error{Reason: ReasonBadResponse, Status: got.Status, Text: "the body is not the gzip that its header says"}
	}
	return got, transportError(ctx, err)
}

// send is roundTrip for a signer, which wants a good answer only.
func (p *poll) send(req *http.Request) (Answer, error) {
	req.Header.Set("User-Agent", p.engine.userAgent)
	got, err := p.roundTrip(req)
	if err != nil {
		return got, err
	}
	if reason := statusReason(got.Status, got.Header, got.Body); reason != "" {
		return got, p.failed(req.Context(), &answer{Answer: got, at: p.engine.now().UTC(), unparsed: errNotJSON}, reason, fmt.Sprintf("the request for a token was answered with status %d", got.Status))
	}
	return got, nil
}

// decide finds the meaning of an answer: the first rule that matches, else the status.
func (p *poll) decide(ctx context.Context, a *answer) {
	for i, rule := range p.engine.rules.answers {
		if rule.matches(a.Status) && (rule.when == nil || p.holds(ctx, i, rule.when, a)) {
			a.rule, a.means = i, rule.means
			return
		}
	}
	a.rule, a.means = -1, meansOK
	if reason := statusReason(a.Status, a.Header, a.Body); reason != "" {
		a.means = meaning(reason)
	}
}

func (rule answerRule) matches(status int) bool {
	return len(rule.statuses) == 0 || slices.ContainsFunc(rule.statuses, func(s statusRange) bool {
		return s.low <= status && status <= s.high
	})
}

// holds tells whether a rule's condition is true. An expression that fails does not hold.
func (p *poll) holds(ctx context.Context, rule int, x *expression, a *answer) bool {
	v, err := x.run(ctx, a.value, p.variables)
	if p.trace != nil {
		p.trace.expression(nowhere, fmt.Sprintf("answers[%d].when", rule), x, v, err)
	}
	return err == nil && v == true
}

// failure is why an answer fails the poll, nil when it does not.
func (p *poll) failure(ctx context.Context, a *answer) error {
	switch {
	case a.means == meansZero:
		return nil
	case a.means != meansOK && a.rule >= 0:
		return p.failed(ctx, a, Reason(a.means), fmt.Sprintf("the vendor answered with status %d (rule answers[%d])", a.Status, a.rule))
	case a.means != meansOK:
		return p.failed(ctx, a, Reason(a.means), describeStatus(a))
	case a.unparsed != nil:
		return p.failed(ctx, a, ReasonBadResponse, a.unparsed.Error())
	}
	if ok := a.form.ok; ok != nil {
		r := p.reading(ctx, a)
		if !r.condition(p.current+".ok", ok, a.value) {
			r.fail(p.current+".ok", ok, errDoesNotHold)
		}
		return r.err
	}
	return nil
}

var errDoesNotHold = errors.New("does not hold")

// failed is an error of an answer, with how long the vendor asks to wait.
func (p *poll) failed(ctx context.Context, a *answer, reason Reason, text string) *Error {
	failure := &Error{Reason: reason, Status: a.Status, Text: text}
	if a.Status < 400 && reason != ReasonRateLimited {
		return failure
	}
	if x := p.engine.rules.retryAfter; x != nil {
		v, err := x.run(ctx, a.value, p.variables)
		p.trace.expression(nowhere, "retry_after", x, v, err)
		if err == nil {
			failure.RetryAfter = readRetryValue(v, answerTime(a.Header, a.at))
		}
	}
	if failure.RetryAfter == 0 {
		parsed := a.value
		if a.unparsed != nil {
			parsed = nil
		}
		failure.RetryAfter = retryWindow(a.Header, a.Body, parsed, reason == ReasonRateLimited, a.at)
	}
	return failure
}

// describeStatus says what the vendor answered, and what a redirect means here.
func describeStatus(a *answer) string {
	text := fmt.Sprintf("the vendor answered with status %d", a.Status)
	switch {
	case a.Status >= 300 && a.Status <= 399:
		text += ", a redirect, which is not followed"
	case a.Status == http.StatusForbidden && isHTML(a.Header, a.Body):
		text += " and a page of HTML, which is a proxy's or a firewall's and says nothing about the key"
	}
	return text
}

// headersOf is $headers: names in lower case, the first value of each.
func headersOf(header http.Header) map[string]any {
	object := make(map[string]any, len(header))
	for name, values := range header {
		if len(values) > 0 {
			object[strings.ToLower(name)] = validText(values[0])
		}
	}
	return object
}
