package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// transformations make one table of the answers: a row for each set of labels, a column for each query. All queries of
// a table must have the same labels, or their rows would not meet.
func (p Panel) transformations() []dashboard.DataTransformerConfig {
	shown, order, names := map[string]any{"Time": true}, map[string]any{}, map[string]any{}
	for i, c := range p.Columns {
		if c.Hidden {
			shown[c.Field] = true
			continue
		}
		order[c.Field], names[c.Field] = i, c.Title
	}
	return []dashboard.DataTransformerConfig{
		{Id: "merge", Options: map[string]any{}},
		{Id: "organize", Options: map[string]any{
			"excludeByName": shown, "indexByName": order, "renameByName": names, "includeByName": map[string]any{},
		}},
	}
}

// properties are how a column differs from the others.
func (c Column) properties() []property {
	var properties []property
	if c.Hidden {
		return nil
	}
	if c.Unit != "" {
		properties = append(properties, property{Id: "unit", Value: c.Unit})
	}
	if c.Width > 0 {
		properties = append(properties, property{Id: "custom.width", Value: c.Width})
	}
	if len(c.States) > 0 {
		properties = append(properties, property{Id: "mappings", Value: mappings(c.States)})
	}
	if len(c.Steps) > 0 {
		properties = append(properties,
			property{Id: "thresholds", Value: thresholds(c.Steps)},
			property{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}})
	}
	if c.Link != "" {
		properties = append(properties, property{Id: "links", Value: []map[string]any{{"title": "Open the account", "url": c.Link}}})
	}
	return properties
}
