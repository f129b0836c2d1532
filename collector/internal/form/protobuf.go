package form

import (
	"encoding/binary"
	"math"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of the fields in io.prometheus.client (metrics.proto of prometheus/client_model).
const (
	familyName   = 1
	familyHelp   = 2
	familyType   = 3
	familyMetric = 4

	metricLabel   = 1
	metricGauge   = 2
	metricCounter = 3

	labelName  = 1
	labelValue = 2

	// valueField is the value of a Gauge, and of a Counter.
	valueField = 1
	// valueSize is the size of a Gauge with a value, and of a Counter with one: tag and double.
	valueSize = 1 + 8
)

// protobuf writes a metric as a MetricFamily with its length before it.
type protobuf struct {
	// start is the family up to its first metric.
	start []byte
	// names are the labels' names as fields.
	names  [][]byte
	values []int
	// value is the field of the value up to the number.
	value []byte
}

func newProtobuf(m Metric) *protobuf {
	p := &protobuf{}
	kind, field := dto.MetricType_GAUGE, protowire.Number(metricGauge)
	if m.Counter {
		kind, field = dto.MetricType_COUNTER, metricCounter
	}
	p.start = appendString(p.start, familyName, m.Name)
	p.start = appendString(p.start, familyHelp, m.Help)
	p.start = protowire.AppendTag(p.start, familyType, protowire.VarintType)
	p.start = protowire.AppendVarint(p.start, uint64(kind))
	for _, l := range m.Labels {
		p.names = append(p.names, appendString(nil, labelName, l.Name))
		p.values = append(p.values, l.Value)
	}
	p.value = protowire.AppendTag(p.value, field, protowire.BytesType)
	p.value = protowire.AppendVarint(p.value, valueSize)
	p.value = protowire.AppendTag(p.value, valueField, protowire.Fixed64Type)
	return p
}

func appendString(dst []byte, field protowire.Number, s string) []byte {
	dst = protowire.AppendTag(dst, field, protowire.BytesType)
	return protowire.AppendString(dst, s)
}

// AppendHeader appends the family's length and all of it but the metrics.
func (p *protobuf) AppendHeader(dst []byte, samples int) []byte {
	dst = protowire.AppendVarint(dst, uint64(len(p.start)+samples))
	return append(dst, p.start...)
}

// AppendSample appends a metric as a field of the family.
func (p *protobuf) AppendSample(dst []byte, values []string, value float64) []byte {
	size := len(p.value) + 8
	for i, name := range p.names {
		size += 1 + protowire.SizeBytes(pairSize(name, values[p.values[i]]))
	}
	dst = protowire.AppendTag(dst, familyMetric, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(size))
	for i, name := range p.names {
		v := values[p.values[i]]
		dst = protowire.AppendTag(dst, metricLabel, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(pairSize(name, v)))
		dst = append(dst, name...)
		dst = appendString(dst, labelValue, v)
	}
	dst = append(dst, p.value...)
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(value))
}

// pairSize is the size of a label whose name is written already.
func pairSize(name []byte, value string) int { return len(name) + 1 + protowire.SizeBytes(len(value)) }
