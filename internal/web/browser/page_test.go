package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/credits-exporter/credits_exporter/providers"
)

// marked sets a mark that a page which is loaded anew does not have.
const marked = `window.mark = true`

func TestSortAndFilter(t *testing.T) {
	w := exampleWorld(t, 3600)
	b := open(t, w.url)
	b.goTo(w.url)
	b.awaitRows(
		"deepixels/creative", "olostep/staging", "twilio/alerts", "olostep/production", "openrouter/default", "deepixels/social",
		"proxy-seller/crawl", "elevenlabs/support", "liveavatar/training", "massive/scraping", "serpapi/seo",
	)
	says[bool](b, marked)

	b.do(chromedp.Click(`thead th:nth-child(1) a`))
	b.await("the order by account", `document.querySelector("tr[data-key]")?.dataset.key === "deepixels/creative" && location.search === "?sort=account"`)
	b.do(chromedp.Click(`thead th:nth-child(1) a`))
	b.await("the other way around", `document.querySelector("tr[data-key]")?.dataset.key === "twilio/alerts" && location.search === "?order=desc&sort=account"`)
	b.await("the sign of the order", `document.querySelector("th[aria-sort]").ariaSort === "descending"`)

	b.do(chromedp.SendKeys(`input[name=q]`, "DEEPIXELS"))
	b.awaitRows("deepixels/social", "deepixels/creative")
	b.await("the text in the URL", `new URLSearchParams(location.search).get("q") === "DEEPIXELS" && new URLSearchParams(location.search).get("sort") === "account"`)
	if !says[bool](b, `document.activeElement === document.querySelector("input[name=q]")`) {
		t.Error("the search lost its focus")
	}
	b.do(chromedp.Click(`.chip.wait`))
	b.awaitRows("deepixels/social")
	b.do(chromedp.Click(`caption a`))
	b.await("all accounts", rowsScript+`.length === 11`)
	b.await("an empty field", `document.querySelector("input[name=q]").value === ""`)
	b.do(chromedp.NavigateBack())
	b.awaitRows("deepixels/social")
	b.await("the text in its field", `document.querySelector("input[name=q]").value === "DEEPIXELS"`)
	b.do(chromedp.NavigateForward())
	b.await("all accounts", rowsScript+`.length === 11`)
	says[string](b, `(() => { const s = document.querySelector("select[name=provider]"); s.value = "olostep"; s.dispatchEvent(new Event("input", {bubbles: true})); return s.value })()`)
	b.awaitRows("olostep/staging", "olostep/production")
	if !says[bool](b, `window.mark === true`) {
		t.Error("the page was loaded anew")
	}
}

// TestWithoutScript does by links and the form what the script does in place.
func TestWithoutScript(t *testing.T) {
	w := exampleWorld(t, 3600)
	b := open(t, w.url)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.goTo(w.url)
	b.await("all accounts", rowsScript+`.length === 11`)
	if says[bool](b, `document.querySelector(".live").checkVisibility()`) {
		t.Error("what only the script can do is offered")
	}
	b.do(chromedp.Click(`thead th:nth-child(1) a`))
	b.await("the order by account", `document.querySelector("tr[data-key]")?.dataset.key === "deepixels/creative"`)
	b.do(chromedp.SendKeys(`input[name=q]`, "deepixels"+kb.Enter))
	b.awaitRows("deepixels/creative", "deepixels/social")
	b.await("the order in the URL", `location.search.includes("sort=account")`)
	b.do(chromedp.Click(`tr[data-key="deepixels/social"] th a`))
	b.await("the account's own page", `document.querySelector("h1")?.innerText.includes("social")`)
	b.do(chromedp.Click(`.crumbs a`))
	b.await("all accounts", rowsScript+`.length === 11`)
}

