package engines

import "context"

// Adopter is an Engine whose stock another process may have set, so that several processes sell from one stock. Ask for it: not every engine
// is one.
type Adopter interface {
	Engine
	// Adopt is called in Reset's place: the stock stays as it is. opening is what it was set to, in units, indexed by SKU. It is an error if
	// what is there was not set to as many SKUs.
	Adopt(ctx context.Context, opening []int64) error
}
