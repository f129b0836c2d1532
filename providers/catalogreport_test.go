package providers_test

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// caseReport is a report in the form in which a case states it.
type caseReport struct {
	balances     []caseBalance
	plan         providers.Plan
	usageAllowed *bool
	asOf         time.Time
}

type caseBalance struct {
	providers.Balance
	// kind and expires are those of a balance that is its own lot.
	kind    string
	expires time.Time
	lots    []caseLot
}

type caseLot struct {
	providers.Lot
	label string
}

// toCaseReport turns a report into its form in a case, and says what a case cannot state because it holds always.
func toCaseReport(r providers.Report) (c caseReport, faults []string) {
	c = caseReport{plan: r.Plan, usageAllowed: r.UsageAllowed, asOf: r.AsOf}
	units := map[string]bool{}
	for _, b := range r.Balances {
		if units[b.Unit] {
			faults = append(faults, fmt.Sprintf("unit %s is reported twice", b.Unit))
		}
		units[b.Unit] = true
		balance := caseBalance{Balance: b}
		switch {
		case b.Unlimited:
			if len(b.Lots) > 0 || b.Remaining.Known() || b.Allocated.Known() || b.PlanAllocated.Known() {
				faults = append(faults, fmt.Sprintf("%s is unlimited and has an amount besides", b.Unit))
			}
		case b.Listed:
			for _, l := range b.Lots {
				balance.lots = append(balance.lots, caseLot{Lot: l, label: l.Label()})
			}
		case len(b.Lots) != 1:
			faults = append(faults, fmt.Sprintf("%s is its own lot and has %d lots", b.Unit, len(b.Lots)))
		default:
			lot := b.Lots[0]
			if lot.ID != "default" || lot.Remaining.Cmp(b.Remaining) != 0 || lot.Allocated.Cmp(b.Allocated) != 0 || !b.Remaining.Known() {
				faults = append(faults, fmt.Sprintf("%s is its own lot, which says something else: %+v", b.Unit, lot))
			}
			balance.kind, balance.expires = lot.Kind, lot.Expires
		}
		c.balances = append(c.balances, balance)
	}
	return c, faults
}

func readCaseReport(n strict.Node) *caseReport {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	r := &caseReport{}
	balances, _ := m.Require("balances").List()
	for _, b := range balances {
		r.balances = append(r.balances, readCaseBalance(b))
	}
	if plan, ok := m.Take("plan").Map(); ok {
		r.plan.ID, _ = plan.Take("id").Text()
		r.plan.Name, _ = plan.Take("name").Text()
		plan.Done()
	}
	if allowed, ok := m.Take("usage_allowed").Bool(); ok {
		r.usageAllowed = &allowed
	}
	r.asOf = readCaseTime(m.Take("as_of"))
	m.Done()
	return r
}

func readCaseBalance(n strict.Node) (b caseBalance) {
	m, ok := n.Map()
	if !ok {
		return b
	}
	b.Unit, _ = m.Require("unit").Text()
	b.Unlimited, _ = m.Take("unlimited").Bool()
	b.Remaining = readCaseAmount(m.Take("remaining"))
	b.Allocated = readCaseAmount(m.Take("allocated"))
	b.Used = readCaseAmount(m.Take("used"))
	b.PlanAllocated = readCaseAmount(m.Take("plan_allocated"))
	b.Period, _ = m.Take("period").Bool()
	b.Resets = readCaseTime(m.Take("resets"))
	b.PeriodLength = readCaseDuration(m.Take("period_length"))
	b.Returns, _ = m.Take("returns").Bool()
	b.expires = readCaseTime(m.Take("expires"))
	b.kind = "default"
	if kind := m.Take("kind"); kind.Exists() {
		b.kind, _ = kind.Text()
	}
	if lots := m.Take("lots"); lots.Exists() {
		b.Listed = true
		nodes, _ := lots.List()
		for _, lot := range nodes {
			b.lots = append(b.lots, readCaseLot(lot))
		}
	}
	m.Done()
	return b
}

func readCaseLot(n strict.Node) (l caseLot) {
	m, ok := n.Map()
	if !ok {
		return l
	}
	l.label, _ = m.Require("label").Text()
	l.Kind, _ = m.Require("kind").Text()
	l.Remaining = readCaseAmount(m.Require("remaining"))
	l.Allocated = readCaseAmount(m.Take("allocated"))
	l.Used = readCaseAmount(m.Take("used"))
	l.Starts = readCaseTime(m.Take("starts"))
	l.Expires = readCaseTime(m.Take("expires"))
	l.Period, _ = m.Take("period").Bool()
	m.Done()
	return l
}

