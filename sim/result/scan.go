package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Scan reads a result file run by run, as Read does, but hands each run to trim before it reads the next: what trim
// clears takes no memory, so a file of hundreds of megabytes can be read for the few figures of it that are needed.
func Scan(path string, trim func(*Run)) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("result file: %w", err)
	}
	defer in.Close()
	if info, err := in.Stat(); err == nil && info.Size() > MaxBytes {
		return nil, tooLarge(path)
	}
	counted := &counter{from: io.LimitReader(in, MaxBytes+1)}
	s := scanner{path: path, dec: json.NewDecoder(bufio.NewReaderSize(counted, 1<<16)), trim: trim, file: new(File)}
	err = s.whole()
	switch {
	case counted.n > MaxBytes:
		return nil, tooLarge(path)
	case errors.Is(err, io.EOF) && !s.begun:
		return nil, fmt.Errorf("result file %s is empty: expected %s", path, SchemaName)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("result file %s ends after %d bytes in the middle of %s", path, counted.n, placeOfEnd(path))
	}
	return s.file, err
}

// scanner reads the parts of one result file in the order in which they stand there.
type scanner struct {
	path  string
	dec   *json.Decoder
	trim  func(*Run)
	file  *File
	begun bool // the file is not empty
}

func (s *scanner) whole() error {
	first, err := s.dec.Token()
	s.begun = err == nil || !errors.Is(err, io.EOF)
	if err == nil && first != json.Delim('{') {
		return wrongSchema(s.path, "")
	}
	rest := map[string]json.RawMessage{}
	for err == nil && s.dec.More() {
		err = s.member(rest)
	}
	if err == nil {
		_, err = s.dec.Token()
	}
	if err != nil {
		return s.explain(err, "")
	}
	if err := s.others(rest); err != nil {
		return err
	}
	if _, err := s.dec.Token(); err != io.EOF {
		return fmt.Errorf("result file %s: something follows the end of the result at byte %d", s.path, s.dec.InputOffset())
	}
	return nil
}

// member reads one name and its value. The schema, which comes first in what Write writes, is looked at as soon as it is known.
func (s *scanner) member(rest map[string]json.RawMessage) error {
	name, err := s.dec.Token()
	if err != nil {
		return err
	}
	if name == "runs" {
		return s.runs()
	}
	var value json.RawMessage
	if err := s.dec.Decode(&value); err != nil {
		return err
	}
	rest[name.(string)] = value
	if name == "schema" {
		return s.others(map[string]json.RawMessage{"schema": value})
	}
	return nil
}

func (s *scanner) runs() error {
	first, err := s.dec.Token()
	if err == nil && first != json.Delim('[') {
		return fmt.Errorf("result file %s: runs is %v: expected a list", s.path, first)
	}
	for err == nil && s.dec.More() {
		s.file.Runs = append(s.file.Runs, Run{})
		i := len(s.file.Runs) - 1
		if err = s.dec.Decode(&s.file.Runs[i]); err != nil {
			return s.explain(err, fmt.Sprintf("runs[%d]", i))
		}
		if s.trim != nil {
			s.trim(&s.file.Runs[i])
		}
	}
	if err == nil {
		_, err = s.dec.Token()
	}
	return err
}

// others decodes all but the runs.
func (s *scanner) others(members map[string]json.RawMessage) error {
	text, err := json.Marshal(members)
	if err == nil {
		err = json.Unmarshal(text, s.file)
	}
	if s.file.Schema != SchemaName {
		return wrongSchema(s.path, s.file.Schema)
	}
	return s.explain(err, "")
}

// explain says what is wrong with the value at a place. The end of the file is left for Scan to explain.
func (s *scanner) explain(err error, place string) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("result file %s is not JSON: %w at byte %d", s.path, syntax, syntax.Offset)
	case errors.As(err, &kind) && place == "":
		return fmt.Errorf("result file %s: %s is a %s: expected %s", s.path, kind.Field, kind.Value, kind.Type)
	case errors.As(err, &kind):
		return fmt.Errorf("result file %s: %s is a %s: expected %s (byte %d)", s.path, join(place, kind.Field), kind.Value, kind.Type, kind.Offset)
	}
	return err
}
