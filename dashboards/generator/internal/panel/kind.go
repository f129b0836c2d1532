package panel

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Kind is how a panel is drawn.
type Kind string

// The kinds of panels. Lines are steps, because values are cached: they stay as they are until the next poll.
const (
	Number  Kind = "number"   // the latest value
	Name    Kind = "name"     // the name of the series, for facts that are labels
	Lines   Kind = "lines"    // values over time
	Stacked Kind = "stacked"  // values over time that add up, all of one unit
	Bars    Kind = "bars"     // what happened in each step of time
	Gauge   Kind = "bar list" // one bar for each series, its latest value
	States  Kind = "states"   // states over time, a row for each series
	Heatmap Kind = "heat map" // a histogram over time
	Table   Kind = "table"    // the latest values, a row for each set of labels
)

// draw makes an empty panel that looks as the kind does.
func (k Kind) draw(p Panel) (dashboard.Panel, error) {
	var b cog.Builder[dashboard.Panel]
	switch k {
	case Name:
		b = number().TextMode(common.BigValueTextModeName)
	case Lines:
		b = lines()
	case Stacked:
		b = lines().FillOpacity(40).LineWidth(1).
			Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
	case Bars:
		b = lines().DrawStyle(common.GraphDrawStyleBars).FillOpacity(60).LineWidth(1).
			Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
	case Gauge:
		b = bargauge.NewPanelBuilder().
			DisplayMode(common.BarGaugeDisplayModeBasic).Orientation(common.VizOrientationHorizontal).
			NamePlacement(common.BarGaugeNamePlacementLeft).ValueMode(common.BarGaugeValueModeColor).
			ReduceOptions(latest())
	case States:
		b = statetimeline.NewPanelBuilder().
			ShowValue(common.VisibilityModeNever).RowHeight(0.8).MergeValues(true).FillOpacity(80).LineWidth(0).
			Legend(legend()).Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeSingle)).PerPage(20)
	case Heatmap:
		b = heatmap.NewPanelBuilder().
			Calculate(false).ShowLegend().
			Color(heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Oranges").Steps(32)).
			YAxis(heatmap.NewYAxisConfigBuilder().Unit(p.Unit))
	case Table:
		b = table.NewPanelBuilder().ShowHeader(true).CellHeight(common.TableCellHeightSm).SortBy(p.sortBy())
	default:
		b = number().TextMode(p.numberText())
	}
	out, err := b.Build()
	if options, ok := out.Options.(*table.Options); ok {
		// A footer that is not shown needs no reducer, but a strict reader asks for one.
		options.Footer = nil
	}
	return out, err
}

func (k Kind) format() prometheus.PromQueryFormat {
	switch k {
	case Table:
		return prometheus.PromQueryFormatTable
	case Heatmap:
		return prometheus.PromQueryFormatHeatmap
	default:
		return prometheus.PromQueryFormatTimeSeries
	}
}

// instant kinds show the latest value only, and so ask for no more.
func (k Kind) instant() bool { return k == Number || k == Name || k == Gauge || k == Table }

func number() *stat.PanelBuilder {
	return stat.NewPanelBuilder().
		GraphMode(common.BigValueGraphModeNone).ColorMode(common.BigValueColorModeValue).
		JustifyMode(common.BigValueJustifyModeAuto).Orientation(common.VizOrientationAuto).
		WideLayout(true).ReduceOptions(latest())
}

// numberText shows the name beside the number where it says of what the number is, such as a unit or a currency.
func (p Panel) numberText() common.BigValueTextMode {
	if slices.ContainsFunc(p.Queries, func(q Query) bool { return strings.Contains(q.Legend, "{{") }) {
		return common.BigValueTextModeValueAndName
	}
	return common.BigValueTextModeValue
}

func lines() *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().
		DrawStyle(common.GraphDrawStyleLine).LineInterpolation(common.LineInterpolationStepAfter).
		LineWidth(2).FillOpacity(0).ShowPoints(common.VisibilityModeNever).
		Legend(legend().Calcs([]string{"lastNotNull"})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
}

func legend() *common.VizLegendOptionsBuilder {
	return common.NewVizLegendOptionsBuilder().ShowLegend(true).
		DisplayMode(common.LegendDisplayModeTable).Placement(common.LegendPlacementBottom).Calcs([]string{})
}

func latest() *common.ReduceDataOptionsBuilder {
	return common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}).Values(false)
}

func (p Panel) sortBy() []cog.Builder[common.TableSortByFieldState] {
	if p.Sort.Column == "" {
		return nil
	}
	return []cog.Builder[common.TableSortByFieldState]{
		common.NewTableSortByFieldStateBuilder().DisplayName(p.Sort.Column).Desc(p.Sort.Descending),
	}
}
