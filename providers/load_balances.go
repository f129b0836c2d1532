package providers

import (
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// reading reads how an answer becomes a report. The balances come before the answers, whose zero is about them.
func (l *loader) reading(m *strict.Mapping) {
	rules := &l.def.rules
	items := m.Require("balances")
	list, ok := items.List()
	if ok && len(list) == 0 {
		items.Problem("is empty: a definition reads at least one balance")
	}
	for _, item := range list {
		if b, ok := item.Map(); ok {
			rules.balances = append(rules.balances, l.balance(b))
			b.Done()
			l.checkUnit(b)
		}
	}
	l.answers(m.TakeFilled("answers"))
	rules.retryAfter = l.expression(m.TakeFilled("retry_after"), forTime)
	rules.asOf = l.expression(m.TakeFilled("as_of"), forTime)
	if plan, ok := m.TakeFilled("plan").Map(); ok {
		rules.planID = l.expression(plan.TakeFilled("id"), forText)
		rules.planName = l.expression(plan.TakeFilled("name"), forText)
		plan.Done()
	}
	rules.usageAllowed = l.flag(m.TakeFilled("usage_allowed"))
}

func (l *loader) balance(m *strict.Mapping) balanceRule {
	b := balanceRule{
		each:          l.expression(m.TakeFilled("each"), forList),
		when:          l.expression(m.TakeFilled("when"), forCondition),
		unit:          l.unit(m.Require("unit")),
		unlimited:     l.expression(m.TakeFilled("unlimited"), forCondition),
		remaining:     l.figure(m.TakeFilled("remaining")),
		allocated:     l.figure(m.TakeFilled("allocated")),
		used:          l.figure(m.TakeFilled("used")),
		divideBy:      l.divisor(m.TakeFilled("divide_by")),
		planAllocated: l.figure(m.TakeFilled("plan_allocated")),
		period:        literally(m.TakeFilled("period")),
		expires:       l.expression(m.TakeFilled("expires"), forTime),
		kind:          l.kind(m.TakeFilled("kind")),
		returns:       literally(m.TakeFilled("returns")),
	}
	b.resets, b.next = l.resets(m.TakeFilled("resets"))
	l.period(m.TakeFilled("period_seconds"), &b)
	b.lots = l.lots(m)
	if !m.Has("remaining") && !m.Has("lots") && !(m.Has("allocated") && m.Has("used")) {
		m.Problem("has no way to a balance: give remaining, or allocated and used, or lots")
	}
	if m.Has("period") && m.Has("expires") {
		m.Problem("period and expires exclude each other: what renews is said by resets")
	}
	return b
}

// checkUnit finds a unit that two balances of every answer would have.
func (l *loader) checkUnit(m *strict.Mapping) {
	balances := l.def.rules.balances
	last := balances[len(balances)-1]
	for _, b := range balances[:len(balances)-1] {
		if last.unit.literal != "" && b.unit.literal == last.unit.literal && b.when == nil && last.when == nil {
			m.Problem("another balance has the unit %s already: give each a when, or list the parts as lots", last.unit.literal)
		}
	}
}

func (l *loader) lots(balance *strict.Mapping) []lotRule {
	n := balance.TakeFilled("lots")
	list, ok := n.List()
	if !ok {
		return nil
	}
	if len(list) == 0 {
		n.Problem("is empty: give at least one lot or leave the key out")
	}
	for _, key := range []string{"expires", "kind", "period"} {
		if balance.Has(key) {
			balance.Problem("with lots, %s belongs to each lot", key)
		}
	}
	var lots []lotRule
	for _, item := range list {
		if m, ok := item.Map(); ok {
			lots = append(lots, l.lot(m))
			m.Done()
		}
	}
	return lots
}

func (l *loader) lot(m *strict.Mapping) lotRule {
	lot := lotRule{
		each:      l.expression(m.TakeFilled("each"), forList),
		when:      l.expression(m.TakeFilled("when"), forCondition),
		id:        l.expression(m.TakeFilled("id"), forText),
		kind:      l.kind(m.TakeFilled("kind")),
		remaining: l.figure(m.TakeFilled("remaining")),
		allocated: l.figure(m.TakeFilled("allocated")),
		used:      l.figure(m.TakeFilled("used")),
		divideBy:  l.divisor(m.TakeFilled("divide_by")),
		starts:    l.expression(m.TakeFilled("starts"), forTime),
		expires:   l.expression(m.TakeFilled("expires"), forTime),
		period:    literally(m.TakeFilled("period")),
	}
	if !m.Has("id") && !m.Has("kind") {
		m.Problem("needs a kind or an id, which its label is made of")
	}
	if !m.Has("remaining") && !(m.Has("allocated") && m.Has("used")) {
		m.Problem("has no way to a balance: give remaining, or allocated and used")
	}
	if lot.period && m.Has("expires") {
		m.Problem("period and expires exclude each other: what renews is said by resets of the balance")
	}
	if lot.period && m.Has("each") {
		m.Problem("period and each exclude each other: an allowance that renews is one lot")
	}
	return lot
}

// resets is a time, or {next: }.
func (l *loader) resets(n strict.Node) (at, next *expression) {
	if n.Form() != strict.Map {
		return l.expression(n, forTime), nil
	}
	m, _ := n.Map()
	next = l.expression(m.Require("next"), forTime)
	m.Done()
	return nil, next
}

// period is the length of a period: a duration, an amount of seconds, or {from: , to: } with the times it lies between.
func (l *loader) period(n strict.Node, b *balanceRule) {
	switch n.Form() {
	case strict.Text:
		text, _ := n.Text()
		if d, ok := parseDuration(text); ok {
			b.periodLength = d
			return
		}
	case strict.Map:
		if m, _ := n.Map(); m.Has("from") || m.Has("to") {
			b.periodFrom = l.expression(m.Require("from"), forTime)
			b.periodTo = l.expression(m.Require("to"), forTime)
			m.Done()
			return
		}
	}
	b.periodSeconds = l.figure(n)
}

// flag is usage_allowed: an expression, {not: } or {jq: , is: }.
func (l *loader) flag(n strict.Node) *flagRule {
	switch n.Form() {
	case strict.Missing:
		return nil
	case strict.Map:
	default:
		return &flagRule{x: l.expression(n, forFlag)}
	}
	m, ok := n.Map()
	if !ok {
		return nil
	}
	defer m.Done()
	if m.Has("not") {
		return &flagRule{x: l.expression(m.TakeFilled("not"), forFlag), not: true}
	}
	f := &flagRule{x: l.expression(m.Require("jq"), forFlag)}
	is := m.Require("is")
	if f.is = texts(is); is.Exists() && len(f.is) == 0 {
		is.Problem("must list the words that mean that usage is allowed")
	}
	return f
}

// literally is true or false, as it is written.
func literally(n strict.Node) bool {
	value, _ := n.Bool()
	return value
}
