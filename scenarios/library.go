package scenarios

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

//go:embed *.yaml profiles
var library embed.FS

// Info is a scenario that comes with doorbuster.
type Info struct{ Name, About string }

// List describes the scenarios that come with doorbuster, by name.
func List() []Info {
	var infos []Info
	for _, name := range stems("*.yaml") {
		file := name + ".yaml"
		root, err := readTree(file, embedded(file), "")
		if err != nil {
			panic(err) // a file of our own, which the tests parse
		}
		infos = append(infos, Info{Name: name, About: root.at("about").text})
	}
	return infos
}

// Load parses a scenario that comes with doorbuster, by name, or a file, by a path that ends in .yaml or .yml.
// known and set are those of Parse.
func Load(nameOrPath string, known, set []string) (*Scenario, error) {
	if ext := path.Ext(nameOrPath); ext == ".yaml" || ext == ".yml" {
		data, err := os.ReadFile(nameOrPath)
		if err != nil {
			return nil, fmt.Errorf("scenario: %w", err)
		}
		return Parse(nameOrPath, data, known, set)
	}
	names := stems("*.yaml")
	if !slices.Contains(names, nameOrPath) {
		return nil, fmt.Errorf("scenario %q is not known: %s, or a path that ends in .yaml", nameOrPath, suggest(nameOrPath, names))
	}
	file := nameOrPath + ".yaml"
	return Parse(file, embedded(file), known, set)
}

// Hash is a short stable hash of what the scenario asks for, defaults and profiles resolved: two results with the same
// hash met the same day, in the same variants. Words and the list of engines, which change nothing of the day, don't count.
func (s *Scenario) Hash() string {
	days := []Scenario{s.day()}
	for _, v := range s.whole {
		days = append(days, v.day())
	}
	text, err := json.Marshal(days)
	if err != nil {
		panic(err) // numbers, words and times only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// day is the scenario without words. The settings of variants are those of the variants' own days.
func (s *Scenario) day() Scenario {
	day := *s
	day.About, day.Engines, day.Idealised, day.Published, day.Variants = "", nil, nil, nil, nil
	day.Demand.Source, day.Storage.About, day.Storage.Source = "", "", ""
	return day
}

// stems are the names of embedded files, without folder and ending, sorted.
func stems(pattern string) []string {
	files, err := fs.Glob(library, pattern)
	if err != nil {
		panic(err) // a pattern of our own
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// embedded reads a file that stems named.
func embedded(file string) []byte {
	data, err := library.ReadFile(file)
	if err != nil {
		panic(err) // stems named it
	}
	return data
}

// overProfiles lays the sections that name a profile over that profile.
func overProfiles(root *node) (*node, error) {
	base := &node{kind: section}
	for _, part := range []string{"demand", "shopper", "storage"} {
		name := root.get(part).get("profile")
		if name == nil || name.kind != scalar {
			continue // absent, or refused when it is decoded
		}
		names := stems("profiles/" + part + "/*.yaml")
		if !slices.Contains(names, name.text) {
			return nil, name.errorf("%q is not known: %s", name.text, suggest(name.text, names))
		}
		file := "profiles/" + part + "/" + name.text + ".yaml"
		profile, err := readTree(file, embedded(file), part)
		if err != nil {
			return nil, err
		}
		base.entries = append(base.entries, &entry{key: part, value: profile})
	}
	return root.over(base), nil
}
