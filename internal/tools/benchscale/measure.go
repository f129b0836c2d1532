package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// figures are what was measured at one number of accounts, by the name of the table's line.
type figures map[string]string

// bench measures at one number of accounts.
type bench struct {
	options
	site    site
	vendor  *process
	figures figures
	scraper scraper
	out     io.Writer
}

// measureAll measures at every number of accounts and prints the table.
func measureAll(ctx context.Context, o options, out io.Writer) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "benchscale-")
		if err != nil {
			return err
		}
		o.dir = dir
	}
	if !o.keep {
		defer os.RemoveAll(o.dir)
	}
	if o.exporter == "" {
		o.exporter = filepath.Join(o.dir, "credits_exporter")
		if err := build(ctx, o.exporter); err != nil {
			return fmt.Errorf("building the exporter: %w", err)
		}
	}
	var columns []figures
	for _, n := range o.sizes {
		column, err := measureOne(ctx, o, n)
		if err != nil {
			return fmt.Errorf("%d accounts: %w", n, err)
		}
		columns = append(columns, column)
	}
	printTable(out, o, columns)
	return nil
}

func measureOne(ctx context.Context, o options, n int) (figures, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dir := filepath.Join(o.dir, strconv.Itoa(n))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	b := &bench{
		options: o, figures: figures{}, scraper: newScraper(), out: os.Stderr,
		site: site{dir: dir, binary: o.exporter, accounts: n, lots: o.lots, lists: o.lists},
	}
	var err error
	if b.vendor, err = role(ctx, filepath.Join(dir, "vendor.log"), "vendor", "-lots", strconv.Itoa(o.lots)); err != nil {
		return nil, err
	}
	defer b.vendor.stop()
	if strings.Contains(o.parts, "scrape") {
		if err := b.scrapes(ctx); err != nil {
			return nil, err
		}
	}
	if strings.Contains(o.parts, "polls") {
		if err := b.polls(ctx); err != nil {
			return nil, err
		}
	}
	return b.figures, nil
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.out, "%s  %d accounts: %s\n", time.Now().Format(time.TimeOnly), b.site.accounts, fmt.Sprintf(format, args...))
}

// note keeps a figure for the table.
func (b *bench) note(line, format string, args ...any) {
	b.figures[line] = fmt.Sprintf(format, args...)
	b.say("%s: %s", line, b.figures[line])
}

