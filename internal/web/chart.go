package web

import (
	"math"
	"strconv"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

const (
	chartSpan = 7 * 24 * time.Hour
	// A chart in a table and one on its own, in the units of its view box.
	sparkWidth, sparkHeight = 140, 32
	chartWidth, chartHeight = 800, 160
	// sparkPoints is how many points a chart in a table has at most.
	sparkPoints = 84
	// chartGap is how long nothing may be known without a hole in the line.
	chartGap = 3 * time.Hour
	// chartMargin keeps a line at the top or the bottom whole.
	chartMargin = 2
)

// chart is a balance over the last seven days as an SVG. The page's policy lets no style in, so all of it is attributes.
type chart struct {
	Width, Height int
	// Line and Area are path data: the balance, and what lies below it.
	Line, Area string
	// X and Y are where the line ends.
	X, Y string
	// Limits are the thresholds that lie within.
	Limits []chartLimit
	// Label says in words what it shows.
	Label string
	// Top and Bottom are the amounts at its edges.
	Top, Bottom string
	// Days are where the midnights are, UTC.
	Days []string
}

type chartLimit struct {
	Y, Class string
}

// point is a balance at a moment.
type point struct {
	at      time.Time
	balance float64
}

// points are what is known of a balance in the last seven days, what it is now as the last one.
func points(v *ledger.View, b *ledger.Balance, now time.Time) []point {
	var all []point
	for _, sample := range v.History.Samples(b.Unit) {
		if age := now.Sub(sample.At); age >= 0 && age <= chartSpan {
			all = append(all, point{sample.At, sample.Balance})
		}
	}
	if b.Amount.Known() && now.Sub(v.LastSuccess) < chartSpan {
		all = append(all, point{now, b.Amount.Float64()})
	}
	return all
}

// thinned is at most so many points, each the last of its stretch of time.
func thinned(all []point, most int, now time.Time) []point {
	if len(all) <= most {
		return all
	}
	var kept []point
	before := -1
	for _, p := range all {
		stretch := int(float64(most-1) * float64(chartSpan-now.Sub(p.at)) / float64(chartSpan))
		if stretch == before {
			kept[len(kept)-1] = p
			continue
		}
		kept, before = append(kept, p), stretch
	}
	return kept
}

// drawing turns moments and balances into places.
type drawing struct {
	width, height float64
	now           time.Time
	low, high     float64
}

func (d drawing) x(at time.Time) float64 {
	return d.width * (1 - float64(d.now.Sub(at))/float64(chartSpan))
}

func (d drawing) y(balance float64) float64 {
	return chartMargin + (d.height-2*chartMargin)*(1-(balance-d.low)/(d.high-d.low))
}

// newDrawing makes room for all points. Zero is in it always: how near it is, is what the reader wants to know.
func newDrawing(all []point, width, height int, now time.Time) drawing {
	d := drawing{width: float64(width), height: float64(height), now: now}
	for _, p := range all {
		d.low, d.high = math.Min(d.low, p.balance), math.Max(d.high, p.balance)
	}
	if d.high == d.low {
		d.high = d.low + 1
	}
	return d
}

// newSpark is the chart in a table; nil while nothing is known.
func newSpark(v *ledger.View, b *ledger.Balance, now time.Time) *chart {
	all := points(v, b, now)
	if len(all) == 0 {
		return nil
	}
	d := newDrawing(all, sparkWidth, sparkHeight, now)
	return d.chart(thinned(all, sparkPoints, now), all, b.Unit, v.Account.Interval)
}

// newChart is the chart on an account's own page; nil while nothing is known.
func newChart(v *ledger.View, b *ledger.Balance, now time.Time) *chart {
	all := points(v, b, now)
	if len(all) == 0 {
		return nil
	}
	d := newDrawing(all, chartWidth, chartHeight, now)
	c := d.chart(all, all, b.Unit, v.Account.Interval)
	for _, limit := range v.Limits {
		if amount := limit.Amount.Float64(); limit.Unit == b.Unit && amount >= d.low && amount <= d.high {
			c.Limits = append(c.Limits, chartLimit{coordinate(d.y(amount)), severityClass(limit.Severity)})
		}
	}
	for day := now.UTC().Truncate(24 * time.Hour); now.Sub(day) < chartSpan; day = day.Add(-24 * time.Hour) {
		c.Days = append(c.Days, coordinate(d.x(day)))
	}
	return c
}

// chart draws some points; all are what it says in words.
func (d drawing) chart(drawn, all []point, unit string, interval time.Duration) *chart {
	c := &chart{
		Width: int(d.width), Height: int(d.height), Label: described(all, unit),
		Top: figure(d.high), Bottom: figure(d.low),
	}
	gap := max(chartGap, 3*interval)
	var line, area []byte
	floor := d.y(math.Max(d.low, 0))
	start := 0
	for i, p := range drawn {
		x, y := d.x(p.at), d.y(p.balance)
		if i == 0 || p.at.Sub(drawn[i-1].at) > gap {
			if i > 0 {
				area = d.closed(area, drawn[start].at, drawn[i-1].at, floor)
			}
			line, area, start = place(line, 'M', x, y), place(area, 'M', x, y), i
		} else {
			line, area = place(line, 'L', x, y), place(area, 'L', x, y)
		}
		c.X, c.Y = coordinate(x), coordinate(y)
	}
	c.Line = string(line)
	c.Area = string(d.closed(area, drawn[start].at, drawn[len(drawn)-1].at, floor))
	return c
}

// closed ends an area along the floor.
func (d drawing) closed(area []byte, from, to time.Time, floor float64) []byte {
	area = place(area, 'L', d.x(to), floor)
	return append(place(area, 'L', d.x(from), floor), 'Z')
}

func place(path []byte, command byte, x, y float64) []byte {
	path = append(path, command)
	path = strconv.AppendFloat(path, tenth(x), 'f', -1, 64)
	path = append(path, ' ')
	return strconv.AppendFloat(path, tenth(y), 'f', -1, 64)
}

func tenth(f float64) float64 { return math.Round(f*10) / 10 }

func coordinate(f float64) string { return strconv.FormatFloat(tenth(f), 'f', -1, 64) }

// described says what a chart shows, for those who do not see it.
func described(all []point, unit string) string {
	low, high := all[0].balance, all[0].balance
	for _, p := range all {
		low, high = math.Min(low, p.balance), math.Max(high, p.balance)
	}
	return unit + " over the last 7 days: first " + figure(all[0].balance) + ", lowest " + figure(low) +
		", highest " + figure(high) + ", now " + figure(all[len(all)-1].balance)
}

// figure writes a float for people.
func figure(f float64) string {
	if math.Abs(f) >= 1e15 || f != 0 && math.Abs(f) < 1e-4 {
		return strconv.FormatFloat(f, 'g', 4, 64)
	}
	digits := 2
	if math.Abs(f) >= 1000 {
		digits = 0
	}
	return grouped(strconv.FormatFloat(roundTo(f, digits), 'f', -1, 64))
}

func roundTo(f float64, digits int) float64 {
	if math.Abs(f) < 0.1 {
		digits = 4
	}
	unit := math.Pow10(digits)
	return math.Round(f*unit) / unit
}
