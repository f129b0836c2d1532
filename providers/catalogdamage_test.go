package providers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
)

// The damage test. Each place of a good answer is deleted, and replaced by null, {}, [], true, false, "garbage" and "".
// The report may then lose a figure, or the poll fail with bad_response. It must never show another figure, unit, lot,
// kind or flag: an answer that is not what the vendor documents is no reason for a wrong number.
//
// Three things are not damage. Where a vendor's own word is shown as it stands (an id, a kind, the name of a plan),
// another word is another name. A boolean in place of another, or of null, is another answer. And so is a list that is
// shorter, or empty, so that a balance that is the sum of its lots may then be another sum.

// garbage is the text that damage puts in a place.
const garbage = "garbage"

// damaged is a body in which one place was damaged.
type damaged struct {
	path   string
	damage string
	body   any
	// deleted: the whole body is gone.
	deleted bool
	// was is what stood in the place.
	was any
	// shorter: the damage took elements out of a list.
	shorter bool
}

func replacements() map[string]any {
	return map[string]any{
		"null": nil, "{}": map[string]any{}, "[]": []any{}, "true": true, "false": false, "garbage": garbage, "empty": "",
	}
}

// damageAll gives every damage of every place of v, each in a copy.
func damageAll(v any, path string, yield func(damaged)) {
	all := replacements()
	_, isList := v.([]any)
	_, isBoolean := v.(bool)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if _, boolean := all[name].(bool); boolean && (isBoolean || v == nil) {
			continue
		}
		yield(damaged{path: path, damage: name, body: all[name], was: v, shorter: isList && name == "[]"})
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			place := path + member(key)
			without := maps.Clone(v)
			delete(without, key)
			yield(damaged{path: place, damage: "delete", body: without, was: v[key]})
			damageAll(v[key], place, func(d damaged) {
				with := maps.Clone(v)
				with[key] = d.body
				d.body = with
				yield(d)
			})
		}
	case []any:
		for i := range v {
			place := path + "[" + strconv.Itoa(i) + "]"
			without := slices.Delete(slices.Clone(v), i, i+1)
			yield(damaged{path: place, damage: "delete", body: without, was: v[i], shorter: true})
			damageAll(v[i], place, func(d damaged) {
				with := slices.Clone(v)
				with[i] = d.body
				d.body = with
				yield(d)
			})
		}
	}
}

var plainMember = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// member is the step to a member of an object, as in jq.
func member(key string) string {
	if plainMember.MatchString(key) {
		return "." + key
	}
	return "." + strconv.Quote(key)
}

// findDamage damages the answers of a case one after the other, and each alone, where before is the report of the
// answers as they are. It gives what is wrong about the reports that come of it, but for the exceptions.
func (c *catalogCase) findDamage(t *testing.T, definition *providers.Definition, before providers.Report) (found []string) {
	t.Helper()
	for i, exchange := range c.exchanges {
		isFirst := i < len(c.exchanges)-1
		damageBody(t, definition.BodyForm(isFirst), exchange.answer.body, func(d damaged, body string) {
			exchanges := slices.Clone(c.exchanges)
			exchanges[i].answer.body = body
			after, err := c.poll(t, definition, &caseVendor{exchanges: exchanges, lenient: true})
			wrong := c.judge(d, before, after, err)
			if len(wrong) > 0 && !c.excepted(d, isFirst) {
				found = append(found, fmt.Sprintf("%s in place of %s changes %s", d.damage, d.path, strings.Join(wrong, ", ")))
			}
		})
	}
	return found
}

// judge says what is wrong about a report, or a failure, that came of damage.
func (c *catalogCase) judge(d damaged, before, after providers.Report, err error) []string {
	if err != nil {
		var failure *providers.Error
		if !errors.As(err, &failure) || failure.Reason != providers.ReasonBadResponse {
			return []string{"the failure to " + err.Error()}
		}
		return nil
	}
	if d.damage == garbage {
		after = withWord(after, d.was)
	}
	return c.changes(before, after, d.shorter)
}

// withWord puts the vendor's own word back where garbage is shown as it stands.
func withWord(r providers.Report, was any) providers.Report {
	var word string
	switch was := was.(type) {
	case string:
		word = was
	case json.Number:
		word = was.String()
	case nil:
		// There was no name.
	default:
		return r
	}
	kind, err := providers.ReadKind(word)
	if err != nil {
		kind = garbage
	}
	back := func(s *string, word string) {
		if *s == garbage {
			*s = word
		}
	}
	back(&r.Plan.ID, word)
	back(&r.Plan.Name, word)
	r.Balances = slices.Clone(r.Balances)
	for i := range r.Balances {
		lots := slices.Clone(r.Balances[i].Lots)
		for j := range lots {
			back(&lots[j].ID, word)
			back(&lots[j].Kind, kind)
		}
		r.Balances[i].Lots = lots
	}
	return r
}

