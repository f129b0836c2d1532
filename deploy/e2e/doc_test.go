// Package e2e runs the whole stack as it is shipped: the exporter's demo, Prometheus with deploy/prometheus, Alertmanager
// with deploy/alertmanager and a receiver of webhooks, all on ports of loopback that the kernel chose, with all files under
// the test's own temporary folder. `make test-e2e` builds what it needs and runs it.
//
// A test takes what it needs of the stack, and everything ends with it:
//
//	demo := startDemo(t)
//	p := startPrometheus(t, prometheusOptions{target: hostOf(t, demo.url)})
//	eventually(t, "balances are there", patience, func(ctx context.Context) error {
//		_, err := p.number(ctx, `count(credits_balance) > 20`)
//		return err
//	})
//
// Each test that starts the demo builds the exporter first; $CREDITS_EXPORTER names one that is built already.
//
// Configurations are those of deploy/, changed in addresses and times alone; derive holds this.
package e2e
