package scenarios

import "slices"

// Parse reads a scenario. name is the file's name, for errors. known lists the engines there are, which the scenario's
// engines and control must name. set holds KEY=VALUE with dotted keys, laid over the file before it is decoded.
// The error is an *Error, or Errors where several things are wrong.
func Parse(name string, data []byte, known []string, set []string) (*Scenario, error) {
	root, err := readTree(name, data, "")
	if err != nil {
		return nil, err
	}
	settings, err := readSettings(set)
	if err != nil {
		return nil, err
	}
	if root, err = layer(root, settings); err != nil {
		return nil, err
	}
	p := &decoder{root: root, known: known, s: &Scenario{Pressure: true}}
	p.read(root)
	if len(p.errs) == 0 {
		p.check()
	}
	if len(p.errs) > 0 {
		p.errs.sort()
		return nil, p.errs
	}
	nameSources(root, p.s)
	return p.s, nil
}

// layer lays the scenario over the profiles that it names, and the settings over both. A setting that names a profile
// comes before, since it decides what is below.
func layer(root *node, settings []setting) (*node, error) {
	names := func(s setting) bool { return slices.Contains(s.path, "profile") }
	for _, s := range settings {
		if names(s) {
			if err := s.apply(root); err != nil {
				return nil, err
			}
		}
	}
	root, err := overProfiles(root)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		if !names(s) {
			if err := s.apply(root); err != nil {
				return nil, err
			}
		}
	}
	return root, nil
}
