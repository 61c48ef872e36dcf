package sim

import "github.com/doorbuster/doorbuster/sim/result"

// Blank is the file that Run would give, without its runs: what is known before any of them.
func Blank(o Options) (*result.File, error) {
	jobs, err := plan(&o)
	if err != nil {
		return nil, err
	}
	return assemble(&o, jobs, nil), nil
}