func readCaseAmount(n strict.Node) providers.Amount {
	text, ok := n.Raw()
	if !ok {
		return providers.Amount{}
	}
	var a providers.Amount
	if err := a.UnmarshalText([]byte(text)); err != nil {
		n.Problem("must be a decimal number")
	}
	return a
}

// fields collects the members of a mapping that are there.
type fields struct{ names, values []string }

func (f *fields) add(name, value string, there bool) {
	if there {
		f.names, f.values = append(f.names, name), append(f.values, value)
	}
}

func (f *fields) amount(name string, a providers.Amount) {
	f.add(name, yamlText(a.String()), a.Known())
}
func (f *fields) flag(name string, on bool) { f.add(name, "true", on) }
func (f *fields) text(name, value string)   { f.add(name, yamlText(value), value != "") }
func (f *fields) time(name string, t time.Time) {
	f.add(name, t.UTC().Format(time.RFC3339Nano), !t.IsZero())
}

// flow is the mapping on one line.
func (f *fields) flow() string {
	pairs := make([]string, len(f.names))
	for i, name := range f.names {
		pairs[i] = name + ": " + f.values[i]
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

var (
	plainText    = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$|^[A-Za-z][A-Za-z0-9_-]*$`)
	reservedText = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`)
)

// yamlText quotes text unless it is a plain word or a number.
func yamlText(s string) string {
	if plainText.MatchString(s) && !reservedText.MatchString(s) {
		return s
	}
	return quoteYAML(s)
}

// quoteYAML writes text as JSON does, which YAML reads the same.
func quoteYAML(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// quoted is yamlText for names, which stay text even where they look like numbers.
func quoted(s string) string {
	if len(s) > 0 && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') {
		return quoteYAML(s)
	}
	return yamlText(s)
}

// yaml is the report as a case states it.
func (r caseReport) yaml() string {
	var b strings.Builder
	b.WriteString("report:\n  balances:\n")
	for _, balance := range r.balances {
		balance.write(&b)
	}
	var plan fields
	plan.add("id", quoted(r.plan.ID), r.plan.ID != "")
	plan.add("name", quoted(r.plan.Name), r.plan.Name != "")
	if len(plan.names) > 0 {
		fmt.Fprintf(&b, "  plan: %s\n", plan.flow())
	}
	if r.usageAllowed != nil {
		fmt.Fprintf(&b, "  usage_allowed: %t\n", *r.usageAllowed)
	}
	if !r.asOf.IsZero() {
		fmt.Fprintf(&b, "  as_of: %s\n", r.asOf.UTC().Format(time.RFC3339Nano))
	}
	return b.String()
}

func (c caseBalance) write(b *strings.Builder) {
	var f fields
	f.text("unit", c.Unit)
	f.flag("unlimited", c.Unlimited)
	f.amount("remaining", c.Remaining)
	f.amount("allocated", c.Allocated)
	f.amount("used", c.Used)
	f.amount("plan_allocated", c.PlanAllocated)
	f.flag("period", c.Period)
	f.time("resets", c.Resets)
	f.add("period_length", c.PeriodLength.String(), c.PeriodLength != 0)
	f.flag("returns", c.Returns)
	f.add("kind", quoted(c.kind), c.kind != "" && c.kind != "default")
	f.time("expires", c.expires)
	for i, name := range f.names {
		lead := "      "
		if i == 0 {
			lead = "    - "
		}
		fmt.Fprintf(b, "%s%s: %s\n", lead, name, f.values[i])
	}
	switch {
	case !c.Listed || c.Unlimited:
	case len(c.lots) == 0:
		b.WriteString("      lots: []\n")
	default:
		b.WriteString("      lots:\n")
		for _, lot := range c.lots {
			fmt.Fprintf(b, "        - %s\n", lot.flow())
		}
	}
}

func (l caseLot) flow() string {
	var f fields
	f.add("label", quoted(l.label), true)
	f.add("kind", quoted(l.Kind), true)
	f.amount("remaining", l.Remaining)
	f.amount("allocated", l.Allocated)
	f.amount("used", l.Used)
	f.time("starts", l.Starts)
	f.time("expires", l.Expires)
	f.flag("period", l.Period)
	return f.flow()
}

// yaml is the failure as a case states it.
func (f caseFailure) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "fails:\n  reason: %s\n", f.reason)
	if f.retryAfter != 0 {
		fmt.Fprintf(&b, "  retry_after: %s\n", f.retryAfter)
	}
	if f.text != "" {
		fmt.Fprintf(&b, "  text: %s\n", quoteYAML(f.text))
	}
	return b.String()
}
