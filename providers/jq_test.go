package providers

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/itchyny/gojq"
)

// testNames are what the expressions of the tests may name: a param that is text, and one that is a number.
var testNames = names{"team": false, "limit": true, headersVariable: false}

func testVariables() map[string]any {
	return map[string]any{
		"team": "a", "limit": json.Number("100"), headersVariable: map[string]any{"x-left": "7"},
	}
}

func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := parseJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// What is available, and what it gives.
func TestExpressions(t *testing.T) {
	tests := []struct{ source, in, want string }{
		{`.`, `5`, `5`},
		{`.a.b`, `{"a": {"b": "c"}}`, `"c"`},
		{`.a.b`, `{"a": null}`, `null`},
		{`.a.b`, `{"a": "text"}`, `error: text stands where an object is expected`},
		{`.a[0]`, `{"a": {}}`, `error: an object stands where a list is expected`},
		{`.["a b"]."c.d"`, `{"a b": {"c.d": 1}}`, `1`},
		{`.a | .b`, `{"a": {"b": 1}}`, `1`},
		{`.[-1]`, `[1, 2]`, `2`},
		{`.[2]`, `[1, 2]`, `null`},
		{`.a[0:1]`, `{"a": [1, 2]}`, `[1]`},
		{`$headers["x-left"]`, `null`, `"7"`},
		{`$headers."x-none"`, `null`, `null`},
		{`.a?`, `[]`, `null`},
		{`.a // .b`, `{"b": 1}`, `1`},
		{`.a == 1 and .b != null or false`, `{"a": 1, "b": 1}`, `true`},
		{`[.a, .b] | map(select(. != null)) | length`, `{"a": 1}`, `1`},
		{`if .a == "x" then .b elif .a == "y" then .c else null end`, `{"a": "y", "c": 3}`, `3`},
		{`.a as $x | .b[] | select(.id == $x) | .n`, `{"a": 2, "b": [{"id": 1, "n": 10}, {"id": 2, "n": 20}]}`, `20`},
		{`. as [$x, {n: $y}] | $y`, `[1, {"n": 2}]`, `2`},
		{`to_entries | map(select(.value == 1).key) | .[0]`, `{"a": 2, "b": 1}`, `"b"`},
		{`with_entries(select(.key | startswith("x")))`, `{"xa": 1, "b": 2}`, `{"xa":1}`},
		{`any(.[]; . == 2)`, `[1, 2]`, `true`},
		{`all(. == 2)`, `[1, 2]`, `false`},
		{`first(.[] | select(.a == 1)) | .b`, `[{"a": 1, "b": 2}, {"a": 1, "b": 3}]`, `2`},
		{`min_by(.a) | .a`, `[{"a": 2}, {"a": 1}]`, `1`},
		{`sort_by(.a) | last | .a`, `[{"a": 2}, {"a": 1}]`, `2`},
		{`map(.a) | unique`, `[{"a": 2}, {"a": 1}, {"a": 2}]`, `[1,2]`},
		{`test("^a+$")`, `"aaa"`, `true`},
		{`capture("^(?<currency>[A-Z]{3}) +(?<amount>[0-9.-]+)$") | .amount`, `"KES 1234.50"`, `"1234.50"`},
		{`gsub(","; "") | amount`, `"1,234.50"`, `1234.5`},
		{`sub("a"; "\(.x)b"; "g")`, `"aa"`, `"nullbnullb"`},
		{`split("/") | join("-")`, `"a/b"`, `"a-b"`},
		{`ltrimstr("USD ") | rtrimstr(" x") | ascii_downcase`, `"USD Ab x"`, `"ab"`},
		{`tostring | contains("limit exceeded")`, `{"error": "limit exceeded"}`, `true`},
		{`error("set params.team")`, `1`, `error: set params.team`},
		{`if . == 1 then empty else 2 end`, `1`, `null`},
		{`.[]`, `[1, 2]`, `error: gives more than one result`},
		{`.[] | .a`, `[{"a": 1}, "secret"]`, `error: does not work here, where . is a list`},
		{`has("a") and .a == null`, `{"a": null}`, `true`},

		// Exact arithmetic, on what is a number by its form.
		{`(.a | amount) - (.b | amount)`, `{"a": 20, "b": "12.345"}`, `7.655`},
		{`(.a | amount) + $limit * 2`, `{"a": 0.1}`, `200.1`},
		{`((.a | amount) - 1) / 3`, `{"a": 2}`, `3.33333333333333333333333333333333333333e-01`},
		{`(.a | amount) % 3`, `{"a": -7.5}`, `-1`},
		{`-(.a | amount)`, `{"a": 5}`, `-5`},
		{`-1`, `null`, `-1`},
		{`[.a, .b] | sum`, `{"a": 0.1, "b": "0.2"}`, `0.3`},
		{`.a | sum`, `{}`, `error: sum expects a list, found null`},
		{`[.a] | sum`, `{}`, `error: missing`},
		{`.a | amount`, `{"a": "x"}`, `error: expected a number of at most 64 characters, found text: not a decimal number`},
		{`(.a | amount) / (.b | amount)`, `{"a": 1, "b": 0}`, `error: divides by 0`},
		{`(.a | amount) % 0.5`, `{"a": 1}`, `error: divides by 0`},
		{`(.a | amount) as $x | ($x - 1) * $x`, `{"a": 3}`, `6`},
		{`if .a then (.b | amount) else 1 end + 1`, `{"a": true, "b": 1}`, `2`},
		{`(.a | amount) > 0 and (.a | length) <= 3`, `{"a": 2}`, `true`},
		{`(.a | amount) == 100`, `{"a": "100.00"}`, `true`},
		{`.ns`, `{"ns": 42500000000123456789}`, `42500000000123456789`},
	}
	for _, test := range tests {
		x, err := compile(test.source, forCondition, testNames)
		if err != nil {
			t.Errorf("%s: refused: %v", test.source, err)
			continue
		}
		got := ""
		if v, err := x.run(t.Context(), decode(t, test.in), testVariables()); err != nil {
			got = "error: " + err.Error()
		} else if data, err := json.Marshal(v); err != nil {
			t.Errorf("%s: %v", test.source, err)
		} else {
			got = string(data)
		}
		if got != test.want {
			t.Errorf("%s on %s: %s, want %s", test.source, test.in, got, test.want)
		}
	}
}

