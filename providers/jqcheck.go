package providers

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/itchyny/gojq"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// purpose is what the value of an expression is for, which decides what the expression may do.
type purpose int

const (
	forFigure    purpose = iota // an amount
	forTime                     // a time
	forFlag                     // usage_allowed
	forCondition                // when, ok, unlimited
	forWord                     // a computed unit or kind
	forList                     // each
	forText                     // an id, a plan
	forGiven                    // gives
)

// maxCopies bounds how many times over an expression may hold its input: [., .] | [., .] holds it four times.
const maxCopies = 16

// checker walks a parsed expression and refuses what is not available. On its way it puts exact arithmetic in the place
// of gojq's.
type checker struct {
	purpose purpose
	names   names
	// variables and sayings are what was found.
	variables []string
	sayings   []string
}

// names are the variables that expressions may use, without the dollar sign; true: always a number.
type names map[string]bool

// surroundings are where in an expression a part of it stands.
type surroundings struct {
	list     bool  // inside [ ]
	deciding bool  // inside a condition
	locals   names // bound by `as`
}

func (c *checker) query(q *gojq.Query, s surroundings) error {
	switch {
	case q == nil:
		return nil
	case q.Meta != nil || len(q.Imports) > 0:
		return errors.New("import is not available")
	case len(q.FuncDefs) > 0:
		return errors.New("def is not available: write the expression out")
	case q.Term != nil:
		return c.term(q.Term, s)
	case q.Left == nil || q.Right == nil:
		return errors.New("the expression is empty")
	case q.Op == gojq.OpPipe && len(q.Patterns) > 0:
		return c.binding(q, s)
	}
	if err := c.operator(q, s); err != nil {
		return err
	}
	if err := c.query(q.Left, s); err != nil {
		return err
	}
	if err := c.query(q.Right, s); err != nil {
		return err
	}
	if name, arithmetic := exact[q.Op]; arithmetic {
		*q = gojq.Query{Term: call(name, q.Left, q.Right)}
	}
	return nil
}

func call(name string, args ...*gojq.Query) *gojq.Term {
	return &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}
}

// operator checks an operator with its two sides, as far as it concerns both.
func (c *checker) operator(q *gojq.Query, s surroundings) error {
	switch q.Op {
	case gojq.OpPipe, gojq.OpAnd, gojq.OpOr:
		return nil
	case gojq.OpComma:
		if !s.list {
			return errors.New("a comma gives two results: it is available inside [ ] only")
		}
		return nil
	case gojq.OpAlt:
		if slices.Contains([]purpose{forFigure, forTime, forFlag}, c.purpose) && !s.deciding && constant(q.Right) {
			return errors.New("// with a literal on its right would invent a value: leave it out, and what is not in the answer is absent or an error")
		}
		return nil
	case gojq.OpEq, gojq.OpNe:
		return lengthOfNothing(q)
	case gojq.OpLt, gojq.OpLe, gojq.OpGt, gojq.OpGe:
		if err := lengthOfNothing(q); err != nil {
			return err
		}
	case gojq.OpAdd, gojq.OpSub, gojq.OpMul, gojq.OpDiv, gojq.OpMod:
	default:
		return fmt.Errorf("%s is not available: an expression picks values and changes none", q.Op)
	}
	if q.Op == gojq.OpSub && looksLikeName(q.Right) {
		return fmt.Errorf("a minus stands before %s: a name with a dash in it is written .\"a-b\"", q.Right)
	}
	for _, side := range []*gojq.Query{q.Left, q.Right} {
		if c.number(side, s) {
			continue
		}
		return fmt.Errorf("%s is available between numbers only, and %s may be text or null: write (%s | amount)", q.Op, side, side)
	}
	return nil
}

