package result

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// MaxBytes is the largest file that Read accepts.
const MaxBytes = 1 << 30

// Read reads a result file. Every error names the file and says what was found and what was expected.
// Properties that this version doesn't know are ignored.
func Read(path string) (*File, error) { return Scan(path, nil) }

func tooLarge(path string) error {
	return fmt.Errorf("result file %s is larger than %d bytes (1 GiB): a result of one day is a few megabytes", path, MaxBytes)
}

func wrongSchema(path, schema string) error {
	const family, ours = "doorbuster/result/v", 1
	if version, ok := strings.CutPrefix(schema, family); ok {
		if theirs, err := strconv.Atoi(version); err == nil && theirs > ours {
			return fmt.Errorf("result file %s was made by a newer doorbuster: %s; this one reads v%d", path, schema, ours)
		}
	}
	if schema == "" {
		return fmt.Errorf("result file %s is not a doorbuster result: it has no schema, expected %s", path, SchemaName)
	}
	return fmt.Errorf("result file %s is not a doorbuster result: schema is %q, expected %s", path, schema, SchemaName)
}

// placeOfEnd walks a truncated file once more and says what it was in the middle of, as runs[2].series.asked.
func placeOfEnd(path string) string {
	in, err := os.Open(path)
	if err != nil {
		return "the result"
	}
	defer in.Close()
	var where trail
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	for {
		token, err := dec.Token()
		if err != nil {
			return where.String()
		}
		where.step(token)
	}
}

// trail follows JSON tokens and knows the place of the next one.
type trail []level

type level struct {
	list  bool
	key   string // of an object: the last one read
	value bool   // of an object: the key has been read, its value is next
	index int    // of a list: the next one
}

func (t *trail) step(token json.Token) {
	switch token {
	case json.Delim('{'), json.Delim('['):
		*t = append(*t, level{list: token == json.Delim('[')})
		return
	case json.Delim('}'), json.Delim(']'):
		*t = (*t)[:len(*t)-1]
	}
	if len(*t) == 0 {
		return
	}
	top := &(*t)[len(*t)-1]
	switch key, isString := token.(string); {
	case top.list:
		top.index++
	case top.value:
		top.value = false
	case isString:
		top.key, top.value = key, true
	}
}

func (t trail) String() string {
	place := ""
	for _, l := range t {
		switch {
		case l.list:
			place += fmt.Sprintf("[%d]", l.index)
		case l.key != "":
			place = join(place, l.key)
		}
	}
	if place == "" {
		return "the result"
	}
	return place
}

// counter counts the bytes that are read through it.
type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}
