package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/doorbuster/doorbuster/engines"
)

// read takes a request's JSON body into v: one value, with known fields only.
func read(r *http.Request, v any) *Problem {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return wrongMedia.of("Content-Type %q: expected application/json", r.Header.Get("Content-Type"))
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return unreadable(err)
	}
	end := d.InputOffset()
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed.of("body: something follows the JSON value that ends at byte %d: expected nothing", end)
	}
	return nil
}

// unreadable says what is wrong with a body.
func unreadable(err error) *Problem {
	var long *http.MaxBytesError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &long):
		return tooLarge.of("body: expected at most %d bytes", long.Limit)
	case errors.As(err, &wrong) && wrong.Field == "":
		return malformed.of("body: found %s: expected an object", wrong.Value)
	case errors.As(err, &wrong):
		return malformed.of("%s: found %s: expected %s", wrong.Field, wrong.Value, wanted[wrong.Type.Kind().String()])
	case errors.Is(err, io.EOF):
		return malformed.of("body: found nothing: expected a JSON object")
	}
	return malformed.of("body: %v", err)
}

// wanted are the types of fields in words.
var wanted = map[string]string{
	"uint8": "an integer from 0 to 255", "uint32": "an integer from 0 to 4294967295", "uint64": "an integer from 0 to 18446744073709551615",
	"int32": "an integer from -2147483648 to 2147483647", "int64": "an integer of 64 bits",
	"string": "a string", "slice": "an array", "struct": "an object",
}

// idOf is the operation ID in a request's header.
func idOf(r *http.Request) (engines.OpID, *Problem) {
	values := r.Header.Values(keyHeader)
	if len(values) != 1 {
		return 0, malformed.of("%s: found %d headers: expected one, with the operation's ID", keyHeader, len(values))
	}
	return parseID(keyHeader, values[0])
}

func parseID(where, text string) (engines.OpID, *Problem) {
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, malformed.of("%s %q: expected the operation's ID, a decimal number from 0 to 18446744073709551615", where, text)
	}
	return engines.OpID(id), nil
}

// The size of pages.
const (
	defaultPage = 1_000
	maxPage     = 100_000
)

// part is what a request asks of a list: at most limit items whose keys are from or above.
type part struct {
	from  uint64
	limit int
}

func partOf(r *http.Request) (part, *Problem) {
	p := part{limit: defaultPage}
	query := r.URL.Query()
	if query.Has("after") {
		after, err := strconv.ParseUint(query.Get("after"), 10, 63)
		if err != nil {
			return p, malformed.of("after=%q: expected the next of the page before", query.Get("after"))
		}
		p.from = after + 1
	}
	if query.Has("limit") {
		limit, err := strconv.Atoi(query.Get("limit"))
		if err != nil || limit < 1 || limit > maxPage {
			return p, malformed.of("limit=%q: expected 1 to %d", query.Get("limit"), maxPage)
		}
		p.limit = limit
	}
	return p, nil
}
