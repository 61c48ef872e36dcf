package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// TestLargeResultsAreReadInPart writes a result just beyond largeResult, and one far below it.
func TestLargeResultsAreReadInPart(t *testing.T) {
	large, small := filepath.Join(t.TempDir(), "large.json"), filepath.Join(t.TempDir(), "small.json")
	f := &result.File{Schema: result.SchemaName}
	for seed := range uint64(seriesEach + 2) {
		f.Runs = append(f.Runs, result.Run{Engine: "m/a", Seed: seed, Series: result.Series{Asked: []int64{1, 2}}})
	}
	if err := result.Write(small, f); err != nil {
		t.Fatal(err)
	}
	f.About = strings.Repeat("a", largeResult)
	if err := result.Write(large, f); err != nil {
		t.Fatal(err)
	}
	for path, with := range map[string]int{small: seriesEach + 2, large: seriesEach} {
		var said bytes.Buffer
		got, err := readForReport(path, &said)
		if err != nil {
			t.Fatal(err)
		}
		if warned := strings.Contains(said.String(), "has 50 MB: charts over time are drawn for the first 4 runs"); warned != (path == large) {
			t.Errorf("%s: said %q", filepath.Base(path), said.String())
		}
		for i := range got.Runs {
			if has := got.Runs[i].Series.Asked != nil; has != (i < with) {
				t.Errorf("%s: run %d has a series: %t", filepath.Base(path), i, has)
			}
		}
	}
	if _, err := readForReport(filepath.Join(t.TempDir(), "none.json"), &bytes.Buffer{}); err == nil {
		t.Error("a file that is not there was read")
	}
}
