package reports

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium on one page, with everything it complained about and every address it asked for.
type browser struct {
	ctx      context.Context
	mu       sync.Mutex
	errors   []string
	requests []string
}

// openPage writes html to a file and opens it in Chromium. Without Chromium the test is skipped, or fails where CI=true.
func openPage(t *testing.T, html string) *browser {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-first-run", true))
	if os.Geteuid() == 0 { // Chromium's sandbox refuses root, as in most containers
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	b := &browser{ctx: ctx}
	chromedp.ListenTarget(ctx, b.listen)
	do(t, b, network.Enable(), cdplog.Enable(), runtime.Enable(), chromedp.Navigate("file://"+path))
	return b
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "no chromium, chromium-browser or google-chrome on PATH: the report is not looked at in a browser. Get one with: apt-get install chromium, or brew install --cask chromium"
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, fmt.Sprint(e.Type, e.Args))
	case *cdplog.EventEntryAdded:
		b.errors = append(b.errors, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

func do(t *testing.T, b *browser, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// show sets the width of the window in px and the colour scheme.
func (b *browser) show(t *testing.T, width int64, scheme string) {
	t.Helper()
	do(t, b, chromedp.EmulateViewport(width, 900),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

// eval runs a JavaScript expression in the page.
func eval[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	var out T
	do(t, b, chromedp.Evaluate(expression, &out))
	return out
}

// outside lists the elements that make the page wider than its window. What scrolls in a box of its own does not.
const outside = `(() => {
  document.querySelectorAll('details').forEach(d => d.open = true);
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return [];
  return ['page is ' + wide + ' px too wide', ...[...document.querySelectorAll('body *')]
    .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > window.innerWidth + 1)
    .slice(0, 5).map(e => e.tagName + '.' + e.getAttribute('class') + ' ' + e.textContent.slice(0, 40))];
})()`

// smallText lists sizes in px below 11 that a chart's text is shown in.
const smallText = `[...document.querySelectorAll('figure svg text')].filter(e => e.getClientRects().length)
  .map(e => parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getBoundingClientRect().width / e.ownerSVGElement.viewBox.baseVal.width)
  .filter(px => px < 11)`

// clippedText lists texts that a chart shows outside of its drawing.
const clippedText = `[...document.querySelectorAll('figure svg text')].filter(e => e.getClientRects().length).filter(e => {
  const t = e.getBoundingClientRect(), s = e.ownerSVGElement.getBoundingClientRect();
  return t.left < s.left - 1 || t.right > s.right + 1;
}).map(e => e.textContent + ' in ' + e.ownerSVGElement.getAttribute('aria-label')).slice(0, 10)`

// crowdedText lists neighbouring texts of a chart that cover each other.
const crowdedText = `[...document.querySelectorAll('figure svg')].filter(e => e.getClientRects().length).flatMap(svg => {
  const texts = [...svg.querySelectorAll('text')].filter(e => e.textContent.trim()).map(e => [e.textContent, e.getBoundingClientRect()]);
  return texts.flatMap(([a, r], i) => texts.slice(i + 1)
    .filter(([b, s]) => r.left < s.right - 1 && s.left < r.right - 1 && r.top < s.bottom - 3 && s.top < r.bottom - 3)
    .map(([b]) => a + ' and ' + b + ' in ' + svg.getAttribute('aria-label')));
}).slice(0, 10)`

// faintText lists texts whose contrast with what is behind them is below 4.5 (WCAG AA).
const faintText = `(() => {
  const rgb = c => (c.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c).length < 4 || rgb(c)[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
  const faint = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (!e.getClientRects().length || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const s = getComputedStyle(e), a = light(e.ownerSVGElement ? s.fill : s.color), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.add(e.tagName + '.' + e.getAttribute('class') + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30));
  }
  return [...faint].slice(0, 10);
})()`

// beyondPaper lists tables that are wider than what stands for a printed page here.
const beyondPaper = `[...document.querySelectorAll('table')].filter(e => e.getClientRects().length && e.getBoundingClientRect().right > window.innerWidth + 1)
  .map(e => (e.caption || e).textContent.slice(0, 40) + ' ' + Math.round(e.getBoundingClientRect().right - window.innerWidth) + ' px').slice(0, 10)`

// print shows the page as it is printed on paper of A4 with Chromium's margins.
func (b *browser) print(t *testing.T) {
	t.Helper()
	do(t, b, chromedp.EmulateViewport(718, 1047), emulation.SetEmulatedMedia().WithMedia("print"))
}

// TestBrowserChecksCanFail plants one defect of each kind.
func TestBrowserChecksCanFail(t *testing.T) {
	b := openPage(t, `<!doctype html><title>planted</title><script>console.error("planted")</script><img src="http://127.0.0.1:9/planted.png">
<div style="width: 500px">wide</div><table style="width: 900px"><caption>planted</caption></table><p style="color: #999">faint</p>
<figure><svg viewBox="0 0 800 40" aria-label="planted" style="display: block; width: 300px"><text x="10" y="20" style="font-size: 12px">tiny</text><text x="20" y="20">crowded</text><text x="795" y="20">clipped</text></svg></figure>`)
	b.show(t, 390, "light")
	for name, n := range map[string]int{
		"outside": len(eval[[]string](t, b, outside)), "smallText": len(eval[[]float64](t, b, smallText)), "clippedText": len(eval[[]string](t, b, clippedText)),
		"crowdedText": len(eval[[]string](t, b, crowdedText)), "faintText": len(eval[[]string](t, b, faintText)),
		"beyondPaper": len(eval[[]string](t, b, beyondPaper)),
	} {
		if n == 0 {
			t.Errorf("%s does not find what was planted", name)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) == 0 || len(b.requests) < 2 {
		t.Errorf("seen in the console: %v; asked for: %v", b.errors, b.requests)
	}
}

func TestPageInABrowser(t *testing.T) { lookAt(t, pageOf(t, fixture(t)), 6) }

func TestPageOfVariantsInABrowser(t *testing.T) { lookAt(t, pageOf(t, shopFixture(t, 2)), 6) }

func TestComparePageInABrowser(t *testing.T) {
	lookAt(t, written(t, func(b *bytes.Buffer) error { return CompareHTML(b, mixedComparison(t)) }), 2)
}

// lookAt opens a page at the width of a phone, a tablet, a desk and a large screen, in light and dark, and looks for what no customer should see; it has so
// many charts at least.
func lookAt(t *testing.T, html string, charts int) {
	t.Helper()
	b := openPage(t, html)
	for _, width := range []int64{390, 768, 1280, 1920} {
		for _, scheme := range []string{"light", "dark"} {
			b.show(t, width, scheme)
			at := fmt.Sprintf("%d px, %s: ", width, scheme)
			if found := eval[[]string](t, b, outside); len(found) > 0 {
				t.Errorf("%ssideways scroll: %s", at, strings.Join(found, "; "))
			}
			if found := eval[[]float64](t, b, smallText); len(found) > 0 {
				t.Errorf("%s%d texts in charts are smaller than 11 px, the first %.1f", at, len(found), found[0])
			}
			if found := eval[[]string](t, b, clippedText); len(found) > 0 {
				t.Errorf("%stexts are cut off by their chart: %s", at, strings.Join(found, "; "))
			}
			if found := eval[[]string](t, b, crowdedText); len(found) > 0 {
				t.Errorf("%stexts cover each other: %s", at, strings.Join(found, "; "))
			}
			if found := eval[[]string](t, b, faintText); len(found) > 0 {
				t.Errorf("%scontrast below 4.5: %s", at, strings.Join(found, "; "))
			}
			if n := eval[int](t, b, "[...document.querySelectorAll('figure svg[role=img]')].filter(e => e.getBoundingClientRect().width > 200).length"); n < charts {
				t.Errorf("%sonly %d charts are shown", at, n)
			}
		}
	}
	b.print(t)
	if found := eval[[]string](t, b, beyondPaper); len(found) > 0 {
		t.Errorf("tables are cut on paper: %s", strings.Join(found, "; "))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) > 0 {
		t.Errorf("the console says %v", b.errors)
	}
	for _, url := range b.requests {
		if !strings.HasPrefix(url, "file://") && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page asked for %s", url)
		}
	}
	if len(b.requests) == 0 {
		t.Error("no request was seen, not even for the page: this test can't see any")
	}
}
