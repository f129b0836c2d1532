package providers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/itchyny/gojq"
)

// maxRun bounds one run of an expression. The subset of jq that is available is finite, but a hostile answer can make
// a finite run long. An ordinary run takes microseconds, but on a machine with more to do than it can, it may wait for
// its turn in between, and that must not pass for a bad answer.
const maxRun = time.Second

var (
	errSeveral = errors.New("gives more than one result")
	errSlow    = fmt.Errorf("took over %d ms", maxRun.Milliseconds())
)

// expression is a checked and compiled expression of a definition. It only picks values out of an answer; reading them
// as amounts and times is the engine's. It is immutable and safe for concurrent use.
type expression struct {
	// source is the expression in one line, as it is shown.
	source string
	// plain is set for a plain path, which needs no machine: most expressions are one.
	plain *plainPath
	code  *gojq.Code
	// variables are those that the expression names, without the dollar sign.
	variables []string
	// sayings are the texts of its error("..."): the only texts of a failed run that may be shown.
	sayings []string
}

// run gives the expression's only result on in, nil where it is null or there is none. The error never quotes a value:
// gojq's own messages do, and so are not shown.
func (x *expression) run(ctx context.Context, in any, variables map[string]any) (any, error) {
	if x.plain != nil {
		return x.plain.walk(in, variables)
	}
	deadline, cancel := context.WithTimeout(ctx, maxRun)
	defer cancel()
	values := make([]any, len(x.variables))
	for i, name := range x.variables {
		values[i] = variables[name]
	}
	results := x.code.RunWithContext(deadline, in, values...)
	result, found := results.Next()
	if !found {
		return nil, nil
	}
	if err, failed := result.(error); failed {
		return nil, x.explain(ctx, err, in)
	}
	more, several := results.Next()
	if err, failed := more.(error); failed {
		return nil, x.explain(ctx, err, in)
	}
	if several {
		return nil, errSeveral
	}
	return result, nil
}

// explain says why a run failed, in words of ours or of the definition.
func (x *expression) explain(ctx context.Context, err error, in any) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errSlow
	}
	if ours, ok := errors.AsType[*functionError](err); ok {
		return ours
	}
	if said, ok := errors.AsType[gojq.ValueError](err); ok {
		if text, ok := said.Value().(string); ok && slices.Contains(x.sayings, text) {
			return errors.New(text)
		}
	}
	return fmt.Errorf("does not work here, where . is %s", article(in))
}
