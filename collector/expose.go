package collector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
	"github.com/credits-exporter/credits_exporter/collector/internal/packed"
)

// Expose gives the body of a scrape: all metrics of the accounts and the others that are given, which are sorted by name
// and have no name in common with them. format is the content type, as expfmt negotiates it, and contentEncoding "",
// "identity", "gzip" or "zstd". A form or a coding that is not among those that are kept is errors.ErrUnsupported; Gather
// and expfmt are the way to those.
//
// The body is of that size and is unpacked while it is sent, which holds up nobody. With a body, an error is about others
// that could not be written and are left out.
func (c *Collector) Expose(format expfmt.Format, contentEncoding string, others []*dto.MetricFamily) (body io.WriterTo, size int64, err error) {
	f, written := form.Of(format)
	coding, known := packed.Of(contentEncoding)
	if !written || !known {
		return nil, 0, fmt.Errorf("%s as %q: %w", format, contentEncoding, errors.ErrUnsupported)
	}
	runs, lost := c.written(format, others)
	k := &c.keeper
	k.mu.Lock()
	defer k.mu.Unlock()
	shown, err := k.keep(f, coding)
	if err != nil {
		return nil, 0, err
	}
	if !k.schema.valid {
		return nil, 0, fmt.Errorf("names that need escaping: %w", errors.ErrUnsupported)
	}
	runs[families] = form.AppendEnd(runs[families], f)
	joined := k.join(shown, coding, c.order[:], runs)
	return joined, joined.Size(), lost
}

// written writes the metrics that are not the accounts', as runs of those that stand before each family of theirs, and
// after the last.
func (c *Collector) written(format expfmt.Format, others []*dto.MetricFamily) (runs [families + 1][]byte, err error) {
	var buffer bytes.Buffer
	encoder := expfmt.NewEncoder(&buffer, format)
	next := 0
	for i := range runs {
		buffer.Reset()
		for ; next < len(others) && (i == len(c.order) || others[next].GetName() < c.definitions[c.order[i]].name); next++ {
			good := buffer.Len()
			if failed := encoder.Encode(others[next]); failed != nil {
				buffer.Truncate(good)
				err = errors.Join(err, failed)
			}
		}
		runs[i] = bytes.Clone(buffer.Bytes())
	}
	return runs, err
}

// join makes a body of what is kept and of what stands between. The lock is held.
func (k *keeper) join(shown *kept, coding packed.Coding, order []family, runs [families + 1][]byte) *packed.Body {
	parts := len(runs)
	for f, blocks := range shown.blocks {
		if shown.sizes[f] > 0 {
			parts += 1 + len(blocks)
		}
	}
	body := packed.NewBody(coding, parts)
	add := func(run []byte) {
		if len(run) > 0 {
			body.Add(k.packer.Pack(coding, run))
		}
	}
	for i, f := range order {
		add(runs[i])
		if shown.sizes[f] == 0 {
			continue
		}
		body.Add(shown.header(k.packer, coding, f))
		parts := shown.parts[coding][f]
		for at := range parts {
			if parts[at].Data == nil { // there is no block, or it was made for another coding
				shown.pack(k.packer, coding, place{f, at})
			}
			if parts[at].Data != nil {
				body.Add(parts[at])
			}
		}
	}
	add(runs[len(order)])
	return body.End()
}

// byName is the families in the order of their names, in which they are exposed.
func byName(definitions *[families]definition) (order [families]family) {
	for f := range order {
		order[f] = family(f)
	}
	slices.SortFunc(order[:], func(a, b family) int { return strings.Compare(definitions[a].name, definitions[b].name) })
	return order
}
