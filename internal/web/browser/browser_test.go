package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for what must happen; it is long because machines may be slow.
const patience = 30 * time.Second

// theBrowser is one browser for all tests, nil where there is none.
type theBrowser struct{ ctx context.Context }

var running theBrowser

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	path := findBrowser()
	if path == "" {
		return m.Run()
	}
	profile, err := os.MkdirTemp("", "credits-exporter-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(profile)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("font-render-hinting", "none"),
	)
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, closeBrowser := chromedp.NewContext(allocated)
	defer closeBrowser()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "the browser %s does not start: %v\n", path, err)
		return 1
	}
	running.ctx = ctx
	return m.Run()
}

// findBrowser is the path of a browser, "" when there is none.
func findBrowser() string {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}
	if named := os.Getenv("CREDITS_TEST_BROWSER"); named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is a tab of the browser, with all that it asked for and complained about.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
	wrong    []string
}

// open opens a tab, and sees to it at the end that it asked nobody but one host and had nothing to complain about.
func open(t *testing.T, base string) *tab {
	t.Helper()
	if running.ctx == nil {
		t.Skip("no browser is found: install Chromium, or name one by CREDITS_TEST_BROWSER")
	}
	ctx, cancel := chromedp.NewContext(running.ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	// The page itself complains about what its policy refuses.
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `addEventListener("securitypolicyviolation", (e) => console.error("policy: " + e.violatedDirective + " " + e.blockedURI))`,
	})
	host, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.judge(host.Host) })
	return b
}

// call sends a command to the browser.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	ctx, cancel := b.patient()
	defer cancel()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		b.wrong = append(b.wrong, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, argument := range e.Args {
			words = append(words, string(argument.Value))
		}
		b.wrong = append(b.wrong, fmt.Sprintf("console.%s %s", e.Type, strings.Join(words, " ")))
	}
}

func (b *tab) judge(host string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) == 0 {
		b.t.Error("the tab asked for nothing at all")
	}
	for _, request := range b.requests {
		if u, err := url.Parse(request); err != nil || u.Host != host || u.Scheme != "http" {
			b.t.Errorf("the page asked for %s", request)
		}
	}
	for _, wrong := range b.wrong {
		b.t.Errorf("the browser says: %s", wrong)
	}
}

func (b *tab) patient() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(b.ctx, patience, errors.New("the browser takes too long"))
}

// gives does something in the tab and is what that gives.
func gives[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := b.patient()
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// do does things in the tab.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	gives(b, chromedp.Steps(actions...))
}

func (b *tab) goTo(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// says is what a script gives.
func says[T any](b *tab, script string) T {
	b.t.Helper()
	return gives(b, chromedp.Evaluate[T](script))
}

// await waits until a condition of the page holds.
func (b *tab) await(what, condition string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for !says[bool](b, "!!("+condition+")") {
		if time.Now().After(deadline) {
			b.t.Fatalf("in vain waited for %s; the page has:\n%s", what, says[string](b, `document.body.innerText`))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// rows are the accounts of the table, in its order.
func (b *tab) rows() []string {
	b.t.Helper()
	return says[[]string](b, rowsScript)
}

const rowsScript = `Array.from(document.querySelectorAll("tr[data-key]"), (row) => row.dataset.key)`

// awaitRows waits until the table has exactly these accounts in this order.
func (b *tab) awaitRows(want ...string) {
	b.t.Helper()
	b.await("the rows "+strings.Join(want, " "), fmt.Sprintf(`JSON.stringify(%s) === %s`, rowsScript, jsonText(jsonText(want))))
}

// key presses a key that has a name, such as Tab or Enter.
func (b *tab) key(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}
