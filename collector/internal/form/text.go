package form

import (
	"math"
	"strconv"
	"strings"
)

// text writes a metric as lines.
type text struct {
	header      string
	openMetrics bool
	// before[i] stands before the value of the i-th label, and the last one before the sample's value.
	before []string
	values []int
}

func newText(m Metric, openMetrics bool) *text {
	t := &text{openMetrics: openMetrics}
	family, kind := m.Name, " gauge\n"
	help := strings.NewReplacer("\\", `\\`, "\n", `\n`)
	if m.Counter {
		kind = " counter\n"
	}
	if openMetrics {
		help = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\"", `\"`)
		if m.Counter {
			family = strings.TrimSuffix(family, "_total")
		}
	}
	t.header = "# HELP " + family + " " + help.Replace(m.Help) + "\n# TYPE " + family + kind
	before := m.Name + "{"
	for _, l := range m.Labels {
		t.before = append(t.before, before+l.Name+`="`)
		t.values = append(t.values, l.Value)
		before = `",`
	}
	if len(m.Labels) == 0 {
		t.before = append(t.before, m.Name+" ")
	} else {
		t.before = append(t.before, `"} `)
	}
	return t
}

// AppendHeader appends HELP and TYPE.
func (t *text) AppendHeader(dst []byte, _ int) []byte { return append(dst, t.header...) }

// AppendSample appends a line.
func (t *text) AppendSample(dst []byte, values []string, value float64) []byte {
	for i, from := range t.values {
		dst = append(dst, t.before[i]...)
		dst = appendEscaped(dst, values[from])
	}
	dst = append(dst, t.before[len(t.values)]...)
	if t.openMetrics {
		dst = appendOpenMetricsFloat(dst, value)
	} else {
		dst = appendFloat(dst, value)
	}
	return append(dst, '\n')
}

// appendEscaped appends a label's value.
func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var escaped string
		switch s[i] {
		case '\\':
			escaped = `\\`
		case '\n':
			escaped = `\n`
		case '"':
			escaped = `\"`
		default:
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = append(dst, escaped...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}

func appendFloat(dst []byte, f float64) []byte {
	switch {
	case f == 0: // and -0, which expfmt writes without its sign too
		return append(dst, '0')
	case math.IsInf(f, +1):
		return append(dst, "+Inf"...)
	case f == math.Trunc(f) && math.Abs(f) < 1e6:
		// Many amounts are small whole numbers, and 'g' is plain digits for them.
		return strconv.AppendInt(dst, int64(f), 10)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

// appendOpenMetricsFloat is appendFloat, but a whole number shows that it is a float.
func appendOpenMetricsFloat(dst []byte, f float64) []byte {
	from := len(dst)
	dst = appendFloat(dst, f)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst
	}
	for _, b := range dst[from:] {
		if b == 'e' || b == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}
