package providers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

const (
	// maxLots bounds what one answer may list.
	maxLots = 10_000
	// maxPeriod bounds the length of a period; time.Duration ends at 292 years.
	maxPeriod = 100 * 365 * 24 * time.Hour
)

var (
	errTooMany    = fmt.Errorf("more than %d of them", maxLots)
	errNotAPeriod = errors.New("not the length of a period")
)

// reading reads one answer. After the first thing that is wrong it reads nothing more, so that what follows needs no
// check of its own; err says what it was and where.
type reading struct {
	ctx       context.Context
	status    int
	now       time.Time
	variables map[string]any
	trace     *tracing
	at        place
	lots      int // read so far
	err       error
}

func (p *poll) reading(ctx context.Context, a *answer) *reading {
	return &reading{
		ctx: ctx, status: a.Status, now: a.at, variables: p.variables, trace: p.trace, at: nowhere,
	}
}

// place is the balance and the lot that are being read, -1 for none.
type place struct{ balance, element, lot, part int }

var nowhere = place{-1, -1, -1, -1}

// String is the place as a definition writes it, such as balances[0].lots[1][3], with the elements of lists behind.
func (p place) String() string {
	var b strings.Builder
	number := func(format string, n int) {
		if n >= 0 {
			fmt.Fprintf(&b, format, n)
		}
	}
	number("balances[%d]", p.balance)
	number("[%d]", p.element)
	number(".lots[%d]", p.lot)
	number("[%d]", p.part)
	return b.String()
}

// fail records what is wrong with a field.
func (r *reading) fail(field string, x *expression, err error) {
	if r.err != nil {
		return
	}
	if r.ctx.Err() != nil {
		r.err = transportError(r.ctx, r.ctx.Err())
		return
	}
	var text strings.Builder
	if at := r.at.String(); at != "" {
		text.WriteString(at + ".")
	}
	text.WriteString(field + ": ")
	if x != nil {
		text.WriteString(x.source + ": ")
	}
	text.WriteString(err.Error())
	r.err = &Error{Reason: ReasonBadResponse, Status: r.status, Text: text.String()}
}

// value is what an expression gives, nil for none.
func (r *reading) value(field string, x *expression, in any) any {
	if r.err != nil || x == nil {
		return nil
	}
	v, err := x.run(r.ctx, in, r.variables)
	r.trace.expression(r.at, field, x, v, err)
	if err != nil {
		r.fail(field, x, err)
		return nil
	}
	return v
}

// present is a value that must be there.
func (r *reading) present(field string, x *expression, in any) any {
	v := r.value(field, x, in)
	if v == nil {
		r.fail(field, x, errMissing)
	}
	return v
}

// condition is true or false; everything else is an error.
func (r *reading) condition(field string, x *expression, in any) bool {
	v := r.value(field, x, in)
	if r.err != nil {
		return false
	}
	holds, err := readCondition(v)
	if err != nil {
		r.fail(field, x, err)
	}
	return holds
}

// elements is what `each` leads to: the elements of a list, or the one that an object is. Without `each` it is the
// input itself. listed tells that the elements have numbers.
func (r *reading) elements(x *expression, in any) (list []any, listed bool) {
	if x == nil {
		return []any{in}, false
	}
	switch v := r.present("each", x, in).(type) {
	case []any:
		if len(v) > maxLots {
			r.fail("each", x, errTooMany)
		}
		return v, true
	case map[string]any:
		return []any{v}, false
	case nil:
	default:
		r.fail("each", x, fmt.Errorf("expected a list or an object, found %s", article(v)))
	}
	return nil, false
}

// amount is a figure in our units; unknown where the answer has none.
func (r *reading) amount(field string, f *figure, in any, scale Amount) Amount {
	if f == nil {
		return Amount{}
	}
	v := r.value(field, f.x, in)
	if r.err != nil || v == nil {
		return Amount{}
	}
	a, err := readAmount(v)
	if err != nil {
		r.fail(field, f.x, err)
		return Amount{}
	}
	if f.divideBy != nil {
		scale = r.scale(field+".divide_by", f.divideBy, in, scale)
	}
	if scale.Known() {
		a = a.Div(scale)
	}
	if tooLarge(a) {
		r.fail(field, f.x, errMagnitude)
	}
	return a
}

// tooLarge is checkMagnitude, spared for the amounts that are small at first sight: nearly all.
func tooLarge(a Amount) bool {
	return a.Known() && !a.number.isSmall() && checkMagnitude(a) != nil
}

