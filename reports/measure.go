package reports

import (
	"sync"

	"github.com/wcharczuk/go-chart/v2"
)

// measuring draws as go-chart's SVG renderer does, but measures each text once: go-chart reads its font anew for every label of every axis, which is
// most of the time that a page of many charts would take. All texts have one size and one font.
type measuring struct{ chart.Renderer }

func measuredSVG(width, height int) (chart.Renderer, error) {
	r, err := chart.SVG(width, height)
	return measuring{r}, err
}

var measured = struct {
	sync.Mutex
	boxes map[string]chart.Box
}{boxes: map[string]chart.Box{}}

// mostMeasured bounds what is remembered; the labels of axes are far fewer.
const mostMeasured = 10_000

// MeasureText is how much room a text takes, in px.
func (m measuring) MeasureText(text string) chart.Box {
	measured.Lock()
	defer measured.Unlock()
	box, ok := measured.boxes[text]
	if !ok {
		box = m.Renderer.MeasureText(text)
		if len(measured.boxes) < mostMeasured {
			measured.boxes[text] = box
		}
	}
	return box
}
