package format

import (
	"bytes"
	"encoding/json"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tussle/report/internal/samples"
)

// measured asks the page for sizes and texts; it runs from outside, so it
// works with the page's scripts off as well.
const measured = `(() => {
  const bottom = s => { const e = document.querySelector(s); return e ? e.getBoundingClientRect().bottom : 1e9; };
  const words = e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right; };
  const texts = [...document.querySelectorAll('svg.chart text')];
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    first: Math.max(bottom('.band'), bottom('.facts'), bottom('.each'), bottom('table.main')),
    charts: document.querySelectorAll('svg.chart').length,
    titles: [...document.querySelectorAll('svg.chart')].filter(s => s.querySelector('title').textContent && s.querySelector('desc').textContent).length,
    drawn: texts.filter(t => t.getBoundingClientRect().width > 0).length,
    texts: texts.length,
    buttons: document.querySelectorAll('button').length,
    caption: Math.max(0, ...[...document.querySelectorAll('caption')].map(words)) - innerWidth,
    long: [...document.querySelectorAll('.lanes')].flatMap(s => [...s.querySelectorAll('text')].filter(t => t.getBBox().x + t.getBBox().width > s.viewBox.baseVal.width)).length,
    body: document.body.innerText.length,
  };
})()`

// tooWide names the elements that stick out, outermost first.
const tooWide = `[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll > *, pre > *, svg *') && e.getBoundingClientRect().right > innerWidth + 1).slice(0, 6).map(e => e.outerHTML.slice(0, 80)).join(' | ')`

type sizes struct {
	Overflow, First, Charts, Titles, Drawn, Texts, Buttons, Caption, Long, Body float64
}

func TestBrowserShowsThePageOnEveryScreen(t *testing.T) {
	ctx := browser(t)
	for _, f := range samples.Reports() {
		html := render(t, f.R, "html", Options{})
		screens := []screen{
			{name: "light-1440", width: 1440, height: 900, script: true},
			{name: "dark-375-noscript", width: 375, height: 812, dark: true},
		}
		if f.Name == "rich" {
			screens = append(screens, screen{name: "dark-1440-noscript", width: 1440, height: 900, dark: true}, screen{name: "light-375", width: 375, height: 812, script: true})
		}
		for _, s := range screens {
			s.name = f.Name + "-" + s.name
			seen := open(t, ctx, html, s)
			got := eval[sizes](t, seen, measured)
			if len(seen.console) > 0 {
				t.Errorf("%s: console: %q", s.name, seen.console)
			}
			if len(seen.requests) != 1 {
				t.Errorf("%s: only the page itself may be requested: %q", s.name, seen.requests)
			}
			if got.Overflow > 0 {
				t.Errorf("%s: the page is %v px wider than the screen: %s", s.name, got.Overflow, eval[string](t, seen, tooWide))
			}
			if got.Caption > 0 || got.Long > 0 {
				t.Errorf("%s: a table's caption ends %v px right of the screen; %v captions of bars leave their drawing", s.name, got.Caption, got.Long)
			}
			if got.Charts != got.Titles {
				t.Errorf("%s: %v charts, %v with title and description", s.name, got.Charts, got.Titles)
			}
			if got.Drawn < got.Texts {
				t.Errorf("%s: %v of %v texts of the charts are drawn", s.name, got.Drawn, got.Texts)
			}
			if s.script == (got.Buttons == 0) && f.Name != "empty" {
				t.Errorf("%s: script %v, but %v buttons", s.name, s.script, got.Buttons)
			}
			if s.width == 1440 && f.Name == "rich" && got.First > float64(s.height) {
				t.Errorf("%s: verdict, answers and comparison end at %v px, below the first screen", s.name, got.First)
			}
			seen.close()
		}
	}
}

