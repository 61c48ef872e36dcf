package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/doorbuster/doorbuster/reports"
	"github.com/doorbuster/doorbuster/sim/result"
)

type reportCommand struct {
	Result   []string `arg:"" help:"Result files, or folders with a result.json."`
	Out      string   `short:"o" placeholder:"FILE" help:"Where the page goes (default: report.html beside the first result, unless another output is asked for)."`
	Benchfmt string   `placeholder:"FILE" help:"Write Go benchmark results, which benchstat reads."`
	HGRM     string   `name:"hgrm" placeholder:"DIR" help:"Write the latency percentiles of each run as an .hgrm file."`
	Markdown string   `placeholder:"FILE" help:"Write a summary for a build's page."`
}

// Help is printed below the flags.
func (reportCommand) Help() string {
	return `Examples: two results side by side on one page, and what a build server shows:

  doorbuster report out/before out/after -o out/compared.html
  doorbuster report out/blackfriday --benchfmt out/bench.txt --hgrm out/hgrm --markdown out/summary.md`
}

// Run is called by kong.
func (c *reportCommand) Run(p process) error {
	var files []*result.File
	for _, name := range c.Result {
		f, err := readForReport(resultFile(name), p.err)
		if err != nil {
			return usageError{err}
		}
		files = append(files, f)
	}
	outputs := c.outputs(files)
	if err := checkOutputs(places(outputs)...); err != nil {
		return err
	}
	for _, o := range outputs {
		if err := writeWhole(o.path, o.write); err != nil {
			return err
		}
	}
	c.say(p.out)
	return nil
}

// A result of more than largeResult bytes is read without the series of all but the first seriesEach runs of each strategy: a report draws no more,
// and all of them together take several times the room of the file.
const (
	largeResult = 50 << 20
	seriesEach  = 4
)

func readForReport(path string, warn io.Writer) (*result.File, error) {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= largeResult {
		return result.Read(path)
	}
	fmt.Fprintf(warn, "doorbuster: %s has %d MB: charts over time are drawn for the first %d runs of each strategy\n", path, info.Size()>>20, seriesEach)
	seen := map[string]int{}
	return result.Scan(path, func(r *result.Run) {
		key := r.Mode + " " + r.Engine + "@" + r.Variant
		if seen[key]++; seen[key] > seriesEach {
			r.Series, r.Examples = result.Series{}, nil
			r.Shop.UpdateP99MS, r.Shop.Pending, r.Shop.Cancelled = nil, nil, nil
		}
	})
}

// written is an output and what goes into it.
type written struct {
	output
	write func(io.Writer) error
}

func places(all []written) (outputs []output) {
	for _, w := range all {
		outputs = append(outputs, w.output)
	}
	return outputs
}

// page is where the HTML goes; empty: nowhere, since something else was asked for.
func (c *reportCommand) page() string {
	if c.Out == "" && c.Benchfmt+c.HGRM+c.Markdown == "" {
		return filepath.Join(filepath.Dir(resultFile(c.Result[0])), "report.html")
	}
	return c.Out
}

func (c *reportCommand) outputs(files []*result.File) (all []written) {
	add := func(flag, path string, write func(io.Writer) error) {
		if path != "" {
			all = append(all, written{output{flag, path}, write})
		}
	}
	each := func(write func(io.Writer, *result.File) error) func(io.Writer) error {
		return func(w io.Writer) error {
			for _, f := range files {
				if err := write(w, f); err != nil {
					return err
				}
			}
			return nil
		}
	}
	add("--out", c.page(), func(w io.Writer) error { return reports.HTML(w, files) })
	add("--benchfmt", c.Benchfmt, each(reports.Benchfmt))
	add("--markdown", c.Markdown, func(w io.Writer) error { return reports.Markdown(w, files...) })
	if c.HGRM == "" {
		return all
	}
	for i, f := range files {
		dir := c.HGRM
		if len(files) > 1 {
			dir = filepath.Join(dir, fmt.Sprint(i+1)) // two results may have runs of one name
		}
		for j := range f.Runs {
			r := &f.Runs[j]
			add("--hgrm", filepath.Join(dir, reports.HGRMName(r)), func(w io.Writer) error { return reports.HGRM(w, r) })
		}
	}
	return all
}

func (c *reportCommand) say(w io.Writer) {
	for _, line := range [][2]string{{"report", c.page()}, {"bench", c.Benchfmt}, {"hgrm", c.HGRM}, {"summary", c.Markdown}} {
		if line[1] != "" {
			fmt.Fprintf(w, "%-7s %s\n", line[0], line[1])
		}
	}
}

// resultFile is the file that name means: itself, or the result in the folder of that name.
func resultFile(name string) string {
	if info, err := os.Stat(cmp.Or(name, ".")); err == nil && info.IsDir() {
		return filepath.Join(name, "result.json")
	}
	return name
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