// TestRefreshKeepsThePlace: figures change under the reader, and nothing else does.
func TestRefreshKeepsThePlace(t *testing.T) {
	w := exampleWorld(t, 1)
	b := open(t, w.url)
	b.do(chromedp.EmulateViewport(900, 500))
	b.goTo(w.url + "?sort=account")
	b.await("all accounts", rowsScript+`.length === 11`)
	says[bool](b, marked)
	b.do(chromedp.Click(`.total summary`))
	says[bool](b, `window.scrollTo(0, 400), document.querySelector('tr[data-key="openrouter/default"] th a').focus({preventScroll: true}), true`)
	before := says[float64](b, `window.scrollY`)
	for _, left := range []float64{77, 66} {
		w.says("massive", "scraping", 0, plain("credits", left))
		b.await("the new figure", fmt.Sprintf(`document.querySelector('tr[data-key="massive/scraping"] .amount').innerText === "%v"`, left))
		if after := says[float64](b, `window.scrollY`); after != before || before < 100 {
			t.Errorf("the page was scrolled to %v and is at %v", before, after)
		}
		if focus := says[string](b, `document.activeElement.closest("tr") ? document.activeElement.closest("tr").dataset.key : document.activeElement.tagName`); focus != "openrouter/default" {
			t.Errorf("the focus went to %s", focus)
		}
		if !says[bool](b, `document.querySelector(".total details").open && window.mark === true`) {
			t.Error("what was opened is closed, or the page was loaded anew")
		}
	}
	b.do(chromedp.Click(`[data-pause]`))
	w.says("massive", "scraping", 0, plain("credits", 55))
	before = says[float64](b, `performance.now()`)
	b.await("two refreshes that do not come", fmt.Sprintf(`performance.now() > %f`, before+2500))
	if got := says[string](b, `document.querySelector('tr[data-key="massive/scraping"] .amount').innerText`); got != "66" {
		t.Errorf("while it is paused the page shows %s", got)
	}
	b.do(chromedp.Click(`[data-pause]`))
	b.await("the figure after the pause", `document.querySelector('tr[data-key="massive/scraping"] .amount').innerText === "55"`)
}

// TestMomentsRun: between two refreshes the words for moments stay true.
func TestMomentsRun(t *testing.T) {
	w := exampleWorld(t, 3600)
	b := open(t, w.url)
	b.goTo(w.url)
	const countdown = `document.querySelector('tr[data-key="deepixels/social"] td time').innerText`
	first := says[string](b, countdown)
	if !strings.HasPrefix(first, "in 3m") {
		t.Errorf("the window ends %s", first)
	}
	b.await("another second", countdown+` !== `+jsonText(first))
}

// TestHostileText puts into every text of an account what a vendor should not.
func TestHostileText(t *testing.T) {
	long := strings.Repeat("0123456789", 25)
	texts := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `{{constructor}}`, `javascript:alert(1)`,
		"abc\u202edcba\u202c", "\u2067rtl\u2069", long, "</script></style></title>", "رصيد",
	}
	shown := make([]string, len(texts))
	replaced := strings.NewReplacer("\u202e", "\ufffd", "\u202c", "\ufffd", "\u2067", "\ufffd", "\u2069", "\ufffd")
	w := newWorld(t, time.Now(), 1, account("massive", "a"))
	report := providers.Report{Plan: providers.Plan{Name: texts[0], ID: texts[1]}}
	for i, text := range texts {
		shown[i] = replaced.Replace(text)
		one := providers.NewAmount(1)
		report.Balances = append(report.Balances, providers.Balance{
			Unit: text, Remaining: one, Listed: true, Lots: []providers.Lot{{ID: text, Kind: text, Remaining: one, Allocated: one}},
		})
	}
	w.report("massive", "a", 0, report)
	w.fails("massive", "a", 0, providers.ReasonTimeout, texts[0]+texts[1]+long)
	w.commit()
	b := open(t, w.url)
	for _, width := range []int64{1280, 360} {
		b.do(chromedp.EmulateViewport(width, 800))
		for _, path := range []string{"", "account/massive/a", "?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "?unit=" + `%3Cscript%3Ealert(1)%3C/script%3E`} {
			b.goTo(w.url + path)
			b.await("the page", `document.readyState === "complete"`)
			if strings.HasPrefix(path, "?q") {
				continue
			}
			text := says[string](b, `Array.from(document.querySelectorAll("bdi, a bdi"), (e) => e.textContent).join("\n")`)
			for _, want := range shown {
				if !strings.Contains(text, want) {
					t.Errorf("/%s does not show %q", path, want)
				}
			}
			if n := says[int](b, `document.scripts.length + document.images.length`); n != 2 {
				t.Errorf("/%s has %d scripts and pictures, want one each", path, n)
			}
			if wide := says[float64](b, `document.documentElement.scrollWidth`); wide > float64(width) {
				t.Errorf("/%s is %v wide on a screen of %d", path, wide, width)
			}
		}
	}
	// A refresh puts the texts in anew.
	w.says("massive", "a", 0, plain(texts[0], 7))
	b.goTo(w.url)
	b.await("the figure", `document.querySelector(".accounts .amount").innerText === "7"`)
	w.says("massive", "a", 0, plain(texts[1], 8))
	b.await("the figure after a refresh", `document.querySelector(".accounts .amount").innerText === "8"`)
}

