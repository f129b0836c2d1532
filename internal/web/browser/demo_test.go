package browser

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// demo builds the program, runs its demo and gives the address of its page.
func demo(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "credits_exporter")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/credits_exporter")
	build.Dir = filepath.Join("..", "..", "..")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, text)
	}
	run := exec.CommandContext(context.WithoutCancel(t.Context()), program, "demo", "--web.listen-address=127.0.0.1:0", "--web.enable-lifecycle")
	run.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	stdout, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		if err := run.Wait(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	deadline := time.After(patience)
	for {
		select {
		case line := <-lines:
			if found := regexp.MustCompile(`^Accounts:\s+(\S+)$`).FindStringSubmatch(line); found != nil {
				go func() {
					for range lines { // What else it prints is of no interest, but must be read.
					}
				}()
				return found[1]
			}
		case <-deadline:
			t.Fatal("the demo does not say where its page is")
		}
	}
}

// TestDemo: what everybody looks at first shows every account of the demo, and what each of them is there to show.
func TestDemo(t *testing.T) {
	if running.ctx == nil {
		open(t, "") // It says why it is skipped, before anything is built.
	}
	url := demo(t)
	b := open(t, url)
	b.do(chromedp.EmulateViewport(1360, 900))
	b.goTo(url)
	accounts := vendorsim.Demo(time.Now())
	for _, a := range accounts {
		key := string(a.Vendor) + "/" + a.Name
		b.await(key, `document.querySelector('tr[data-key="`+key+`"]') !== null`)
	}
	if n := len(b.rows()); n != len(accounts) {
		t.Errorf("%d rows for %d accounts", n, len(accounts))
	}
	const status = `[data-label=Status]`
	for key, want := range map[string]string{
		"olostep/blocked": "the vendor refuses usage", "massive/revoked": "unauthorized", "olostep/revoked": "unauthorized",
	} {
		b.await(key+" with "+want, `document.querySelector('tr[data-key="`+key+`"] `+status+`').innerText.includes("`+want+`")`)
	}
	b.await("the lots with their expiry", `document.querySelector('tr[data-key="olostep/expiring"] [data-label=Lots]').innerText.includes("expires in")`)
	if first := says[string](b, `document.querySelector("tr[data-key] `+status+`").innerText`); strings.HasPrefix(first, "ok") {
		t.Errorf("problems come first, but the first account is %q", first)
	}
	before := says[string](b, `document.querySelector('tr[data-key="massive/production"] [data-label=Balance]').innerText`)
	b.await("another figure, by a refresh", `document.querySelector('tr[data-key="massive/production"] [data-label=Balance]').innerText !== `+jsonText(before))
	save(t, filepath.Join("screenshots", "demo.png"), small(t, gives(b, chromedp.FullScreenshot(100))))

	b.do(chromedp.Click(`tr[data-key="olostep/expiring"] th a`))
	b.await("the account's page", `document.title.startsWith("olostep/expiring") && document.querySelector("figure svg") !== null`)
	b.await("its metrics", `document.querySelector('[data-key=metrics] pre').textContent.includes('credits_remaining{account="expiring"')`)
	b.await("its definition", `document.querySelector('[data-key=definition] pre').textContent.includes("api.olostep.com")`)
	b.do(chromedp.Click(`[data-poll] button`))
	b.await("the end of a poll that was asked for", `document.querySelector("[data-said]").innerText === "done"`)
}
