package strict_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

const jsonList = `[
  {"name": "a", "size": 12},
  {"näme": "é", "größe": [1, {"tief": null}]}, {"name": "c"}
]
`

// described is all that a document says, with the place of each value.
func described(n strict.Node) []strict.Problem {
	all := []strict.Problem{n.Note("%d %s", n.Form(), n.AppendCanonical(nil))}
	switch n.Form() {
	case strict.List:
		items, _ := n.List()
		for _, item := range items {
			all = append(all, described(item)...)
		}
	case strict.Map:
		m, _ := n.Map()
		for _, e := range m.Entries() {
			all = append(all, described(e.Value)...)
		}
	}
	return all
}

// FuzzParseJSON holds that JSON is read as if it were read as YAML, except for what the YAML parser cannot read.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		jsonList, "[]", " [1, -2.5e3, 1e999, true, false, null, \"\"]", `["\u00e9\n\/\"\\", "\ud83d\ude00", "\ud83d", "` + "\ufffd" + `"]`,
		"[\n\t{\"a\" : {\"a\": 1, \"a\": 2, \"<<\": 3}}\n]\n", "[1,\r\n2]", "[\"a\u2028b\"]", "[\"\u007f\"]", "[1] [2]", "[1,]", "[1}", "{\"a\": 1}",
		`[{"` + strings.Repeat("k", 2000) + `":1}]`, strings.Repeat("[", 200) + strings.Repeat("]", 200), "[\"a\xff\"]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, root, ok := strict.ParseJSON("f.json", data)
		pieces, cut := strict.CutJSON(data)
		if ok && !cut {
			t.Fatal("read whole, and not in pieces")
		}
		if !ok {
			if cut {
				checkOdd(t, data, pieces)
			}
			return
		}
		got := described(root)
		if want, roots, ok := strict.ParseAll("f.json", data); ok {
			if len(roots) != 1 {
				t.Fatalf("%d documents", len(roots))
			}
			if wanted := described(roots[0]); !reflect.DeepEqual(got, wanted) || !reflect.DeepEqual(doc.Problems, want.Problems) {
				t.Fatalf("as JSON:\n%v\n%v\nas YAML:\n%v\n%v", got, doc.Problems, wanted, want.Problems)
			}
		}
		checkPieces(t, data, root, pieces)
	})
}

// checkOdd holds that of a list which is not read whole not all items are read.
func checkOdd(t *testing.T, data []byte, pieces []strict.Piece) {
	t.Helper()
	var texts [][]byte
	for _, piece := range pieces {
		texts = append(texts, data[piece.From:piece.To])
	}
	if _, ok := strict.ParseJSONItems("f.json", texts); ok {
		t.Fatal("read in pieces, and not whole")
	}
}

// checkPieces holds that the items of a list say alone what they say in it.
func checkPieces(t *testing.T, data []byte, root strict.Node, pieces []strict.Piece) {
	t.Helper()
	whole, _ := root.List()
	texts := make([][]byte, len(pieces))
	for i, piece := range pieces {
		texts[i] = data[piece.From:piece.To]
	}
	items, ok := strict.ParseJSONItems("f.json", texts)
	if !ok || len(items) != len(whole) {
		t.Fatalf("%d items, %v; want %d", len(items), ok, len(whole))
	}
	for i, item := range items {
		var got []strict.Problem
		for _, said := range described(item.Node) {
			got = append(got, said.Moved(strict.Offset{Items: i, Lines: pieces[i].Line, Columns: pieces[i].Column}))
		}
		if want := described(whole[i]); !slices.Equal(got, want) {
			t.Fatalf("item %d alone:\n%v\nin the list:\n%v", i, got, want)
		}
	}
}

func TestJSONHasPlaces(t *testing.T) {
	_, root, ok := strict.ParseJSON("f.json", []byte(jsonList))
	if !ok {
		t.Fatal("not read")
	}
	var got []string
	for _, said := range described(root) {
		got = append(got, said.Error())
	}
	want := []string{
		`f.json:1:1: 5 [{"name":"a","size":12,},{"größe":[1,{"tief":null,},],"näme":"é",},{"name":"c",},]`,
		`f.json:2:3: [0]: 6 {"name":"a","size":12,}`,
		`f.json:2:12: [0].name: 2 "a"`,
		`f.json:2:25: [0].size: 3 12`,
		`f.json:3:3: [1]: 6 {"größe":[1,{"tief":null,},],"näme":"é",}`,
		`f.json:3:12: [1].näme: 2 "é"`,
		`f.json:3:26: [1].größe: 5 [1,{"tief":null,},]`,
		`f.json:3:27: [1].größe[0]: 3 1`,
		`f.json:3:30: [1].größe[1]: 6 {"tief":null,}`,
		`f.json:3:39: [1].größe[1].tief: 1 null`,
		`f.json:3:48: [2]: 6 {"name":"c",}`,
		`f.json:3:57: [2].name: 2 "c"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatIsNoJSONListIsLeftToYAML(t *testing.T) {
	for name, text := range map[string]string{
		"a block list":        "- a\n",
		"a flow list":         "[a, b]",
		"a comment":           "[1] # one\n",
		"a mapping":           `{"a": 1}`,
		"a number":            "1",
		"nothing":             "",
		"a comma at the end":  "[1, ]",
		"two":                 "[1]\n[2]\n",
		"half a pair":         `["\ud83d"]`,
		"another line break":  "[\"a\u2028b\"]",
		"lines as of Windows": "[1,\r\n2]",
		"no UTF-8":            "[\"\xff\"]",
		"cut short":           `[{"a": 1}`,
	} {
		if _, _, ok := strict.ParseJSON("f.json", []byte(text)); ok {
			t.Errorf("%s: read", name)
		}
	}
	const deep = 1 << 20
	if _, _, ok := strict.ParseJSON("f.json", []byte(strings.Repeat("[", deep)+strings.Repeat("]", deep))); ok {
		t.Error("very deep: read")
	}
}
