package result

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
)

// Encode writes f to w as Write does to a file, for a caller who keeps it elsewhere.
func Encode(w io.Writer, f *File) error {
	whole, err := explicit(reflect.ValueOf(*f), "")
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(whole.Interface())
}
