package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/alecthomas/kingpin/v2"
	"gopkg.in/yaml.v3"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

func (p *program) demoCommand(app *kingpin.Application) (string, command) {
	cmd := app.Command("demo", "Run the exporter against simulated vendors: no key, no file, nothing leaves this machine.")
	control := cmd.Flag("control", "Let POST /control on the vendors' address change their accounts, for tests.").Hidden().Bool()
	return cmd.FullCommand(), func(ctx context.Context) int { return p.demo(ctx, *control) }
}

// demo runs the simulated vendors and the real daemon that polls them, with its state in a temporary folder.
func (p *program) demo(ctx context.Context, control bool) int {
	dir, err := os.MkdirTemp("", programName+"-demo-")
	if err != nil {
		p.log.Error("Cannot make a folder for the demo's state", "err", err)
		return exitFailed
	}
	defer os.RemoveAll(dir)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		p.log.Error("Cannot listen for the simulated vendors", "err", err)
		return exitFailed
	}
	accounts := vendorsim.Demo(p.clock())
	simulator := vendorsim.New(vendorsim.Options{Clock: p.clock, Seed: 1, Control: control})
	if err := simulator.AddDemo(accounts); err != nil {
		p.log.Error("Cannot make the simulated vendors", "err", err)
		return exitFailed
	}
	ctx, cancel := context.WithCancel(ctx)
	vendorsEnded := make(chan struct{})
	go func() {
		defer close(vendorsEnded)
		if err := simulator.Serve(ctx, listener); err != nil {
			p.log.Error("The simulated vendors failed", "err", err)
		}
	}()
	defer func() { cancel(); <-vendorsEnded }()

	vendors := "http://" + listener.Addr().String()
	load := func() (*config.Config, error) { return p.demoConfig(dir, vendors, accounts) }
	return p.serve(ctx, load, func(address string) {
		base := "http://" + reachable(address)
		fmt.Fprintf(p.stdout, "Metrics:   %s%s\n", base, p.flags.telemetryPath)
		fmt.Fprintf(p.stdout, "Accounts:  %s/\n", base)
		fmt.Fprintf(p.stdout, "Vendors:   %s (%d simulated accounts; Ctrl-C ends the demo)\n", vendors, len(accounts))
	})
}

// reachable is an address that a browser on this machine can open.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// demoConfig is the configuration of the demo. It goes through the same loader as a user's file.
func (p *program) demoConfig(dir, vendors string, accounts []vendorsim.DemoAccount) (*config.Config, error) {
	type object = map[string]any
	entries := make([]object, len(accounts))
	for i, a := range accounts {
		thresholds := object{}
		addThresholds(thresholds, "credits", a.Credits)
		addThresholds(thresholds, "runway", a.Runway)
		entry := object{
			"provider": string(a.Vendor), "name": a.Name, "interval": a.Interval.String(),
			"credentials": object{"api_key": object{"file": "keys/" + a.Key}},
			"base_url":    vendors + a.Vendor.Path(), "labels": a.Labels, "thresholds": thresholds,
		}
		if a.Price != "" {
			entry["price"] = object{"credits": a.Price}
		}
		entries[i] = entry
	}
	data, err := yaml.Marshal(object{"accounts": entries, "storage": object{"file": object{"path": "state"}}})
	if err != nil {
		return nil, fmt.Errorf("writing the demo's configuration: %w", err)
	}
	if err := writeDemoKeys(dir, accounts); err != nil {
		return nil, err
	}
	catalog, err := p.builtin()
	if err != nil {
		return nil, err
	}
	return config.Parse(filepath.Join(dir, "demo.yml"), data, catalog, p.lookupEnv)
}

func addThresholds(all map[string]any, name string, t vendorsim.Thresholds) {
	one := map[string]any{}
	if t.Warning != "" {
		one["warning"] = t.Warning
	}
	if t.Critical != "" {
		one["critical"] = t.Critical
	}
	if len(one) > 0 {
		all[name] = one
	}
}

// writeDemoKeys writes the simulated accounts' keys where a user would have theirs: a file each.
func writeDemoKeys(dir string, accounts []vendorsim.DemoAccount) error {
	keys := filepath.Join(dir, "keys")
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return fmt.Errorf("writing the demo's keys: %w", err)
	}
	for _, a := range accounts {
		if err := os.WriteFile(filepath.Join(keys, a.Key), []byte(a.Key+"\n"), 0o600); err != nil {
			return fmt.Errorf("writing the demo's keys: %w", err)
		}
	}
	return nil
}
