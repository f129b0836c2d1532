package main

import "github.com/credits-exporter/credits_exporter/dashboards/generator/internal/panel"

// processPanels say what the process costs.
func processPanels() []panel.Panel {
	return []panel.Panel{
		process("CPU", "How many cores does it use?", "none", panel.Query{
			Expr: `rate(process_cpu_seconds_total{process}[$__rate_interval])`, Legend: "{{instance}}",
		}),
		process("Memory", "How much memory does it use?", "bytes",
			panel.Query{Expr: `process_resident_memory_bytes{process}`, Legend: "{{instance}} resident"},
			panel.Query{Expr: `go_memstats_heap_alloc_bytes{process}`, Legend: "{{instance}} heap"},
		),
		process("Goroutines and files", "Does anything leak?", "none",
			panel.Query{Expr: `go_goroutines{process}`, Legend: "{{instance}} goroutines"},
			panel.Query{Expr: `process_open_fds{process}`, Legend: "{{instance}} open files"},
		),
		process("Scrape duration", "How long does a scrape take?", seconds, panel.Query{
			Expr: `scrape_duration_seconds{process}`, Legend: "{{instance}}",
		}),
		process("Samples", "How many series does a scrape bring?", "none", panel.Query{
			Expr: `scrape_samples_scraped{process}`, Legend: "{{instance}}",
		}),
		process("Uptime", "When did it start anew?", seconds, panel.Query{
			Expr: `time() - process_start_time_seconds{process}`, Legend: "{{instance}}",
		}),
	}
}

func process(title, question, unit string, queries ...panel.Query) panel.Panel {
	return panel.Panel{Title: title, Question: question, Kind: panel.Lines, Width: 8, Height: 8, Unit: unit, Queries: queries}
}
