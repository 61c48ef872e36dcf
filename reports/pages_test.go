package reports

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/doorbuster/doorbuster/sim/result"
)

// namedPage is a page of one kind.
type namedPage struct{ name, html string }

// everyPage is a small page of each kind: few strategies, and a day of an hour's intervals.
func everyPage(t *testing.T) []namedPage {
	t.Helper()
	day, wall, shop := shortened(fixture(t)), shortened(fixture(t)), shortened(shopFixture(t, 1))
	for i := range wall.Runs {
		wall.Runs[i].Mode = result.Wall
		wall.Runs[i].Engine = strings.Replace(wall.Runs[i].Engine, "memory/", "postgres/", 1)
	}
	var compared bytes.Buffer
	if err := CompareHTML(&compared, mixedComparison(t)); err != nil {
		t.Fatal(err)
	}
	return []namedPage{{"a day", pageOf(t, day)}, {"a shop", pageOf(t, shop)}, {"two results", pageOf(t, day, wall)}, {"a comparison", compared.String()}}
}

// shortened keeps an oversold run, one that kept its promise and one that refuses, or the first two variants, each with a value for every hour.
func shortened(f *result.File) *result.File {
	if len(f.Runs) == len(fixtureStrategies) {
		f.Runs = []result.Run{f.Runs[0], f.Runs[4], f.Runs[9]}
	} else {
		f.Runs = f.Runs[:2]
	}
	for i := range f.Runs {
		r := &f.Runs[i]
		s := &r.Series
		s.IntervalS *= 60
		for _, list := range []*[]int64{&s.Asked, &s.Promised, &s.SoldOut, &s.OtherRefused, &s.SupplyUnits, &s.PromisedUnits, &s.OversoldUnits, &s.InEngine, &s.Waiting, &r.Shop.Pending, &r.Shop.Cancelled} {
			*list = hourly(*list)
		}
		for _, list := range []*[]float64{&s.P50MS, &s.P99MS, &s.RefusedP99MS, &s.OperationsPerS, &r.Shop.UpdateP99MS} {
			*list = hourly(*list)
		}
	}
	return f
}

func hourly[T any](minutes []T) (hours []T) {
	for i := 59; i < len(minutes); i += 60 {
		hours = append(hours, minutes[i])
	}
	return hours
}

// visibleText is what of the page's text stands in the window without scrolling.
const visibleText = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = [];
  for (let n; n = walker.nextNode();) {
    const range = document.createRange();
    range.selectNodeContents(n);
    const boxes = [...range.getClientRects()];
    if (boxes.length && boxes.every(r => r.top >= 0 && r.bottom <= window.innerHeight && r.left >= 0 && r.right <= window.innerWidth)) seen.push(n.textContent);
  }
  return seen.join(' ').replace(/\s+/g, ' ');
})()`

func TestFirstScreenHasTheAnswer(t *testing.T) {
	for name, f := range map[string]*result.File{"a day": fixture(t), "a shop of two seeds": shopFixture(t, 2)} {
		t.Run(name, func(t *testing.T) {
			b := openPage(t, pageOf(t, f))
			do(t, b, chromedp.EmulateViewport(1280, 800))
			seen := plainSpaces(eval[string](t, b, visibleText))
			c := comparisonsOf([]*result.File{f})[0]
			for what, text := range map[string]string{"strategy": c.Headline(), "reason": c.Why(), "cost": c.Cost(), "interval": c.Sure()} {
				if text = spaced(text); text == "" || !strings.Contains(seen, text) {
					t.Errorf("the %s is not on the first screen: want %q in\n%s", what, text, seen)
				}
			}
			if !strings.Contains(c.Headline(), c.Best.Short) || !regexp.MustCompile(`\d.*%.*\d`).MatchString(c.Sure()) {
				t.Errorf("headline %q, interval %q", c.Headline(), c.Sure())
			}
			if strings.Contains(seen, "Glossary "+glossary[0].Name) {
				t.Error("the glossary is said to be on the first screen: this test sees what is not there")
			}
		})
	}
}

func spaced(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(plainSpaces(text), nbsp, " ")), " ")
}

// cutOnPaper lists charts that a printer would cut: taller than a page, wider than it, or allowed to break.
const cutOnPaper = `[...document.querySelectorAll('figure')].filter(e => e.getClientRects().length).flatMap(e => {
  const box = e.getBoundingClientRect(), name = (e.querySelector('figcaption') || e).textContent.slice(0, 60), out = [];
  if (box.height > 1000) out.push(name + ' is ' + Math.round(box.height) + ' px tall');
  if (box.right > window.innerWidth + 1 || box.left < -1) out.push(name + ' is wider than the page');
  if (getComputedStyle(e).breakInside !== 'avoid') out.push(name + ' may be broken');
  if (![...e.querySelectorAll('svg[role=img]')].some(s => s.getClientRects().length)) out.push(name + ' has no drawing');
  for (let p = e.parentElement; p; p = p.parentElement) if (/hidden|auto|scroll|clip/.test(getComputedStyle(p).overflowX) && p !== document.documentElement) out.push(name + ' stands in a box that cuts');
  return out;
}).slice(0, 10)`

func TestCutChartsAreFound(t *testing.T) {
	b := openPage(t, `<!doctype html><title>planted</title><figure style="break-inside: auto"><figcaption>may break</figcaption><svg role="img" viewBox="0 0 9 9"></svg></figure>