// TestKeyboard goes through the page by keys alone.
func TestKeyboard(t *testing.T) {
	w := exampleWorld(t, 3600)
	b := open(t, w.url)
	b.goTo(w.url)
	b.await("all accounts", rowsScript+`.length === 11`)
	b.key(kb.Tab)
	if got := says[string](b, `document.activeElement.innerText`); got != "Skip to the content" {
		t.Errorf("the first stop is %q", got)
	}
	var stops []string
	for range 60 {
		b.key(kb.Tab)
		stop := says[string](b, `(document.activeElement.innerText || document.activeElement.name || "").trim().split("\n")[0]`)
		stops = append(stops, stop)
		outline := says[string](b, `getComputedStyle(document.activeElement).outlineStyle`)
		if outline == "none" {
			t.Errorf("the stop %q does not show that it has the focus", stop)
		}
		if stop == "Lasts" {
			b.key(kb.Enter)
			b.await("the order by runway", `location.search === "?sort=runway"`)
			b.await("the focus where it was", `document.activeElement.innerText === "Lasts"`)
			break
		}
	}
	all := strings.Join(stops, "|")
	for _, want := range []string{"Metrics", "Pause", "credits", "all", "q", "provider", "Show", "Account", "Lasts"} {
		if !strings.Contains(all, want) {
			t.Errorf("no stop at %q: %s", want, all)
		}
	}
}

// TestPollNow asks for a poll, and for another one that the vendor does not want.
func TestPollNow(t *testing.T) {
	w := exampleWorld(t, 3600)
	b := open(t, w.url)
	b.goTo(w.url + "account/massive/scraping")
	b.await("the page", `document.querySelector("[data-poll]") !== null && !document.querySelector(".live").hidden`)
	b.do(chromedp.Click(`[data-poll] button`))
	b.await("what came of it", `document.querySelector("[data-said]").innerText === "done"`)
	b.await("the new figure", `document.querySelector(".amount").innerText === "5"`)
	b.do(chromedp.Click(`[data-poll] button`))
	b.await("why there was no poll", `document.querySelector("[data-said]").innerText.includes("retry window is open until")`)
	b.mu.Lock()
	defer b.mu.Unlock()
	// The browser itself notes an answer that is an error; it is the only thing that it may say.
	if len(b.wrong) != 1 || !strings.Contains(b.wrong[0], "409") {
		t.Errorf("the browser says %q", b.wrong)
	}
	b.wrong = nil
}

// TestAccountPage: everything about one account is on its page.
func TestAccountPage(t *testing.T) {
	w := exampleWorld(t, 3600)
	b := open(t, w.url)
	b.goTo(w.url)
	b.do(chromedp.Click(`tr[data-key="twilio/alerts"] th a`))
	b.await("the page", `document.title.startsWith("twilio/alerts")`)
	text := says[string](b, `document.body.textContent`)
	for _, want := range []string{"unauthorized", "no whole answer in 20s", "credits_up{", "schema: 1", "Books of the wallet"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := says[int](b, `document.querySelectorAll("figure svg path.line").length`); n != 1 {
		t.Errorf("%d charts, want one", n)
	}
}
