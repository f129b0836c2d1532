package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// prometheus is a Prometheus that runs.
type prometheus struct {
	process *process
	url     string // without a path
}

// prometheusOptions say how a Prometheus differs from the one that is shipped.
type prometheusOptions struct {
	target       string        // host and port of the exporter
	alertmanager string        // host and port; empty: alerts go nowhere
	interval     time.Duration // of scrapes and of all evaluations; a second if left out
	data         string        // a folder with blocks to begin with, as promtool writes them; it is written to
	flags        []string      // further flags
}

// startPrometheus starts Prometheus with the shipped configuration and rules. Other than shipped are addresses and times
// alone: all is scraped and evaluated every second, and alerts wait for two seconds where they wait for minutes.
func startPrometheus(t testing.TB, o prometheusOptions) *prometheus {
	t.Helper()
	dir := t.TempDir()
	interval := max(o.interval, time.Second).String()
	derive(t, shipped("deploy/prometheus/prometheus.yml"), filepath.Join(dir, "prometheus.yml"), []string{
		"global.scrape_interval", "global.evaluation_interval",
		"scrape_configs.*.scrape_interval", "scrape_configs.*.scrape_timeout", "scrape_configs.*.static_configs.*.targets",
		"alerting.alertmanagers.*.static_configs.*.targets",
	}, func(config object) {
		replaceIn(t, config["global"], "scrape_interval", interval)
		replaceIn(t, config["global"], "evaluation_interval", interval)
		each(t, config, "scrape_configs", func(job object) {
			replaceIn(t, job, "scrape_interval", interval)
			replaceIn(t, job, "scrape_timeout", interval)
			each(t, job, "static_configs", func(targets object) { replaceIn(t, targets, "targets", list{o.target}) })
		})
		each(t, config["alerting"], "alertmanagers", func(manager object) {
			each(t, manager, "static_configs", func(targets object) {
				if o.alertmanager == "" {
					replaceIn(t, targets, "targets", list{})
				} else {
					replaceIn(t, targets, "targets", list{o.alertmanager})
				}
			})
		})
	})
	deriveRules(t, filepath.Join(dir, "rules"), interval)
	return runPrometheus(t, filepath.Join(dir, "prometheus.yml"), o.data, o.flags...)
}

// deriveRules writes the shipped rules with shorter times.
func deriveRules(t testing.TB, dir, interval string) {
	t.Helper()
	files, err := filepath.Glob(shipped("deploy/prometheus/rules/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	for _, file := range files {
		derive(t, file, filepath.Join(dir, filepath.Base(file)), []string{
			"groups.*.interval", "groups.*.rules.*.for", "groups.*.rules.*.keep_firing_for",
		}, func(rules object) {
			each(t, rules, "groups", func(group object) {
				group["interval"] = interval
				each(t, group, "rules", func(rule object) {
					for _, key := range []string{"for", "keep_firing_for"} {
						if rule[key] != nil {
							rule[key] = "2s"
						}
					}
				})
			})
		})
	}
}

// runPrometheus starts Prometheus with a configuration as it is.
func runPrometheus(t testing.TB, config, data string, flags ...string) *prometheus {
	t.Helper()
	if data == "" {
		data = filepath.Join(t.TempDir(), "data")
	}
	p := &prometheus{}
	p.process = start(t, filepath.Dir(config), nil, tool(t, "prometheus"), append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + data, "--web.listen-address=127.0.0.1:0",
	}, flags...)...)
	p.url = "http://" + p.process.says(t, `msg="Listening on".* address=(127\.0\.0\.1:\d+)`)
	eventually(t, "Prometheus is ready", patience, func(ctx context.Context) error {
		return call(ctx, http.MethodGet, p.url+"/-/ready", nil, nil)
	})
	return p
}

// get reads the data of an answer of Prometheus' API, as of the path /query and its parameters.
func (p *prometheus) get(ctx context.Context, path string, parameters url.Values, into any) error {
	var envelope struct{ Data json.RawMessage }
	if err := call(ctx, http.MethodGet, p.url+"/api/v1"+path+"?"+parameters.Encode(), nil, &envelope); err != nil {
		return err
	}
	return json.Unmarshal(envelope.Data, into)
}

// series is one row of an answer: its labels and its values by time, of which an instant query gives one. Values that are
// native histograms are left out; histograms counts them.
type series struct {
	labels     map[string]string
	values     []point
	histograms int
}

type point struct {
	at    time.Time
	value float64
}

// query asks for the values of an expression now.
func (p *prometheus) query(ctx context.Context, expression string) ([]series, error) {
	return p.ask(ctx, "/query", url.Values{"query": {expression}})
}

// queryRange asks for the values of an expression between two times.
func (p *prometheus) queryRange(ctx context.Context, expression string, from, to time.Time, step time.Duration) ([]series, error) {
	return p.ask(ctx, "/query_range", url.Values{
		"query": {expression}, "start": {unix(from)}, "end": {unix(to)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	})
}

func unix(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1e3, 'f', 3, 64) }

func (p *prometheus) ask(ctx context.Context, path string, parameters url.Values) ([]series, error) {
	var answer struct {
		ResultType string
		Result     json.RawMessage
	}
	if err := p.get(ctx, path, parameters, &answer); err != nil {
		return nil, err
	}
	if answer.ResultType == "scalar" {
		value, err := decodePoint(answer.Result)
		return []series{{values: []point{value}}}, err
	}
	var rows []struct {
		Metric                map[string]string
		Value                 json.RawMessage
		Values                []json.RawMessage
		Histogram, Histograms json.RawMessage
	}
	if err := json.Unmarshal(answer.Result, &rows); err != nil {
		return nil, fmt.Errorf("a result of type %s: %w", answer.ResultType, err)
	}
	found := make([]series, len(rows))
	for i, row := range rows {
		found[i].labels = row.Metric
		if row.Value != nil {
			row.Values = append(row.Values, row.Value)
		}
		if row.Histogram != nil || row.Histograms != nil {
			found[i].histograms++
		}
		for _, raw := range row.Values {
			value, err := decodePoint(raw)
			if err != nil {
				return nil, err
			}
			found[i].values = append(found[i].values, value)
		}
	}
	return found, nil
}

// decodePoint reads `[1700000000.123, "1.5"]`.
func decodePoint(raw json.RawMessage) (point, error) {
	var pair [2]any
	if err := json.Unmarshal(raw, &pair); err != nil {
		return point{}, err
	}
	at, isNumber := pair[0].(float64)
	text, isText := pair[1].(string)
	if !isNumber || !isText {
		return point{}, fmt.Errorf("%s is not a time and a value", raw)
	}
	value, err := strconv.ParseFloat(text, 64)
	return point{time.UnixMilli(int64(at * 1e3)), value}, err
}

// number is the one value that an expression has now; none, or several, are an error.
func (p *prometheus) number(ctx context.Context, expression string) (float64, error) {
	rows, err := p.query(ctx, expression)
	if err != nil {
		return 0, err
	}
	if len(rows) != 1 || len(rows[0].values) != 1 {
		return 0, fmt.Errorf("%s: want one value, have %d rows", expression, len(rows))
	}
	return rows[0].values[0].value, nil
}
