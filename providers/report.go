package providers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// defaultLot is the id and the kind of the one lot that a balance without `lots` is.
const defaultLot = "default"

var (
	errNoBalance = errors.New("no balance in the answer")
	errTwice     = errors.New("another balance of the answer has this unit")
	errUnit      = errors.New("not a unit: an ISO code such as USD, or a lower-case plural")
	errCurrency  = errors.New("not the three letters of a currency")
)

// report turns a good answer into a report.
func (p *poll) report(ctx context.Context, a *answer) (Report, error) {
	r := p.reading(ctx, a)
	rules := p.engine.rules
	var report Report
	for i := range rules.balances {
		r.at = nowhere
		r.at.balance = i
		report.Balances = r.balances(&rules.balances[i], a.value, report.Balances)
	}
	r.at = nowhere
	report.AsOf = r.time("as_of", rules.asOf, a.value, momentOther)
	report.Plan.ID = r.name("plan.id", rules.planID, a.value)
	report.Plan.Name = r.name("plan.name", rules.planName, a.value)
	report.UsageAllowed = r.flag("usage_allowed", rules.usageAllowed, a.value)
	if r.err == nil && len(report.Balances) == 0 {
		r.fail("balances", nil, errNoBalance)
	}
	if r.err != nil {
		return Report{}, r.err
	}
	return report, nil
}

// balances adds what one rule finds to those found before.
func (r *reading) balances(rule *balanceRule, in any, found []Balance) []Balance {
	elements, listed := r.elements(rule.each, in)
	for i, element := range elements {
		if listed {
			r.at.element = i
		}
		if rule.when != nil && !r.condition("when", rule.when, element) {
			continue
		}
		b := r.balance(rule, element)
		if r.err != nil {
			return nil
		}
		if slices.ContainsFunc(found, func(other Balance) bool { return other.Unit == b.Unit }) {
			r.fail("unit", rule.unit.x, errTwice)
			return nil
		}
		found = append(found, b)
	}
	return found
}

// balance reads one balance. Of an unlimited one, only what is used and when it resets.
func (r *reading) balance(rule *balanceRule, in any) Balance {
	b := Balance{Unit: r.word("unit", &rule.unit, in, rule.unit.check), Returns: rule.returns}
	b.Unlimited = rule.unlimited != nil && r.condition("unlimited", rule.unlimited, in)
	scale := unscaled
	if !b.Unlimited || rule.used != nil {
		scale = r.scale("divide_by", rule.divideBy, in, unscaled)
	}
	b.Used = r.amount("used", rule.used, in, scale)
	b.Resets = r.resets(rule, in)
	if b.Unlimited {
		return b
	}
	b.Allocated = r.amount("allocated", rule.allocated, in, scale)
	switch {
	case rule.remaining != nil:
		b.Remaining = r.needed("remaining", rule.remaining, in, scale)
	case rule.allocated != nil && rule.used != nil:
		b.Remaining = r.rest(b.Allocated, rule.allocated, b.Used, rule.used)
	}
	b.Period = rule.period
	b.PlanAllocated = r.amount("plan_allocated", rule.planAllocated, in, scale)
	if rule.period && rule.planAllocated == nil {
		b.PlanAllocated = b.Allocated
	}
	b.PeriodLength = r.periodLength(rule, in)
	b.Listed = len(rule.lots) > 0
	if !b.Listed {
		lot := rule.only(&b)
		if rule.kind != nil {
			lot.Kind = r.word("kind", rule.kind, in, readKind)
		}
		lot.Expires = r.time("expires", rule.expires, in, momentExpires)
		r.count("lots", nil, 1)
		b.Lots = []Lot{lot}
		return b
	}
	outer := r.at
	for i := range rule.lots {
		r.at = outer
		r.at.lot = i
		b.Lots = r.lotsOf(&rule.lots[i], in, scale, b.Lots)
	}
	r.at = outer
	if !b.Remaining.Known() && tooLarge(b.sumOfLots()) {
		r.fail("lots", nil, errMagnitude)
	}
	return b
}

