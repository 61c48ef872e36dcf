package result

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// A file whose names come in another order, as from jq --sort-keys, is the same result.
func TestScanReadsAnyOrder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sorted.json")
	content := `{"complete": true, "runs": [{"engine": "a/b"}, {"engine": "c/d"}], "scenario": "s", "schema": "doorbuster/result/v1"}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Scan(path, func(r *Run) { r.Engine += "!" })
	want := &File{Schema: SchemaName, Scenario: "s", Complete: true, Runs: []Run{{Engine: "a/b!"}, {Engine: "c/d!"}}}
	if err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestScanNamesThePlace(t *testing.T) {
	for content, want := range map[string]string{
		`{"runs": 5}`: "runs is 5: expected a list",
		`{"schema": "doorbuster/result/v1", "runs": [{}, {"units": {"supply": "x"}}]}`: "runs[1].units.supply is a string: expected int64",
		`{"schema": "doorbuster/result/v1", "demand": {"scale": "x"}}`:                 "demand.scale is a string: expected float64",
		`{"schema": "doorbuster/result/v1", "runs": [{]`:                               "is not JSON",
	} {
		path := filepath.Join(t.TempDir(), "bad.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Scan(path, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", content, err, want)
		}
	}
}

// A large file is read in the memory of what is kept of it. Its runs are fifty times as large as what trim leaves.
func TestScanKeepsLittle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.json")
	f := fileOf()
	for i := range 200 {
		r := sampleRun("memory/queue", func(r *Run) { r.Seed = uint64(i) })
		for range 2000 {
			r.Series.P99MS = append(r.Series.P99MS, 1.25)
			r.Series.Asked = append(r.Series.Asked, 1_000_000)
		}
		f.Runs = append(f.Runs, r)
	}
	if err := Write(path, f); err != nil {
		t.Fatal(err)
	}
	before := heap()
	f, err := Scan(path, func(r *Run) { r.Series = Series{} })
	if err != nil || len(f.Runs) != 200 {
		t.Fatal(err, len(f.Runs))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if kept := heap() - before; kept > info.Size()/10 {
		t.Errorf("%d bytes are kept of a file of %d", kept, info.Size())
	}
	runtime.KeepAlive(f)
	fmt.Fprintln(t.Output(), "bytes in the file:", info.Size())
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
