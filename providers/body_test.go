package providers

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

type object = map[string]any

func TestParseBody(t *testing.T) {
	number := func(s string) json.Number { return json.Number(s) }
	tests := map[string]struct {
		form, in string
		want     any // nil: see wantErr
		wantErr  string
	}{
		"json, object":           {"json", `{"a": [1, "x", true, null]}`, object{"a": []any{number("1"), "x", true, nil}}, ""},
		"json, exact number":     {"json", `42500000000123456789.10`, number("42500000000123456789.10"), ""},
		"json, exponent stays":   {"json", `1e400`, number("1e400"), ""},
		"json, text":             {"json", `"x"`, "x", ""},
		"json, white space":      {"json", " {}\r\n", object{}, ""},
		"json, BOM":              {"json", "\ufeff{}", object{}, ""},
		"json, duplicate key":    {"json", `{"a": 1, "a": 2}`, object{"a": number("2")}, ""},
		"json, not UTF-8":        {"json", "{\"a\": \"\xff\"}", object{"a": "\ufffd"}, ""},
		"json, empty":            {"json", "", nil, "the body is empty"},
		"json, blank":            {"json", " \n", nil, "the body is empty"},
		"json, BOM alone":        {"json", "\ufeff", nil, "the body is empty"},
		"json, truncated":        {"json", `{"a": 1`, nil, "the body is not JSON"},
		"json, HTML":             {"json", "<html>", nil, "the body is not JSON"},
		"json, NaN":              {"json", `{"a": NaN}`, nil, "the body is not JSON"},
		"json, leading zero":     {"json", `[05]`, nil, "the body is not JSON"},
		"json, a second value":   {"json", `{} {}`, nil, "the body is not JSON: something follows the first value"},
		"json, something after":  {"json", `{}x`, nil, "the body is not JSON: something follows the first value"},
		"json, a bracket after":  {"json", `{}]`, nil, "the body is not JSON: something follows the first value"},
		"json, too deep":         {"json", strings.Repeat("[", 129) + strings.Repeat("]", 129), nil, "the body is nested too deep"},
		"json, brackets in text": {"json", `"` + strings.Repeat(`[\"`, 200) + `"`, strings.Repeat(`["`, 200), ""},

		"text":             {"text", " 12.5\n", "12.5", ""},
		"text, BOM":        {"text", "\ufeff12.5", "12.5", ""},
		"text, empty":      {"text", "", "", ""},
		"text, not UTF-8":  {"text", "a\xffb", "a\ufffdb", ""},
		"text, looks JSON": {"text", `{"a": 1}`, `{"a": 1}`, ""},

		"keyvalue":                {"keyvalue", "A=1\r\nB = x=y \r\n\r\nDone=true", object{"A": "1", "B": "x=y", "Done": "true"}, ""},
		"keyvalue, empty value":   {"keyvalue", "A=", object{"A": ""}, ""},
		"keyvalue, comments":      {"keyvalue", ";URL Interface\n;Machine is A=1\nA=2\n;A=3", object{"A": "2"}, ""},
		"keyvalue, comments only": {"keyvalue", ";URL Interface\n", nil, "the body is empty"},
		"keyvalue, empty":         {"keyvalue", "\n", nil, "the body is empty"},
		"keyvalue, no equal sign": {"keyvalue", "A=1\nsecret", nil, "line 2 of the body is not key=value"},
		"keyvalue, no key":        {"keyvalue", "=1", nil, "line 1 of the body is not key=value"},
		"keyvalue, twice":         {"keyvalue", "A=1\nA=2", nil, "line 2 of the body has a key that stood there before"},

		"xml": {
			"xml", `<?xml version="1.0" encoding="utf-8"?><r s="OK"><b c="USD"> 5 </b><b>6</b><e/><!-- x --></r>` + "\n",
			object{"r": object{"@s": "OK", "b": []any{object{"@c": "USD", "#text": "5"}, "6"}, "e": ""}},
			"",
		},
		"xml, three of a name":        {"xml", `<r><b>1</b><b>2</b><b>3</b></r>`, object{"r": object{"b": []any{"1", "2", "3"}}}, ""},
		"xml, text alone":             {"xml", `<r>a&amp;b<![CDATA[<c>]]></r>`, object{"r": "a&b<c>"}, ""},
		"xml, text beside children":   {"xml", `<r>a<b>1</b>c</r>`, object{"r": object{"b": "1", "#text": "ac"}}, ""},
		"xml, prefixes":               {"xml", `<n:r xmlns:n="urn:x" xmlns="urn:y" n:id="2" id="1"><n:b>1</n:b></n:r>`, object{"r": object{"@id": "1", "b": "1"}}, ""},
		"xml, prefixed attribute":     {"xml", `<r xmlns:n="urn:x" n:id="2"/>`, object{"r": object{"@id": "2"}}, ""},
		"xml, BOM":                    {"xml", "\ufeff<r>1</r>", object{"r": "1"}, ""},
		"xml, 64 levels":              {"xml", strings.Repeat("<a>", 64) + strings.Repeat("</a>", 64), nest(64), ""},
		"xml, 65 levels":              {"xml", strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), nil, "the body is nested too deep"},
		"xml, empty":                  {"xml", "", nil, "the body is empty"},
		"xml, no element":             {"xml", "text", nil, "the body is not well-formed XML in UTF-8"},
		"xml, truncated":              {"xml", "<r><b>1</b>", nil, "the body is not well-formed XML in UTF-8"},
		"xml, wrong end":              {"xml", "<r></s>", nil, "the body is not well-formed XML in UTF-8"},
		"xml, two roots":              {"xml", "<r>1</r><s>1</s>", nil, "the body is not well-formed XML in UTF-8"},
		"xml, two roots of a name":    {"xml", "<r>1</r><r>2</r>", nil, "the body is not well-formed XML in UTF-8"},
		"xml, text after":             {"xml", "<r>1</r>x", nil, "the body is not well-formed XML in UTF-8"},
		"xml, other charset":          {"xml", `<?xml version="1.0" encoding="iso-8859-1"?><r/>`, nil, "the body is not well-formed XML in UTF-8"},
		"xml, not UTF-8":              {"xml", "<r>\xff</r>", nil, "the body is not well-formed XML in UTF-8"},
		"xml, attribute twice":        {"xml", `<r a="1" a="2"/>`, nil, "the body is not well-formed XML in UTF-8"},
		"xml, DTD":                    {"xml", `<!DOCTYPE r><r/>`, nil, "the body has a document type declaration, which is not read"},
		"xml, entities":               {"xml", `<!DOCTYPE r [<!ENTITY a "aaaa">]><r>&a;</r>`, nil, "the body has a document type declaration, which is not read"},
		"xml, entity without a DTD":   {"xml", `<r>&nbsp;</r>`, nil, "the body is not well-formed XML in UTF-8"},
		"unknown form":                {"yaml", "a: 1", nil, `no reader for a body of the form "yaml"`},
		"xml, JSON":                   {"xml", `{"a": 1}`, nil, "the body is not well-formed XML in UTF-8"},
		"json, three bytes of a BOM ": {"json", "\xef\xbb{}", nil, "the body is not JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseBody(test.form, []byte(test.in))
			switch {
			case test.wantErr != "" && (err == nil || err.Error() != test.wantErr):
				t.Errorf("error %v, want %s", err, test.wantErr)
			case test.wantErr == "" && (err != nil || !reflect.DeepEqual(got, test.want)):
				t.Errorf("parseBody = %#v, %v\nwant %#v", got, err, test.want)
			}
		})
	}
}

