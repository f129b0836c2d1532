// Package form writes samples in the forms that Prometheus reads: the text format 0.0.4, OpenMetrics and delimited
// protobuf. The bytes are those that expfmt writes, but one sample at a time, so that they can be kept and joined.
package form

import (
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Form is a way to write metrics.
type Form int

// The forms that can be written sample by sample. OpenMetrics 0.0.1 and 1.0.0 have the same bytes.
const (
	Text Form = iota
	OpenMetrics
	Protobuf
	Forms // how many there are
)

// Of is the form of a content type; ok is false for those that are not written here.
func Of(format expfmt.Format) (f Form, ok bool) {
	switch format.FormatType() {
	case expfmt.TypeTextPlain:
		return Text, true
	case expfmt.TypeOpenMetrics:
		return OpenMetrics, format.Version() != expfmt.OpenMetricsVersion_2_0_0
	case expfmt.TypeProtoDelim:
		return Protobuf, true
	}
	return 0, false
}

// Metric is what all samples of one name have in common. Its names are good in every form without escaping: Valid
// tells.
type Metric struct {
	Name string
	Help string
	// Counter: otherwise it is a gauge. A counter's name ends in _total.
	Counter bool
	// Labels in the order in which they are written, which is that of their names.
	Labels []Label
}

// Label is a label's name, and where its value stands among those of a sample.
type Label struct {
	Name  string
	Value int
}

// Valid tells whether the names are good in every form, whatever escaping is asked for.
func (m Metric) Valid() bool {
	for _, l := range m.Labels {
		if !model.LegacyValidation.IsValidLabelName(l.Name) {
			return false
		}
	}
	return model.LegacyValidation.IsValidMetricName(m.Name) && m.Counter == strings.HasSuffix(m.Name, "_total")
}

// Writer writes one metric in one form.
type Writer interface {
	// AppendHeader appends what stands before the samples, which are that many bytes.
	AppendHeader(dst []byte, samples int) []byte
	// AppendSample appends one sample with the labels' values.
	AppendSample(dst []byte, values []string, value float64) []byte
}

// NewWriter makes the writer of a metric in a form.
func NewWriter(f Form, m Metric) Writer {
	if f == Protobuf {
		return newProtobuf(m)
	}
	return newText(m, f == OpenMetrics)
}

// AppendEnd appends what stands after all metrics.
func AppendEnd(dst []byte, f Form) []byte {
	if f == OpenMetrics {
		return append(dst, "# EOF\n"...)
	}
	return dst
}
