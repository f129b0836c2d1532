package providers

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A definition that is read can be asked everything, and one that is not says why; neither takes the program down.
func FuzzParseDefinition(f *testing.F) {
	for _, pattern := range []string{"testdata/examples/*.yml", "catalog/*/provider.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add([]byte(complete))
	f.Add([]byte(signedDefinition))
	f.Add([]byte("schema: 1\nname: &n a\ncredentials: {*n : {}}\nrequest: *n\n"))
	f.Add([]byte("request: {url: {a: {b: //x}}, json: [[{}]]}\nbalances: [[], {lots: [{}]}]\nanswers: [1]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems := ParseDefinition("fuzz.yml", data)
		if (d == nil) != (len(problems) > 0) {
			t.Fatalf("definition %v, problems %v", d, problems)
		}
		if d == nil {
			for _, p := range problems {
				if p.Text == "" || p.File != "fuzz.yml" {
					t.Errorf("problem %+v", p)
				}
			}
			return
		}
		if d.Fingerprint() == "" || d.MinInterval <= 0 || d.Host(nil, nil) != "" && d.NeedsBaseURL() {
			t.Errorf("%+v", d)
		}
		vendor := transportFunc(respondToAnything)
		account := testAccount(d, vendor)
		account.Params = map[string]string{}
		for _, p := range d.Params {
			account.Params[p.Name] = "1"
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := NewEngine(d, testClock).Fetch(ctx, account)
		if got := outcome(Report{}, err); strings.Contains(got, "test-key") || strings.HasPrefix(got, "NOT") {
			t.Error(got)
		}
	})
}

// An expression that is let through ends soon, whatever it is run on, and its error quotes nothing of it.
func FuzzExpression(f *testing.F) {
	for _, source := range []string{
		`.a[.n] = 1`, `.a.b`, `.[0]`, `[.[] | select(.a == "x") | .b | amount] | sum`, `(.a | amount) - (.b | amount) * 2 / 3 % 4`,
		`if .a then .b else error("x") end`, `.a as [$x, {b: $y}] | $x // $y`, `"\(.a)\("x")"`, `capture("(?<n>.)") | .n`, `gsub(""; "x")`,
		`to_entries | map(.value) | unique | group_by(.a) | min_by(.b)`, `$headers["x"]`, `-$limit`, `.[-1:][0]?`, `[., .] | [., .] | tostring`,
		`first(.[] | .a) , 1`, `[.[] as $a | .[] as $b | $a]`, `.a // []`, `with_entries(.key |= .)`, `any(.a; .b)`, `split("x") | join("y")`, `..`,
	} {
		for _, in := range []string{`{"a": {"b": [1, "test-key"]}, "n": 1000000000}`, `[1, {"a": "x", "b": 2.50}, null]`, `"test-key"`, `1e400`, `{}`} {
			f.Add(source, in)
		}
	}
	f.Fuzz(func(t *testing.T, source, in string) {
		value, err := parseJSON([]byte(in))
		if err != nil || strings.Contains(source, "test-key") {
			return
		}
		for purpose := forFigure; purpose <= forGiven; purpose++ {
			x, err := compile(source, purpose, testNames)
			if err != nil {
				continue
			}
			start := time.Now()
			v, err := x.run(t.Context(), value, testVariables())
			if took := time.Since(start); took > 50*maxRun {
				t.Errorf("%s took %v", source, took)
			}
			if err != nil && strings.Contains(err.Error(), "test-key") {
				t.Errorf("%s: %v", source, err)
			}
			if name := typeName(v); name == "unknown" {
				t.Errorf("%s gives a %T", source, v)
			}
			return // the purposes differ in what they let through, and not in the run
		}
	})
}

// A report that is read holds what the ledger and the metrics may rely on, whatever the answer was.
func FuzzReport(f *testing.F) {
	files, err := filepath.Glob("testdata/examples/*.yml")
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{
		`{"credits": 12500, "breakdown": [{"purchase_kind": "Top-up", "remaining_units": 4000, "expiry_date": 1798761600}], "allow_usage": true}`,
		`{"balance_infos": [{"currency": "CNY", "total_balance": "1", "granted_balance": "1", "topped_up_balance": "0"}]}`,
		`{"balances": [{"balance_id": "b1", "amount": 102.35, "units": "usd"}]}`, `{"total": {"val": "-1234"}}`,
		`{"data": {"limit": 50, "limit_remaining": 12.75, "limit_reset": "monthly"}}`, `<r a="1"/>`,
		`{"character_count": 180118, "character_limit": 1250000, "end_time": "2026-12-13T09:29:26Z"}`, `[]`, ``, `{"total": {"val": 1e400}}`,
	} {
		for i := range files {
			f.Add(i, 200, body)
		}
	}
	var definitions []*Definition
	for _, file := range files {
		definitions = append(definitions, mustParse(f, file, mustRead(f, file)))
	}
	f.Fuzz(func(t *testing.T, which, status int, body string) {
		d := definitions[uint(which)%uint(len(definitions))]
		account := testAccount(d, transportFunc(func(r *http.Request) (*http.Response, error) {
			return reply(r, status, body), nil
		}))
		account.BaseURL = mustURL(t, "https://gateway.example")
		account.Params = map[string]string{}
		for _, p := range d.Params {
			if !p.Optional && p.Default == "" {
				account.Params[p.Name] = "1"
			}
		}
		report, err := NewEngine(d, testClock).Fetch(t.Context(), account)
		if err != nil {
			if got := outcome(report, err); strings.HasPrefix(got, "NOT") || strings.Contains(got, "test-key") {
				t.Error(got)
			}
			return
		}
		checkReport(t, d, report)
	})
}

func checkReport(t *testing.T, d *Definition, report Report) {
	t.Helper()
	if len(report.Balances) == 0 {
		t.Error("no balance")
	}
	seen := map[string]bool{}
	for _, b := range report.Balances {
		if seen[b.Unit] || !unitText.MatchString(b.Unit) || !d.Reports(b.Unit) {
			t.Errorf("unit %q", b.Unit)
		}
		seen[b.Unit] = true
		if !b.Listed && !b.Unlimited && (len(b.Lots) != 1 || b.Lots[0].ID != defaultLot || !b.Remaining.Known()) {
			t.Errorf("no lots are listed: %+v", b)
		}
		for _, a := range []Amount{b.Remaining, b.Allocated, b.Used, b.PlanAllocated} {
			if checkMagnitude(a) != nil {
				t.Errorf("%s is too large", a)
			}
		}
		for _, lot := range b.Lots {
			if !lot.Remaining.Known() || checkMagnitude(lot.Remaining) != nil || lot.Label() == "" || checkName(lot.Label()) != nil {
				t.Errorf("lot %+v", lot)
			}
		}
	}
}

func respondToAnything(r *http.Request) (*http.Response, error) {
	return reply(r, 200, `{"a": {"b": 1}, "data": {"credits": "5"}, "credits": 5, "list": [{"a": 1}], "name": "test"}`), nil
}
