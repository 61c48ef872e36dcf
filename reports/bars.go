package reports

import "html/template"

// bar is one horizontal bar of parts that stand end to end.
type bar struct {
	Name  string
	Note  string // beside the bar
	Parts []part
}

type part struct {
	Class string
	Value int64
}

func (b bar) total() (sum int64) {
	for _, p := range b.Parts {
		sum += p.Value
	}
	return sum
}

// leastMark is the width in px of the smallest part that is not 0. A part of 0 has no mark at all.
const leastMark = 2

// bars draws horizontal bars on one scale: on a wide drawing with names to the left and notes to the right, on a narrow one above.
func bars(about string, width int, all []bar) (template.HTML, error) {
	var top int64 = 1
	for _, b := range all {
		top = max(top, b.total())
	}
	f := frame{about: about, width: width, bare: true, y: axis{max: float64(len(all))}, x: countAxis(float64(top), 4)}
	row, stacked := 30, width < wideWidth
	if stacked {
		row = 44
	} else {
		f.left = 110
		f.x.max *= 1.28 // room for notes
	}
	f.height = row*len(all) + 40
	f.marks = []mark{func(p plot) {
		for i, b := range all {
			p.bar(b, i, len(all), stacked)
		}
	}}
	return f.svg()
}

func (p plot) bar(b bar, i, n int, stacked bool) {
	height := p.box.Bottom - p.box.Top
	top, bottom := p.box.Top+height*i/n+6, p.box.Top+height*(i+1)/n-6
	if stacked {
		top += textSize + 2
		p.text("name", cut(b.Name, 20), p.box.Left, top-4)
		p.text("soft end", b.Note, p.box.Right, top-4)
	} else {
		p.text("name end", cut(b.Name, 16), p.box.Left-8, (top+bottom)/2+4)
		p.text("soft", b.Note, max(p.px(float64(b.total())), p.box.Left)+8, (top+bottom)/2+4)
	}
	left, sum := p.box.Left, int64(0)
	for _, part := range b.Parts {
		sum += part.Value
		if part.Value <= 0 {
			continue
		}
		right := max(p.px(float64(sum)), left+leastMark)
		p.rect("bar "+part.Class, left, top, right, bottom)
		left = right
	}
}
