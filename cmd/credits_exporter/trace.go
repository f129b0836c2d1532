package main

import (
	"fmt"
	"io"

	"github.com/credits-exporter/credits_exporter/providers"
)

// traceTo prints what each poll does, for people who write a definition: requests as templates, answers as keys and
// types, expressions with what they gave.
func traceTo(w io.Writer) *providers.Trace {
	return &providers.Trace{
		Request: func(r providers.TracedRequest) {
			fmt.Fprintf(w, "%s: %s %s\n", r.Name, r.Method, r.URL)
			printFields(w, "header", r.Headers)
			printFields(w, "query", r.Query)
			printFields(w, "form", r.Form)
			if r.JSON != "" {
				fmt.Fprintf(w, "  json %s\n", r.JSON)
			}
			if r.Signer != "" {
				fmt.Fprintf(w, "  signed by %s\n", r.Signer)
			}
		},
		Answer: func(a providers.TracedAnswer) {
			fmt.Fprintf(w, "answer: status %d, %d bytes, means %s%s\n  %s\n", a.Status, a.Bytes, a.Means, byRule(a.Rule), a.Shape)
		},
		Expression: func(x providers.TracedExpression) {
			fmt.Fprintf(w, "%s: %s\n  %s\n", x.Place, x.Expression, x.Result)
		},
	}
}

func printFields(w io.Writer, kind string, fields []providers.TracedField) {
	for _, f := range fields {
		fmt.Fprintf(w, "  %s %s: %s\n", kind, f.Name, f.Template)
	}
}

func byRule(rule string) string {
	if rule == "" {
		return " by its status"
	}
	return " by " + rule
}