// sumOfLots is what the balance is where the vendor states only lots, were none of them over.
func (b *Balance) sumOfLots() Amount {
	sum := NewAmount(0)
	for _, lot := range b.Lots {
		sum = sum.Add(lot.Remaining)
	}
	return sum
}

// only is the one lot that a balance without `lots` is.
func (rule *balanceRule) only(b *Balance) Lot {
	return Lot{
		ID: defaultLot, Kind: defaultLot, Remaining: b.Remaining, Allocated: b.Allocated, Used: b.Used, Period: b.Period,
	}
}

// lotsOf adds what one rule finds to the lots found before.
func (r *reading) lotsOf(rule *lotRule, in any, outer Amount, found []Lot) []Lot {
	elements, listed := r.elements(rule.each, in)
	r.count("each", rule.each, len(elements))
	found = slices.Grow(found, len(elements))
	for i, element := range elements {
		if listed {
			r.at.part = i
		}
		if r.err != nil || rule.when != nil && !r.condition("when", rule.when, element) {
			continue
		}
		found = append(found, r.lot(rule, element, outer))
	}
	return found
}

func (r *reading) lot(rule *lotRule, in any, outer Amount) Lot {
	scale := r.scale("divide_by", rule.divideBy, in, outer)
	lot := Lot{Kind: defaultLot, Period: rule.period}
	if rule.id != nil {
		if lot.ID = r.name("id", rule.id, in); lot.ID == "" {
			r.fail("id", rule.id, errMissing)
		}
	}
	if rule.kind != nil {
		lot.Kind = r.word("kind", rule.kind, in, readKind)
	}
	lot.Allocated = r.amount("allocated", rule.allocated, in, scale)
	lot.Used = r.amount("used", rule.used, in, scale)
	if rule.remaining != nil {
		lot.Remaining = r.needed("remaining", rule.remaining, in, scale)
	} else {
		lot.Remaining = r.rest(lot.Allocated, rule.allocated, lot.Used, rule.used)
	}
	lot.Starts = r.time("starts", rule.starts, in, momentOther)
	lot.Expires = r.time("expires", rule.expires, in, momentExpires)
	return lot
}

// rest is allocated less used, which both must be there.
func (r *reading) rest(allocated Amount, allocatedRule *figure, used Amount, usedRule *figure) Amount {
	if !allocated.Known() {
		r.fail("allocated", allocatedRule.x, errMissing)
	}
	if !used.Known() {
		r.fail("used", usedRule.x, errMissing)
	}
	rest := allocated.Sub(used)
	if tooLarge(rest) {
		r.fail("used", usedRule.x, errMagnitude)
	}
	return rest
}

// count adds to the lots of the answer, which are bounded.
func (r *reading) count(field string, x *expression, n int) {
	if r.lots += n; r.lots > maxLots {
		r.fail(field, x, errTooMany)
	}
}

func (r *reading) resets(rule *balanceRule, in any) time.Time {
	if rule.next != nil {
		return r.next("resets.next", rule.next, in)
	}
	return r.time("resets", rule.resets, in, momentResets)
}

// flag is usage_allowed, nil where the vendor does not say.
func (r *reading) flag(field string, f *flagRule, in any) *bool {
	if f == nil {
		return nil
	}
	v := r.value(field, f.x, in)
	if r.err != nil || v == nil {
		return nil
	}
	if len(f.is) > 0 {
		text, isText := v.(string)
		if !isText {
			r.fail(field, f.x, errors.New("expected text, found "+article(v)))
			return nil
		}
		allowed := slices.Contains(f.is, text)
		return &allowed
	}
	allowed, err := readCondition(v)
	if err != nil {
		r.fail(field, f.x, err)
		return nil
	}
	allowed = allowed != f.not
	return &allowed
}

// check reads a computed unit.
func (w *word) check(text string) (string, error) {
	if !w.currency {
		if len(text) > maxName || !unitText.MatchString(text) {
			return "", errUnit
		}
		return text, nil
	}
	if text = strings.ToUpper(text); !currencyText.MatchString(text) {
		return "", errCurrency
	}
	return text, nil
}