// What is not available, and what to write instead.
func TestExpressionsRefused(t *testing.T) {
	const (
		invents = "// with a literal on its right would invent a value: leave it out, and what is not in the answer is absent or an error"
		changes = "an expression picks values and changes none"
	)
	tests := []struct {
		source  string
		purpose purpose
		want    string
	}{
		{``, forFigure, "the expression is empty"},
		{`.a |`, forFigure, "not jq: it ends too early; a # after a space begins a comment, and text with one needs quotes"},
		{`.a ) .b`, forFigure, `not jq from character 4 on, at )`},
		{`.gen4.5`, forFigure, `not jq: a name that begins with a digit or holds a dot is written in quotes, such as ."gen4.5"`},
		{strings.Repeat(".a", 1001), forFigure, "longer than 2000 characters"},
		{`.x-y`, forFigure, `a minus stands before y: a name with a dash in it is written ."a-b"`},

		{`def f: f; f`, forFigure, "def is not available: write the expression out"},
		{`import "a" as a; .`, forFigure, "import is not available"},
		{`reduce .[] as $x (0; . + $x)`, forFigure, "reduce and foreach are not available: write sum, or list the parts as lots"},
		{`foreach .[] as $x (0; . + $x)`, forFigure, "reduce and foreach are not available: write sum, or list the parts as lots"},
		{`label $out | .a`, forFigure, "label is not available: write first(...)"},
		{`try .a`, forFigure, "try is not available: write ? after what may fail"},
		{`..`, forFigure, ".. is not available: write the path out"},
		{`{a: .b}`, forFigure, "{ } is not available: an expression picks values; give each its own field of the definition"},
		{`@base64`, forFigure, "@base64 is not available: an expression picks values and does not format them"},
		{`@base64 "x\(.a)"`, forText, "@base64 is not available: an expression picks values and does not format them"},
		{`.a[.n] = 1`, forFigure, "= is not available: " + changes},
		{`.a |= 1`, forFigure, "|= is not available: " + changes},
		{`.a += 1`, forFigure, "+= is not available: " + changes},
		{`.a //= 1`, forFigure, "//= is not available: " + changes},
		{`.a, .b`, forFigure, "a comma gives two results: it is available inside [ ] only"},
		{`[map(.a, .b)]`, forFigure, "a comma gives two results: it is available inside [ ] only"},
		{`.[0, 1]`, forFigure, "a comma gives two results: it is available inside [ ] only"},
		{`.a as $x ?// [$x] | $x`, forFigure, "?// is not available: write the alternatives with //"},
		{`. as {(.a): $x} | $x`, forFigure, "a computed key is not available after `as`"},

		{`range(1e9)`, forFigure, "range is not available: an expression must be finite by its form: write the path out"},
		{`[limit(3; repeat(1))]`, forFigure, "limit is not available: an expression must be finite by its form: write the path out"},
		{`[recurse]`, forFigure, "recurse is not available: an expression must be finite by its form: write the path out"},
		{`.a | add`, forFigure, "add is not available: write sum, which reads every element as an amount, or list the parts as lots"},
		{`.a | tonumber`, forFigure, "tonumber is not available: write amount; a figure that is a plain path needs neither"},
		{`now`, forTime, "now is not available: give the time as it stands in the answer; the engine reads epochs, RFC 3339 and dates"},
		{`.a | fromdate`, forTime, "fromdate is not available: give the time as it stands in the answer; the engine reads epochs, RFC 3339 and dates"},
		{`env.HOME`, forText, "env is not available: an expression sees the answer, $headers, params and gives, and nothing else"},
		{`$ENV.HOME`, forText, "$ENV is not available: an expression sees the answer, $headers, params and gives, and nothing else"},
		{`$__loc__`, forText, "$__loc__ is not available: an expression sees the answer, $headers, params and gives, and nothing else"},
		{`input`, forText, "input is not available: an expression sees the answer, $headers, params and gives, and nothing else"},
		{`halt`, forText, "halt is not available: an expression sees the answer, $headers, params and gives, and nothing else"},
		{`.a | floor`, forFigure, "floor is not available: leave the figure as it is; the engine is exact"},
		{`.a | lenght`, forFigure, "lenght is not a function here; did you mean length?"},
		{`exact_add(.a; .b)`, forFigure, "exact_add is not a function here"},
		{`$api_key`, forText, "$api_key is not declared: it is neither a param, nor given by first, nor $headers"},
		{`.a as $x | .b | $y`, forText, "$y is not declared: it is neither a param, nor given by first, nor $headers"},
		{`(.a as $x | .b) | $x`, forText, "$x is not declared: it is neither a param, nor given by first, nor $headers"},
		{`select(.a; .b)`, forFigure, "select takes one argument"},
		{`length(.a)`, forFigure, "length takes no argument"},
		{`test("a"; "b"; "c")`, forCondition, "test takes 1 to 2 arguments"},
		{`test(.a)`, forCondition, "test takes a literal text in quotes"},
		{`test("(")`, forCondition, `"(" is not a regular expression of RE2`},
		{`sub("a"; "b"; .c)`, forText, "sub takes a literal text in quotes"},
		{`contains(.a)`, forCondition, "contains takes a literal text in quotes"},
		{`join(.a)`, forText, "join takes a literal text in quotes"},
		{`error(.k)`, forFigure, "error takes a literal text in quotes"},
		{`error("\(.k)")`, forFigure, "error takes a literal text in quotes"},
		{`error`, forFigure, "error takes one argument"},

		{`.a + 5`, forFigure, "+ is available between numbers only, and .a may be text or null: write (.a | amount)"},
		{`(.a | amount) * .b`, forFigure, "* is available between numbers only, and .b may be text or null: write (.b | amount)"},
		{`$team / 2`, forFigure, "/ is available between numbers only, and $team may be text or null: write ($team | amount)"},
		{`.a < 5`, forCondition, "< is available between numbers only, and .a may be text or null: write (.a | amount)"},
		{`[.[] | select(.a >= 5)]`, forList, ">= is available between numbers only, and .a may be text or null: write (.a | amount)"},
		{`-.a`, forFigure, "- is available before numbers only, and .a may be text or null: write (.a | amount)"},
		{`(.a as $limit | $limit) + 1`, forFigure, "+ is available between numbers only, and (.a as $limit | $limit) may be text or null: write ((.a as $limit | $limit) | amount)"},
		{`if .a then 1 else .b end + 1`, forFigure, "+ is available between numbers only, and if .a then 1 else .b end may be text or null: write (if .a then 1 else .b end | amount)"},
		{`.a | length == 0`, forCondition, "length is not compared with 0, because the length of null is 0: write . == [], or name what must be there"},
		{`0 < (.a | length)`, forCondition, "length is not compared with 0, because the length of null is 0: write . == [], or name what must be there"},

		{`.a // 0`, forFigure, invents},
		{`.a // .b // 0`, forFigure, invents},
		{`(.a // 0) | amount`, forFigure, invents},
		{`.a // (0 | amount)`, forFigure, invents},
		{`.a // -1`, forFigure, invents},
		{`(.a // []) | sum`, forFigure, invents},
		{`.a // if .b then 0 else .c end`, forFigure, invents},
		{`.a // "2026-01-01"`, forTime, invents},
		{`.a // true`, forFlag, invents},
		{`.a | not`, forFlag, "not is not available here, because it turns null into true: write {not: ...}"},
		{`"\(.a)_credits"`, forWord, `\( ) is not available in a word, because it writes "null" for what is missing: take a word of the answer, or give a literal for each case with if`},
		{`.a[]`, forList, "the engine takes the elements of the list itself: leave [] out, and write // [] after a list that may be absent"},
		{`.a[]?`, forList, "the engine takes the elements of the list itself: leave [] out, and write // [] after a list that may be absent"},
		{`[., .] | [., .] | [., .] | [., .] | [., .]`, forList, "holds its input too many times over: write it with fewer copies"},
		{`tostring | [.] | tostring | [.] | tostring | [.] | tostring | [.] | tostring`, forText, "holds its input too many times over: write it with fewer copies"},
	}
	for _, test := range tests {
		_, err := compile(test.source, test.purpose, testNames)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s\ngot:  %s\nwant: %s", test.source, got, test.want)
		}
	}
}

