package providers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"
)

// plainPath is an expression that only walks down, such as .data[0].credits or $headers["x-left"], or a literal, or
// several of them with // between, such as .lots // []. Walking it takes nanoseconds, where starting gojq's machine takes
// microseconds; the results are the same.
type plainPath struct {
	variable string // where it starts; empty: the input
	literal  any    // what it starts from instead, when not nil; never modified
	steps    []step
	// otherwise is what stands behind //, nil for nothing.
	otherwise *plainPath
}

// step goes to a member of an object, or to an element of a list when key is nil.
type step struct {
	key   *string
	index int
}

// asPath is the query as a path; ok is false when it is more than that.
func asPath(q *gojq.Query) (p *plainPath, ok bool) {
	switch {
	case q == nil || q.Meta != nil || len(q.Imports)+len(q.FuncDefs) > 0:
		return nil, false
	case q.Term != nil:
		return plainTerm(q.Term)
	case q.Op == gojq.OpPipe && len(q.Patterns) == 0:
		left, okLeft := asPath(q.Left)
		right, okRight := asPath(q.Right)
		if !okLeft || !okRight || right.variable != "" || right.literal != nil || left.otherwise != nil || right.otherwise != nil {
			return nil, false
		}
		left.steps = append(left.steps, right.steps...)
		return left, true
	case q.Op == gojq.OpAlt:
		left, okLeft := asPath(q.Left)
		right, okRight := asPath(q.Right)
		if !okLeft || !okRight || left.otherwise != nil {
			return nil, false
		}
		left.otherwise = right
		return left, true
	}
	return nil, false
}

func plainTerm(t *gojq.Term) (*plainPath, bool) {
	p := &plainPath{}
	switch t.Type {
	case gojq.TermTypeIdentity:
	case gojq.TermTypeIndex:
		if !p.step(t.Index) {
			return nil, false
		}
	case gojq.TermTypeFunc:
		name, isVariable := strings.CutPrefix(t.Func.Name, "$")
		if !isVariable {
			return nil, false
		}
		p.variable = name
	case gojq.TermTypeNumber:
		p.literal = json.Number(t.Number)
	case gojq.TermTypeString:
		if t.Str.Queries != nil {
			return nil, false
		}
		p.literal = t.Str.Str
	case gojq.TermTypeTrue, gojq.TermTypeFalse:
		p.literal = t.Type == gojq.TermTypeTrue
	case gojq.TermTypeArray:
		if t.Array.Query != nil {
			return nil, false
		}
		p.literal = []any{}
	default:
		return nil, false
	}
	for _, suffix := range t.SuffixList {
		if suffix.Index == nil || !p.step(suffix.Index) {
			return nil, false
		}
	}
	return p, true
}

// step adds one step, unless it is computed or a slice.
func (p *plainPath) step(index *gojq.Index) bool {
	switch {
	case index.IsSlice:
		return false
	case index.Name != "":
		p.steps = append(p.steps, step{key: &index.Name})
		return true
	case index.Str != nil:
		p.steps = append(p.steps, step{key: &index.Str.Str})
		return index.Str.Queries == nil
	case index.Start == nil || index.Start.Term == nil || len(index.Start.Term.SuffixList) > 0:
		return false
	}
	switch t := index.Start.Term; t.Type {
	case gojq.TermTypeString:
		p.steps = append(p.steps, step{key: &t.Str.Str})
		return t.Str.Queries == nil
	case gojq.TermTypeNumber:
		return p.stepTo(t.Number)
	case gojq.TermTypeUnary:
		operand := t.Unary.Term
		if t.Unary.Op != gojq.OpSub || operand.Type != gojq.TermTypeNumber || len(operand.SuffixList) > 0 {
			return false
		}
		return p.stepTo("-" + operand.Number)
	}
	return false
}

func (p *plainPath) stepTo(number string) bool {
	i, err := strconv.Atoi(number)
	p.steps = append(p.steps, step{index: i})
	return err == nil
}

// walk gives what the path leads to, nil where it leads to nothing. What stands before // counts unless it is null or
// false; an error is one there, too, as gojq has it.
func (p *plainPath) walk(in any, variables map[string]any) (any, error) {
	for ; p.otherwise != nil; p = p.otherwise {
		if v, err := p.down(in, variables); err != nil || v != nil && v != false {
			return v, err
		}
	}
	return p.down(in, variables)
}

// down is walk without what stands behind //.
func (p *plainPath) down(in any, variables map[string]any) (any, error) {
	v := in
	switch {
	case p.literal != nil:
		v = p.literal
	case p.variable != "":
		v = variables[p.variable]
	}
	for _, s := range p.steps {
		next, ok := s.from(v)
		if !ok {
			return nil, fmt.Errorf("%s stands where %s is expected", article(v), s.expects())
		}
		v = next
	}
	return v, nil
}

func (s step) from(v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case map[string]any:
		if s.key == nil {
			return nil, false
		}
		return v[*s.key], true
	case []any:
		if s.key != nil {
			return nil, false
		}
		return element(v, s.index), true
	case string:
		if s.key != nil {
			return nil, false
		}
		// jq counts a text's characters, too.
		runes := []rune(v)
		if i := fromEnd(s.index, len(runes)); i >= 0 && i < len(runes) {
			return string(runes[i]), true
		}
		return nil, true
	}
	return nil, false
}

func (s step) expects() string {
	if s.key != nil {
		return "an object"
	}
	return "a list"
}

func element(list []any, index int) any {
	if i := fromEnd(index, len(list)); i >= 0 && i < len(list) {
		return list[i]
	}
	return nil
}

func fromEnd(index, length int) int {
	if index < 0 {
		return index + length
	}
	return index
}
