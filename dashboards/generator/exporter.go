package main

import (
	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/board"
)

const exporterUID = "credits-exporter"

// exporter is about the process: is it there, does it ask politely, does it keep what it knows.
func exporter() board.Board {
	s := allAccounts()
	return s.expandAll(board.Board{
		UID: exporterUID, Title: "Credits exporter",
		Description: "The exporter itself: its polls, its storage and its process.",
		Variables:   append(commonVariables(), providerVariable(false)),
		Annotations: []board.Annotation{alertAnnotation()},
		Rows: []board.Row{
			{Title: "State", Panels: statePanels()},
			{Title: "Polls", Panels: exporterPollPanels()},
			{Title: "Storage and configuration", Panels: storagePanels()},
			{Title: "Shards", Panels: shardPanels()},
			{Title: "Process", Panels: processPanels()},
		},
	})
}
