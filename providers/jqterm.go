package providers

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

func (c *checker) term(t *gojq.Term, s surroundings) error {
	if err := c.head(t, s); err != nil {
		return err
	}
	for _, suffix := range t.SuffixList {
		if err := c.index(suffix.Index, s); err != nil {
			return err
		}
	}
	return nil
}

// head checks a term without what follows it.
func (c *checker) head(t *gojq.Term, s surroundings) error {
	switch t.Type {
	case gojq.TermTypeIdentity, gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNumber:
		return nil
	case gojq.TermTypeIndex:
		return c.index(t.Index, s)
	case gojq.TermTypeFunc:
		return c.function(t.Func, s)
	case gojq.TermTypeArray:
		s.list = true
		return c.query(t.Array.Query, s)
	case gojq.TermTypeUnary:
		return c.unary(t, s)
	case gojq.TermTypeString:
		return c.text(t.Str, s)
	case gojq.TermTypeIf:
		return c.condition(t.If, s)
	case gojq.TermTypeQuery:
		return c.query(t.Query, s)
	case gojq.TermTypeRecurse:
		return errors.New(".. is not available: write the path out")
	case gojq.TermTypeObject:
		return errors.New("{ } is not available: an expression picks values; give each its own field of the definition")
	case gojq.TermTypeTry:
		return errors.New("try is not available: write ? after what may fail")
	case gojq.TermTypeReduce, gojq.TermTypeForeach:
		return errors.New("reduce and foreach are not available: write sum, or list the parts as lots")
	case gojq.TermTypeLabel, gojq.TermTypeBreak:
		return errors.New("label is not available: write first(...)")
	case gojq.TermTypeFormat:
		return fmt.Errorf("%s is not available: %s", t.Format, instead(t.Format))
	}
	return errors.New("this form of jq is not available")
}

// unary checks a sign. Before a number it is part of it; elsewhere its operand must be a number by its form.
func (c *checker) unary(t *gojq.Term, s surroundings) error {
	operand := &gojq.Query{Term: t.Unary.Term}
	if !c.number(operand, s) {
		return fmt.Errorf("%s is available before numbers only, and %s may be text or null: write (%s | amount)",
			t.Unary.Op, operand, operand)
	}
	if err := c.term(t.Unary.Term, s); err != nil {
		return err
	}
	if t.Unary.Term.Type != gojq.TermTypeNumber && t.Unary.Op == gojq.OpSub {
		negated := call(exactNegate, operand)
		negated.SuffixList = t.SuffixList
		*t = *negated
	}
	return nil
}

func (c *checker) index(index *gojq.Index, s surroundings) error {
	if index == nil {
		return nil
	}
	if index.Str != nil {
		if err := c.queries(index.Str.Queries, s); err != nil {
			return err
		}
	}
	s.list = false
	if err := c.query(index.Start, s); err != nil {
		return err
	}
	return c.query(index.End, s)
}

func (c *checker) queries(qs []*gojq.Query, s surroundings) error {
	for _, q := range qs {
		if err := c.query(q, s); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) text(text *gojq.String, s surroundings) error {
	if text.Queries != nil && c.purpose == forWord && !s.deciding {
		return errors.New(`\( ) is not available in a word, because it writes "null" for what is missing: take a word of the answer, or give a literal for each case with if`)
	}
	return c.queries(text.Queries, s)
}

func (c *checker) condition(t *gojq.If, s surroundings) error {
	deciding := s
	deciding.deciding = true
	if err := c.query(t.Cond, deciding); err != nil {
		return err
	}
	if err := c.query(t.Then, s); err != nil {
		return err
	}
	for _, other := range t.Elif {
		if err := c.query(other.Cond, deciding); err != nil {
			return err
		}
		if err := c.query(other.Then, s); err != nil {
			return err
		}
	}
	return c.query(t.Else, s)
}

// function checks a call, or a variable: gojq has both in one form.
func (c *checker) function(f *gojq.Func, s surroundings) error {
	if name, isVariable := strings.CutPrefix(f.Name, "$"); isVariable {
		return c.variable(name, s)
	}
	known, ok := available[f.Name]
	switch {
	case !ok:
		if hint := instead(f.Name); hint != "" {
			return fmt.Errorf("%s is not available: %s", f.Name, hint)
		}
		return fmt.Errorf("%s is not a function here%s", f.Name, near(f.Name))
	case len(f.Args) < known.least || len(f.Args) > known.most:
		return fmt.Errorf("%s takes %s", f.Name, arguments(known))
	case f.Name == "not" && c.purpose == forFlag:
		return errors.New("not is not available here, because it turns null into true: write {not: ...}")
	}
	for i, arg := range f.Args {
		if i >= known.literals && !(known.regexp && i == 2) {
			continue
		}
		text, ok := literalText(arg)
		if !ok {
			return fmt.Errorf("%s takes a literal text in quotes", f.Name)
		}
		if known.regexp && i == 0 {
			if err := regularExpression(text); err != nil {
				return err
			}
		}
		if f.Name == "error" {
			c.sayings = append(c.sayings, text)
		}
	}
	s.list = false
	s.deciding = s.deciding || known.deciding
	return c.queries(f.Args, s)
}

func arguments(f function) string {
	switch {
	case f.most == 0:
		return "no argument"
	case f.least == f.most && f.most == 1:
		return "one argument"
	case f.least == f.most:
		return fmt.Sprintf("%d arguments", f.most)
	}
	return fmt.Sprintf("%d to %d arguments", f.least, f.most)
}

func literalText(q *gojq.Query) (string, bool) {
	if q.Term == nil || q.Term.Type != gojq.TermTypeString || q.Term.Str.Queries != nil || len(q.Term.SuffixList) > 0 {
		return "", false
	}
	return q.Term.Str.Str, true
}

func (c *checker) variable(name string, s surroundings) error {
	if _, local := s.locals[name]; local {
		return nil
	}
	if _, declared := c.names[name]; !declared {
		if hint := instead("$" + name); hint != "" {
			return fmt.Errorf("$%s is not available: %s", name, hint)
		}
		return fmt.Errorf("$%s is not declared: it is neither a param, nor given by first, nor $headers", name)
	}
	if !slices.Contains(c.variables, name) {
		c.variables = append(c.variables, name)
	}
	return nil
}
