package result

import (
	"fmt"
	"strings"
)

// Sweep says what was swept: every combination of the axes' values, or a sample of them. Its zero value is that of a file that is no sweep.
type Sweep struct {
	Points int64  `json:"points"` // of the whole sweep, all shards together
	Axes   []Axis `json:"axes"`
	Sample int64  `json:"sample"` // size of the Latin hypercube that was asked for; 0: the full grid
	Seed   uint64 `json:"seed"`   // of the Latin hypercube
	Shard  string `json:"shard"`  // the part that the file is, as 2/8; empty: all of it
}

// Axis is one key of the scenario and the values that it takes.
type Axis struct {
	Key    string `json:"key"`
	Values string `json:"values"` // as they were given
}

// Setting is one value that was set in the scenario, both as --set takes them.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Settings are those of one point of a sweep, in the order of its axes.
type Settings []Setting

// String writes them as KEY=VALUE with spaces between.
func (s Settings) String() string {
	words := make([]string, len(s))
	for i, one := range s {
		words[i] = one.Key + "=" + one.Value
	}
	return strings.Join(words, " ")
}

// Is says whether the file is a sweep.
func (s *Sweep) Is() bool { return s.Points > 0 }

// plan is what all shards of a sweep have in common, in words.
func (s *Sweep) plan() string {
	if !s.Is() {
		return "no sweep"
	}
	words := make([]string, len(s.Axes))
	for i, a := range s.Axes {
		words[i] = a.Key + "=" + a.Values
	}
	text := strings.Join(words, " ")
	if s.Sample > 0 {
		text += fmt.Sprintf(" (a sample of %d with seed %d)", s.Sample, s.Seed)
	}
	return fmt.Sprintf("%s, %d points", text, s.Points)
}

// Found counts the points that a sweep's file has runs of.
func (f *File) Found() int64 {
	seen := map[string]bool{}
	for i := range f.Runs {
		if r := &f.Runs[i]; !r.IsControl {
			seen[r.Settings.String()] = true
		}
	}
	return int64(len(seen))
}

// joinShards makes one sweep of its shards. Points that none of them has make it incomplete.
func (f *File) joinShards(parts []Part) {
	if !f.Sweep.Is() {
		return
	}
	if len(parts) > 1 {
		f.Sweep.Shard = ""
	}
	if found := f.Found(); f.Sweep.Shard == "" && found < f.Sweep.Points {
		f.Complete = false
		f.Warnings = append(f.Warnings, fmt.Sprintf("%d of the sweep's %d points are in none of the merged files.", f.Sweep.Points-found, f.Sweep.Points))
	}
}