// A literal is harmless where it gives no figure.
func TestLiteralsThatAreHarmless(t *testing.T) {
	for source, purposes := range map[string][]purpose{
		`.a // "default"`: {forWord, forText, forGiven},
		`.a // false`:     {forCondition},
		`.a // []`:        {forList},
		`[.l[] | select((.a // "x") == "y") | .n] | sum`: {forFigure, forTime, forFlag},
		`if (.a // "x") == "y" then .b else .c end`:      {forFigure, forTime, forFlag},
		`.a // $limit`:                         {forFigure},
		`.a // .b`:                             {forFigure, forTime, forFlag},
		`.a | not`:                             {forCondition},
		`if .x == "a" then "a_b" else "c" end`: {forWord},
	} {
		for _, purpose := range purposes {
			if _, err := compile(source, purpose, testNames); err != nil {
				t.Errorf("%s: %v", source, err)
			}
		}
	}
}

// A plain path, which is walked without gojq's machine, gives what gojq would give.
func TestPlainPathsAreJQ(t *testing.T) {
	paths := []string{
		`.`, `.a`, `.a.b`, `."a b"`, `.["a"]`, `.[0]`, `.[-1]`, `.[1].a`, `.a[0]`, `.a | .b`, `.a | .[0] | .b`, `."a"."b"`,
		`$team`, `$headers.a`, `$headers["x-left"]`, `"text"`, `true`, `false`, `.a[-2].b`, `5`, `.[10]`, `.a."b"[0]`,
		`[]`, `.a // []`, `.a // .b`, `.a.b // .a[0] // $team`, `.a[0].b // false`, `false // .a`, `.a // .[0].a // "x"`, `$headers.none // .`,
	}
	inputs := []string{
		`null`, `true`, `5`, `"text"`, `""`, `"ß€x"`, `[]`, `[1]`, `[null, {"a": 1}]`, `{}`, `{"a": null}`, `{"a": {"b": [1]}}`,
		`{"a": [{"b": 1}, {"b": 2}]}`, `{"a": "bc"}`, `{"a b": 1, "a": false}`, `[[1], [2]]`, `{"a": {"b": "cd"}}`, `1.50`,
		`{"a": false, "b": 2}`, `{"a": false, "b": false}`, `{"a": [], "b": 1}`, `[false, 1]`, `[{"a": 0}, 2]`,
	}
	for _, source := range paths {
		query, err := gojq.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		plain, ok := asPath(query)
		if !ok {
			t.Errorf("%s is not taken for a plain path", source)
			continue
		}
		for _, in := range inputs {
			checkSamePath(t, query, plain, source, decode(t, in))
		}
	}
	for _, source := range []string{`.a?`, `.[]`, `.[1:2]`, `.[.a]`, `.[1.5]`, `."\(.a)"`, `.a | .b | length`, `[.a]`, `(.a).b`, `-1`, `null`, `.a as $x | .b`, `.a | $team`, `.[1, 2]`, `.a // null`, `(.a // .b).c`, `(.a // .b) // .c`, `.a // [1]`, `.a // .b | length`, `.a | .b // .c`, `.[0] // .a | .[1]`} {
		query, err := gojq.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := asPath(query); ok {
			t.Errorf("%s is taken for a plain path", source)
		}
	}
}

