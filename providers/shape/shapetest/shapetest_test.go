package shapetest_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers/shape"
	"github.com/credits-exporter/credits_exporter/providers/shape/shapetest"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// load is a small loader with all that shapes can say.
func load(document []byte) strict.Problems {
	doc, root, ok := strict.Parse("f.yml", document)
	if !ok {
		return doc.Problems
	}
	m, ok := root.Map()
	if !ok {
		return doc.Problems
	}
	m.Require("name").Text()
	m.TakeFilled("count").Int(1, 9)
	if n := m.TakeFilled("colour"); n.Exists() {
		if word, ok := n.Text(); ok && word != "red" && word != "blue" {
			n.Problem("unknown word; known here: red, blue")
		}
	}
	if items, ok := m.Take("items").List(); ok {
		for _, item := range items {
			if at, ok := item.Map(); ok {
				at.Require("id").Text()
				at.Done()
			}
		}
	}
	if n := m.TakeFilled("size"); n.Form() == strict.Map {
		if at, ok := n.Map(); ok {
			at.Take("wide").Int(1, 9)
			at.Take("high").Int(1, 9)
			at.Done()
		}
	} else {
		n.Int(1, 9)
	}
	if labels, ok := m.TakeFilled("labels").Map(); ok {
		for _, e := range labels.Entries() {
			e.Value.Text()
		}
	}
	if key, ok := m.TakeFilled("key").Map(); ok {
		key.Take("file").Text()
		key.DoneHidden()
	}
	m.Done()
	return doc.Problems
}

// right is the shape of what load reads.
func right() *shape.Schema {
	return shape.Object(
		shape.Require("name", shape.Text().Like(regexp.MustCompile("^[a-z]+$")), "A name."),
		shape.Take("count", shape.Integer(1, 9), "How many."),
		shape.Take("colour", shape.Words("blue", "red"), "A colour."),
		shape.Take("items", shape.List(shape.Object(shape.Require("id", shape.Text(), "An id."))).OrEmpty(), "Items."),
		shape.Take("size", shape.Either(shape.Integer(1, 9), shape.Object(
			shape.Take("wide", shape.Integer(1, 9), "Width."),
			shape.Take("high", shape.Integer(1, 9), "Height."),
		).Filled().AtMostOne()), "A size."),
		shape.Take("labels", shape.Map(shape.Text().Lengths(2, 4).Unless(shape.Words("job")).Example("team"), shape.Text()).Filled().Offered(), "Labels."),
		shape.Take("key", shape.Object(shape.Take("file", shape.Text(), "A file.")), "A key."),
	)
}

// change replaces one field of the right shape, adds it, or, without a value, takes it away.
func change(name string, f *shape.Field) *shape.Schema {
	fields := slices.DeleteFunc(right().Properties, func(f shape.Field) bool { return f.Name == name })
	if f != nil {
		fields = append(fields, *f)
	}
	for i, f := range fields {
		// Object looks at how a field was made, and these were made before.
		if f.Name == "name" && name != "name" {
			fields[i] = shape.Require("name", f.Schema, "A name.")
		}
	}
	return shape.Object(fields...)
}

func TestCompareFindsNoDifference(t *testing.T) {
	for _, difference := range shapetest.Compare(right(), load) {
		t.Error(difference)
	}
}

