package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func TestVerdictTakesTheFirstThatApplies(t *testing.T) {
	good := result.Run{Valid: true, Verdict: result.Pass}
	failed := result.Run{Valid: true, Verdict: result.Fail}
	invalid := result.Run{Verdict: result.Pass}
	unknown := result.Run{Valid: true, Verdict: result.Unknown}
	tests := []struct {
		name        string
		runs        []result.Run
		incomplete  bool
		notMet      bool
		interrupted bool
		want        int
	}{
		{name: "all well", runs: []result.Run{good, good}, want: 0},
		{name: "threshold", runs: []result.Run{good}, notMet: true, want: exitThreshold},
		{name: "invalid before threshold", runs: []result.Run{good, invalid}, notMet: true, want: exitUnproven},
		{name: "unknown", runs: []result.Run{unknown}, want: exitUnproven},
		{name: "incomplete", runs: []result.Run{good}, incomplete: true, want: exitUnproven},
		{name: "failed before invalid", runs: []result.Run{invalid, failed}, want: exitFailed},
		{name: "interrupted before failed", runs: []result.Run{failed}, interrupted: true, want: exitInterrupted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &result.File{Complete: !tt.incomplete, Runs: tt.runs}
			thresholds := []result.ThresholdResult{{OK: true}, {OK: !tt.notMet}}
			if got := verdict(f, thresholds, tt.interrupted); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
}

func TestWriteWholeLeavesTheOldFileWhenItFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	full := func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }
	if err := writeWhole(path, full); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut short")
	err := writeWhole(path, func(w io.Writer) error { return errors.Join(full(w), cut) })
	if !errors.Is(err, cut) {
		t.Errorf("got %v, want %v", err, cut)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "whole" {
		t.Errorf("got %q, %v; want the first file untouched", text, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("got %v, %v; want nothing half-written beside the file", files, err)
	}
}
