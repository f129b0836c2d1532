package providers

import (
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/itchyny/gojq"
)

const (
	// maxExactText is how long a number may be when it is handed back to gojq exactly; ParseAmount reads 64 characters.
	maxExactText = 60
	// roundedDigits is what is kept of those that are longer, or have no end; roundedBits are enough for it.
	roundedDigits = 39
	roundedBits   = 136
)

// functionError is an error of one of our functions. Its text quotes no value.
type functionError struct{ text string }

func (e *functionError) Error() string { return e.text }

// exact are the operators that work on amounts, and the functions that stand in for them: gojq's own compute in floats,
// in which 20 - 12.345 is 7.654999999999999.
var exact = map[gojq.Operator]string{
	gojq.OpAdd: "exact_add",
	gojq.OpSub: "exact_subtract",
	gojq.OpMul: "exact_multiply",
	gojq.OpDiv: "exact_divide",
	gojq.OpMod: "exact_remainder",
}

const exactNegate = "exact_negate"

// functions are our own in jq: amount and sum, and the exact operators.
func functions() []gojq.CompilerOption {
	return []gojq.CompilerOption{
		gojq.WithFunction("amount", 0, 0, func(in any, _ []any) any { return fromAmount(readAmount(in)) }),
		gojq.WithFunction("sum", 0, 0, func(in any, _ []any) any { return fromAmount(sum(in)) }),
		gojq.WithFunction(exactNegate, 1, 1, func(_ any, args []any) any {
			a, err := readAmount(args[0])
			return fromAmount(NewAmount(0).Sub(a), err)
		}),
		binary(gojq.OpAdd, Amount.Add),
		binary(gojq.OpSub, Amount.Sub),
		binary(gojq.OpMul, Amount.Mul),
		binary(gojq.OpDiv, Amount.Div),
		binary(gojq.OpMod, remainder),
	}
}

func binary(op gojq.Operator, compute func(a, b Amount) Amount) gojq.CompilerOption {
	return gojq.WithFunction(exact[op], 2, 2, func(_ any, args []any) any {
		a, err := readAmount(args[0])
		if err != nil {
			return fromAmount(a, err)
		}
		b, err := readAmount(args[1])
		if err != nil {
			return fromAmount(b, err)
		}
		return fromAmount(compute(a, b), nil)
	})
}

// remainder is what is left of the whole part of a after division by the whole part of b, with the sign of a, as jq
// has it; unknown when b's whole part is 0.
func remainder(a, b Amount) Amount {
	whole := func(a Amount) *big.Int { return new(big.Int).Quo(a.rat().Num(), a.rat().Denom()) }
	x, y := whole(a), whole(b)
	if y.Sign() == 0 {
		return Amount{}
	}
	return amountOf(new(big.Rat).SetInt(x.Rem(x, y)))
}

// sum adds up a list, each element read as an amount.
func sum(in any) (Amount, error) {
	list, ok := in.([]any)
	if !ok {
		return Amount{}, &functionError{"sum expects a list, found " + article(in)}
	}
	if len(list) > maxLots {
		return Amount{}, &functionError{fmt.Sprintf("sum expects a list of at most %d", maxLots)}
	}
	total := NewAmount(0)
	for _, v := range list {
		a, err := readAmount(v)
		if err != nil {
			return Amount{}, err
		}
		total = total.Add(a)
	}
	return total, nil
}

// fromAmount hands an amount, or what is wrong, to gojq. Of arithmetic, only division by 0 has no result.
func fromAmount(a Amount, err error) any {
	switch {
	case err != nil:
		return &functionError{err.Error()}
	case !a.Known():
		return &functionError{"divides by 0"}
	}
	if digits, exact := a.rat().FloatPrec(); exact && digits <= maxExactText {
		if text := a.rat().FloatString(digits); len(text) <= maxExactText {
			return json.Number(text)
		}
	}
	return json.Number(new(big.Float).SetPrec(roundedBits).SetRat(a.rat()).Text('e', roundedDigits-1))
}