// nest is what so many empty elements in each other read as.
func nest(levels int) any {
	var v any = ""
	for range levels {
		v = object{"a": v}
	}
	return v
}

func TestReadLimited(t *testing.T) {
	if data, err := readLimited(strings.NewReader(strings.Repeat("a", maxBody)), maxBody); err != nil || len(data) != maxBody {
		t.Errorf("4 MiB: %d bytes, %v", len(data), err)
	}
	if data, err := readLimited(strings.NewReader(strings.Repeat("a", maxBody+1)), -1); !errors.Is(err, errBodyTooLarge) || data != nil {
		t.Errorf("one byte more: %d bytes, %v", len(data), err)
	}
	broken := errors.New("connection reset")
	if _, err := readLimited(iotest.ErrReader(broken), 5); !errors.Is(err, broken) {
		t.Errorf("a broken connection: %v", err)
	}
}

// A few kilobytes of gzip can stand for gigabytes; the limit holds for what comes out, and stops the reading.
func TestReadLimitedStopsADecompressionBomb(t *testing.T) {
	compressed, bomb := io.Pipe()
	go func() {
		w := gzip.NewWriter(bomb)
		zeros := make([]byte, 1<<20)
		for {
			if _, err := w.Write(zeros); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = compressed.Close() })
	r, err := gzip.NewReader(compressed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readLimited(r, -1); !errors.Is(err, errBodyTooLarge) {
		t.Errorf("error %v, want %v", err, errBodyTooLarge)
	}
}

func TestStatusReason(t *testing.T) {
	html := headers("Content-Type", "text/html; charset=utf-8")
	tests := map[string]struct {
		status int
		header http.Header
		body   string
		want   Reason
	}{
		"200":                         {200, nil, "", ""},
		"204":                         {204, nil, "", ""},
		"299":                         {299, html, "", ""},
		"300":                         {300, nil, "", ReasonClientError},
		"302":                         {302, headers("Location", "https://elsewhere.example/"), "", ReasonClientError},
		"304":                         {304, nil, "", ReasonClientError},
		"400":                         {400, nil, "", ReasonClientError},
		"401":                         {401, nil, "", ReasonUnauthorized},
		"401, HTML":                   {401, html, "<html>", ReasonUnauthorized},
		"402":                         {402, nil, "", ReasonPaymentRequired},
		"403, JSON":                   {403, headers("Content-Type", "application/json"), `{"error": "<html>"}`, ReasonUnauthorized},
		"403, plain text":             {403, headers("Content-Type", "text/plain"), "Valid API token must be provided", ReasonUnauthorized},
		"403, empty":                  {403, nil, "", ReasonUnauthorized},
		"403, HTML by its type":       {403, html, "blocked", ReasonClientError},
		"403, type in capitals":       {403, headers("Content-Type", "Text/HTML"), "", ReasonClientError},
		"403, XHTML":                  {403, headers("Content-Type", "application/xhtml+xml"), "", ReasonClientError},
		"403, HTML by its doctype":    {403, nil, "\ufeff\n <!DOCTYPE HTML PUBLIC>", ReasonClientError},
		"403, HTML by its element":    {403, headers("Content-Type", "application/json"), "<HTML><head>", ReasonClientError},
		"403, HTML further down only": {403, nil, "denied <html>", ReasonUnauthorized},
		"404":                         {404, nil, "", ReasonClientError},
		"408":                         {408, nil, "", ReasonClientError},
		"422":                         {422, nil, "", ReasonClientError},
		"429":                         {429, nil, "", ReasonRateLimited},
		"429, HTML":                   {429, html, "<html>", ReasonRateLimited},
		"499":                         {499, nil, "", ReasonClientError},
		"500":                         {500, nil, "", ReasonServerError},
		"501":                         {501, nil, "", ReasonServerError},
		"503":                         {503, nil, "", ReasonServerError},
		"599":                         {599, nil, "", ReasonServerError},
		"999":                         {999, nil, "", ReasonServerError},
		"101":                         {101, nil, "", ReasonServerError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := statusReason(test.status, test.header, []byte(test.body)); got != test.want {
				t.Errorf("statusReason = %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzParseBody(f *testing.F) {
	for _, s := range []string{
		`{"a": [1, null]}`, "[[[[", "\ufeff{}", "{}{}", `"\ud800"`, "A=1\nB=2", "=", "12.5",
		`<r a="1"><b>1</b><b/>x</r>`, "<!DOCTYPE r><r/>", "<a><a><a>", `<x xmlns:x="y" x:a="1" a="2"/>`,
	} {
		for _, form := range []string{bodyJSON, bodyText, bodyXML, bodyKeyValue} {
			f.Add(form, []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, form string, data []byte) {
		v, err := parseBody(form, data)
		if err != nil {
			if v != nil {
				t.Fatal("both a value and an error")
			}
			return
		}
		checkDecoded(t, v, 0)
	})
}

// checkDecoded fails on what expressions and readers do not expect.
func checkDecoded(t *testing.T, v any, depth int) {
	if depth > maxJSONDepth {
		t.Fatal("nested deeper than the limit")
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			checkDecoded(t, item, depth+1)
		}
	case map[string]any:
		for _, member := range v {
			checkDecoded(t, member, depth+1)
		}
	default:
		if typeName(v) == "unknown" {
			t.Fatalf("a value of type %T", v)
		}
	}
}

func FuzzStatusReason(f *testing.F) {
	f.Add(403, "text/html", []byte("<html>"))
	f.Add(403, "", []byte("<!doctype"))
	f.Add(200, "application/json", []byte("{}"))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		reason := statusReason(status, headers("Content-Type", contentType), body)
		if good := status >= 200 && status <= 299; good != (reason == "") {
			t.Fatalf("status %d: %q", status, reason)
		}
	})
}

func FuzzReadLimited(f *testing.F) {
	f.Add([]byte("{}"), 0)
	f.Add([]byte(""), maxBody)
	f.Add([]byte("ab"), maxBody-1)
	f.Fuzz(func(t *testing.T, data []byte, padding int) {
		if padding < 0 || padding > maxBody+1 {
			return
		}
		in := io.MultiReader(strings.NewReader(string(data)), strings.NewReader(strings.Repeat(" ", padding)))
		got, err := readLimited(in, 3)
		if total := len(data) + padding; (err == nil) != (total <= maxBody) || err == nil && len(got) != total {
			t.Fatalf("%d bytes: %d were read, %v", total, len(got), err)
		}
	})
}
