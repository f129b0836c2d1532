package providers_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
)

// findings damages a good answer to a definition, given as its part from `balances` on, and lists what is found.
func findings(t *testing.T, form, rest, body, exceptions string) (found []string, c *catalogCase) {
	t.Helper()
	definition, problems := providers.ParseDefinition("test.yml", []byte(`
schema: 1
name: test
credentials: {api_key: {}}
request:
  url: https://api.example/balance
  headers: {X-Key: "{{api_key}}"}
  body: `+form+"\n"+rest))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	c, problems = parseCase("ok.yml", []byte("answer: {}\n"+exceptions))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	c.now = caseNow
	c.exchanges[0].answer.body = body
	before, err := c.poll(t, definition, &caseVendor{exchanges: c.exchanges, lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	return c.findDamage(t, definition, before), c
}

// Definitions that show another figure for a damaged answer are found out; those that read strictly are not.
func TestDamageIsNoticed(t *testing.T) {
	tests := map[string]struct{ form, rest, body, want string }{ // want: what findings begin with, after "; "
		"a plain figure": {"json", "balances: [{unit: credits, remaining: .left}]", `{"left": 5, "other": [1, {"a": "b"}]}`, ""},
		"words as they stand": {"json", `
balances:
  - {unit: credits, remaining: .left, lots: [{each: .lots, id: .id, kind: {jq: .kind}, remaining: .left}]}
plan: {name: .plan}`, `{"left": 5, "plan": "Pro", "lots": [{"id": 7, "kind": "Top Up", "left": 5}]}`, ""},
		"a sum of lots": {"json", "balances: [{unit: credits, lots: [{each: .lots, kind: a, remaining: .left}]}]", `{"lots": [{"left": 5}, {"left": 6}]}`, ""},
		"a part that may be absent": {
			"json",
			`balances: [{unit: credits, remaining: '[.left, (.extra | select(. != null))] | sum'}]`, `{"left": 5, "extra": 2}`,
			"delete in place of .extra; null in place of .extra",
		},
		"entries chosen by a word": {
			"json",
			`balances: [{unit: credits, remaining: '[.all[] | select(.mode == "x") | .left] | sum'}]`, `{"all": [{"mode": "x", "left": 5}, {"mode": "x", "left": 6}]}`,
			"delete in place of .all[0] changes credits: the balance; delete in place of .all[0].mode; garbage in place of .all[1].mode",
		},
		"a condition by comparison": {"json", `
balances: [{unit: credits, remaining: .left}]
usage_allowed: .state != "blocked"`, `{"left": 5, "state": "active"}`, ""},
		"a flag that is blocked": {"json", `
balances: [{unit: credits, remaining: .left}]
usage_allowed: .state != "blocked"`, `{"left": 5, "state": "blocked"}`, "garbage in place of .state changes usage_allowed"},
		"a status word": {"json", `
balances: [{unit: credits, remaining: .left}]
usage_allowed: {jq: .state, is: [active]}`, `{"left": 5, "state": "active"}`, "garbage in place of .state changes usage_allowed"},
		"a unit that is shown": {"json", `balances: [{unit: {jq: .unit}, remaining: .left}]`, `{"unit": "searches", "left": 5}`, "garbage in place of .unit changes unit garbage"},
		"a currency":           {"json", `balances: [{unit: {currency: .unit}, remaining: .left}]`, `{"unit": "usd", "left": 5}`, ""},
		"null that is unlimited": {
			"json",
			`balances: [{unit: credits, unlimited: .limit == null, remaining: .left}]`, `{"limit": 9, "left": 5}`,
			"delete in place of .limit changes credits: unlimited; null in place of .limit; {} in place of .",
		},
		"a kind by default": {
			"json", `
balances: [{unit: credits, remaining: .left, lots: [{each: .lots, kind: {jq: .kind // "other"}, remaining: .left}]}]`, `{"left": 5, "lots": [{"kind": "plan", "left": 5}]}`,
			"delete in place of .lots[0].kind changes credits: lot other; null in place of .lots[0].kind changes credits: lot other",
		},
		"a start that has passed": {
			"json", "balances: [{unit: credits, lots: [{each: .lots, kind: a, remaining: .left, starts: .from}]}]",
			`{"lots": [{"left": 5, "from": "2026-11-20"}]}`, "",
		},
		"a start that lies ahead": {
			"json", "balances: [{unit: credits, lots: [{each: .lots, kind: a, remaining: .left, starts: .from}]}]",
			`{"lots": [{"left": 5, "from": "2026-11-22"}]}`, "delete in place of .lots[0].from changes credits: the balance, credits: lot a; null in place of .lots[0].from",
		},
		"a list that is swallowed": {
			"json", `
balances: [{unit: credits, remaining: '[.lots[]?.left] | sum'}]`, `{"lots": [{"left": 5}]}`,
			"delete in place of .lots changes credits: the balance; garbage in place of .lots; {} in place of .",
		},
		"another reason": {"json", `
answers: [{when: .error != null, means: unauthorized}]
balances: [{unit: credits, remaining: .left}]`, `{"left": 5, "error": null}`, "[] in place of .error changes the failure to unauthorized"},
		"XML":                   {"xml", `balances: [{unit: {currency: '.r.b."@c"'}, remaining: '.r.b."#text"'}]`, `<r a="1"><b c="USD">5</b><e/></r>`, ""},
		"XML, a status word":    {"xml", "balances: [{unit: credits, remaining: .r.b}]\nusage_allowed: {jq: .r.s, is: [OK]}", `<r><b>5</b><s>OK</s></r>`, "empty in place of .r.s changes usage_allowed; garbage in place of .r.s"},
		"key=value":             {"keyvalue", "balances: [{unit: credits, remaining: .Left}]", "Left=5\nDone=true", ""},
		"key=value, by default": {"keyvalue", `balances: [{unit: credits, remaining: .Left // .Rest}]`, "Left=5\nRest=6", "delete in place of .Left changes credits: the balance"},
		"text":                  {"text", "balances: [{unit: credits, remaining: .}]", "5", ""},
		"text, by parts": {"text", `balances: [{unit: credits, remaining: 'ltrimstr("OK ")'}]
usage_allowed: startswith("OK")`, "OK 5", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found, _ := findings(t, test.form, test.rest, test.body, "")
			if test.want == "" {
				if len(found) > 0 {
					t.Errorf("found where nothing is wrong: %s", strings.Join(found, "\n"))
				}
				return
			}
			for want := range strings.SplitSeq(test.want, "; ") {
				if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, want) }) {
					t.Errorf("not found: %s\nfound: %s", want, strings.Join(found, "\n"))
				}
			}
		})
	}
}

