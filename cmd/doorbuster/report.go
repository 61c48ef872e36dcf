package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/doorbuster/doorbuster/sim/result"
)

type reportCommand struct {
	Result []string `arg:"" help:"Result files, or folders with a result.json."`
	Out    string   `short:"o" placeholder:"FILE" help:"Where the report goes (default: report.html beside the first result)."`
}

// Help is printed below the flags.
func (reportCommand) Help() string {
	return `Example: two results side by side on one page:

  doorbuster report out/before out/after -o out/compared.html`
}

// Run is called by kong.
func (c *reportCommand) Run(p process) error {
	var files []*result.File
	for _, name := range c.Result {
		f, err := result.Read(resultFile(name))
		if err != nil {
			return usageError{err}
		}
		files = append(files, f)
	}
	out := c.Out
	if out == "" {
		out = filepath.Join(filepath.Dir(resultFile(c.Result[0])), "report.html")
	}
	if err := checkOutputs(output{"--out", out}); err != nil {
		return err
	}
	if err := writeReport(out, files); err != nil {
		return err
	}
	fmt.Fprintln(p.out, "report ", out)
	return nil
}

// resultFile is the file that name means: itself, or the result in the folder of that name.
func resultFile(name string) string {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return filepath.Join(name, "result.json")
	}
	return name
}
