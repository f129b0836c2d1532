package collector

import (
	"slices"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
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
	writers := newSchema(&c.definitions, listing.LabelNames).writers(form.Text)
	var lines [families][]byte
	view, scratch := listing.Entries[i].State().At(c.now()), samples{labelNames: listing.LabelNames}
	for _, s := range scratch.of(&view) {
		lines[s.family] = writers[s.family].AppendSample(lines[s.family], s.values, s.value)
	}
	for _, f := range c.order {
		if len(lines[f]) > 0 {
			text = writers[f].AppendHeader(text, len(lines[f]))
			text = append(text, lines[f]...)
		}
	}
	return text, true
}
