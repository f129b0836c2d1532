package browser

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var updateImages = flag.Bool("update-images", false, "write the pictures of docs/images anew")

// imageLimit is how large a picture of the documentation may be, in bytes.
const imageLimit = 150 << 10

// TestScreenshots takes pictures for whoever wants to look, in folders that git ignores, and holds each view to what can
// be measured: that nothing is wider than the screen, and that all text stands out from its ground.
func TestScreenshots(t *testing.T) {
	views := []struct {
		name, path    string
		width, height int64
		dark, whole   bool
		// image is the name of the picture in docs/images, if it is one.
		image string
	}{
		{name: "desktop", width: 1360, height: 900, image: "status-desktop.png"},
		{name: "dark", width: 1360, height: 900, dark: true, image: "status-dark.png"},
		{name: "phone", width: 360, height: 1500, image: "status-phone.png"},
		{name: "phone-dark", width: 360, height: 780, dark: true, whole: true},
		{name: "tablet", width: 820, height: 1180},
		{name: "nothing", path: "?q=nobody", width: 1360, height: 700},
		{name: "account", path: "account/olostep/production", width: 1360, height: 900, whole: true},
		{name: "account-dark", path: "account/twilio/alerts", width: 1360, height: 900, whole: true, dark: true},
		{name: "account-phone", path: "account/olostep/production", width: 360, height: 780, whole: true},
	}
	w := exampleWorld(t, 3600)
	for _, view := range views {
		t.Run(view.name, func(t *testing.T) {
			b := open(t, w.url)
			scheme := "light"
			if view.dark {
				scheme = "dark"
			}
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			b.do(chromedp.EmulateViewport(view.width, view.height))
			b.goTo(w.url + view.path)
			b.await("the page", `document.readyState === "complete"`)
			if wide := says[float64](b, `document.documentElement.scrollWidth`); wide > float64(view.width) {
				t.Errorf("the page is %v wide on a screen of %d", wide, view.width)
			}
			for _, faint := range says[[]string](b, faintTexts) {
				t.Errorf("hard to read: %s", faint)
			}
			if says[bool](b, `document.getAnimations().length > 0`) {
				t.Error("something moves though the reader does not want it")
			}
			action := chromedp.CaptureScreenshot()
			if view.whole {
				action = chromedp.FullScreenshot(100)
			}
			picture := small(t, gives(b, action))
			save(t, filepath.Join("screenshots", view.name+".png"), picture)
			if view.image == "" {
				return
			}
			if len(picture) > imageLimit {
				t.Errorf("the picture has %d bytes", len(picture))
			}
			if *updateImages {
				save(t, filepath.Join("..", "..", "..", "docs", "images", view.image), picture)
			}
		})
	}
}

// faintTexts are the texts whose contrast with their ground is below 4.5 (WCAG 2.2, 1.4.3).
const faintTexts = `(() => {
	const parse = (text) => { const c = text.match(/[\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c };
	const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
	const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
	const ground = (element) => {
		if (!element) return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
		const own = parse(getComputedStyle(element).backgroundColor);
		return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
	};
	const faint = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const element = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, option")) continue;
		const below = ground(element);
		const text = over(parse(getComputedStyle(element).color), below);
		const [a, b] = [light(text), light(below)].sort((x, y) => y - x);
		const contrast = (a + 0.05) / (b + 0.05);
		if (contrast < 4.5) faint.push(contrast.toFixed(2) + " " + walker.currentNode.data.trim().slice(0, 40));
	}
	return faint;
})()`

func save(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// small is a PNG with the 256 colours that it has most of, which halves its size and which nobody sees.
func small(t *testing.T, data []byte) []byte {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[color.RGBA]int{}
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[rgba(picture.At(x, y))]++
		}
	}
	all := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int { return cmp.Compare(counts[b], counts[a]) })
	var palette color.Palette
	for _, c := range all[:min(len(all), 256)] {
		palette = append(palette, c)
	}
	places := make(map[color.RGBA]uint8, len(all))
	for _, c := range all {
		places[c] = uint8(palette.Index(c))
	}
	reduced := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			reduced.SetColorIndex(x, y, places[rgba(picture.At(x, y))])
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduced); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func rgba(c color.Color) color.RGBA {
	converted, _ := color.RGBAModel.Convert(c).(color.RGBA)
	return converted
}