func checkSamePath(t *testing.T, query *gojq.Query, plain *plainPath, source string, in any) {
	t.Helper()
	code, err := gojq.Compile(query, gojq.WithVariables([]string{"$team", "$limit", "$headers"}))
	if err != nil {
		t.Fatal(err)
	}
	variables := testVariables()
	want, _ := code.Run(in, variables["team"], variables["limit"], variables[headersVariable]).Next()
	_, failed := want.(error)
	got, err := plain.walk(in, variables)
	switch {
	case failed != (err != nil):
		t.Errorf("%s on %v: %v (%v), jq: %v", source, in, got, err, want)
	case failed:
	case gojq.Compare(got, want) != 0 || !reflect.DeepEqual(typeName(got), typeName(want)):
		t.Errorf("%s on %v: %v, jq: %v", source, in, got, want)
	}
}

// A run ends at its deadline, and an error never quotes the answer.
func TestRunsAreBounded(t *testing.T) {
	list := "[" + strings.Repeat("1,", 20_000) + "1]"
	x, err := compile(`[.[] as $a | .[] as $b | select($a == $b)] | length`, forFigure, testNames)
	if err != nil {
		t.Fatal(err)
	}
	in, start := decode(t, list), time.Now()
	if _, err := x.run(t.Context(), in, nil); err == nil || err.Error() != "took over 1000 ms" {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 20*maxRun {
		t.Errorf("took %v", took)
	}
	if _, err := sum(decode(t, list)); err == nil {
		t.Error("sum of a list without end")
	}
}

func TestErrorsDoNotQuote(t *testing.T) {
	for source, in := range map[string]string{
		`.a[0] | startswith("x")`:     `{"a": [12345]}`,
		`.a | ascii_downcase`:         `{"a": {"key": "test-key-secret"}}`,
		`.a | amount`:                 `{"a": "test-key-secret"}`,
		`.a.b`:                        `{"a": "test-key-secret"}`,
		`.a | has("x")`:               `{"a": "test-key-secret"}`,
		`.a | map(.x)`:                `{"a": ["test-key-secret"]}`,
		`.a | length | -(. | amount)`: `{"a": true}`,
	} {
		x, err := compile(source, forFigure, testNames)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		_, err = x.run(t.Context(), decode(t, in), nil)
		if err == nil || strings.Contains(err.Error(), "test-key") || strings.Contains(err.Error(), "12345") {
			t.Errorf("%s: %v", source, err)
		}
	}
}
