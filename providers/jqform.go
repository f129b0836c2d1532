package providers

import (
	"strings"

	"github.com/itchyny/gojq"
)

// number tells whether the query gives a number by its form, whatever the answer holds: a literal, a param that is a
// number, (... | amount), sum, length, and arithmetic on them.
func (c *checker) number(q *gojq.Query, s surroundings) bool {
	if q.Term != nil {
		return c.numberTerm(q.Term, s)
	}
	switch q.Op {
	case gojq.OpPipe:
		return c.number(q.Right, c.within(q, s))
	case gojq.OpAdd, gojq.OpSub, gojq.OpMul, gojq.OpDiv, gojq.OpMod:
		return c.number(q.Left, s) && c.number(q.Right, s)
	}
	return false
}

func (c *checker) numberTerm(t *gojq.Term, s surroundings) bool {
	if len(t.SuffixList) > 0 {
		return false
	}
	switch t.Type {
	case gojq.TermTypeNumber:
		return true
	case gojq.TermTypeUnary:
		return c.numberTerm(t.Unary.Term, s)
	case gojq.TermTypeQuery:
		return c.number(t.Query, s)
	case gojq.TermTypeIf:
		return c.numberBranches(t.If, s)
	case gojq.TermTypeFunc:
		switch name := t.Func.Name; {
		case strings.HasPrefix(name, "$"):
			number, local := s.locals[name[1:]]
			return number || !local && c.names[name[1:]]
		default:
			return name == "amount" || name == "sum" || name == "length"
		}
	}
	return false
}

func (c *checker) numberBranches(t *gojq.If, s surroundings) bool {
	for _, other := range t.Elif {
		if !c.number(other.Then, s) {
			return false
		}
	}
	return t.Else != nil && c.number(t.Then, s) && c.number(t.Else, s)
}

// constant tells whether the query gives the same value whatever the answer holds.
func constant(q *gojq.Query) bool {
	switch {
	case q == nil:
		return true
	case q.Term == nil && q.Op == gojq.OpPipe:
		return constant(q.Left) || constant(q.Right)
	case q.Term == nil:
		return constant(q.Left) && constant(q.Right)
	}
	switch t := q.Term; t.Type {
	case gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNumber:
		return true
	case gojq.TermTypeString:
		return t.Str.Queries == nil
	case gojq.TermTypeUnary:
		return constant(&gojq.Query{Term: t.Unary.Term})
	case gojq.TermTypeArray:
		return constant(t.Array.Query)
	case gojq.TermTypeQuery:
		return constant(t.Query)
	case gojq.TermTypeIf:
		return constant(t.If.Then) || t.If.Else != nil && constant(t.If.Else)
	}
	return false
}

// escaped is by how much text can grow when it is written as JSON.
const escaped = 2

// copies is how many times over the result may hold the input, at most. It keeps a short expression from turning an
// answer of a megabyte into one of gigabytes before its deadline is looked at.
func copies(q *gojq.Query) int {
	switch {
	case q == nil:
		return 1
	case q.Term != nil:
		return copiesOfTerm(q.Term)
	case q.Op == gojq.OpPipe:
		return bounded(copies(q.Left) * copies(q.Right))
	case q.Op == gojq.OpComma:
		return bounded(copies(q.Left) + copies(q.Right))
	}
	return max(copies(q.Left), copies(q.Right))
}

// bounded keeps products from overflowing.
func bounded(n int) int { return min(n, maxCopies+1) }

func copiesOfTerm(t *gojq.Term) int {
	n := 1
	switch t.Type {
	case gojq.TermTypeArray:
		n = copies(t.Array.Query)
	case gojq.TermTypeQuery:
		n = copies(t.Query)
	case gojq.TermTypeUnary:
		n = copiesOfTerm(t.Unary.Term)
	case gojq.TermTypeString:
		n = escaped * copiesOfAll(t.Str.Queries)
	case gojq.TermTypeFunc:
		n = copiesOfAll(t.Func.Args)
		if t.Func.Name == "tostring" {
			n = escaped
		}
	case gojq.TermTypeIf:
		n = max(copies(t.If.Then), copies(t.If.Else))
		for _, other := range t.If.Elif {
			n = max(n, copies(other.Then))
		}
	}
	return max(bounded(n), 1)
}

// copiesOfAll adds up. Literal text between the parts of a string counts for nothing.
func copiesOfAll(qs []*gojq.Query) int {
	n := 0
	for _, q := range qs {
		if _, literal := literalText(q); !literal {
			n = bounded(n + copies(q))
		}
	}
	return n
}
