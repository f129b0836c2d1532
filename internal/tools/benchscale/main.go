// Command benchscale measures the exporter at growing numbers of accounts, beside other ways to do the same, and prints
// one table. It plays the vendors and the scrapers itself, each in a process of its own, all on loopback:
//
//	go run ./internal/tools/benchscale -sizes 100,1000
//
// See docs/performance.md for what the lines mean.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchscale:", err)
		stop()
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	sizes    []int
	parts    string
	lots     int
	lists    string
	interval time.Duration
	rate     int
	measure  time.Duration
	exporter string
	dir      string
	keep     bool

	// What a child is told.
	role, listen, source, target string
	accounts                     int
}

func parse(args []string) (options, error) {
	var o options
	set := flag.NewFlagSet("benchscale", flag.ContinueOnError)
	sizes := set.String("sizes", "100,1000,10000,100000", "numbers of accounts, with commas")
	set.StringVar(&o.parts, "parts", "scrape,others,polls", "what to measure: scrape (with memory, start and reload), others (with scrape: the other ways to serve the same), polls")
	set.IntVar(&o.lots, "lots", 3, "lots of each account")
	set.StringVar(&o.lists, "lists", listsJSON, "in what the lists of accounts are written: json or yaml")
	set.DurationVar(&o.interval, "interval", 5*time.Minute, "the accounts' interval while scrapes are measured; shorter where that makes less than -rate polls a second")
	set.IntVar(&o.rate, "rate", 30, "polls a second that go on during scrapes, at least")
	set.DurationVar(&o.measure, "measure", 10*time.Second, "how long polls are counted, and how long at most one kind of scrape is repeated")
	set.StringVar(&o.exporter, "exporter", "", "the binary to measure; built when not given")
	set.StringVar(&o.dir, "dir", "", "where configurations and states go; a temporary folder when not given")
	set.BoolVar(&o.keep, "keep", false, "leave that folder as it is")
	set.StringVar(&o.role, "role", "", "for benchscale itself: what a child process plays")
	set.StringVar(&o.listen, "listen", "", "for benchscale itself")
	set.StringVar(&o.source, "source", "", "for benchscale itself")
	set.StringVar(&o.target, "target", "", "for benchscale itself")
	set.IntVar(&o.accounts, "accounts", 0, "for benchscale itself")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(size))
		if err != nil || n < 1 || n > 999_999 {
			return o, fmt.Errorf("-sizes: %q is no number of accounts", size)
		}
		o.sizes = append(o.sizes, n)
	}
	if o.lots < 1 || o.rate < 1 || o.interval <= 0 || o.measure <= 0 {
		return o, errors.New("-lots, -rate, -interval and -measure must be above 0")
	}
	if o.lists != listsJSON && o.lists != listsYAML {
		return o, fmt.Errorf("-lists: %q is neither %s nor %s", o.lists, listsJSON, listsYAML)
	}
	return o, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	switch o.role {
	case "":
		return measureAll(ctx, o, out)
	case "vendor":
		return serveVendor(ctx, o)
	case "loop":
		return bareLoop(ctx, o)
	case gaugeVecs, constMetrics, staticFile:
		return serveOther(ctx, o)
	}
	return fmt.Errorf("-role: %q is not known", o.role)
}
