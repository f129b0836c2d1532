package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// Amounts of different units, or of different currencies, are never added; and what is added exists once, however many
// replicas export it and however many accounts spend from one wallet.
func TestSums(t *testing.T) {
	sums := 0
	for _, q := range allQueries(t) {
		parser.Inspect(q.ast, func(node parser.Node, _ []parser.Node) error {
			sum, ok := node.(*parser.AggregateExpr)
			if !ok || sum.Op != parser.SUM && sum.Op != parser.AVG {
				return nil
			}
			sums++
			if sum.Op == parser.AVG || sum.Without {
				t.Errorf("%s: want sum by", q.where)
			}
			checkSum(t, q.where, sum)
			return nil
		})
	}
	if sums == 0 {
		t.Fatal("no sums")
	}
}

func checkSum(t *testing.T, where string, sum *parser.AggregateExpr) {
	t.Helper()
	for _, s := range selectorsOf(sum.Expr) {
		switch {
		case isMoney(s.Name):
			if !slices.Contains(sum.Grouping, "currency") {
				t.Errorf("%s: %s is added over currencies", where, s.Name)
			}
		case labelsOf(t, s.Name)["unit"]:
			// A price makes money of any unit.
			if !slices.Contains(sum.Grouping, "unit") && !slices.Contains(sum.Grouping, "currency") {
				t.Errorf("%s: %s is added over units", where, s.Name)
			}
		}
		if strings.HasPrefix(s.Name, "account") && !strings.Contains(s.Name, "credits_account_info") {
			t.Errorf("%s: %s is added, which counts a wallet once for each of its accounts", where, s.Name)
		}
	}
}

func isMoney(name string) bool {
	return strings.Contains(name, "_money:") || strings.Contains(name, "credits_unit_price")
}

// isEvent tells whether a metric is of what each replica did itself, which replicas do not share: those may be added.
func isEvent(name string) bool {
	return strings.HasPrefix(name, "credits_polls_total") || strings.HasPrefix(name, "credits_poll_failures_total") ||
		strings.HasPrefix(name, "credits_poll_duration_seconds")
}

// What every replica says is taken once: a metric of accounts comes only with the labels of replicas taken away. What a
// replica did itself is its own, and so is how late it is.
func TestReplicasCountOnce(t *testing.T) {
	const without = "instance, pod, endpoint, container, node"
	for _, q := range allQueries(t) {
		parser.Inspect(q.ast, func(node parser.Node, path []parser.Node) error {
			s, ok := node.(*parser.VectorSelector)
			if !ok || strings.Contains(s.Name, ":") || !labelsOf(t, s.Name)["provider"] || isEvent(s.Name) {
				return nil
			}
			once := slices.ContainsFunc(path, func(above parser.Node) bool {
				a, ok := above.(*parser.AggregateExpr)
				if !ok || a.Op != parser.MAX && a.Op != parser.MIN {
					return false
				}
				// By wallet or instance, a value is left that belongs to one of them.
				return a.Without && strings.Join(a.Grouping, ", ") == without ||
					!a.Without && (slices.Contains(a.Grouping, "wallet") || slices.Contains(a.Grouping, "instance"))
			})
			if !once && !isZero(path) {
				t.Errorf("%s: %s counts once for each replica", q.where, s.Name)
			}
			return nil
		})
	}
}

// isZero tells whether the path leads through 0 * ..., which is only there to say that anything is known at all.
func isZero(path []parser.Node) bool {
	return slices.ContainsFunc(path, func(above parser.Node) bool {
		product, ok := above.(*parser.BinaryExpr)
		if !ok || product.Op != parser.MUL {
			return false
		}
		factor, ok := product.LHS.(*parser.NumberLiteral)
		return ok && factor.Val == 0
	})
}
