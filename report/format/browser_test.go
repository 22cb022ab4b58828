package format

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The tests of browser_*_test.go open the page in Debian's Chromium. Pictures
// of what it showed are kept where TUSSLE_SCREENSHOTS points to.

// jenkinsCSP is the policy under which Jenkins shows an archived report: no
// scripts, no inline style sheets, no style attributes.
const jenkinsCSP = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';"

// chromium is the one browser of all tests; TestMain stops it.
var chromium struct {
	sync.Mutex
	ctx  context.Context
	stop func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(code)
}

// browser returns a running Chromium with a profile of its own.
func browser(t *testing.T) context.Context {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.ctx != nil {
		return chromium.ctx
	}
	path := ""
	for _, name := range []string{os.Getenv("TUSSLE_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); name != "" && err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Fatal("the report's page is tested in a real browser, and none was found; run: apt-get install -y chromium (or set TUSSLE_CHROMIUM)")
	}
	profile, err := os.MkdirTemp("", "tussle-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	opts := append(append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile), chromedp.WSURLReadTimeout(60*time.Second),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, done := chromedp.NewContext(alloc)
	chromium.stop = func() { done(); stop(); os.RemoveAll(profile) }
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	chromium.ctx = ctx
	return ctx
}

// screen is how a page is looked at.
type screen struct {
	name          string
	width, height int64
	dark, script  bool
	csp           string // header that the server adds
}

// watch collects what a page must not do: errors on the console, and requests
// beyond the document itself.
type watch struct {
	mu       sync.Mutex
	console  []string
	requests []string
}

func (w *watch) on(ev any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		w.console = append(w.console, string(e.Type))
	case *runtime.EventExceptionThrown:
		w.console = append(w.console, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		w.console = append(w.console, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			w.requests = append(w.requests, e.Request.URL)
		}
	}
}

// tab is one open page.
type tab struct {
	ctx   context.Context
	name  string
	close func()
	*watch
}

// open serves html from loopback and looks at it; the tab closes with the test.
func open(t *testing.T, browser context.Context, html string, s screen) tab {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if s.csp != "" {
			w.Header().Set("Content-Security-Policy", s.csp)
		}
		fmt.Fprint(w, html)
	}))
	ctx, cancel := chromedp.NewContext(browser)
	p := tab{ctx, s.name, sync.OnceFunc(func() { cancel(); srv.Close() }), &watch{}}
	t.Cleanup(p.close)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	if err := chromedp.Listen(ctx, p.on); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	do(t, p, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !s.script}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}), chromedp.EmulateViewport(s.width, s.height), chromedp.Navigate(srv.URL+"/report.html"))
	keep(t, s.name+".png", run(t, p, chromedp.CaptureScreenshot()))
	return p
}

func run[T any](t *testing.T, p tab, a chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	return v
}

func do(t *testing.T, p tab, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	run(t, p, chromedp.Steps(steps...))
}

func eval[T any](t *testing.T, p tab, js string, opts ...chromedp.EvaluateOption) T {
	t.Helper()
	return run(t, p, chromedp.Evaluate[T](js, opts...))
}

// keep stores a picture for people, where they ask for it.
func keep(t *testing.T, name string, b []byte) {
	if dir := os.Getenv("TUSSLE_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// npmPackage unpacks a package of npm into the user's cache, once, and returns
// its folder. Nothing of it is part of tussle.
func npmPackage(t *testing.T, name, version string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "tussle-test", name+"-"+version)
	if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
		return dir
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Fatalf("this test needs the npm package %s@%s, and npm was not found; run: apt-get install -y npm", name, version)
	}
	tmp := t.TempDir()
	pack := exec.Command("npm", "pack", "--silent", name+"@"+version)
	pack.Dir = tmp
	out, err := pack.Output()
	if err != nil {
		t.Fatalf("npm pack %s@%s: %v", name, version, err)
	}
	if out, err := exec.Command("tar", "-xzf", filepath.Join(tmp, strings.TrimSpace(string(out))), "-C", tmp).CombinedOutput(); err != nil {
		t.Fatalf("unpacking %s: %v: %s", name, err, out)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(tmp, "package"))); err != nil {
		t.Fatal(err)
	}
	return dir
}
