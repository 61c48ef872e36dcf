package scenarios

import "slices"

// Parse reads a scenario. name is the file's name, for errors. known lists the engines there are, which the scenario's
// engines and control must name. set holds KEY=VALUE with dotted keys, laid over the file before it is decoded.
// What is returned is the scenario as it stands; its variants, parsed and checked as well, are what Whole gives.
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
	f := &file{root: root, known: known, settings: settings}
	s, overlays, err := f.resolve(settings)
	if err != nil {
		return nil, err
	}
	if err := f.resolveVariants(s, overlays); err != nil {
		return nil, err
	}
	return s, nil
}

// file is a scenario file as it was read, with what was set on the command line.
type file struct {
	root     *node
	known    []string
	settings []setting
}

// resolve lays profiles, file and settings over each other, decodes and checks them.
func (f *file) resolve(settings []setting) (*Scenario, []overlay, error) {
	root, err := layer(f.root.as(""), settings)
	if err != nil {
		return nil, nil, err
	}
	p := &decoder{root: root, known: f.known, s: plainShop()}
	p.scenario().read(root)
	if len(p.errs) == 0 {
		p.check()
	}
	if len(p.errs) > 0 {
		p.errs.sort()
		return nil, nil, p.errs
	}
	nameSources(root, p.s)
	return p.s, p.overlays, nil
}

// plainShop is what a scenario begins with that says nothing of the shop around the engine.
func plainShop() *Scenario {
	return &Scenario{
		Pressure: true, Sync: defaultSync(), Overflow: Overflow{Policy: Reject}, Buffers: Buffers{Policy: NoBuffer},
		Fulfilment: Fulfilment{Rule: LatestFirst},
	}
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
