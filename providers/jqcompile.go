package providers

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/itchyny/gojq"
)

// maxExpression bounds an expression's text.
const maxExpression = 2000

// digitAfterDot is a key that begins with a digit, which jq does not read: .gen4.5
var digitAfterDot = regexp.MustCompile(`\.([A-Za-z_]\w*)\.([0-9]\w*)`)

// compile checks an expression and compiles it. The error says what to write instead.
func compile(source string, purpose purpose, names names) (*expression, error) {
	if len(source) > maxExpression {
		return nil, fmt.Errorf("longer than %d characters", maxExpression)
	}
	query, err := gojq.Parse(source)
	if err != nil {
		return nil, unparsed(source, err)
	}
	c := &checker{purpose: purpose, names: names}
	if err := c.query(query, surroundings{}); err != nil {
		return nil, err
	}
	if purpose == forList && endsInIteration(query) {
		return nil, errors.New("the engine takes the elements of the list itself: leave [] out, and write // [] after a list that may be absent")
	}
	if copies(query) > maxCopies {
		return nil, errors.New("holds its input too many times over: write it with fewer copies")
	}
	x := &expression{source: oneLineOf(source), variables: c.variables, sayings: c.sayings}
	if plain, ok := asPath(query); ok {
		x.plain = plain
		return x, nil
	}
	options := functions()
	if len(c.variables) > 0 {
		dollars := make([]string, len(c.variables))
		for i, name := range c.variables {
			dollars[i] = "$" + name
		}
		options = append(options, gojq.WithVariables(dollars))
	}
	if x.code, err = gojq.Compile(query, options...); err != nil {
		return nil, errors.New("does not compile as jq")
	}
	return x, nil
}

// oneLineOf is an expression as messages show it.
func oneLineOf(source string) string {
	if !strings.ContainsAny(source, "\r\n") {
		return source
	}
	return strings.Join(strings.Fields(source), " ")
}

// unparsed says where an expression stops being jq.
func unparsed(source string, err error) error {
	if m := digitAfterDot.FindStringSubmatch(source); m != nil {
		return fmt.Errorf("not jq: a name that begins with a digit or holds a dot is written in quotes, such as .\"%s.%s\"", m[1], m[2])
	}
	parse, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return errors.New("not jq")
	}
	if parse.Token == "" || parse.Offset >= len(source)+len(parse.Token) {
		return errors.New("not jq: it ends too early; a # after a space begins a comment, and text with one needs quotes")
	}
	offset := max(parse.Offset-len(parse.Token), 0)
	return fmt.Errorf("not jq from character %d on, at %s", len([]rune(source[:min(offset, len(source))]))+1, parse.Token)
}

// endsInIteration tells whether the expression ends in [], or []?.
func endsInIteration(q *gojq.Query) bool {
	if q.Term == nil {
		return q.Op == gojq.OpPipe && endsInIteration(q.Right)
	}
	suffixes := q.Term.SuffixList
	for len(suffixes) > 0 && suffixes[len(suffixes)-1].Optional {
		suffixes = suffixes[:len(suffixes)-1]
	}
	return len(suffixes) > 0 && suffixes[len(suffixes)-1].Iter
}
