package e2e

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// startAlertmanager starts Alertmanager with the shipped configuration, whose receivers all tell the inbox, and returns
// its address without a path. Other than shipped are times alone: what it gathers for minutes it gathers for a second.
func startAlertmanager(t testing.TB, in *inbox) string {
	t.Helper()
	dir := t.TempDir()
	derive(t, shipped("deploy/alertmanager/alertmanager.yml"), filepath.Join(dir, "alertmanager.yml"), []string{
		"route.group_wait", "route.group_interval",
		"route.routes.*.group_wait", "route.routes.*.group_interval",
		"route.routes.*.routes.*.group_wait", "route.routes.*.routes.*.group_interval",
	}, func(config object) {
		quicken(t, config["route"])
		// The address of a webhook is a secret, so it stands in a file of its own.
		each(t, config, "receivers", func(receiver object) {
			name, _ := receiver["name"].(string)
			each(t, receiver, "webhook_configs", func(webhook object) {
				file, _ := webhook["url_file"].(string)
				if name == "" || !filepath.IsLocal(file) {
					t.Fatalf("receiver %q has no webhook whose url_file lies beside the configuration, but %q", name, file)
				}
				write(t, filepath.Join(dir, file), in.url(name)+"\n")
			})
		})
	})
	// It looks for such a file from the folder in which it runs.
	manager := start(t, dir, nil, tool(t, "alertmanager"),
		"--config.file=alertmanager.yml", "--storage.path=data",
		"--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
	url := "http://" + manager.says(t, `msg="Listening on".* address=(127\.0\.0\.1:\d+)`)
	eventually(t, "Alertmanager is ready", patience, func(ctx context.Context) error {
		return call(ctx, http.MethodGet, url+"/-/ready", nil, nil)
	})
	return url
}

// quicken shortens the waits of a route and of those below it.
func quicken(t testing.TB, route any) {
	t.Helper()
	for _, key := range []string{"group_wait", "group_interval"} {
		if of, ok := route.(object); ok && of[key] != nil {
			of[key] = time.Second.String()
		}
	}
	each(t, route, "routes", func(below object) { quicken(t, below) })
}
