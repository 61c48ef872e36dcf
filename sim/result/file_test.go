package result

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestWriteThenReadGivesTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.json")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again.json")
	if err := Write(again, got); err != nil {
		t.Fatal(err)
	}
	first, second := bytesOf(t, path), bytesOf(t, again)
	if !bytes.Equal(first, second) {
		t.Error("a result read and written again differs")
	}
	if got.Runs[1].Units.Stranded != 120 || got.Runs[0].Units.Oversold.Max != 12 {
		t.Errorf("figures were lost: %+v", got.Runs[1].Units)
	}
}

func TestWriteIsExplicit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.json")
	f := sample()
	if err := Write(path, f); err != nil {
		t.Fatal(err)
	}
	text := string(bytesOf(t, path))
	for _, want := range []string{`"stranded": 0`, `"invalid": []`, `"servers": {}`, `"refused_by": {}`, `"asked": []`, `"story": []`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not written", want)
		}
	}
	if strings.Contains(text, "null") {
		t.Error("a null is written")
	}
	if f.Warnings != nil || f.Runs[0].Examples[0].Story != nil {
		t.Error("Write changed the caller's file")
	}
}

func TestWriteLeavesNothingHalfWritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	before := bytesOf(t, path)
	bad := sample()
	bad.Runs[2].Rates.FillRate = math.NaN()
	err := Write(path, bad)
	if err == nil || !strings.Contains(err.Error(), "runs[2].rates.fill_rate is NaN") {
		t.Errorf("error %v does not say where the NaN is", err)
	}
	if !bytes.Equal(before, bytesOf(t, path)) {
		t.Error("the old file was touched")
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "taken"), sample()); err == nil {
		t.Error("a folder was overwritten")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%v left in the folder, %v: want result.json and taken", left, err)
	}
}

func TestWriteNamesAMissingFolder(t *testing.T) {
	err := Write(filepath.Join(t.TempDir(), "no", "result.json"), sample())
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "result.json") {
		t.Errorf("got %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.json")
	if err := Write(good, sample()); err != nil {
		t.Fatal(err)
	}
	text := string(bytesOf(t, good))
	middle := text[:strings.Index(text, `"stranded": 120`)+5]
	for name, c := range map[string]struct{ content, want string }{
		"truncated": {middle, "ends after " + itoa(len(middle)) + " bytes in the middle of runs[1].units.held_beyond_peak"},
		"cut":       {`{"schema": "doorbuster/result/v1", "runs": [{}, {"engine": "a`, "in the middle of runs[1].engine"},
		"empty":     {"", "is empty: expected doorbuster/result/v1"},
		"text":      {"engine,units\n", "is not JSON: invalid character 'e'"},
		"foreign":   {`{"schema": "k6/summary", "runs": 5}`, `is not a doorbuster result: schema is "k6/summary", expected doorbuster/result/v1`},
		"list":      {`[1, 2]`, "it has no schema"},
		"nothing":   {`{}`, "it has no schema"},
		"newer":     {`{"schema": "doorbuster/result/v2", "runs": {}}`, "was made by a newer doorbuster: doorbuster/result/v2; this one reads v1"},
		"tenth":     {`{"schema": "doorbuster/result/v10"}`, "newer doorbuster"},
		"type":      {`{"schema": "doorbuster/result/v1", "runs": [{"events": "many"}]}`, "runs[0].events is a string: expected int64"},
		"trailing":  {text + "{}", "something follows the end of the result"},
	} {
		path := filepath.Join(t.TempDir(), name+".json")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v\nwant the file's name and %q", name, err, c.want)
		}
	}
}

func TestReadRefusesAHugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(MaxBytes + 1); err != nil { // sparse: takes no room
		t.Skip("this file system has no sparse files:", err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "larger than 1073741824 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestReadIgnoresWhatItDoesNotKnow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "more.json")
	content := `{"schema": "doorbuster/result/v1", "later": [1], "runs": [{"engine": "a/b", "shade": "red"}]}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Read(path)
	if err != nil || !reflect.DeepEqual(f.Runs, []Run{{Engine: "a/b"}}) {
		t.Errorf("got %+v, %v", f, err)
	}
}