<figure style="break-inside: avoid; height: 1200px; width: 900px"><figcaption>tall, wide and empty</figcaption></figure>`)
	b.print(t)
	found := strings.Join(eval[[]string](t, b, cutOnPaper), "\n")
	for _, want := range []string{"may break may be broken", "tall", "wider than the page", "has no drawing"} {
		if !strings.Contains(found, want) {
			t.Errorf("%q is not in\n%s", want, found)
		}
	}
}

func TestPrintedPagesCutNoChart(t *testing.T) {
	for _, p := range everyPage(t) {
		t.Run(p.name, func(t *testing.T) {
			b := openPage(t, p.html)
			b.print(t)
			if found := eval[[]string](t, b, cutOnPaper); len(found) > 0 {
				t.Errorf("cut on paper: %s", strings.Join(found, "; "))
			}
			var pdf []byte
			do(t, b, chromedp.ActionFunc(func(ctx context.Context) (err error) {
				pdf, _, err = cdppage.PrintToPDF().WithPaperWidth(8.27).WithPaperHeight(11.69).Do(ctx)
				return err
			}))
			if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)); n < 2 || n > 40 {
				t.Errorf("%d pages of %d bytes", n, len(pdf))
			}
		})
	}
}

// tabbing notes each element that comes into focus: its place among all that should, and whether its focus can be seen.
const tabbing = `(() => {
  window.stops = [...document.querySelectorAll('a[href], summary, button, input, [tabindex="0"]')].filter(e => e.checkVisibility());
  window.visited = [];
  document.addEventListener('focusin', e => {
    const s = getComputedStyle(e.target);
    visited.push([stops.indexOf(e.target), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 ? 1 : 0]);
  });
  return stops.length;
})()`

func TestPagesCanBeWalkedByKeyboard(t *testing.T) {
	for _, p := range everyPage(t) {
		t.Run(p.name, func(t *testing.T) { walk(t, openPage(t, p.html)) })
	}
}

func walk(t *testing.T, b *browser) {
	t.Helper()
	b.show(t, 1280, "light")
	n := eval[int](t, b, tabbing)
	if n < 5 {
		t.Fatalf("%d elements to reach", n)
	}
	for range n {
		do(t, b, chromedp.KeyEvent("\t"))
	}
	visited := eval[[][2]int](t, b, "visited")
	if len(visited) != n {
		t.Errorf("Tab reached %d elements of %d", len(visited), n)
	}
	for i, v := range visited {
		if v[0] != i || v[1] == 0 {
			t.Errorf("Tab %d reached element %d; its focus is visible: %t; %s", i+1, v[0], v[1] == 1, eval[string](t, b, fmt.Sprintf("stops[%d].outerHTML.slice(0, 120)", i)))
		}
	}
	if eval[bool](t, b, "!!document.querySelector('summary')") {
		eval[bool](t, b, "document.querySelector('summary').focus(), true")
		do(t, b, chromedp.KeyEvent("\r"))
		if !eval[bool](t, b, "document.querySelector('details').open") {
			t.Error("Enter does not open a summary")
		}
	}
	eval[bool](t, b, "stops[0].focus(), true")
	if box := eval[float64](t, b, "stops[0].getBoundingClientRect().left"); box < 0 {
		t.Error("the skip link is not shown when it has the focus")
	}
	do(t, b, chromedp.KeyEvent("\r"))
	if hash := eval[string](t, b, "location.hash && document.querySelector(location.hash).tagName"); hash != "H1" {
		t.Errorf("the skip link leads to %q: want the main heading", hash)
	}
}
