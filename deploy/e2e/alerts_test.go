package e2e

import (
	"context"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// untilTold is how long an alert may take from what happens at the vendor to the webhook: a poll every 10 seconds, back-off
// after failures, and a few seconds for scrape, rules, `for` and Alertmanager. On an idle machine it takes a third.
const untilTold = 90 * time.Second

// incident is something that happens at a vendor, the alert that must come of it, and how it is put right.
type incident struct {
	provider, account string
	happens           func(*testing.T, *exporter) // nothing where the demo begins with it
	alert             string
	receiver          string
	labels            map[string]string // all of the alert's, but for those that name the alert and the account
	description       string            // what it must say
	putRight          func(*testing.T, *exporter)
}

func incidents() map[string]incident {
	growth := map[string]string{"team": "growth", "environment": "production"}
	with := func(base map[string]string, more map[string]string) map[string]string {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	tell := func(action, provider, account string, amount, seconds float64) func(*testing.T, *exporter) {
		return func(t *testing.T, e *exporter) {
			e.tell(t, command{Provider: provider, Account: account, Action: action, Amount: amount, Seconds: seconds})
		}
	}
	return map[string]incident{
		"an account that empties": {
			provider: "massive", account: "production",
			happens: tell("set_balance", "massive", "production", 2_000, 0),
			alert:   "CreditsBalanceCritical", receiver: "growth-oncall",
			labels:      with(growth, map[string]string{"severity": "critical", "unit": "credits"}),
			description: "massive/production has ",
			putRight:    tell("top_up", "massive", "production", 300_000, 0),
		},
		"an account whose usage the vendor refuses": {
			provider: "olostep", account: "blocked",
			alert: "CreditsUsageRefused", receiver: "oncall",
			labels:      map[string]string{"team": "sales", "environment": "production", "severity": "critical"},
			description: "olostep/blocked may spend nothing",
			putRight:    tell("unblock", "olostep", "blocked", 0, 0),
		},
		"an account whose requests are answered with 402": {
			provider: "massive", account: "staging",
			happens: tell("require_payment", "massive", "staging", 0, 0),
			alert:   "CreditsUsageRefused", receiver: "growth-oncall",
			labels:      map[string]string{"team": "growth", "environment": "staging", "severity": "critical"},
			description: "massive/staging may spend nothing",
			putRight:    tell("unblock", "massive", "staging", 0, 0),
		},
		"an account with a bad key": {
			provider: "deepixels", account: "production",
			happens: func(t *testing.T, e *exporter) {
				e.tell(t, command{Provider: "deepixels", Account: "production", Action: "rotate_key", Key: "test-key-rotated"})
			},
			alert: "CreditsCredentialsRefused", receiver: "tickets",
			labels:      map[string]string{"team": "creative", "environment": "production", "severity": "warning"},
			description: "(reason: unauthorized)",
			putRight: func(t *testing.T, e *exporter) {
				e.setKey(t, "deepixels", "production", "test-key-rotated")
			},
		},
		"a lot about to expire": {
			provider: "olostep", account: "production",
			happens: tell("add_lot", "olostep", "production", 200_000, 3600),
			alert:   "CreditsExpiringUnspent", receiver: "growth-tickets",
			labels:      with(growth, map[string]string{"severity": "warning", "unit": "credits"}),
			description: "olostep/production is expected to lose ",
			putRight:    tell("spend", "olostep", "production", 200_000, 0),
		},
	}
}

// What happens at a vendor reaches the right receiver as the right alert, and resolves once it is put right. In the end
// the exporter itself goes, which is told as well.
func TestIncidentsReachTheReceiver(t *testing.T) {
	t.Parallel() // it waits more than it works
	in := newInbox(t)
	manager := startAlertmanager(t, in)
	demo := startDemo(t)
	p := startPrometheus(t, prometheusOptions{target: hostOf(t, demo.url), alertmanager: hostOf(t, manager)})
	eventually(t, "the rules know the accounts", patience, func(ctx context.Context) error {
		_, err := p.number(ctx, `count(account:credits_balance:freshest) > 15`)
		return err
	})
	all := incidents()
	// All at once, for each takes its time.
	mark := in.mark()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		all[name].begin(t, demo, in)
	}
	fired := map[string]alert{}
	for name, i := range all {
		t.Run(name+" fires", func(t *testing.T) {
			since := mark
			if i.happens == nil {
				since = 0
			}
			fired[name] = in.wait(t, since, i.alert, "firing", i.provider, i.account, untilTold)
			i.check(t, fired[name])
		})
	}
	mark = in.mark()
	for _, i := range all {
		i.putRight(t, demo)
	}
	for name, i := range all {
		t.Run(name+" resolves", func(t *testing.T) {
			resolved := in.wait(t, mark, i.alert, "resolved", i.provider, i.account, untilTold)
			was := fired[name]
			if !maps.Equal(resolved.Labels, was.Labels) || resolved.Receiver != was.Receiver || !resolved.StartsAt.Equal(was.StartsAt) {
				t.Errorf("what resolved is not what fired:\n%v\n%v", was, resolved)
			}
		})
	}
	eventually(t, "every rule was evaluated without an error", patience, p.rulesAreHealthy)
	quiet(t, in)

	mark = in.mark()
	demo.process.stop(t)
	gone := in.wait(t, mark, "CreditsExporterAbsent", "firing", "", "", untilTold)
	if gone.Receiver != "oncall" || gone.Labels["severity"] != "critical" {
		t.Errorf("the exporter is gone, and what came is: %v", gone)
	}
}

// begin lets it happen, on an account on which nobody was told of anything before.
func (i incident) begin(t *testing.T, demo *exporter, in *inbox) {
	t.Helper()
	if i.happens == nil {
		return
	}
	for _, a := range in.all() {
		if a.Labels["provider"] == i.provider && a.Labels["account"] == i.account {
			t.Errorf("there was an alert before anything happened: %v", a)
		}
	}
	i.happens(t, demo)
}

// check holds an alert to all that it must tell.
func (i incident) check(t *testing.T, a alert) {
	t.Helper()
	want := maps.Clone(i.labels)
	maps.Copy(want, map[string]string{
		"alertname": i.alert, "job": "credits", "provider": i.provider, "account": i.account, "wallet": i.provider + "/" + i.account,
	})
	if !maps.Equal(a.Labels, want) {
		t.Errorf("labels:\nhave %v\nwant %v", a.Labels, want)
	}
	if a.Receiver != i.receiver {
		t.Errorf("%s was told, not %s", a.Receiver, i.receiver)
	}
	if !strings.Contains(a.Annotations["description"], i.description) {
		t.Errorf("the description %q does not say %q", a.Annotations["description"], i.description)
	}
	if a.Annotations["summary"] == "" {
		t.Error("there is no summary")
	}
	if runbook := path.Base(a.Annotations["runbook_url"]); runbook != i.alert+".md" {
		t.Errorf("the runbook is %q", a.Annotations["runbook_url"])
	} else if _, err := os.Stat(shipped("deploy/runbooks", runbook)); err != nil {
		t.Error(err)
	}
}

// quiet fails where an alert came on an account that had no trouble.
func quiet(t *testing.T, in *inbox) {
	t.Helper()
	for _, a := range in.all() {
		switch a.Labels["provider"] + "/" + a.Labels["account"] {
		case "deepixels/topped-up", "liveavatar/production", "liveavatar/topped-up", "massive/topped-up":
			t.Errorf("nobody should have been told: %v", a)
		}
	}
}
