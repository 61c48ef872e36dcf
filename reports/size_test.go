package reports

import (
	"io"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// fourSeeds is the fixture's ten strategies, each on four seeds: 40 runs with a full day of minutes.
func fourSeeds(t testing.TB) *result.File {
	t.Helper()
	f := fixture(t)
	for seed := uint64(2); seed <= 4; seed++ {
		for _, r := range f.Runs[:len(fixtureStrategies)] {
			r.Seed = seed
			f.Runs = append(f.Runs, r)
		}
	}
	return f
}

// countingWriter counts what is written to it.
type countingWriter int

func (c *countingWriter) Write(p []byte) (int, error) {
	*c += countingWriter(len(p))
	return len(p), nil
}

func TestPageOfFortyRunsIsSmall(t *testing.T) {
	f := fourSeeds(t)
	if len(f.Runs) != 40 || len(f.Runs[39].Series.Asked) != 1440 {
		t.Fatalf("%d runs of %d intervals: want 40 of 1440", len(f.Runs), len(f.Runs[39].Series.Asked))
	}
	var size countingWriter
	if err := HTML(&size, []*result.File{f}); err != nil {
		t.Fatal(err)
	}
	if size > 3_000_000 {
		t.Errorf("the page has %d bytes: want at most 3 000 000", size)
	}
	t.Logf("%d bytes", size)
}

// BenchmarkPageOfFortyRuns is meant to take less than a second.
func BenchmarkPageOfFortyRuns(b *testing.B) {
	f := fourSeeds(b)
	for b.Loop() {
		if err := HTML(io.Discard, []*result.File{f}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPageOfVeryManyRunsDrawsSome(t *testing.T) {
	f := fourSeeds(t)
	if strings.Contains(pageOf(t, f), "on a page of so many runs") {
		t.Error("40 runs are too many to draw")
	}
	more := f.Runs[0]
	more.Seed = 5
	f.Runs = append(f.Runs, more)
	page := pageOf(t, f)
	if n := strings.Count(page, "on a page of so many runs the first 4 of each strategy have some"); n != 1 {
		t.Errorf("%d of 41 runs are said to have no charts: want the fifth of naive alone", n)
	}
	if n := strings.Count(page, `: orders a second over time"`); n != 2*40 {
		t.Errorf("%d drawings of orders a second: want two for each of 40 runs", n)
	}
}
