package collector_test

import (
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/credits-exporter/credits_exporter/collector"
)

// TestText: an account's own text has exactly the samples that a scrape has of it.
func TestText(t *testing.T) {
	b := aFewOfEach(t)
	c := collector.New(b.Ledger, b.now)
	whole := families(t, scrape(t, c, acceptText))
	for _, entry := range b.Listing().Entries {
		text, ok := c.Text(entry.ID.Provider, entry.ID.Account)
		if !ok {
			t.Fatalf("%s: no text", entry.ID)
		}
		var only []*dto.MetricFamily
		for name, mf := range whole {
			own := &dto.MetricFamily{Name: new(name), Help: new(mf.GetHelp()), Type: mf.GetType().Enum()}
			for _, m := range mf.GetMetric() {
				if labelOf(m, "provider") == entry.ID.Provider && labelOf(m, "account") == entry.ID.Account {
					own.Metric = append(own.Metric, m)
				}
			}
			if len(own.Metric) > 0 {
				only = append(only, own)
			}
		}
		if diff := difference(canonical(t, only), canonical(t, listOf(families(t, text)))); diff != "" {
			t.Errorf("%s: the scrape (-) and the account's own text (+) differ:\n%s", entry.ID, diff)
		}
	}
	for _, id := range [][2]string{{"olostep", "nobody"}, {"deepixels", "disabled"}, {"", ""}} {
		if text, ok := c.Text(id[0], id[1]); ok {
			t.Errorf("%s: %q", id, text)
		}
	}
}
