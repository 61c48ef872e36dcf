package result

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A field of a run is named by its JSON path, as units.oversold.max. A channel, a check or a hot SKU
// is named by its name, as channels.amazon.asked; an entry of a map by its key, as contention.retries.

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// anyName stands in a path of leaves where a name is chosen by the result, not by its format.
const anyName = "*"

// leaves lists the paths of all single values below t.
func leaves(t reflect.Type, at []string) [][]string {
	switch t.Kind() {
	case reflect.Struct:
		var all [][]string
		for i := range t.NumField() {
			all = append(all, leaves(t.Field(i).Type, append(slices.Clip(at), jsonName(t.Field(i))))...)
		}
		return all
	case reflect.Slice:
		if nameField(t.Elem()) == "" {
			return nil
		}
		return leaves(t.Elem(), append(slices.Clip(at), anyName))
	case reflect.Map:
		return leaves(t.Elem(), append(slices.Clip(at), anyName))
	}
	return [][]string{at}
}

// nameField is the field that tells the elements of a list apart, or "".
func nameField(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Channel](), reflect.TypeFor[Check]():
		return "Name"
	case reflect.TypeFor[HotSKU]():
		return "SKU"
	}
	return ""
}

// knownField returns the type of the run's value at path, or an error with the nearest path that exists.
func knownField(path []string) (reflect.Kind, error) {
	all := leaves(reflect.TypeFor[Run](), nil)
	for _, leaf := range all {
		if matches(leaf, path) {
			return kindAt(reflect.TypeFor[Run](), path), nil
		}
	}
	return 0, fmt.Errorf("a run has no field %s: the nearest is %s", strings.Join(path, "."), nearest(all, path))
}

func matches(leaf, path []string) bool {
	return len(leaf) == len(path) && slices.EqualFunc(leaf, path, func(l, p string) bool { return l == p || l == anyName && p != "" })
}

func kindAt(t reflect.Type, path []string) reflect.Kind {
	for _, name := range path {
		switch t.Kind() {
		case reflect.Struct:
			for i := range t.NumField() {
				if jsonName(t.Field(i)) == name {
					t = t.Field(i).Type
					break
				}
			}
		default:
			t = t.Elem()
		}
	}
	return t.Kind()
}

// at finds the value at a path that knownField accepted; false if the result has no entry of that name.
func at(v reflect.Value, path []string) (reflect.Value, bool) {
	for _, name := range path {
		switch v.Kind() {
		case reflect.Struct:
			v = v.FieldByNameFunc(func(field string) bool {
				f, _ := v.Type().FieldByName(field)
				return jsonName(f) == name
			})
		case reflect.Map:
			v = v.MapIndex(reflect.ValueOf(name))
		case reflect.Slice:
			v = element(v, name)
		}
		if !v.IsValid() {
			return v, false
		}
	}
	return v, true
}

func element(list reflect.Value, name string) reflect.Value {
	field := nameField(list.Type().Elem())
	for i := range list.Len() {
		if list.Index(i).FieldByName(field).String() == name {
			return list.Index(i)
		}
	}
	return reflect.Value{}
}

// nearest is the path among all that takes the fewest edits to reach; forgetting the folders of a field counts as one.
func nearest(all [][]string, path []string) string {
	best, fewest := "", 1<<30
	typed := strings.Join(path, ".")
	for _, leaf := range all {
		leaf = slices.Clone(leaf)
		for i := range leaf {
			if leaf[i] == anyName && i < len(path) && len(path) == len(leaf) {
				leaf[i] = path[i]
			}
		}
		whole := strings.Join(leaf, ".")
		d := min(edits(typed, whole), 1+edits(typed, leaf[len(leaf)-1]))
		if d < fewest {
			best, fewest = whole, d
		}
	}
	return best
}

// edits is the Levenshtein distance between a and b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Value is a run's figure by its path, as units.oversold.max; false if it has none of that name, or it isn't a number.
func Value(r *Run, path string) (float64, bool) {
	steps := strings.Split(path, ".")
	if _, err := knownField(steps); err != nil {
		return 0, false
	}
	v, ok := at(reflect.ValueOf(*r), steps)
	switch {
	case !ok:
		return 0, false
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	}
	return 0, false
}