// needed is a figure that must be there.
func (r *reading) needed(field string, f *figure, in any, scale Amount) Amount {
	a := r.amount(field, f, in, scale)
	if !a.Known() {
		r.fail(field, f.x, errMissing)
	}
	return a
}

// scale is how many of the vendor's units are one of ours; unknown: they are the same. An inner divisor replaces the
// outer one.
func (r *reading) scale(field string, d *divisor, in any, outer Amount) Amount {
	switch {
	case d == nil:
		return outer
	case d.x == nil:
		return d.constant
	}
	a := r.needed(field, &figure{x: d.x}, in, unscaled)
	if a.Known() && a.Sign() == 0 {
		r.fail(field, d.x, errors.New("is 0"))
	}
	return a
}

// unscaled is the scale of figures that are not divided.
var unscaled Amount

// time is a time, the zero one where the answer has none.
func (r *reading) time(field string, x *expression, in any, use moment) time.Time {
	v := r.value(field, x, in)
	if r.err != nil || v == nil {
		return time.Time{}
	}
	t, err := readTime(v, use, r.now)
	if err != nil {
		r.fail(field, x, err)
	}
	return t
}

// next is the next midnight that a word means.
func (r *reading) next(field string, x *expression, in any) time.Time {
	v := r.value(field, x, in)
	if r.err != nil || v == nil {
		return time.Time{}
	}
	word, isWord := scalarText(v)
	if !isWord {
		r.fail(field, x, fmt.Errorf("expected text or a number, found %s", article(v)))
		return time.Time{}
	}
	t, err := nextMidnight(word, r.now)
	if err != nil {
		r.fail(field, x, err)
	}
	return t
}

// name is text or a number that becomes a label, empty where the answer has none.
func (r *reading) name(field string, x *expression, in any) string {
	v := r.value(field, x, in)
	if r.err != nil || v == nil {
		return ""
	}
	text, isText := scalarText(v)
	if !isText {
		r.fail(field, x, fmt.Errorf("expected text or a number, found %s", article(v)))
		return ""
	}
	if err := checkName(text); err != nil {
		r.fail(field, x, err)
	}
	return text
}

// word is a literal, or a text of the answer that must be there.
func (r *reading) word(field string, w *word, in any, check func(string) (string, error)) string {
	if w.x == nil {
		return w.literal
	}
	v := r.present(field, w.x, in)
	if r.err != nil {
		return ""
	}
	text, isText := v.(string)
	if !isText {
		r.fail(field, w.x, fmt.Errorf("expected text, found %s", article(v)))
		return ""
	}
	text, err := check(text)
	if err != nil {
		r.fail(field, w.x, err)
	}
	return text
}

// periodLength is how long a period is, 0 where the answer does not say.
func (r *reading) periodLength(rule *balanceRule, in any) time.Duration {
	switch {
	case rule.periodSeconds != nil:
		return r.seconds("period_seconds", rule.periodSeconds, in)
	case rule.periodTo == nil:
		return rule.periodLength
	}
	from := r.time("period_seconds.from", rule.periodFrom, in, momentOther)
	to := r.time("period_seconds.to", rule.periodTo, in, momentOther)
	if from.IsZero() || to.IsZero() {
		return 0
	}
	length := to.Sub(from)
	if length <= 0 || length > maxPeriod {
		r.fail("period_seconds.to", rule.periodTo, errNotAPeriod)
		return 0
	}
	return length
}

// seconds is a length of time in seconds, 0 where the answer has none.
func (r *reading) seconds(field string, f *figure, in any) time.Duration {
	a := r.amount(field, f, in, unscaled)
	switch {
	case !a.Known():
		return 0
	case a.Sign() <= 0 || a.Cmp(NewAmount(int64(maxPeriod/time.Second))) > 0:
		r.fail(field, f.x, errNotAPeriod)
		return 0
	}
	return time.Duration(math.Round(a.Float64() * float64(time.Second)))
}

// checkSent refuses what a template cannot send.
func (r *reading) checkSent(field string, x *expression, v any) {
	text, isText := scalarText(v)
	switch {
	case r.err != nil:
	case !isText:
		r.fail(field, x, fmt.Errorf("expected text or a number, found %s", article(v)))
	case !sendable(text):
		r.fail(field, x, errors.New("cannot be sent: it is empty, or holds a control character"))
	}
}

// scalarText is a text, or a number as it was written.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case int, float64:
		return fmt.Sprint(v), true
	}
	return "", false
}
