package ledger

import "github.com/doorbuster/doorbuster/engines"

// Facts are the books of one SKU, in units, kept from the outside. Where an operation is under way or its answer was
// lost, each figure leans to one side, so that whoever judges by it never accuses falsely. They fill a line of the
// processor's cache; what is seldom needed of a SKU stands elsewhere.
type Facts struct {
	Supply   int64 // at most: arrivals count when they are asked for, losses when they are answered
	Sure     int64 // at least: arrivals count when they are answered, losses when they are asked for
	Taken    int64 // at most: units of takes that were asked for, and neither refused nor given back
	Held     int64 // at least: reserved, neither paid nor asked to be given up
	Promised int64 // at least: promised, and their cancellation not asked for; stays when they ship
	Maybe    int64 // in promises whose answer was lost
	Asked    int64 // by orders
	Ever     int64 // promised, cancelled or not
}

// Free is the least that is surely available.
func (f *Facts) Free() int64 { return f.Sure - f.Taken }

// Excess is the number of units promised beyond supply: at least; 0 if all are backed.
func (f *Facts) Excess() int64 { return max(0, f.Promised-f.Supply) }

// flow is what has moved a SKU's stock from outside, cumulative. Only absolute counts need it: see counts.go.
type flow struct {
	inAsked, inDone   int64 // arrivals
	outAsked, outDone int64 // losses
}

// shipped is the same of units that left the house. It stands apart, for every order ships, and few counts come.
type shipped struct{ asked, done int64 }

// The figures that operations move. Each has a function, so that move is made for it where it is called.
func asked(f *Facts) *int64    { return &f.Asked }
func taken(f *Facts) *int64    { return &f.Taken }
func held(f *Facts) *int64     { return &f.Held }
func promised(f *Facts) *int64 { return &f.Promised }
func ever(f *Facts) *int64     { return &f.Ever }
func maybe(f *Facts) *int64    { return &f.Maybe }

// move adds each line's units to a figure of its SKU, or takes them off, as sign is 1 or -1.
func (l *Ledger) move(figure func(*Facts) *int64, lines []engines.Line, sign int64) {
	for _, line := range lines {
		*figure(&l.facts[line.SKU]) += sign * int64(line.Qty)
	}
}

func units(lines []engines.Line) int64 {
	var sum int64
	for i := range lines {
		sum += int64(lines[i].Qty)
	}
	return sum
}

// Doubt is an operation that changes what customers were promised or what there is, and whose answer was lost.
type Doubt struct {
	ID      engines.OpID
	Order   engines.OrderID
	Kind    engines.Kind
	Channel engines.Channel
	Lines   []engines.Line
}

func (l *Ledger) doubt(e *Entry) {
	l.doubts = append(l.doubts, Doubt{
		ID: e.Op.ID, Order: e.Op.Order, Kind: e.Op.Kind, Channel: e.Op.Channel,
		Lines: append([]engines.Line(nil), e.Lines...),
	})
}
