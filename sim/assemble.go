package sim

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// assemble makes one file of the runs.
func assemble(o *Options, jobs []job, runs []result.Run) *result.File {
	control(o, jobs, runs)
	sc, d := o.Scenario, theDay(jobs)
	f := &result.File{
		Schema: result.SchemaName, Scenario: sc.Name, About: sc.About, Complete: true, Card: card(o), Runs: runs, Summaries: summarize(runs),
		Demand: result.Demand{
			Scale: d.Scale, SKUs: len(d.Opening), SKUsAtScale1: sc.SKUs, DayS: d.Length.Seconds(),
			Baseline: sc.Demand.Spike.Baseline, SpikeFactor: sc.Demand.Spike.Factor,
			SpikeFromS: (sc.Demand.Spike.At - sc.Demand.Spike.Ramp).Seconds(),
			SpikeToS:   (sc.Demand.Spike.At + sc.Demand.Spike.Hold + 2*sc.Demand.Spike.HalfLife).Seconds(),
			HotShare:   d.HotShare, HotShareAtScale1: d.HotShareAtScale1, Source: "synthetic",
			HoldPolicy: sc.Holds.Policy, Sync: syncInWords(sc), Storage: storageInWords(o), StorageSource: sc.Storage.Source,
			Control: sc.Control, Pressure: sc.Pressure, ConfigHash: sc.Hash(), Idealisations: sc.Idealised,
		},
	}
	f.Published = published(sc, runs)
	for _, hot := range d.Hot {
		if hot {
			f.Demand.HotSKUs++
		}
	}
	for i := range runs {
		f.Complete = f.Complete && runs[i].Complete
	}
	if o.Orders != nil {
		replayed(f, o)
	} else {
		sampled(f, d)
	}
	for i := range jobs {
		if jobs[i].fit != nil {
			f.Warnings = append(f.Warnings, jobs[i].fit.warning())
			break
		}
	}
	f.Warnings = append(f.Warnings, o.Warnings...)
	return f
}

// theDay is what the file as a whole describes: the virtual runs' demand, if there are any.
func theDay(jobs []job) *workload.Demand {
	for i := range jobs {
		if jobs[i].fit == nil && !jobs[i].control {
			return jobs[i].demand
		}
	}
	return jobs[0].demand
}

// replayed describes a day that comes from a log: the scenario's spike isn't in it.
func replayed(f *result.File, o *Options) {
	l := o.Orders
	f.Demand.Source = l.Name
	f.Demand.SKUsAtScale1 = len(l.SKUs)
	f.Demand.Baseline, f.Demand.SpikeFactor = fmt.Sprintf("the log's own rate, each order %d times", max(1, o.Amplify)), float64(max(1, o.Amplify))
	f.Demand.SpikeFromS, f.Demand.SpikeToS = 0, 0
	f.Demand.DayS = (l.Span()).Seconds()
	if l.BadCount > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%s: %d of %d rows could not be used.", l.Name, l.BadCount, l.Rows))
	}
}

// sampled warns where fewer SKUs make the doorbusters weigh more or less than in the whole shop.
func sampled(f *result.File, d *workload.Demand) {
	if diff := d.HotShare - d.HotShareAtScale1; diff > 0.05 || diff < -0.05 {
		f.Warnings = append(f.Warnings, fmt.Sprintf(
			"At scale %g doorbusters are %.0f %% of the lines asked for; at scale 1 they are %.0f %%.", d.Scale, 100*d.HotShare, 100*d.HotShareAtScale1))
	}
}

func storageInWords(o *Options) string {
	s := o.Scenario.Storage
	return fmt.Sprintf("%s: %v network, %v service (%s) on %d servers, %v a row written, %d connections, %s locks",
		s.Profile, s.RTT, s.Service, s.Distribution, s.Servers, s.RowWrite, s.Pool, s.Handoff)
}

// card says where the result was made.
func card(o *Options) result.Card {
	return result.Card{
		Commit: o.Commit, Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpu(), Cores: runtime.NumCPU(),
		Started: time.Now().UTC().Format(time.RFC3339), Command: o.Command, Servers: o.Servers,
	}
}

// cpu is the processor's name where the system tells it.
func cpu() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// syncInWords names how the marketplaces are synchronised, each kind once.
func syncInWords(sc *scenarios.Scenario) string {
	var kinds []string
	for _, variant := range sc.Whole() {
		for _, c := range variant.Channels {
			if c.Kind == scenarios.Marketplace && !slices.Contains(kinds, c.Sync) {
				kinds = append(kinds, c.Sync)
			}
		}
	}
	return strings.Join(kinds, ", ")
}
