package providers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

// answerOf2KiB is an answer of Olostep with so many lots, and as much besides that nobody reads.
func answerOf2KiB(n int) []byte {
	var lots []string
	for i := range n {
		lots = append(lots, fmt.Sprintf(`{"purchase_kind": "Top-up", "allocated_units": 5000, "remaining_units": %d, "expiry_date": %d}`, 100*i, 1798761600+86400*i))
	}
	var invoices []string
	for i := range 18 - n {
		invoices = append(invoices, fmt.Sprintf(`{"number": "INV-2026-%04d", "status": "paid", "currency": "usd", "amount_due": %d, "paid": true}`, i, 4900+i))
	}
	return fmt.Appendf(nil, `{"credits": 12500, "breakdown": [%s], "active_subscription": {"id": "SUB_PRO", "display_name": "Pro", "credits": 10000}, "allow_usage": true, "invoices": [%s]}`,
		strings.Join(lots, ", "), strings.Join(invoices, ", "))
}

// BenchmarkPoll is one poll without the network.
func BenchmarkPoll(b *testing.B) {
	catalog, err := LoadCatalog()
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name, provider string
		body           []byte
	}{
		{"2KiB-4-lots", "olostep", answerOf2KiB(4)},
		{"2KiB-18-lots", "olostep", answerOf2KiB(18)},
		{"one-figure", "massive", []byte(`[{"email": "user@example.com", "credits": 1000}]`)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d, ok := catalog.Lookup(bench.provider)
			if !ok {
				b.Fatal("not in the catalogue")
			}
			account := testAccount(d, transportFunc(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(bench.body)), Request: r}, nil
			}))
			engine := NewEngine(d, testClock)
			b.ReportAllocs()
			b.SetBytes(int64(len(bench.body)))
			for b.Loop() {
				if _, err := engine.Fetch(b.Context(), account); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecoding is what encoding/json alone takes for the largest answer, to hold BenchmarkPoll against.
func BenchmarkDecoding(b *testing.B) {
	lots := answerOf2KiB(18)
	b.ReportAllocs()
	b.SetBytes(int64(len(lots)))
	for b.Loop() {
		var v any
		decoder := json.NewDecoder(bytes.NewReader(lots))
		decoder.UseNumber()
		if err := decoder.Decode(&v); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad reads a catalogue of 215 definitions, which are the worked examples many times over.
func BenchmarkLoad(b *testing.B) {
	files := fstest.MapFS{}
	examples := []string{"01-olostep", "02-deepseek", "03-deepl", "04-deepgram", "05-xai", "06-d-id", "07-serpapi", "08-namecheap", "09-new-api-token", "10-v0", "11-anti-captcha", "12-openrouter-key"}
	for i := range 215 {
		example := examples[i%len(examples)]
		text := mustRead(b, "testdata/examples/"+example+".yml")
		_, name, _ := strings.Cut(example, "-")
		unique := fmt.Sprintf("%s-%d", name, i)
		text = strings.Replace(text, "name: "+name, "name: "+unique+"\ntitle: T\ncategory: llm\nsource: s\nverified: 2026-11-21", 1)
		text = strings.Replace(text, "title: Olostep\ncategory: web-scraping\ndocs: https://docs.olostep.com/balance-billing/balance-and-billing\nverified: 2026-11-21\n", "", 1)
		files["catalog/"+unique+"/provider.yml"] = &fstest.MapFile{Data: []byte(text)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := loadCatalog(files); err != nil {
			b.Fatal(err)
		}
	}
}
