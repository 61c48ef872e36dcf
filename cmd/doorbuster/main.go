/*
Doorbuster finds out which way of keeping inventory oversells under a Black Friday, what it costs and how fast it is.

	doorbuster run SCENARIO       run every engine through a scenario, judge it, write a report
	doorbuster list scenarios     what can be run
	doorbuster list engines       what it can be run on
	doorbuster report RESULT…     report again from result files, side by side
	doorbuster sweep SCENARIO     run it under a grid of settings, and say which to choose
	doorbuster compare OLD NEW    say whether one result is better or worse than another
	doorbuster merge RESULT…      make one result of parts or shards
	doorbuster serve              serve an engine over HTTP

Each command explains its flags with --help.

# Running

	doorbuster run blackfriday
	doorbuster run blackfriday --engine memory/naive,memory/optimistic --runs 5
	doorbuster run blackfriday --set holds.policy=cart --out out/cart
	doorbuster run ./my-scenario.yaml --threshold 'rates.cancellation < 0.0004' --junit out/junit.xml
	doorbuster run blackfriday --engine 'postgres/*' --require postgres --duration 10s
	doorbuster run blackfriday --orders orders.csv.gz --columns time=Date,order=Invoice,sku=Article,quantity=Qty --amplify 12

SCENARIO is the name of a scenario that comes with doorbuster, or a YAML file. Its own list of engines is run unless
--engine names others; names are backend/strategy, patterns such as memory/* and the word all work too. Every engine
meets the same demand, which the seed decides: the same seed gives the same result.

Engines in memory run in simulated time; a day passes in seconds, and its figures are marked simulated. Engines on a server
run in real time, one after the other, and so do all with --mode wall: the day is compressed into --duration, its timers included, and its
figures are marked measured. The server is the one that DOORBUSTER_POSTGRES or DOORBUSTER_REDIS names, or a private one that is started
from the binaries on this machine and goes away at the end. The folder given by --out gets result.json, which everything can be reported from again, and report.html.

Ctrl-C ends a run early: what was found until then is written, marked incomplete, and judged unknown.
A second Ctrl-C ends it at once, wherever it is.

# Exit codes

The first that applies:

	130  interrupted
	3    an engine failed, by its own fault, a check that it promises to pass
	4    a run was invalid (it proves nothing) or its verdict is unknown
	99   a threshold failed, or a comparison found what it was to fail on
	0    none of these
	2    before a run: wrong usage, a bad input file, a server that can't be used, an output folder that can't be written
	1    anything else

Thresholds apply to the engines that promise not to oversell, unless one names its engine.
*/
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes, but for 0.
const (
	exitOther       = 1
	exitUsage       = 2
	exitFailed      = 3
	exitUnproven    = 4
	exitThreshold   = 99
	exitInterrupted = 130
)

// commit is set by the Makefile, since a build may not be allowed to ask git.
var commit string

type commands struct {
	Run    runCommand    `cmd:"" help:"Run engines through a scenario, judge them and write a report."`
	List   listCommand   `cmd:"" help:"List the scenarios or the engines that there are."`
	Report reportCommand `cmd:"" help:"Report again from result files, side by side."`

	Compare compareCommand `cmd:"" help:"Say whether one result is better or worse than another."`
	Sweep   sweepCommand   `cmd:"" help:"Run a scenario under a grid of settings, and say which to choose."`
	Merge   mergeCommand   `cmd:"" help:"Make one result of parts or shards."`
	Serve   serveCommand   `cmd:"" help:"Serve an engine over HTTP, for load generators of any kind."`
}

// exitError is the verdict of a command that did its work and has said so.
type exitError int

func (c exitError) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// usageError is something that the caller can put right before a run.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// process is what a command has of its process: the arguments as typed, and where to write. What was asked for goes
// to out, all else to err.
type process struct {
	args     []string
	out, err io.Writer
}

func main() { os.Exit(mainCode()) }

func mainCode() int {
	if os.Getenv("GOGC") == "" {
		// A day is a few large tables without pointers and next to no garbage: to collect it early costs nothing, and keeps it small.
		debug.SetGCPercent(20)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal is ours; the second ends the process at once
	err := execute(ctx, process{os.Args[1:], os.Stdout, os.Stderr})
	var code exitError
	if err != nil && !errors.As(err, &code) {
		fmt.Fprintln(os.Stderr, "doorbuster:", err)
	}
	return codeOf(err)
}

// execute parses the command line and runs the command it names.
func execute(ctx context.Context, p process) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("doorbuster"),
		kong.Description("Finds out which way of keeping inventory oversells under a Black Friday, what it costs and how fast it is."),
		kong.Writers(p.out, p.err), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p),
		kong.WithHyphenPrefixedParameters(true), // --runs -1 is a wrong number, not an unknown flag
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}))
	if err != nil {
		return err
	}
	call, err := parser.Parse(p.args)
	if err != nil {
		return usageError{fmt.Errorf("%w (see %s --help)", err, whereHelpIs(err))}
	}
	return call.Run()
}

// whereHelpIs is the command that a wrong command line got as far as.
func whereHelpIs(err error) string {
	wrong := new(kong.ParseError)
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		return "doorbuster " + wrong.Context.Selected().Path()
	}
	return "doorbuster"
}

func codeOf(err error) int {
	var code exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, new(usageError)):
		return exitUsage
	}
	return exitOther
}