// An exception holds for its place and its damage only, and one that nothing needs is known as such.
func TestExceptions(t *testing.T) {
	const (
		rest = "balances: [{unit: credits, unlimited: '.a[0].limit == null', remaining: .left}]"
		body = `{"a": [{"limit": 9}, {"limit": 8}], "left": 5}`
	)
	all, _ := findings(t, "json", rest, body, "")
	// The first element's own damage: null and {} in its place, deleting its limit, and null as its limit; and those
	// of the list.
	if len(all) < 4 {
		t.Fatalf("found without exceptions: %v", all)
	}
	tests := map[string]struct {
		exception string
		used      bool
	}{
		"every damage": {"{path: '.a[0].limit', because: x}", true},
		"any element":  {"{path: '.a[].limit', because: x}", true},
		"one damage":   {`{path: '.a[0].limit', damage: ["null"], because: x}`, true},
		"other damage": {`{path: '.a[0].limit', damage: [garbage], because: x}`, false},
		"other place":  {"{path: '.a[1].limit', because: x}", false},
		"of first":     {"{path: '.a[0].limit', of: first, because: x}", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found, c := findings(t, "json", rest, body, "exceptions: ["+test.exception+"]\n")
			if fewer := len(found) < len(all); fewer != test.used || c.exceptions[0].used != test.used {
				t.Errorf("%d of %d found, the exception is used: %v, want %v", len(found), len(all), c.exceptions[0].used, test.used)
			}
		})
	}
}

// What encodes a damaged body gives back what was parsed.
func TestEncodeBody(t *testing.T) {
	for form, bodies := range map[string][]string{
		"json":     {`{"a": [1.50, "x", null, {"b": true}], "c": {}}`, `[]`, `1e400`},
		"xml":      {`<r a="&lt;1&gt;"><b>1</b><b c="2">x &amp; y</b><e/></r>`, `<r>5</r>`},
		"keyvalue": {"A=1\nB=x=y\nC="},
		"text":     {"12.5"},
	} {
		for _, body := range bodies {
			v, err := providers.ParseBody(form, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			text, ok := encodeBody(form, damaged{damage: "delete", body: v})
			if !ok {
				t.Errorf("%s cannot be encoded: %s", form, body)
				continue
			}
			if again, err := providers.ParseBody(form, []byte(text)); err != nil || !reflect.DeepEqual(again, v) {
				t.Errorf("%s was %v, and is %v, %v", form, v, again, err)
			}
		}
	}
}
