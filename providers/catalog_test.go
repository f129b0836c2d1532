package providers_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
)

var update = flag.Bool("update", false, "write the outcomes of the catalogue's cases anew")

// requiredCases are the cases that every vendor has, with the reason for which they fail; "" for a report.
func requiredCases() map[string]providers.Reason {
	return map[string]providers.Reason{
		"ok":            "",
		"bad-key":       providers.ReasonUnauthorized,
		"rate-limited":  providers.ReasonRateLimited,
		"malformed":     providers.ReasonBadResponse,
		"missing-field": providers.ReasonBadResponse,
	}
}

// TestCatalog runs every case of every vendor through the real engine.
func TestCatalog(t *testing.T) {
	catalog, err := providers.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir("catalog")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) == 0 || len(folders) != len(catalog.Definitions()) {
		t.Errorf("%d folders and %d definitions", len(folders), len(catalog.Definitions()))
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			definition, ok := catalog.Lookup(folder.Name())
			if !ok {
				t.Fatal("no definition has the name of this folder")
			}
			testVendor(t, filepath.Join("catalog", folder.Name()), definition)
		})
	}
}

func testVendor(t *testing.T, folder string, definition *providers.Definition) {
	checkFiles(t, folder, "provider.yml", "testdata")
	testdata := filepath.Join(folder, "testdata")
	files, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatalf("a vendor needs cases: %v", err)
	}
	for name := range requiredCases() {
		if _, err := os.Stat(filepath.Join(testdata, name+".yml")); err != nil {
			t.Errorf("the case %s is missing", name)
		}
	}
	if t.Failed() {
		return
	}
	ok := loadCase(t, filepath.Join(testdata, "ok.yml"), nil)
	for _, file := range files {
		name, isCase := strings.CutSuffix(file.Name(), ".yml")
		if !isCase || file.IsDir() {
			t.Errorf("%s is no case: only .yml files stand in testdata", file.Name())
			continue
		}
		t.Run(name, func(t *testing.T) {
			c := ok
			if name != "ok" {
				c = loadCase(t, filepath.Join(testdata, file.Name()), ok)
			}
			c.run(t, name, definition)
		})
	}
}

// checkFiles fails on files that do not belong into a folder.
func checkFiles(t *testing.T, folder string, known ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !slices.Contains(known, entry.Name()) {
			t.Errorf("%s does not belong here", filepath.Join(folder, entry.Name()))
		}
	}
}

// run polls with every body that the case gives, and judges what comes of it.
func (c *catalogCase) run(t *testing.T, name string, definition *providers.Definition) {
	for credential := range c.account.credentials {
		if !declares(definition, credential) {
			t.Errorf("the case gives the credential %s, which the definition does not know", credential)
		}
	}
	isOK := strings.HasPrefix(name, "ok")
	switch reason, required := requiredCases()[name]; {
	case *update:
	case isOK && c.report == nil:
		t.Error("a case whose name begins with ok must give a report")
	case required && !isOK && (c.fails == nil || c.fails.reason != reason):
		t.Errorf("the case %s must fail with %s", name, reason)
	}
	if !isOK && len(c.exceptions) > 0 {
		t.Error("only cases whose name begins with ok are damaged and can have exceptions")
	}
	variants := c.variants()
	for i, variant := range variants {
		switch {
		case len(variants) == 1:
			variant.check(t, definition, isOK)
		case *update && i > 0:
			// The first body decides on the outcome that is written.
		default:
			t.Run(strconv.Itoa(i), func(t *testing.T) { variant.check(t, definition, isOK) })
		}
	}
	for _, e := range c.exceptions {
		if !e.used {
			t.Errorf("the exception for %s is not needed", e.path)
		}
	}
}

// check polls once and compares the outcome; a good answer is damaged then.
func (c *catalogCase) check(t *testing.T, definition *providers.Definition, isOK bool) {
	vendor := &caseVendor{exchanges: c.exchanges}
	report, err := c.poll(t, definition, vendor)
	if vendor.asked < len(c.exchanges) {
		t.Errorf("%d requests were made, the case has %d", vendor.asked, len(c.exchanges))
	}
	got := c.outcome(t, definition, report, err)
	if want := c.expected(); got != want {
		if *update {
			c.rewrite(t, got)
		} else {
			t.Errorf("outcome:\n%s\nwant:\n%s", got, want)
		}
	}
	if isOK && err == nil {
		for _, found := range c.findDamage(t, definition, report) {
			t.Error(found)
		}
	}
}

