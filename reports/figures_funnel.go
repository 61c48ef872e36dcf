package reports

import (
	"fmt"
	"html/template"

	"github.com/doorbuster/doorbuster/sim/result"
)

// funnelStep is how many of the own stores' shoppers came so far.
type funnelStep struct {
	name, lost string // lost: what became of those who came to the step before and not to this one
	shoppers   int64
}

// funnelOf follows the own stores' shoppers; marketplaces tell of orders alone.
func funnelOf(r *result.Run) []funnelStep {
	var promised int64
	for _, ch := range r.Channels {
		if ch.Kind == "own" {
			promised += ch.Promised
		}
	}
	f := &r.Funnel
	return []funnelStep{
		{"filled a cart", "", f.Carts},
		{"came to checkout", "left the cart, or were refused", f.Checkouts},
		{"went on to pay", "left at checkout", f.Checkouts - f.LeftAtCheckout},
		{"were promised", "could not pay, or were refused", promised},
	}
}

// funnel shows how far the own stores' shoppers came, a bar for each step.
func funnel(s *score) (figure, error) {
	r := s.First()
	title := "From cart to order: " + nameOf(r)
	steps := funnelOf(r)
	first := steps[0].shoppers
	if first == 0 {
		return missing(title, "no shopper came to an own store"), nil
	}
	fig := figure{Title: title, Kind: s.Simulated(), Unit: "shoppers of the own stores",
		Legend: []legend{{Class: "best", Area: true, Text: "came so far"}, {Class: "none", Area: true, Text: "lost on the way there"}},
		Data:   &table{Caption: "Shoppers of the own stores", Head: []string{"step", "shoppers", "of those with a cart", "lost on the way there", "how"}}}
	var all []bar
	before := first
	for _, step := range steps {
		lost := max(0, before-step.shoppers)
		all = append(all, bar{Name: step.name, Note: percent(share(step.shoppers, first)), Parts: []part{{"best", step.shoppers}, {"none", lost}}})
		fig.Data.Rows = append(fig.Data.Rows, []string{step.name, count(step.shoppers), percent(share(step.shoppers, first)), count(lost), step.lost})
		before = step.shoppers
	}
	if n := r.Funnel.PaymentFailures; n > 0 {
		fig.Note = fmt.Sprintf("%s to pay failed; some shoppers tried again.", plural(n, "attempt"))
	}
	return fig.half(func(width int) (template.HTML, error) {
		return bars(nameOf(r)+": how far shoppers of the own stores came; the table below has the figures.", width, all)
	})
}
