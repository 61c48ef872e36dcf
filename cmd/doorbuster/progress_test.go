package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/sim"
)

func halfway() *meter {
	m := &meter{runs: map[int]sim.Progress{}}
	m.update(sim.Progress{Engine: "memory/queue", Run: 2, Runs: 4, Seed: 1, Day: 0.25, Operations: 1_500_000})
	m.update(sim.Progress{Engine: "memory/queue", Run: 2, Runs: 4, Seed: 1, Day: 0.5, Operations: 2_000_000})
	m.update(sim.Progress{Engine: "memory/naive", Run: 0, Runs: 4, Seed: 1, Day: 1, Done: true})
	m.update(sim.Progress{Engine: "memory/naive", Run: 1, Runs: 4, Seed: 2, Control: true, Day: 0.5})
	return m
}

func TestStateSumsTheLatestOfEachRun(t *testing.T) {
	running, total := halfway().state()
	if len(running) != 2 || running[0].name() != "memory/naive seed 2 (control)" || running[1].Day != 0.5 {
		t.Errorf("running %v, want naive seed 2 and queue", running)
	}
	if total.done != 1 || total.runs != 4 || total.share() != 0.5 {
		t.Errorf("total %+v (%v), want 1 of 4 done and half of the work", total, total.share())
	}
	if got := total.timing(10 * time.Second); got != "10s, about 10s left" {
		t.Errorf("timing %q", got)
	}
}

func TestPlainLine(t *testing.T) {
	running, total := halfway().state()
	got := plainLine(running, total, 10*time.Second)
	want := " 50 %  1 of 4 runs done (10s, about 10s left)  memory/naive seed 2 (control) 50 %, memory/queue seed 1 50 %"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDrawingReplacesWhatWasDrawn(t *testing.T) {
	m := halfway()
	var screen bytes.Buffer
	m.w, m.live = &screen, true
	m.draw(time.Second)
	first := screen.String()
	for _, part := range []string{"naive seed 2 (control)", " 50 %  2.0M operations", "1 of 4 runs done"} {
		if !strings.Contains(first, part) {
			t.Errorf("%q lacks %q", first, part)
		}
	}
	screen.Reset()
	m.draw(2 * time.Second)
	if got := screen.String(); !strings.HasPrefix(got, "\x1b[3A\x1b[J") {
		t.Errorf("second drawing %q doesn't take back the first one's 3 lines", got)
	}
	screen.Reset()
	m.erase()
	m.erase()
	if got := screen.String(); got != "\x1b[3A\x1b[J" {
		t.Errorf("erased %q, want 3 lines, once", got)
	}
}

func TestFitCutsLinesBeforeTheyWrap(t *testing.T) {
	if got := fit([]string{"██████", "ab"}, 5); got != "████\nab\n" {
		t.Errorf("got %q", got)
	}
}