func declares(definition *providers.Definition, credential string) bool {
	return slices.ContainsFunc(definition.Credentials, func(c providers.Credential) bool { return c.Name == credential })
}

// outcome is what came of a poll, as a case states it. It checks besides what holds for every vendor.
func (c *catalogCase) outcome(t *testing.T, definition *providers.Definition, report providers.Report, err error) string {
	t.Helper()
	if err == nil {
		stated, faults := toCaseReport(report)
		for _, fault := range faults {
			t.Error(fault)
		}
		if len(report.Balances) == 0 {
			t.Error("a report without a balance")
		}
		data, err := json.Marshal(report)
		if err != nil {
			t.Error(err)
		}
		c.checkNothingLeaks(t, definition, string(data))
		return stated.yaml()
	}
	var failure *providers.Error
	if !errors.As(err, &failure) {
		t.Fatalf("the error of a poll is a %T", err)
	}
	c.checkNothingLeaks(t, definition, err.Error())
	c.checkNothingQuoted(t, failure.Text)
	if last := c.exchanges[len(c.exchanges)-1].answer.status; failure.Status != last {
		t.Errorf("the failure has the status %d, the answer had %d", failure.Status, last)
	}
	got := caseFailure{reason: failure.Reason, retryAfter: failure.RetryAfter, text: failure.Text}
	switch {
	case c.fails != nil && strings.Contains(got.text, c.fails.text):
		got.text = c.fails.text
	case c.several || failure.Reason != providers.ReasonBadResponse:
		// The bodies fail with texts of their own, and a text about the status says no more than the reason does.
		got.text = ""
	}
	return got.yaml()
}

func (c *catalogCase) expected() string {
	switch {
	case c.report != nil:
		return c.report.yaml()
	case c.fails != nil:
		return c.fails.yaml()
	}
	return "neither report nor fails; run with -update\n"
}

var emailAddress = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`)

// checkNothingLeaks fails where a credential, or an e-mail address of an answer, is shown.
func (c *catalogCase) checkNothingLeaks(t *testing.T, definition *providers.Definition, shown string) {
	t.Helper()
	for _, credential := range definition.Credentials {
		if strings.Contains(shown, c.credential(credential.Name)) {
			t.Errorf("the credential %s is shown: %s", credential.Name, shown)
		}
	}
	for _, exchange := range c.exchanges {
		for _, address := range emailAddress.FindAllString(exchange.answer.body, -1) {
			if strings.Contains(shown, address) {
				t.Errorf("an e-mail address of the answer is shown: %s", shown)
			}
		}
	}
}

// checkNothingQuoted fails where an error quotes text of an answer.
func (c *catalogCase) checkNothingQuoted(t *testing.T, text string) {
	t.Helper()
	for _, exchange := range c.exchanges {
		body := strings.TrimSpace(exchange.answer.body)
		if len(body) >= 12 && strings.Contains(text, body) {
			t.Errorf("the error quotes the body: %s", text)
		}
		for _, values := range exchange.answer.header {
			for _, value := range values {
				if len(value) >= 12 && strings.Contains(text, value) {
					t.Errorf("the error quotes a header: %s", text)
				}
			}
		}
		v, err := providers.ParseBody(providers.BodyJSON, []byte(body))
		if err != nil {
			continue
		}
		for _, word := range longTexts(v) {
			if strings.Contains(text, word) {
				t.Errorf("the error quotes the answer: %s", text)
			}
		}
	}
}

// longTexts are the texts of an answer, without the names of members, that are too long to be a word of ours by chance.
func longTexts(v any) (texts []string) {
	switch v := v.(type) {
	case string:
		if len(v) >= 12 {
			texts = append(texts, v)
		}
	case []any:
		for _, item := range v {
			texts = append(texts, longTexts(item)...)
		}
	case map[string]any:
		for _, item := range v {
			texts = append(texts, longTexts(item)...)
		}
	}
	return texts
}
