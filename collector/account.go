package collector

import (
	"bytes"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Text is what /metrics shows of one account, with HELP and TYPE, in the text format 0.0.4. It tells false when there is
// no such account. The failures of its provider belong to no account and are not in it.
func (c *Collector) Text(provider, account string) (text []byte, ok bool) {
	listing := c.ledger.Listing()
	id := ledger.ID{Provider: provider, Account: account}
	i, found := slices.BinarySearchFunc(listing.Entries, id, func(e *ledger.Entry, id ledger.ID) int { return e.ID.Compare(id) })
	if !found {
		return nil, false
	}
	var out bytes.Buffer
	for _, mf := range c.familiesOf(render(&c.definitions, listing.LabelNames, listing.Entries[i].State().At(c.now()))) {
		// A buffer takes everything, and each family here has a name, a type and samples of that type.
		if _, err := expfmt.MetricFamilyToText(&out, mf); err != nil {
			return nil, false
		}
	}
	return out.Bytes(), true
}

// familiesOf joins the samples of one account into families, sorted by name.
func (c *Collector) familiesOf(samples []sample) []*dto.MetricFamily {
	var metrics [families][]*dto.Metric
	for _, s := range samples {
		metrics[s.family] = append(metrics[s.family], s.metric)
	}
	return c.named(metrics)
}