// scrapes measures scrapes, memory, start and reload.
func (b *bench) scrapes(ctx context.Context) error {
	interval := min(b.interval, time.Duration(b.site.accounts)*time.Second/time.Duration(b.rate))
	if err := b.site.lay(b.vendor.address, interval); err != nil {
		return err
	}
	b.say("the first start")
	first, err := b.site.start(ctx)
	if err != nil {
		return err
	}
	if err := first.await(ctx, func() bool { time.Sleep(time.Second); return b.site.whole(ctx, first) }); err != nil {
		return err
	}
	first.stop()
	if err := b.site.fillHistories(ctx); err != nil {
		return err
	}

	b.say("a start from storage")
	began := time.Now()
	p, err := b.site.start(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := p.await(ctx, func() bool { return b.site.whole(ctx, p) }); err != nil {
		return err
	}
	b.note(lineStart, "%s s", seconds(time.Since(began)))

	if err := b.reloads(ctx, p); err != nil {
		return err
	}
	page, err := b.scrapeOurs(ctx, p)
	if err != nil {
		return err
	}
	if !strings.Contains(b.parts, "others") {
		return nil
	}
	p.stop() // so that it takes nothing from the others
	for _, other := range []string{gaugeVecs, constMetrics, staticFile} {
		if err := b.scrapeOther(ctx, other, page); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) reloads(ctx context.Context, p *process) error {
	if _, err := reload(ctx, p); err != nil {
		return err
	}
	var took []time.Duration
	for _, team := range []string{"green", "red", "yellow"} {
		if err := b.site.layAccounts(b.vendor.address, 0, team); err != nil {
			return err
		}
		d, err := reload(ctx, p)
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	slices.Sort(took)
	b.note(lineReload, "%s s", seconds(took[1]))
	return nil
}

var encodings = []string{"", "gzip", "zstd"}

// scrapeOurs measures the exporter's own scrapes while polls go on, and gives the page.
func (b *bench) scrapeOurs(ctx context.Context, p *process) (string, error) {
	if err := b.awaitPolls(ctx); err != nil {
		return "", err
	}
	mallocs := func() (int64, error) {
		v, err := sample(ctx, p, "go_memstats_mallocs_total")
		return int64(v), err
	}
	var self int64 // what looking costs
	for range 3 {
		before, err := mallocs()
		if err != nil {
			return "", err
		}
		after, err := mallocs()
		if err != nil {
			return "", err
		}
		self = after - before
	}
	time.Sleep(2 * time.Second)
	asked, err := b.scraper.number(ctx, b.vendor.address, "/asked")
	if err != nil {
		return "", err
	}
	began, written := time.Now(), b.site.stateBytes()
	for _, encoding := range encodings {
		if err := b.scrapeRepeatedly(ctx, "exporter", p, encoding, mallocs, self); err != nil {
			return "", err
		}
		now, most := p.resident()
		b.note(lineMemory(encoding), "%s MiB, %.1f KiB (at most %s MiB)", mebi(now), float64(now)/1024/float64(b.site.accounts), mebi(most))
	}
	again, err := b.scraper.number(ctx, b.vendor.address, "/asked")
	if err != nil {
		return "", err
	}
	polls := again - asked
	b.note(linePollsDuring, "%.0f", float64(polls)/time.Since(began).Seconds())
	if grown := b.site.stateBytes() - written; grown > 0 && polls > 0 {
		b.note(lineState, "%.0f B", float64(grown)/float64(polls))
	}
	var page bytes.Buffer
	if err := b.scraper.get(ctx, p.address, "/metrics", "", &page); err != nil {
		return "", err
	}
	b.note(lineSeries, "%d", bytes.Count(page.Bytes(), []byte("\n"))-bytes.Count(page.Bytes(), []byte("\n#"))-1)
	path := filepath.Join(b.site.dir, "metrics.txt")
	return path, os.WriteFile(path, page.Bytes(), 0o600)
}

// awaitPolls waits until polls go on as they will: an account that was polled a moment ago is left alone for half its
// interval.
func (b *bench) awaitPolls(ctx context.Context) error {
	wanted := min(b.rate, b.site.accounts) / 2
	for end := time.Now().Add(b.interval); time.Now().Before(end); {
		before, err := b.scraper.number(ctx, b.vendor.address, "/asked")
		if err != nil {
			return err
		}
		time.Sleep(2 * time.Second)
		after, err := b.scraper.number(ctx, b.vendor.address, "/asked")
		if err != nil || after-before >= int64(2*wanted) {
			return err
		}
	}
	return nil
}

func (b *bench) scrapeOther(ctx context.Context, kind, page string) error {
	b.say("%s", kind)
	p, err := role(ctx, filepath.Join(b.site.dir, kind+".log"), kind, "-source", page, "-rate", strconv.Itoa(b.rate), "-accounts", strconv.Itoa(b.site.accounts))
	if err != nil {
		return err
	}
	defer p.stop()
	mallocs := func() (int64, error) { return b.scraper.number(ctx, p.address, "/mallocs") }
	for _, encoding := range encodings {
		if err := b.scrapeRepeatedly(ctx, kind, p, encoding, mallocs, 0); err != nil {
			return err
		}
	}
	now, _ := p.resident()
	b.note(lineOtherMemory(kind), "%s MiB", mebi(now))
	return nil
}

// scrapeRepeatedly notes the median of many scrapes.
func (b *bench) scrapeRepeatedly(ctx context.Context, who string, p *process, encoding string, mallocs func() (int64, error), self int64) error {
	var body size
	scrape := func() error { body = 0; return b.scraper.get(ctx, p.address, "/metrics", encoding, &body) }
	if err := scrape(); err != nil { // the first one may build what the others use
		return err
	}
	before, err := mallocs()
	if err != nil {
		return err
	}
	var took []time.Duration
	for end := time.Now().Add(b.measure); len(took) < 3 || time.Now().Before(end) && len(took) < 200; {
		began := time.Now()
		if err := scrape(); err != nil {
			return err
		}
		took = append(took, time.Since(began))
		// Polls go on between scrapes; back to back there would be hardly any.
		time.Sleep(100 * time.Millisecond)
	}
	after, err := mallocs()
	if err != nil {
		return err
	}
	slices.Sort(took)
	allocations := (after - before - self) / int64(len(took))
	b.note(lineScrape(who, encoding), "%s ms, %d", millis(took[len(took)/2]), max(allocations, 0))
	if who == "exporter" || who == staticFile {
		b.note(lineBytes(who, encoding), "%.2f MB", float64(body)/1e6)
	}
	return nil
}

// size counts bytes.
type size int64

func (s *size) Write(p []byte) (int, error) { *s += size(len(p)); return len(p), nil }

// polls measures how many polls a second are possible beside a loop that only makes the requests.
func (b *bench) polls(ctx context.Context) error {
	loop, err := role(ctx, filepath.Join(b.site.dir, "loop.log"), "loop", "-target", "http://"+b.vendor.address, "-accounts", strconv.Itoa(b.site.accounts))
	if err != nil {
		return err
	}
	bare, err := b.pollRate(ctx, loop, lineBare, time.Second)
	loop.stop()
	if err != nil {
		return err
	}
	// Each account is due again long before all had their turn.
	interval := max(10*time.Millisecond, time.Duration(b.site.accounts)*10*time.Microsecond)
	if err := b.site.lay(b.vendor.address, interval); err != nil {
		return err
	}
	p, err := b.site.start(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	settle := 3 * time.Second
	if b.site.accounts > 100 {
		settle = 35 * time.Second // a start with many accounts is spread over 30 s
	}
	ours, err := b.pollRate(ctx, p, linePolls, settle)
	if err != nil {
		return err
	}
	b.note(lineRatio, "%.2f", ours/bare)
	return nil
}

// pollRate counts the vendor's requests for a while.
func (b *bench) pollRate(ctx context.Context, p *process, line string, settle time.Duration) (float64, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-p.ended:
		return 0, fmt.Errorf("%s: the process ended; see its log", line)
	case <-time.After(settle):
	}
	before, err := b.scraper.number(ctx, b.vendor.address, "/asked")
	if err != nil {
		return 0, err
	}
	began, cpu := time.Now(), p.cpu()
	time.Sleep(b.measure)
	after, err := b.scraper.number(ctx, b.vendor.address, "/asked")
	if err != nil {
		return 0, err
	}
	polls := float64(after - before)
	rate := polls / time.Since(began).Seconds()
	b.note(line, "%.0f/s, %.0f µs", rate, float64((p.cpu()-cpu).Microseconds())/max(polls, 1))
	return rate, nil
}