// changes lists what the second report shows and the first does not.
func (c *catalogCase) changes(before, after providers.Report, shorter bool) []string {
	var wrong []string
	differ := func(what string, same bool) {
		if !same {
			wrong = append(wrong, what)
		}
	}
	differ("the plan", after.Plan.ID == "" || after.Plan.ID == before.Plan.ID)
	differ("the plan's name", after.Plan.Name == "" || after.Plan.Name == before.Plan.Name)
	differ("usage_allowed", after.UsageAllowed == nil || before.UsageAllowed != nil && *after.UsageAllowed == *before.UsageAllowed)
	differ("as_of", after.AsOf.IsZero() || after.AsOf.Equal(before.AsOf))
	for _, a := range after.Balances {
		i := slices.IndexFunc(before.Balances, func(b providers.Balance) bool { return b.Unit == a.Unit })
		if i < 0 {
			differ("unit "+a.Unit, false)
			continue
		}
		b := before.Balances[i]
		field := func(name string, same bool) { differ(a.Unit+": "+name, same) }
		if !shorter || a.Remaining.Known() {
			field("the balance", sameOrLost(c.spendable(a), c.spendable(b)))
		}
		field("unlimited", a.Unlimited == b.Unlimited)
		field("allocated", sameOrLost(a.Allocated, b.Allocated))
		field("used", sameOrLost(a.Used, b.Used))
		field("plan_allocated", sameOrLost(a.PlanAllocated, b.PlanAllocated))
		field("resets", a.Resets.IsZero() || a.Resets.Equal(b.Resets))
		field("period", a.Period == b.Period && a.Returns == b.Returns && a.Listed == b.Listed)
		field("period_length", a.PeriodLength == 0 || a.PeriodLength == b.PeriodLength)
		wrong = append(wrong, c.lotChanges(a, b)...)
	}
	return wrong
}

// spendable is the balance as it is shown: the vendor's own, else the sum of the lots that are valid.
func (c *catalogCase) spendable(b providers.Balance) providers.Amount {
	if b.Remaining.Known() || b.Unlimited {
		return b.Remaining
	}
	sum := providers.NewAmount(0)
	for _, l := range b.Lots {
		expired := !l.Expires.IsZero() && !l.Expires.After(c.now)
		if !expired && !l.Starts.After(c.now) {
			sum = sum.Add(l.Remaining)
		}
	}
	return sum
}

func sameOrLost(after, before providers.Amount) bool { return !after.Known() || after.Cmp(before) == 0 }

// lotChanges lists the lots that are not one of those before. A lot may have lost what it began with and its expiry.
func (c *catalogCase) lotChanges(after, before providers.Balance) []string {
	var wrong []string
	left := slices.Clone(before.Lots)
	for _, l := range after.Lots {
		i := slices.IndexFunc(left, func(b providers.Lot) bool {
			return l.ID == b.ID && l.Kind == b.Kind && l.Remaining.Cmp(b.Remaining) == 0 && l.Period == b.Period &&
				sameOrLost(l.Allocated, b.Allocated) && sameOrLost(l.Used, b.Used) && c.sameStart(l, b) &&
				(l.Expires.IsZero() || l.Expires.Equal(b.Expires))
		})
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("%s: lot %s", after.Unit, l.Label()))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	return wrong
}

// sameStart tells whether both lots can first be spent at the same time. One that could before now has lost nothing
// with its start: it can be spent now.
func (c *catalogCase) sameStart(after, before providers.Lot) bool {
	return after.Starts.Equal(before.Starts) || after.Starts.IsZero() && !before.Starts.After(c.now)
}

// excepted tells whether the case lists the place.
func (c *catalogCase) excepted(d damaged, isFirst bool) bool {
	for _, e := range c.exceptions {
		if e.first == isFirst && e.covers(d.path) && (len(e.damage) == 0 || slices.Contains(e.damage, d.damage)) {
			e.used = true
			return true
		}
	}
	return false
}

var anyElement = regexp.MustCompile(`\[[0-9]+\]`)

// covers tells whether the exception's path, in which [] is every element, is that of a place.
func (e *caseException) covers(path string) bool {
	return e.path == path || e.path == anyElement.ReplaceAllString(path, "[]")
}
