package format

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"testing"

	"github.com/chromedp/chromedp"

	"tussle/report/internal/samples"
)

// A chart that is a file of its own looks as it does inside of a document:
// nothing in it hangs on the page's style, and every text is within its frame.
func TestBrowserShowsAChartAloneAsInAPage(t *testing.T) {
	ctx := browser(t)
	for _, chart := range []string{"goodput", "time", "finding"} {
		svg := render(t, samples.Rich(), "svg", Options{Chart: chart})
		const head = `<!doctype html><meta charset="utf-8"><title>x</title><style>body{margin:0;background:#fff}svg,img{display:block}</style>`
		var seen [2]image.Image
		for i, page := range []string{
			head + `<img src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString([]byte(svg)) + `">`,
			head + svg,
		} {
			p := open(t, ctx, page, screen{name: "svg-" + chart + []string{"-alone", "-inside"}[i], width: 1200, height: 900, script: true})
			if w := eval[float64](t, p, `(e => e.complete === false || e.naturalWidth === 0 ? 0 : e.getBoundingClientRect().width)(document.querySelector('img,svg'))`); w < 200 {
				t.Fatalf("%s: %v px wide: the picture is broken", p.name, w)
			}
			if i == 1 {
				outside := eval[string](t, p, `(() => { const f = document.querySelector('svg').getBoundingClientRect();
					return [...document.querySelectorAll('svg text')].filter(e => { const b = e.getBoundingClientRect();
						return b.width > 0 && (b.left < f.left - 1 || b.right > f.right + 1 || b.top < f.top - 1 || b.bottom > f.bottom + 1); }).map(e => e.textContent).join(' | '); })()`)
				if outside != "" {
					t.Errorf("%s: texts leave the frame: %s", p.name, outside)
				}
			}
			shot, err := png.Decode(bytes.NewReader(run(t, p, chromedp.CaptureScreenshot())))
			if err != nil {
				t.Fatal(err)
			}
			seen[i] = shot
			p.close()
		}
		if n, drawn := differing(seen[0], seen[1]); drawn < 5000 || n*1000 > drawn {
			t.Errorf("%s: %d of %d drawn pixels differ between the file and the page", chart, n, drawn)
		}
	}
}

// differing counts the pixels of a that are not white, and those that are
// visibly another colour in b.
func differing(a, b image.Image) (n, drawn int) {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if r1 < 0xf000 || g1 < 0xf000 || b1 < 0xf000 {
				drawn++
			}
			far := func(p, q uint32) bool { return max(p, q)-min(p, q) > 0x3000 }
			if far(r1, r2) || far(g1, g2) || far(b1, b2) {
				n++
			}
		}
	}
	return n, drawn
}
