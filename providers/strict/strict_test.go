package strict_test

import (
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// read takes the keys that the cases below know.
func read(root strict.Node) {
	m, ok := root.Map()
	if !ok {
		return
	}
	m.Require("name").Text()
	m.Take("enabled").Bool()
	m.Take("count").Int(1, 9)
	m.TakeFilled("note").Text()
	if items, ok := m.Take("items").List(); ok {
		for _, item := range items {
			item.Text()
		}
	}
	if labels, ok := m.Take("labels").Map(); ok {
		for _, e := range labels.Entries() {
			e.Value.Raw()
		}
	}
	if key, ok := m.Take("key").Map(); ok {
		key.Take("file").Text()
		key.Take("env").Text()
		key.DoneHidden()
	}
	if none, ok := m.Take("none").Map(); ok {
		none.Done()
	}
	m.Done()
}

func TestProblems(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []string
	}{
		"good":              {"name: a\nenabled: true\ncount: 3\nitems: [x, y]\nlabels: {a: 1, b: c}\n", nil},
		"empty value":       {"name: a\nitems:\n", nil},
		"alias":             {"name: &n a\nitems: [*n]\n", nil},
		"empty file":        {"", []string{"f.yml: the file is empty"}},
		"comment only":      {"# nothing\n", []string{"f.yml: the file is empty"}},
		"not a mapping":     {"- a\n", []string{"f.yml:1:1: must be a mapping, not a list"}},
		"not YAML":          {"name: [a\n", []string{"f.yml:1:1: not valid YAML: did not find expected ',' or ']'; inside { } and [ ], text that holds one of , [ ] { } must be quoted"}},
		"two documents":     {"name: a\n---\nname: b\n", []string{"f.yml:2:1: a second document begins here; one file holds one document"}},
		"unknown, near":     {"name: a\nenabeld: true\n", []string{"f.yml:2:1: enabeld: unknown key; did you mean enabled?"}},
		"unknown, far":      {"name: a\nzzzzzz: 1\n", []string{"f.yml:2:1: zzzzzz: unknown key; known here: count, enabled, items, key, labels, name, none, note"}},
		"twice":             {"name: a\nname: b\n", []string{"f.yml:2:1: name: this key stands here a second time, first on line 1"}},
		"missing":           {"count: 1\n", []string{"f.yml:1:1: name is missing"}},
		"number for text":   {"name: 12\n", []string{`f.yml:1:7: name: must be text, not a number: write "12" in quotes`}},
		"text for boolean":  {"name: a\nenabled: maybe\n", []string{"f.yml:2:10: enabled: must be true or false, not text"}},
		"out of range":      {"name: a\ncount: 10\n", []string{"f.yml:2:8: count: must be a whole number from 1 to 9"}},
		"item":              {"name: a\nitems: [x, {a: b}]\n", []string{"f.yml:2:12: items[1]: must be text, not a mapping; quote text that begins with {"}},
		"merge":             {"name: a\nlabels: {<<: {a: b}}\n", []string{"f.yml:2:10: labels: merge keys (<<) are not supported; write the keys out"}},
		"unquoted template": {"name: {{api_key}}\n", []string{"f.yml:1:7: name: must be text, not a mapping; quote text that begins with {"}},
		"block mapping":     {"name:\n  a: b\n", []string{"f.yml:2:3: name: must be text, not a mapping"}},
		"empty":             {"name: a\nnote:\n", []string{"f.yml:2:1: note: is empty: give it a value or leave the key out"}},
		"hidden":            {"name: a\nkey: {\n  file: x,\n  test-key-1: }\n", []string{"f.yml:4:3: key: unknown key; known here: env, file"}},
		"nothing known":     {"name: a\nnone: {x: 1}\n", []string{"f.yml:2:8: none.x: unknown key; none is known here"}},
		"unknown anchor":    {"name: a\nitems: [*test-key-1]\n", []string{"f.yml:2:1: not valid YAML: an alias (*) stands for an anchor (&) that is not in the file before it; quote text that begins with *"}},
		"several at once": {"nam: a\ncount: x\n", []string{
			"f.yml:1:1: name is missing",
			"f.yml:1:1: nam: unknown key; did you mean name?",
			"f.yml:2:8: count: must be a whole number, not text",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			doc, root, ok := strict.Parse("f.yml", []byte(test.in))
			if ok {
				read(root)
			}
			got := ""
			if err := doc.Problems.Err(); err != nil {
				got = err.Error()
			}
			if want := strings.Join(test.want, "\n"); got != want {
				t.Errorf("problems:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// A few nested aliases may stand for millions of values; reading them must end.
func TestAliasesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: a\na: &aa [x]\n")
	for i := range 12 {
		prev, next := string(rune('a'+i)), string(rune('a'+i+1))
		b.WriteString("b" + next + ": &a" + next + " [" + strings.Repeat("*a"+prev+", ", 9) + "*a" + prev + "]\n")
	}
	b.WriteString("items: *am\n")
	doc, root, ok := strict.Parse("f.yml", []byte(b.String()))
	if !ok {
		t.Fatalf("not parsed: %v", doc.Problems)
	}
	m, _ := root.Map()
	walk(m.Take("items"))
	if err := doc.Problems.Err(); err == nil || !strings.Contains(err.Error(), "aliases are followed") {
		t.Errorf("problems: %v", err)
	}
}

func walk(n strict.Node) {
	if n.Form() != strict.List {
		return
	}
	items, _ := n.List()
	for _, item := range items {
		walk(item)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("name: a\nitems: [x]\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Add([]byte("{a: {b: [1, 2, !!binary x]}}"))
	f.Add([]byte("? {a: b}\n: c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, root, ok := strict.Parse("f.yml", data)
		if ok {
			read(root)
		} else if len(doc.Problems) == 0 {
			t.Error("refused without a problem")
		}
	})
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"intervall": "interval", "timout": "timeout", "x": "", "zzz": ""} {
		if got, _ := strict.Nearest(word, []string{"interval", "timeout", "name"}); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	canonical := func(in string) string {
		doc, root, ok := strict.Parse("f.yml", []byte(in))
		if !ok {
			t.Fatalf("not parsed: %v", doc.Problems)
		}
		return string(root.AppendCanonical(nil))
	}
	want := canonical("a: 1\nb: [x, {c: d}]\n")
	for name, same := range map[string]string{
		"order":   "b: [x, {c: d}]\na: 1\n",
		"layout":  "# comment\na: 1\nb:\n  - x   # here\n  - c: d\n",
		"quotes":  "\"a\": 1\nb: ['x', {c: \"d\"}]\n",
		"aliases": "a: 1\nb: [x, &m {c: d}]\n",
	} {
		if got := canonical(same); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, other := range map[string]string{
		"type":  "a: \"1\"\nb: [x, {c: d}]\n",
		"value": "a: 1\nb: [x, {c: e}]\n",
		"order": "a: 1\nb: [{c: d}, x]\n",
		"key":   "a: 1\nB: [x, {c: d}]\n",
	} {
		if canonical(other) == want {
			t.Errorf("%s: same form as another document", name)
		}
	}
}

func TestItemsAreAsIfAlone(t *testing.T) {
	const text = "- name: a\n  # why\n- name: b\n  size: big\n- {name: c}\n"
	items, ok := strict.ParseItems("list.yml", []byte(text), []int{0, 2, 4})
	if !ok || len(items) != 3 {
		t.Fatalf("%d items, %v", len(items), ok)
	}
	for i, want := range []string{
		"list.yml:1:3: [0].name: unknown key; none is known here",
		"list.yml:1:3: [0].name: unknown key; none is known here\nlist.yml:2:3: [0].size: unknown key; none is known here",
		"list.yml:1:4: [0].name: unknown key; none is known here",
	} {
		m, ok := items[i].Node.Map()
		if !ok {
			t.Fatalf("item %d is no mapping", i)
		}
		m.Done()
		if got := items[i].Document.Problems.Error(); got != want {
			t.Errorf("item %d:\n%s\nwant\n%s", i, got, want)
		}
	}
	for name, bad := range map[string]struct {
		text  string
		above []int
	}{
		"no YAML":                  {"- {a\n", []int{0}},
		"a mapping":                {"a: 1\n", []int{0}},
		"two documents":            {"- a\n---\n- b\n", []int{0, 2}},
		"fewer":                    {"- a\n", []int{0, 1}},
		"elsewhere":                {"- a\n- b\n", []int{0, 2}},
		"as many, but not in line": {"- 'a\n- b'\n-\n  c\n", []int{0, 1}},
	} {
		if _, ok := strict.ParseItems("list.yml", []byte(bad.text), bad.above); ok {
			t.Errorf("%s: read", name)
		}
	}
}
