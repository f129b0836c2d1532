package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// object and list are what YAML decodes to.
type (
	object = map[string]any
	list   = []any
)

// derive writes a configuration file that is the shipped one, changed by edit. What may differ is listed by path, as in
// `groups.*.interval`, where * stands for one key or index; any other difference fails the test. So what is tested is
// what is shipped.
func derive(t testing.TB, shipped, to string, mayDiffer []string, edit func(object)) {
	t.Helper()
	changed := decodeFile(t, shipped)
	edit(changed)
	writeYAML(t, to, changed)
	for _, path := range differences("", decodeFile(t, shipped), decodeFile(t, to)) {
		if !slices.ContainsFunc(mayDiffer, func(pattern string) bool { return matches(pattern, path) }) {
			t.Errorf("%s differs from the shipped %s in %s, which it must not", to, shipped, path)
		}
	}
}

func decodeFile(t testing.TB, name string) object {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var decoded object
	if err := yaml.Unmarshal(data, &decoded); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return decoded
}

func writeYAML(t testing.TB, name string, document any) {
	t.Helper()
	data, err := yaml.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, string(data))
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// differences lists the paths of the values that two documents do not share.
func differences(path string, a, b any) []string {
	switch a := a.(type) {
	case object:
		if b, ok := b.(object); ok {
			return objectDifferences(path, a, b)
		}
	case list:
		if b, ok := b.(list); ok && len(a) == len(b) {
			var paths []string
			for i := range a {
				paths = append(paths, differences(join(path, strconv.Itoa(i)), a[i], b[i])...)
			}
			return paths
		}
	}
	if reflect.DeepEqual(a, b) {
		return nil
	}
	return []string{path}
}

func objectDifferences(path string, a, b object) []string {
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	var paths []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		inA, okA := a[key]
		inB, okB := b[key]
		if okA != okB {
			paths = append(paths, join(path, key))
			continue
		}
		paths = append(paths, differences(join(path, key), inA, inB)...)
	}
	return paths
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// matches tells whether a path is what the pattern names, or lies below it.
func matches(pattern, path string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(path, ".")
	if len(have) < len(want) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != have[i] {
			return false
		}
	}
	return true
}

// replaceIn sets a key that an object must have.
func replaceIn(t testing.TB, in any, key string, value any) {
	t.Helper()
	o, ok := in.(object)
	if _, has := o[key]; !ok || !has {
		t.Fatalf("the shipped configuration has no %s to replace where the test looks for it", key)
	}
	o[key] = value
}

// each calls do for every element of a list under a key; a key that is not there is an empty list.
func each(t testing.TB, in any, key string, do func(element object)) {
	t.Helper()
	o, ok := in.(object)
	if !ok {
		t.Fatalf("want an object with %s, have %T", key, in)
	}
	elements, ok := o[key].(list)
	if !ok && o[key] != nil {
		t.Fatalf("%s is not a list", key)
	}
	for i, element := range elements {
		o, ok := element.(object)
		if !ok {
			t.Fatalf("%s is not a list of objects", fmt.Sprintf("%s[%d]", key, i))
		}
		do(o)
	}
}

func TestDerivedConfigurationMayDifferOnlyWhereItSays(t *testing.T) {
	one := object{"global": object{"interval": "1m", "name": "a"}, "rules": list{object{"for": "5m", "expr": "up"}}}
	for _, test := range []struct {
		name  string
		other object
		want  []string
	}{
		{"nothing", object{"global": object{"interval": "1m", "name": "a"}, "rules": list{object{"for": "5m", "expr": "up"}}}, nil},
		{
			"a value",
			object{"global": object{"interval": "1s", "name": "a"}, "rules": list{object{"for": "5m", "expr": "up"}}},
			[]string{"global.interval"},
		},
		{
			"a missing key",
			object{"global": object{"interval": "1m", "name": "a"}, "rules": list{object{"expr": "up"}}},
			[]string{"rules.0.for"},
		},
		{"another length", object{"global": object{"interval": "1m", "name": "a"}, "rules": list{}}, []string{"rules"}},
		{"another kind", object{"global": "none", "rules": list{object{"for": "5m", "expr": "up"}}}, []string{"global"}},
	} {
		if got := differences("", one, test.other); !slices.Equal(got, test.want) {
			t.Errorf("%s: have differences in %q, want %q", test.name, got, test.want)
		}
	}
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"rules.*.for", "rules.0.for", true},
		{"rules.*.for", "rules.0.expr", false},
		{"rules", "rules.0.expr", true},
		{"rules.*.for", "rules", false},
	} {
		if got := matches(test.pattern, test.path); got != test.want {
			t.Errorf("matches(%q, %q) = %v, want %v", test.pattern, test.path, got, test.want)
		}
	}
}
