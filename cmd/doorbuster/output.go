package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/term"

	"github.com/doorbuster/doorbuster/reports"
	"github.com/doorbuster/doorbuster/sim/result"
)

// outputs are the files that a run leaves behind.
type outputs struct {
	dir   string
	junit string // empty: none
}

func (o outputs) result() string { return filepath.Join(o.dir, "result.json") }
func (o outputs) report() string { return filepath.Join(o.dir, "report.html") }

// check makes the folders and tries whether files can be written there: to learn it after the run would waste the run.
func (o outputs) check() error {
	if info, err := os.Stat(o.dir); err == nil && !info.IsDir() {
		return usagef("--out %s is a file: expected a folder for result.json and report.html", o.dir)
	}
	files := []output{{"--out", o.result()}, {"--out", o.report()}}
	if o.junit != "" {
		files = append(files, output{"--junit", o.junit})
	}
	return checkOutputs(files...)
}

// output is a file that is going to be written, and the flag that decides where.
type output struct{ flag, path string }

// checkOutputs finds out whether these files can be written. No folder is made before all names are known to be good.
func checkOutputs(files ...output) error {
	for _, f := range files {
		if isFolder(f.path) {
			return usagef("%s: %s is a folder: expected the name of a file", f.flag, f.path)
		}
	}
	for _, f := range files {
		if err := tryWrite(filepath.Dir(f.path)); err != nil {
			return usagef("%s: output folder %s can't be written: %w", f.flag, filepath.Dir(f.path), err)
		}
	}
	return nil
}

// isFolder says whether path is a folder, or says of itself that it should be one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() || os.IsPathSeparator(path[len(path)-1])
}

func tryWrite(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".doorbuster-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// deliver writes the files, prints the table and returns the verdict as an exit code.
func (o outputs) deliver(p process, f *result.File, thresholds []result.Threshold, interrupted bool) error {
	found := evaluate(f, thresholds)
	if err := o.write(f, found); err != nil {
		return err
	}
	if err := reports.Text(p.out, f, colours(p.out)); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "\nresult  %s\nreport  %s\n", o.result(), o.report())
	if o.junit != "" {
		fmt.Fprintf(p.out, "junit   %s\n", o.junit)
	}
	sayThresholds(p.out, found)
	if interrupted {
		fmt.Fprintln(p.err, "doorbuster: interrupted: the result is incomplete, its verdicts are unknown")
	}
	if code := verdict(f, found, interrupted); code != 0 {
		return exitError(code)
	}
	return nil
}

func (o outputs) write(f *result.File, thresholds []result.ThresholdResult) error {
	if err := result.Write(o.result(), f); err != nil {
		return err
	}
	if err := writeReport(o.report(), []*result.File{f}); err != nil {
		return err
	}
	if o.junit == "" {
		return nil
	}
	return writeWhole(o.junit, func(w io.Writer) error { return reports.JUnit(w, f, thresholds...) })
}

func writeReport(path string, files []*result.File) error {
	return writeWhole(path, func(w io.Writer) error { return reports.HTML(w, files) })
}

// writeWhole writes a file that appears whole or not at all.
func writeWhole(path string, content func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".doorbuster-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails once it is renamed, which is what we want
	if err := errors.Join(content(tmp), tmp.Chmod(0o644), tmp.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(tmp.Name(), path)
}

func evaluate(f *result.File, thresholds []result.Threshold) []result.ThresholdResult {
	var found []result.ThresholdResult
	for _, t := range thresholds {
		found = append(found, t.Evaluate(f)...)
	}
	return found
}

func sayThresholds(w io.Writer, found []result.ThresholdResult) {
	for _, r := range found {
		word := "met"
		if !r.OK {
			word = "NOT MET"
		}
		fmt.Fprintf(w, "threshold %s: %s: %s, found %s\n", r.Expr, cmp.Or(r.Engine, "engines that promise"), word, r.Actual)
	}
}

// verdict is the exit code that a result earns.
func verdict(f *result.File, thresholds []result.ThresholdResult, interrupted bool) int {
	failed, unproven := false, !f.Complete
	for _, r := range f.Runs {
		failed = failed || r.Verdict == result.Fail
		unproven = unproven || !r.Valid || r.Verdict == result.Unknown
	}
	switch {
	case interrupted:
		return exitInterrupted
	case failed:
		return exitFailed
	case unproven:
		return exitUnproven
	case slices.ContainsFunc(thresholds, func(r result.ThresholdResult) bool { return !r.OK }):
		return exitThreshold
	}
	return 0
}

// colours says whether w shows them.
func colours(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
