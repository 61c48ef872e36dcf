// Package k6 is k6/x/doorbuster, an extension of k6: a scenario's shoppers are played by k6's virtual users, against any engine or through k6's
// own HTTP, and the same audit as in any other run counts what was sold beyond stock. The scripts beside it show how; index.d.ts has the types.
//
// The day, the ledger and the audit are those of package sim. One process has one of each demand, which all its virtual users share.
package k6

import (
	"sync"

	"go.k6.io/k6/v2/js/modules"
)

func init() { modules.Register("k6/x/doorbuster", &root{demands: map[string]*shared{}}) }

// root is what all virtual users of the process share.
type root struct {
	mu      sync.Mutex
	demands map[string]*shared // by what they were asked for with
}

// instance is the module as one virtual user sees it.
type instance struct {
	root *root
	vu   modules.VU
}

// NewModuleInstance implements modules.Module.
func (r *root) NewModuleInstance(vu modules.VU) modules.Instance { return &instance{r, vu} }

// Exports implements modules.Instance.
func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{"Demand": i.newDemand}}
}

// shared is the demand of a name and options, planned once.
func (r *root) shared(s settings) (*shared, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := s.key()
	if d := r.demands[key]; d != nil {
		return d, nil
	}
	d, err := newShared(s)
	if err == nil {
		r.demands[key] = d
	}
	return d, err
}