func TestCompare(t *testing.T) {
	take := func(name string, s *shape.Schema) *shape.Schema {
		f := shape.Take(name, s, "")
		return change(name, &f)
	}
	for name, test := range map[string]struct {
		shape *shape.Schema
		want  string
	}{
		"a key too few":        {change("count", nil), `"": the loader knows the keys ["colour" "count" "items"`},
		"a key too many":       {take("more", shape.Text()), `"": the loader knows the keys ["colour" "count" "items"`},
		"not required":         {take("name", shape.Text()), `"": name: the loader must have it: true, the shape: false`},
		"required":             {func() *shape.Schema { f := shape.Require("count", shape.Integer(1, 9), ""); return change("count", &f) }(), `"": count: the loader must have it: false, the shape: true`},
		"another type":         {take("count", shape.Text()), `"count": the shape takes the type string, the loader refuses it`},
		"a type too few":       {take("size", shape.Integer(1, 9)), `"size": the shape refuses the type object, the loader takes it`},
		"a type too many":      {take("key", shape.Any()), `"key": the shape takes the type array, the loader refuses it`},
		"empty":                {take("key", shape.Object(shape.Take("file", shape.Text(), "")).OrEmpty()), `"key": the shape takes the type null, the loader refuses it`},
		"not empty":            {take("items", shape.List(shape.Object(shape.Require("id", shape.Text(), "")))), `"items": the shape refuses the type null, the loader takes it`},
		"a word too few":       {take("colour", shape.Words("red")), `"colour": the loader knows the words ["blue" "red"], the shape ["red"]`},
		"no words":             {take("name", shape.Words("a")), `"name": the loader takes a word that it should not know`},
		"key of an item":       {take("items", shape.List(shape.Object()).OrEmpty()), `"items[0]": the loader knows the keys ["id"], the shape []`},
		"key of an either":     {take("size", shape.Either(shape.Integer(1, 9), shape.Object(shape.Take("wide", shape.Integer(1, 9), "")))), `"size": the loader knows the keys ["high" "wide"], the shape ["wide"]`},
		"key beside secrets":   {take("key", shape.Object()), `"key": the loader knows the keys ["file"], the shape []`},
		"mapping of own keys":  {take("labels", shape.Object(shape.Take("team", shape.Text(), ""))), `"labels": the loader takes a key that it should not know`},
		"value of an own key":  {take("labels", shape.Map(shape.Text(), shape.Number())), `"labels.x": the shape takes the type number, the loader refuses it`},
		"keys that are listed": {take("key", shape.Map(shape.Text(), shape.Text())), `"key.x": the shape refuses the type array, the loader takes it`},
	} {
		t.Run(name, func(t *testing.T) {
			got := shapetest.Compare(test.shape, load)
			if !slices.ContainsFunc(got, func(difference string) bool { return strings.HasPrefix(difference, test.want) }) {
				t.Errorf("differences:\n%s\nwant: %s", strings.Join(got, "\n"), test.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"right":               {"name: a\ncount: 3\ncolour: red\nitems: [{id: '1'}]\nsize: {wide: 2}\nlabels: {team: x}\nkey: {file: f}\n", ""},
		"right, elsewhere":    {"name: &a a\nitems:\nsize: 2\nlabels: {team: *a}\n", ""},
		"not a mapping":       {"[a]", "not of type object"},
		"missing":             {"count: 1\n", "name is missing"},
		"unknown":             {"name: a\nnam: a\n", "nam: unknown key"},
		"pattern":             {"name: A\n", "name: does not match ^[a-z]+$"},
		"type":                {"name: 7\n", "name: not of type string"},
		"a date is text":      {"name: a\nlabels: {team: 2026-11-21}\n", ""},
		"below":               {"name: a\ncount: 0\n", "count: out of range"},
		"above":               {"name: a\ncount: 10\n", "count: out of range"},
		"not whole":           {"name: a\ncount: 1.5\n", "count: not of type integer"},
		"word":                {"name: a\ncolour: green\n", "colour: not one of the words"},
		"null":                {"name: a\ncount:\n", "count: not of type integer"},
		"item":                {"name: a\nitems: [{id: '1'}, {id: true}]\n", "items[1].id: not of type string"},
		"either, in its best": {"name: a\nsize: {wide: x}\n", "size.wide: not of type integer"},
		"either, no form":     {"name: a\nsize: x\n", "size: not of type integer"},
		"too many keys":       {"name: a\nsize: {wide: 1, high: 1}\n", "size: too few or too many keys"},
		"too few keys":        {"name: a\nlabels: {}\n", "labels: too few or too many keys"},
		"own key, short":      {"name: a\nlabels: {x: y}\n", "labels.x: too short or too long"},
		"own key, long":       {"name: a\nlabels: {groups: y}\n", "labels.groups: too short or too long"},
		"own key, taken":      {"name: a\nlabels: {job: y}\n", "labels.job: what it must not be"},
		"own value":           {"name: a\nlabels: {team: [y]}\n", "labels.team: not of type string"},
		"a merge key stays":   {"name: a\nkey: {<<: {file: a}}\n", "key.<<: unknown key"},
	} {
		t.Run(name, func(t *testing.T) {
			document, err := shapetest.Decode([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(shapetest.Check(right(), document), "\n"); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestCheckOfNeeds(t *testing.T) {
	s := shape.Object(shape.Take("a", shape.Bool(), ""), shape.Take("b", shape.Bool(), ""), shape.Take("c", shape.Bool(), "")).
		Needs([]string{"a"}, []string{"b", "c"})
	for in, want := range map[string]string{"{a: true}": "", "{b: true, c: true}": "", "{b: true}": "a is missing", "{}": "a is missing"} {
		document, err := shapetest.Decode([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(shapetest.Check(s, document), "\n"); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	if got := strings.Join(shapetest.Keys(right()), " "); got != "colour count file high id items key labels name size wide" {
		t.Errorf("keys %s", got)
	}
}
