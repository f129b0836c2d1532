package main

import (
	"fmt"
	"io"
	"time"
)

// The lines of the table.
const (
	lineSeries      = "series"
	linePollsDuring = "polls a second during the scrapes"
	lineState       = "state written for each poll"
	lineStart       = "start from storage until all series are served"
	lineReload      = "reload with one changed account"
	lineBare        = "bare net/http loop: requests, CPU of each"
	linePolls       = "exporter, as fast as it can: polls, CPU of each"
	lineRatio       = "ratio of polls to bare requests"
)

func encodingName(encoding string) string {
	if encoding == "" {
		return "plain"
	}
	return encoding
}

func lineScrape(who, encoding string) string {
	return "scrape, " + encodingName(encoding) + ", " + who + ": time, allocations"
}

func lineBytes(who, encoding string) string {
	return "bytes, " + encodingName(encoding) + ", " + who
}

func lineMemory(encoding string) string {
	return "resident memory after " + encodingName(encoding) + " scrapes, of each account"
}

func lineOtherMemory(kind string) string { return "resident memory, " + kind }

// lines are those of the table in their order.
func lines() []string {
	all := []string{lineSeries, linePollsDuring}
	for _, encoding := range encodings {
		for _, who := range []string{"exporter", gaugeVecs, constMetrics, staticFile} {
			all = append(all, lineScrape(who, encoding))
		}
		all = append(all, lineBytes("exporter", encoding), lineBytes(staticFile, encoding))
	}
	for _, encoding := range encodings {
		all = append(all, lineMemory(encoding))
	}
	for _, kind := range []string{gaugeVecs, constMetrics, staticFile} {
		all = append(all, lineOtherMemory(kind))
	}
	return append(all, lineStart, lineReload, lineState, lineBare, linePolls, lineRatio)
}

// printTable prints the table in Markdown.
func printTable(out io.Writer, o options, columns []figures) {
	fmt.Fprint(out, "| accounts |")
	for _, n := range o.sizes {
		fmt.Fprintf(out, " %d |", n)
	}
	fmt.Fprint(out, "\n|---|")
	for range o.sizes {
		fmt.Fprint(out, "---|")
	}
	fmt.Fprintln(out)
	for _, line := range lines() {
		fmt.Fprintf(out, "| %s |", line)
		for _, column := range columns {
			fmt.Fprintf(out, " %s |", column[line])
		}
		fmt.Fprintln(out)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

func millis(d time.Duration) string { return fmt.Sprintf("%.3g", float64(d.Microseconds())/1000) }

func mebi(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/(1<<20)) }