// lengthOfNothing refuses to compare length with 0: the length of null is 0, so that what is missing would be empty.
func lengthOfNothing(q *gojq.Query) error {
	zero := func(q *gojq.Query) bool {
		return q.Term != nil && q.Term.Type == gojq.TermTypeNumber && q.Term.Number == "0"
	}
	if zero(q.Left) && endsIn(q.Right, "length") || zero(q.Right) && endsIn(q.Left, "length") {
		return errors.New("length is not compared with 0, because the length of null is 0: write . == [], or name what must be there")
	}
	return nil
}

// endsIn tells whether the query, or the end of its pipe, is the function.
func endsIn(q *gojq.Query, function string) bool {
	switch {
	case q.Term == nil:
		return q.Op == gojq.OpPipe && endsIn(q.Right, function)
	case q.Term.Type == gojq.TermTypeQuery && len(q.Term.SuffixList) == 0:
		return endsIn(q.Term.Query, function)
	}
	return q.Term.Type == gojq.TermTypeFunc && q.Term.Func.Name == function && len(q.Term.SuffixList) == 0
}

// looksLikeName tells whether the query is a bare word that is no function: the second half of .x-y.
func looksLikeName(q *gojq.Query) bool {
	if q.Term == nil || q.Term.Type != gojq.TermTypeFunc || len(q.Term.Func.Args) > 0 {
		return false
	}
	name := q.Term.Func.Name
	_, known := available[name]
	return !known && !strings.HasPrefix(name, "$")
}

// binding checks `LEFT as $x | RIGHT`.
func (c *checker) binding(q *gojq.Query, s surroundings) error {
	if len(q.Patterns) > 1 {
		return errors.New("?// is not available: write the alternatives with //")
	}
	if err := c.pattern(q.Patterns[0]); err != nil {
		return err
	}
	inner := c.within(q, s)
	if err := c.query(q.Left, s); err != nil {
		return err
	}
	return c.query(q.Right, inner)
}

// within are the surroundings of RIGHT in `LEFT as $x | RIGHT`.
func (c *checker) within(q *gojq.Query, s surroundings) surroundings {
	locals := names{}
	maps.Copy(locals, s.locals)
	for _, pattern := range q.Patterns {
		for _, name := range bound(pattern) {
			locals[name] = pattern.Name != "" && c.number(q.Left, s)
		}
	}
	s.locals = locals
	return s
}

// pattern allows what names keys literally: $x, [$x, $y] and {a: $x}.
func (c *checker) pattern(p *gojq.Pattern) error {
	for _, element := range p.Array {
		if err := c.pattern(element); err != nil {
			return err
		}
	}
	for _, member := range p.Object {
		if member.KeyQuery != nil || member.KeyString != nil && member.KeyString.Queries != nil {
			return errors.New("a computed key is not available after `as`")
		}
		if member.Val != nil {
			if err := c.pattern(member.Val); err != nil {
				return err
			}
		}
	}
	return nil
}

// bound lists the names that a pattern binds, without the dollar sign.
func bound(p *gojq.Pattern) []string {
	var found []string
	if p.Name != "" {
		found = append(found, strings.TrimPrefix(p.Name, "$"))
	}
	for _, element := range p.Array {
		found = append(found, bound(element)...)
	}
	for _, member := range p.Object {
		if name, isVariable := strings.CutPrefix(member.Key, "$"); isVariable {
			found = append(found, name)
		}
		if member.Val != nil {
			found = append(found, bound(member.Val)...)
		}
	}
	return found
}

// regularExpression checks that a literal compiles, so that it cannot fail at run time.
func regularExpression(text string) error {
	if _, err := regexp.Compile(text); err != nil {
		return fmt.Errorf("%q is not a regular expression of RE2", text)
	}
	return nil
}

// near suggests a function for a mistyped one.
func near(name string) string {
	known := make([]string, 0, len(available))
	for candidate := range available {
		known = append(known, candidate)
	}
	slices.Sort(known)
	if candidate, ok := strict.Nearest(name, known); ok {
		return "; did you mean " + candidate + "?"
	}
	return ""
}
