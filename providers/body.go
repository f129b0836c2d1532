package providers

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

const (
	// maxBody bounds an answer after decompression.
	maxBody = 4 << 20
	// maxJSONDepth and maxXMLDepth bound how deep an answer nests, since what reads it afterwards is recursive.
	maxJSONDepth = 128
	maxXMLDepth  = 64
)

// The forms of a body, as a definition's `request.body` names them.
const (
	bodyJSON     = "json"
	bodyText     = "text"
	bodyXML      = "xml"
	bodyKeyValue = "keyvalue"
)

var (
	errBodyTooLarge = fmt.Errorf("the body is larger than %d MiB", maxBody>>20)
	errBodyEmpty    = errors.New("the body is empty")
	errBodyDepth    = errors.New("the body is nested too deep")
	errNotJSON      = errors.New("the body is not JSON")
)

// notGzip tells whether a body cannot be decompressed, which is the vendor's fault and not the network's.
func notGzip(err error) bool {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	return corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
}

// readLimited reads a body whole, or gives errBodyTooLarge. size is how long the body is said to be, -1 where it is not
// said; that much memory is taken at once, as far as it is little.
func readLimited(r io.Reader, size int64) ([]byte, error) {
	const little, unsaid = 64 << 10, 1 << 10
	if size < 0 {
		size = unsaid
	}
	data := make([]byte, 0, min(size, little)+1) // one more, for the read that finds the end
	for {
		n, err := r.Read(data[len(data):min(cap(data), maxBody+1)])
		data = data[:len(data)+n]
		switch {
		case len(data) > maxBody:
			return nil, errBodyTooLarge
		case err == io.EOF: // as io.ReadAll: a wrapped one is no end
			return data, nil
		case err != nil:
			return nil, err
		case len(data) == cap(data):
			data = slices.Grow(data, 1)
		}
	}
}

// parseBody turns a body of the given form into what expressions work on: nil, bool, json.Number, string, []any and
// map[string]any. A byte order mark is skipped. The errors do not quote the body.
func parseBody(form string, data []byte) (any, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch form {
	case bodyJSON:
		return parseJSON(data)
	case bodyText:
		return validText(strings.TrimSpace(string(data))), nil
	case bodyXML:
		return parseXML(data)
	case bodyKeyValue:
		return parseKeyValue(string(data))
	}
	return nil, fmt.Errorf("no reader for a body of the form %q", form)
}

// validText replaces bytes that are not UTF-8, as decoding JSON does; checkName refuses what is left of them.
func validText(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

// parseJSON reads exactly one value, with its numbers as they are written.
func parseJSON(data []byte) (any, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errBodyEmpty
	}
	// Most answers have too few brackets to nest too deep.
	if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxJSONDepth && depthOfJSON(data) > maxJSONDepth {
		return nil, errBodyDepth
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		// The decoder's own error quotes a character of the body.
		return nil, errNotJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the first value", errNotJSON)
	}
	return v, nil
}

// depthOfJSON counts how deep brackets nest outside of strings.
func depthOfJSON(data []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// parseKeyValue reads lines of key=value. White space around keys and values, empty lines, and lines that begin with a
// semicolon, which are comments, do not count.
func parseKeyValue(text string) (any, error) {
	object := map[string]any{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || line[0] == ';' {
			continue
		}
		key, value, found := strings.Cut(line, "=")
		key = validText(strings.TrimSpace(key))
		if !found || key == "" {
			return nil, fmt.Errorf("line %d of the body is not key=value", number)
		}
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("line %d of the body has a key that stood there before", number)
		}
		object[key] = validText(strings.TrimSpace(value))
	}
	if len(object) == 0 {
		return nil, errBodyEmpty
	}
	return object, nil
}

// statusReason is what a status means by itself; empty for 2xx. A 403 with an HTML body comes from a proxy or a
// firewall and says nothing about the key. A status outside of the standard counts as a server's fault (RFC 9110,
// section 15).
func statusReason(status int, header http.Header, body []byte) Reason {
	switch {
	case status >= 200 && status <= 299:
		return ""
	case status == http.StatusUnauthorized:
		return ReasonUnauthorized
	case status == http.StatusForbidden && !isHTML(header, body):
		return ReasonUnauthorized
	case status == http.StatusPaymentRequired:
		return ReasonPaymentRequired
	case status == http.StatusTooManyRequests:
		return ReasonRateLimited
	case status >= 300 && status <= 499:
		return ReasonClientError
	}
	return ReasonServerError
}

// isHTML judges by the Content-Type, and by how the body begins where a vendor names another type or none.
func isHTML(header http.Header, body []byte) bool {
	mediaType, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "text/html", "application/xhtml+xml":
		return true
	}
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	for _, start := range []string{"<!doctype html", "<html"} {
		if len(body) >= len(start) && strings.EqualFold(string(body[:len(start)]), start) {
			return true
		}
	}
	return false
}
