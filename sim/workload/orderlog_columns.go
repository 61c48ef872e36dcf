package workload

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/scenarios"
)

// Columns names the columns of an order log that hold what a replay needs.
type Columns struct{ Time, Order, SKU, Quantity string }

var columnRoles = []string{"time", "order", "sku", "quantity"}

// byRole are the fields of c in the order of columnRoles.
func (c *Columns) byRole() []*string { return []*string{&c.Time, &c.Order, &c.SKU, &c.Quantity} }

// ParseColumns reads time=NAME,order=NAME,sku=NAME,quantity=NAME, in any order, each once.
func ParseColumns(text string) (Columns, error) {
	var c Columns
	for pair := range strings.SplitSeq(text, ",") {
		role, name, found := strings.Cut(pair, "=")
		if role, name = strings.TrimSpace(role), strings.TrimSpace(name); !found || name == "" {
			return Columns{}, fmt.Errorf("%q: expected time=NAME,order=NAME,sku=NAME,quantity=NAME", pair)
		}
		i := slices.Index(columnRoles, role)
		if i < 0 {
			return Columns{}, fmt.Errorf("%q is not known: did you mean %q? Valid: %s",
				role, scenarios.Nearest(role, columnRoles), strings.Join(columnRoles, ", "))
		}
		field := c.byRole()[i]
		if *field != "" {
			return Columns{}, fmt.Errorf("%s is named twice: %q and %q", role, *field, name)
		}
		*field = name
	}
	for i, field := range c.byRole() {
		if *field == "" {
			return Columns{}, fmt.Errorf("%s is missing: expected time=NAME,order=NAME,sku=NAME,quantity=NAME", columnRoles[i])
		}
	}
	return c, nil
}

// find is where the columns stand in a header, in the order of columnRoles.
func (c Columns) find(header []string) ([]int, error) {
	var places []int
	for i, name := range c.byRole() {
		place := slices.Index(header, *name)
		if place < 0 {
			return nil, fmt.Errorf("no column %q for %s: did you mean %q? The header has %s",
				*name, columnRoles[i], scenarios.Nearest(*name, header), strings.Join(header, ", "))
		}
		places = append(places, place)
	}
	return places, nil
}
