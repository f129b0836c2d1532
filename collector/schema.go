package collector

import (
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/credits-exporter/credits_exporter/collector/internal/form"
)

// Where the labels' values stand in a sample: those of the family's definition come after these two. On
// credits_account_info those of the accounts' own labels come last.
const (
	accountValue = iota
	providerValue
	furtherValues
)

// schema is what all samples of the metrics have in common. It is immutable.
type schema struct {
	// labelNames are the accounts' own labels.
	labelNames []string
	metrics    [families]form.Metric
	// valid: the metrics can be written without escaping their names.
	valid bool
}

func newSchema(definitions *[families]definition, labelNames []string) *schema {
	s := &schema{labelNames: labelNames, valid: true}
	for f, d := range definitions {
		m := form.Metric{Name: d.name, Help: d.help, Counter: d.kind == dto.MetricType_COUNTER}
		m.Labels = append(m.Labels, form.Label{Name: "provider", Value: providerValue})
		if family(f) != pollFailures {
			m.Labels = append(m.Labels, form.Label{Name: "account", Value: accountValue})
		}
		further := d.labels
		if family(f) == accountInfo {
			further = slices.Concat(further, labelNames)
		}
		for i, name := range further {
			m.Labels = append(m.Labels, form.Label{Name: name, Value: furtherValues + i})
		}
		slices.SortFunc(m.Labels, func(a, b form.Label) int { return strings.Compare(a.Name, b.Name) })
		s.metrics[f] = m
		s.valid = s.valid && m.Valid()
	}
	return s
}

// writers are those of all families in one form.
func (s *schema) writers(f form.Form) *[families]form.Writer {
	var writers [families]form.Writer
	for i, m := range s.metrics {
		writers[i] = form.NewWriter(f, m)
	}
	return &writers
}
