package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

type (
	override = dashboard.DashboardFieldConfigSourceOverrides
	property = dashboard.DynamicConfigValue
)

// setFields says how the values are shown.
func (p Panel) setFields(out *dashboard.Panel) {
	if out.FieldConfig == nil {
		out.FieldConfig = dashboard.NewFieldConfigSource()
	}
	defaults := &out.FieldConfig.Defaults
	if p.Unit != "" {
		defaults.Unit = &p.Unit
	}
	defaults.Decimals = p.Decimals
	defaults.NoValue = new("–")
	if p.Empty != "" {
		defaults.NoValue = &p.Empty
	}
	defaults.Mappings = mappings(p.States)
	defaults.Thresholds = thresholds(p.Thresholds)
	defaults.Color = &dashboard.FieldColor{Mode: p.colors()}
	out.FieldConfig.Overrides = p.overrides()
	if p.Kind == Table {
		out.Transformations = p.transformations()
	}
}

// colors are by threshold and state where there are any, else one for each series that stays the same on all panels.
func (p Panel) colors() dashboard.FieldColorModeId {
	switch p.Kind {
	case Lines, Stacked, Bars:
		return dashboard.FieldColorModeIdPaletteClassicByName
	default:
		return dashboard.FieldColorModeIdThresholds
	}
}

func mappings(states []State) []dashboard.ValueMapping {
	if len(states) == 0 {
		return nil
	}
	results := map[string]dashboard.ValueMappingResult{}
	for i, s := range states {
		results[s.Value] = dashboard.ValueMappingResult{Text: new(s.Text), Color: new(s.Color), Index: new(int32(i))}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: results}}}
}

// thresholds begin with a colour for all values; without steps that is the text's own.
func thresholds(steps []Step) *dashboard.ThresholdsConfig {
	config := &dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute}
	if len(steps) == 0 {
		steps = []Step{{Color: "text"}}
	}
	for i, s := range steps {
		threshold := dashboard.Threshold{Color: s.Color}
		if i > 0 {
			threshold.Value = new(s.From)
		}
		config.Steps = append(config.Steps, threshold)
	}
	return config
}

func (p Panel) overrides() []override {
	overrides := []override{}
	for i, q := range p.Queries {
		if q.Line == "" {
			continue
		}
		overrides = append(overrides, override{
			Matcher: dashboard.MatcherConfig{Id: "byFrameRefID", Options: RefID(i)},
			Properties: []property{
				{Id: "color", Value: map[string]any{"mode": "fixed", "fixedColor": q.Line}},
				{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{8, 6}}},
				{Id: "custom.lineWidth", Value: 1},
				{Id: "custom.fillOpacity", Value: 0},
			},
		})
	}
	for _, c := range p.Columns {
		if properties := c.properties(); len(properties) > 0 {
			overrides = append(overrides, override{
				Matcher:    dashboard.MatcherConfig{Id: "byName", Options: c.Title},
				Properties: properties,
			})
		}
	}
	return overrides
}
