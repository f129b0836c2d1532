package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Prometheus, with the configuration that is shipped, takes what the demo exports, and the rules give values.
func TestShippedConfigurationScrapesTheDemo(t *testing.T) {
	t.Parallel() // it waits more than it works
	demo := startDemo(t)
	p := startPrometheus(t, prometheusOptions{target: hostOf(t, demo.url)})
	eventually(t, "the target is up, and its series are there", patience, func(ctx context.Context) error {
		for _, want := range []string{
			`up{job="credits", instance="credits-0"} == 1`,
			// The first scrape adds all series, later ones those of accounts that changed.
			`sum_over_time(scrape_series_added{job="credits"}[5m]) > 500`,
			`scrape_samples_post_metric_relabeling{job="credits"} == scrape_samples_scraped > 500`,
			`count(credits_up) > 20`,
			`account:credits_balance:freshest{provider="olostep", account="production", wallet="olostep/production"}`,
		} {
			if _, err := p.number(ctx, want); err != nil {
				return err
			}
		}
		return nil
	})
	eventually(t, "every rule was evaluated without an error", patience, p.rulesAreHealthy)
	if err := p.targetsAreHealthy(t.Context()); err != nil {
		t.Error(err)
	}
	// What would need the operator's attention in Prometheus' own log: a warning of a scrape, of a rule, of the configuration.
	for line := range strings.Lines(p.process.output.String()) {
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			t.Errorf("Prometheus complains: %s", line)
		}
	}
}

// Each form in which /metrics can be had is taken whole, and all of them hold the same series.
func TestEveryFormOfMetricsIsTaken(t *testing.T) {
	t.Parallel() // it waits more than it works
	demo := startDemo(t)
	protocols := []string{
		"PrometheusText0.0.4", "PrometheusText1.0.0", "OpenMetricsText0.0.1", "OpenMetricsText1.0.0", "PrometheusProto",
	}
	var jobs list
	for _, protocol := range protocols {
		jobs = append(jobs, object{
			"job_name": protocol, "scrape_protocols": list{protocol}, "scrape_native_histograms": protocol == "PrometheusProto",
			"static_configs": list{object{"targets": list{hostOf(t, demo.url)}, "labels": object{"instance": "credits-0"}}},
		})
	}
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	writeYAML(t, config, object{"global": object{"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs})
	p := runPrometheus(t, config, "")
	eventually(t, "all forms are scraped without an error", patience, p.targetsAreHealthy)
	const family = `{job=%q, __name__=~"credits_(balance|remaining|.*_total|expiry.*|up|poll_failing|exporter_accounts)"}`
	first := fmt.Sprintf(family, protocols[0])
	for _, protocol := range protocols[1:] {
		other := fmt.Sprintf(family, protocol)
		eventually(t, protocol+" has the same series", patience, func(ctx context.Context) error {
			if _, err := p.number(ctx, "count("+first+") > 200"); err != nil {
				return err
			}
			return p.isEmpty(ctx, fmt.Sprintf("(%s unless ignoring (job) %s) or (%s unless ignoring (job) %s)", first, other, other, first))
		})
	}
	eventually(t, "the native histogram arrives", patience, func(ctx context.Context) error {
		_, err := p.number(ctx, `count(histogram_count(credits_poll_duration_seconds{job="PrometheusProto"})) == 4`)
		return err
	})
}

// isEmpty fails where an expression has a value.
func (p *prometheus) isEmpty(ctx context.Context, expression string) error {
	rows, err := p.query(ctx, expression)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		return fmt.Errorf("%s: want nothing, have %v", expression, rows)
	}
	return nil
}

// targetsAreHealthy fails unless every target was scraped, and the latest scrape of each was taken without an error.
func (p *prometheus) targetsAreHealthy(ctx context.Context) error {
	var targets struct {
		ActiveTargets []struct {
			ScrapePool, Health, LastError string
			LastScrape                    time.Time
		}
	}
	if err := p.get(ctx, "/targets", url.Values{"state": {"active"}}, &targets); err != nil {
		return err
	}
	if len(targets.ActiveTargets) == 0 {
		return errors.New("there is no target")
	}
	var errs []error
	for _, target := range targets.ActiveTargets {
		if target.Health != "up" || target.LastError != "" {
			errs = append(errs, fmt.Errorf("target %s is %s: %s", target.ScrapePool, target.Health, target.LastError))
		}
	}
	return errors.Join(errs...)
}

// rulesAreHealthy fails unless every rule was evaluated, and the latest evaluation of each had no error.
func (p *prometheus) rulesAreHealthy(ctx context.Context) error {
	var rules struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := p.get(ctx, "/rules", nil, &rules); err != nil {
		return err
	}
	var errs []error
	count := 0
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			count++
			if rule.Health != "ok" {
				errs = append(errs, fmt.Errorf("rule %s is %s: %s", rule.Name, rule.Health, rule.LastError))
			}
		}
	}
	if count == 0 {
		return errors.New("there are no rules")
	}
	return errors.Join(errs...)
}
