package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeVersion is what scripts/deps installs.
const axeVersion = "axe-core-4.11.0"

// axeScript is axe-core itself, which finds what keeps people out of a page. It is not ours, so `make deps` fetches it; without it the test is
// skipped, or fails where CI=true.
func axeScript(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "doorbuster", axeVersion, "axe.min.js")
	script, err := os.ReadFile(path)
	if err == nil {
		return string(script)
	}
	why := fmt.Sprintf("no %s: the report is not checked for accessibility. Get it with: make deps (%v)", axeVersion, err)
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// axeRun gives a line for each serious or critical violation, with the first elements that it was found on.
const axeRun = `axe.run(document, Object.assign({resultTypes: ['violations']}, %s)).then(found => found.violations
  .filter(v => v.impact === 'serious' || v.impact === 'critical')
  .map(v => v.id + ' (' + v.impact + '): ' + v.help + ': ' + v.nodes.length + ' × ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 120)).join('; ')))`

// axe runs axe-core on the page as it is shown; options are axe.run's.
func axe(t *testing.T, b *browser, script, options string) (found []string) {
	t.Helper()
	do(t, b, chromedp.Evaluate(script+"; void 0", nil), chromedp.Evaluate(fmt.Sprintf(axeRun, options), &found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}))
	return found
}

// TestAxeCanFail plants what axe-core must find.
func TestAxeCanFail(t *testing.T) {
	script := axeScript(t)
	b := openPage(t, `<!doctype html><title>planted</title><p style="color: #bbb">faint</p><img src="data:,"><a href="#x"></a>`)
	found := strings.Join(axe(t, b, script, "{}"), "\n")
	for _, want := range []string{"color-contrast (serious)", "image-alt (critical)", "html-has-lang (serious)", "link-name (serious)"} {
		if !strings.Contains(found, want) {
			t.Errorf("%s was planted and not found in:\n%s", want, found)
		}
	}
}

func TestPagesKeepNobodyOut(t *testing.T) {
	script := axeScript(t)
	const colours, others = "{runOnly: ['color-contrast']}", "{rules: {'color-contrast': {enabled: false}}}" // what dark changes, and what a phone may
	for _, p := range everyPage(t) {
		if p.name == "two results" {
			continue // it is made of the same parts
		}
		t.Run(p.name, func(t *testing.T) {
			b := openPage(t, p.html)
			for _, at := range []struct {
				width           int64
				scheme, options string
			}{{1280, "light", "{}"}, {1280, "dark", colours}, {390, "light", others}} {
				b.show(t, at.width, at.scheme)
				eval[bool](t, b, `document.querySelectorAll('details').forEach(d => d.open = true), true`)
				for _, line := range axe(t, b, script, at.options) {
					t.Errorf("%d px, %s: %s", at.width, at.scheme, line)
				}
			}
		})
	}
}
