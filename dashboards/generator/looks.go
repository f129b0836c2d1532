package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// Colours and units that mean the same on all dashboards.
const (
	good = "green"
	warn = "orange"
	bad  = "red"
	calm = "blue"

	amount  = "short"
	seconds = "s"

	day = 86400.0
)

// badAbove colours counts of what should not be.
func badAbove(colour string) []panel.Step {
	return []panel.Step{{Color: good}, {From: 1, Color: colour}}
}

// runwaySteps are the runways that alerts are about where an account sets none of its own.
func runwaySteps() []panel.Step {
	return []panel.Step{{Color: bad}, {From: 2 * day, Color: warn}, {From: 7 * day, Color: good}}
}

func yesNo(yes, no string) []panel.State {
	return []panel.State{{Value: "1", Text: yes, Color: good}, {Value: "0", Text: no, Color: bad}}
}

// label is a column that shows a label.
func label(name, title string, width float64) panel.Column {
	return panel.Column{Field: name, Title: title, Width: width}
}

// value is a column that shows what the i-th query says.
func value(i int, title, unit string) panel.Column {
	return panel.Column{Field: "Value #" + panel.RefID(i), Title: title, Unit: unit}
}

// onlyValue is the value of a table's only query.
func onlyValue(title, unit string) panel.Column {
	return panel.Column{Field: "Value", Title: title, Unit: unit}
}

// accountLink leads from an account's name to its dashboard.
func accountLink(c panel.Column) panel.Column {
	c.Link = "/d/" + accountUID + "?${datasource:queryparam}&${job:queryparam}&${__url_time_range}" +
		"&var-provider=${__data.fields.Provider}&var-account=${__data.fields.Account}"
	return c
}
