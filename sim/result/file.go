package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
)

// Write writes f to path as indented JSON, zeros and empty lists included. The file appears whole or not at all: it is
// written beside path under another name, flushed to disk and renamed.
func Write(path string, f *File) error {
	whole, err := explicit(reflect.ValueOf(*f), "")
	if err != nil {
		return fmt.Errorf("result file %s: %w", path, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("result file %s: %w", path, err)
	}
	defer os.Remove(tmp.Name()) // fails once it is renamed, which is what we want
	if err := errors.Join(encode(tmp, whole.Interface()), tmp.Close()); err != nil {
		return fmt.Errorf("result file %s: %w", path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("result file %s: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

func encode(to *os.File, v any) error {
	w := bufio.NewWriterSize(to, 1<<16)
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := to.Chmod(0o644); err != nil { // CreateTemp's 0600 would hide a result from the rest of a team
		return err
	}
	return to.Sync()
}

// syncFolder makes the rename survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// explicit is a deep copy of v whose nil slices and maps are empty ones. JSON has no NaN and no infinity:
// they are refused by their place.
func explicit(v reflect.Value, at string) (reflect.Value, error) {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := jsonName(v.Type().Field(i))
			field, err := explicit(v.Field(i), join(at, name))
			if err != nil {
				return out, err
			}
			out.Field(i).Set(field)
		}
	case reflect.Slice:
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			element, err := explicit(v.Index(i), fmt.Sprintf("%s[%d]", at, i))
			if err != nil {
				return out, err
			}
			out.Index(i).Set(element)
		}
	case reflect.Map:
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entries := v.MapRange(); entries.Next(); {
			element, err := explicit(entries.Value(), join(at, entries.Key().String()))
			if err != nil {
				return out, err
			}
			out.SetMapIndex(entries.Key(), element)
		}
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			return out, fmt.Errorf("%s is %v: expected a number", at, x)
		}
		out.Set(v)
	default:
		out.Set(v)
	}
	return out, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
