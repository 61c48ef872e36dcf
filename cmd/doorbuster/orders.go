package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/doorbuster/doorbuster/sim/workload"
)

const maxAmplify = 1000

// orderFlags make a real order log the demand.
type orderFlags struct {
	Orders  string `placeholder:"FILE" help:"Replay an order log, CSV or CSV.gz, instead of drawing shoppers."`
	Columns string `placeholder:"K=NAME,…" help:"Which columns the log keeps what in: time=…,order=…,sku=…,quantity=…"`
	Amplify int    `placeholder:"K" default:"1" help:"How many times each logged order comes, within a minute of its own time (default 1)."`
	Strict  bool   `help:"Refuse a log with bad rows instead of leaving them out."`
}

func (o orderFlags) check() error {
	switch {
	case o.Orders == "" && (o.Columns != "" || o.Amplify != 1 || o.Strict):
		return errors.New("--columns, --amplify and --strict belong to an order log: expected --orders FILE with them")
	case o.Orders != "" && o.Columns == "":
		return errors.New("--orders without --columns: expected --columns time=NAME,order=NAME,sku=NAME,quantity=NAME with the names of the log's columns")
	case o.Amplify < 1 || o.Amplify > maxAmplify:
		return fmt.Errorf("--amplify %d: expected 1 to %d", o.Amplify, maxAmplify)
	}
	return nil
}

// read returns the log, or nil if there is none to replay. What was left out of it is said on w.
func (o orderFlags) read(w io.Writer) (*workload.Log, error) {
	if o.Orders == "" {
		return nil, nil
	}
	columns, err := workload.ParseColumns(o.Columns)
	if err != nil {
		return nil, fmt.Errorf("--columns: %w", err)
	}
	f, err := os.Open(o.Orders)
	if err != nil {
		return nil, fmt.Errorf("order log: %w", err)
	}
	defer f.Close()
	log, err := workload.ReadLog(o.Orders, f, columns, o.Strict)
	if err == nil {
		sayBadRows(w, log)
	}
	return log, err
}

// sayBadRows says what was left out of the log: all of it counted, the first of it shown.
func sayBadRows(w io.Writer, log *workload.Log) {
	if log.BadCount == 0 {
		return
	}
	fmt.Fprintf(w, "%s: %d of %d rows left out (--strict refuses them)\n", log.Name, log.BadCount, log.Rows)
	for i := range log.Bad {
		fmt.Fprintf(w, "  %s:%v\n", log.Name, &log.Bad[i])
	}
	if more := log.BadCount - len(log.Bad); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}
