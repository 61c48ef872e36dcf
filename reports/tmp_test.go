package reports

import (
	"bytes"
	"fmt"
	"github.com/chromedp/chromedp"
	"image"
	"image/png"
	"os"
	"testing"
)

func TestTmpShots(t *testing.T) {
	page, err := os.ReadFile("/tmp/rep/page.html")
	if err != nil {
		t.Skip()
	}
	b := openPage(t, string(page))
	for _, w := range []int64{390, 1280} {
		for _, s := range []string{"light", "dark"} {
			b.show(t, w, s)
			if os.Getenv("OPEN") != "" {
				eval[int](t, b, `document.querySelectorAll('details.run').forEach((d,i)=>{d.open=i==0}),1`)
			}
			raw := do(t, b, chromedp.FullScreenshot(100))
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			h := 1500
			for i := 0; i*h < img.Bounds().Dy(); i++ {
				sub := img.(interface {
					SubImage(image.Rectangle) image.Image
				}).SubImage(image.Rect(0, i*h, int(w), min((i+1)*h, img.Bounds().Dy())))
				f, _ := os.Create(fmt.Sprintf("/tmp/rep/%d-%s-%02d.png", w, s, i))
				png.Encode(f, sub)
				f.Close()
			}
		}
	}
}