func TestBrowserReadsThePageUnderJenkins(t *testing.T) {
	ctx := browser(t)
	s := screen{name: "rich-jenkins", width: 1440, height: 900, script: true, csp: jenkinsCSP}
	p := open(t, ctx, render(t, samples.Swept(), "html", Options{}), s)
	got, shot := eval[sizes](t, p, measured), run(t, p, chromedp.FullScreenshot(100))
	keep(t, "rich-jenkins-full.png", shot)
	if got.Buttons != 0 {
		t.Fatal("the script ran: the policy was not applied")
	}
	if got.Drawn < got.Texts || got.Charts < 6 {
		t.Errorf("%v charts, %v of %v texts drawn", got.Charts, got.Drawn, got.Texts)
	}
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	n := map[color.RGBA]int{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			n[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	for name, c := range map[string]color.RGBA{"optimistic": {0, 0x72, 0xb2, 255}, "pessimistic": {0xd5, 0x5e, 0, 255}, "last-write-wins": {0, 0x9e, 0x73, 255}} {
		if n[c] < 300 {
			t.Errorf("%s: %d pixels of its colour; a chart that lost its presentation attributes is black", name, n[c])
		}
	}
	if black := n[color.RGBA{0, 0, 0, 255}]; black > b.Dx()*b.Dy()/20 {
		t.Errorf("%d of %d pixels are black", black, b.Dx()*b.Dy())
	}
}

func TestBrowserReachesChartsByKeyboard(t *testing.T) {
	ctx := browser(t)
	p := open(t, ctx, render(t, samples.Swept(), "html", Options{}), screen{name: "keyboard", width: 1440, height: 900, script: true})
	live := func() string { return eval[string](t, p, `document.querySelector('#p1 .live').textContent`) }
	eval[bool](t, p, `document.querySelector('#p1 .scroll').focus(), true`)
	do(t, p, chromedp.KeyEvent(kb.Home))
	first := live()
	do(t, p, chromedp.KeyEvent(kb.ArrowRight))
	second := live()
	do(t, p, chromedp.KeyEvent(kb.Escape))
	after := live()
	sorted := eval[string](t, p, `(() => { const b = document.querySelectorAll('table.sort th button')[2]; b.click(); return b.parentNode.getAttribute('aria-sort') + ' ' + document.querySelector('table.sort tbody th').textContent.trim(); })()`)
	hidden := eval[string](t, p, `(() => { document.querySelector('#p1 button').click(); return getComputedStyle(document.querySelector('#p1 svg g[data-s="0"]')).display; })()`)
	if !strings.HasPrefix(first, "load.clients 1 · optimistic goodput/s ") || !strings.HasPrefix(second, "load.clients 2 ·") || after != "" {
		t.Errorf("the cursor said %q, %q, and after Escape %q", first, second, after)
	}
	if !strings.HasPrefix(sorted, "descending last-write-wins") {
		t.Errorf("the table sorted by commits/s begins with %q", sorted)
	}
	if hidden != "none" {
		t.Errorf("a hidden strategy has display %q", hidden)
	}
}

func TestBrowserPrintsWhatIsFoldedAway(t *testing.T) {
	ctx := browser(t)
	for _, script := range []bool{true, false} {
		p := open(t, ctx, render(t, samples.Rich(), "html", Options{}), screen{name: "print", width: 1440, height: 900, script: script})
		pdf := run(t, p, chromedp.PrintToPDF(chromedp.PDFPrintBackground()))
		folded := eval[int](t, p, `document.querySelectorAll('details:not([open])').length`)
		keep(t, "rich.pdf", pdf)
		if pages := bytes.Count(pdf, []byte("/Type /Page\n")); pages < 7 {
			t.Errorf("script %v: %d pages; with the tables that are folded away there are more", script, pages)
		}
		if folded == 0 {
			t.Errorf("script %v: the page stays unfolded after printing", script)
		}
	}
}

func TestBrowserFindsNoAccessibilityViolation(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join(npmPackage(t, "axe-core", "4.10.3"), "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	all := samples.Swept()
	all.Strategies, all.Thresholds = samples.Failed().Strategies, samples.Failed().Thresholds
	all.Verdict, all.Reasons, all.Warnings = samples.Failed().Verdict, samples.Failed().Reasons, samples.Small().Warnings
	html := render(t, all, "html", Options{})
	for _, s := range []screen{{name: "axe-light", width: 1440, height: 900, script: true}, {name: "axe-dark", width: 375, height: 812, dark: true, script: true}} {
		p := open(t, ctx, html, s)
		eval[bool](t, p, `document.querySelectorAll('details').forEach(d => d.open = true), true`)
		eval[bool](t, p, string(axe)+";true")
		out := eval[string](t, p, `axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + ' ' + n.failureSummary)}))))`, chromedp.EvalAwaitPromise)
		var violations []struct {
			ID, Help string
			Nodes    []string
		}
		if err := json.Unmarshal([]byte(out), &violations); err != nil {
			t.Fatalf("axe said %q: %v", out, err)
		}
		for _, v := range violations {
			t.Errorf("%s: %s: %s: %q", s.name, v.ID, v.Help, v.Nodes)
		}
		p.close()
	}
}
