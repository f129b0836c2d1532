package providers_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
)

// answered polls a vendor of the catalogue that gives this answer.
func answered(t *testing.T, vendor string, status int, body string) (providers.Report, error) {
	t.Helper()
	catalog, err := providers.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	definition, ok := catalog.Lookup(vendor)
	if !ok {
		t.Fatalf("the catalogue has no %s", vendor)
	}
	c := &catalogCase{now: caseNow}
	return c.poll(t, definition, &caseVendor{
		lenient:   true,
		exchanges: []caseExchange{{answer: caseAnswer{status: status, header: http.Header{}, body: body}}},
	})
}

// Answers that are too large for a file, at the limit and just over it.
func TestBounds(t *testing.T) {
	lots := func(n int, kind string) string {
		one := fmt.Sprintf(`{"purchase_kind": %q, "remaining_units": 1}`, kind)
		return `{"credits": 1, "breakdown": [` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]}`
	}
	name := func(n int) string { return strings.Repeat("k", n) }
	plan := func(field string, n int) string {
		return fmt.Sprintf(`{"credits": 1, "active_subscription": {%q: %q}}`, field, name(n))
	}
	padded := func(n int) string {
		const body = `{"credits": 1}`
		return body + strings.Repeat(" ", n-len(body))
	}
	deep := func(n int) string {
		return `{"credits": 1, "other": ` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	const mebibyte = 1 << 20
	tests := map[string]struct {
		body string
		text string // of the error; empty: a report comes
	}{
		"10,000 lots":              {lots(10_000, "Manual"), ""},
		"10,001 lots":              {lots(10_001, "Manual"), "more than 10000"},
		"kind of 256 bytes":        {lots(1, name(256)), ""},
		"kind of 257 bytes":        {lots(1, name(257)), "more than 256 bytes"},
		"kind that grows":          {lots(1, strings.Repeat("\u023a", 128)), "more than 256 bytes"},
		"plan of 256 bytes":        {plan("id", 256), ""},
		"plan of 257 bytes":        {plan("id", 257), "more than 256 bytes"},
		"plan's name of 256 bytes": {plan("display_name", 256), ""},
		"plan's name of 257 bytes": {plan("display_name", 257), "more than 256 bytes"},
		"4 MiB":                    {padded(4 * mebibyte), ""},
		"4 MiB and a byte":         {padded(4*mebibyte + 1), "larger than 4 MiB"},
		"128 levels":               {deep(127), ""},
		"129 levels":               {deep(128), "nested too deep"},
		"a million levels":         {deep(1_000_000), "nested too deep"},
		"a long number":            {`{"credits": 1` + strings.Repeat("0", mebibyte) + `}`, "at most 64 characters"},
		"a long text":              {`{"credits": "` + strings.Repeat("1", mebibyte) + `"}`, "at most 64 characters"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			report, err := answered(t, "olostep", http.StatusOK, test.body)
			if test.text == "" {
				if err != nil || len(report.Balances) != 1 || report.Balances[0].Remaining.Cmp(providers.NewAmount(1)) != 0 {
					t.Errorf("report %.200v, %v", report, err)
				}
				return
			}
			var failure *providers.Error
			if !errors.As(err, &failure) || failure.Reason != providers.ReasonBadResponse || !strings.Contains(failure.Text, test.text) {
				t.Errorf("error %v, want %s: %s", err, providers.ReasonBadResponse, test.text)
			}
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// The status says what is wrong, however large the body that comes with it.
func TestLargeErrorBodies(t *testing.T) {
	body := strings.Repeat("x", 5<<20)
	for status, want := range map[int]providers.Reason{
		http.StatusUnauthorized: providers.ReasonUnauthorized, http.StatusTooManyRequests: providers.ReasonRateLimited,
		http.StatusInternalServerError: providers.ReasonServerError, http.StatusFound: providers.ReasonClientError,
	} {
		_, err := answered(t, "olostep", status, body)
		var failure *providers.Error
		if !errors.As(err, &failure) || failure.Reason != want || failure.Status != status {
			t.Errorf("status %d: %v, want %s", status, err, want)
		}
	}
}
