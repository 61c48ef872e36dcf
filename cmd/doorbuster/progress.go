package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/doorbuster/doorbuster/sim"
)

const (
	quiet     = 2 * time.Second        // what is over sooner shows no progress
	redraw    = 250 * time.Millisecond // on a terminal
	sayAgain  = 5 * time.Second        // elsewhere
	barLength = 16
)

// meter shows how far the runs are: a few lines that are drawn again and again on a terminal, now and then a line elsewhere.
type meter struct {
	w       io.Writer
	of      string // what is counted; empty: runs
	live    bool   // a terminal, and one that understands cursor movements
	started time.Time
	quit    chan struct{}
	gone    chan struct{}

	mu    sync.Mutex
	runs  map[int]sim.Progress // by number
	drawn int                  // lines on the terminal that the next drawing replaces; touched by show's goroutine only
}

func startMeter(w io.Writer) *meter {
	m := &meter{
		w: w, live: isTerminal(w) && os.Getenv("TERM") != "dumb", started: time.Now(),
		quit: make(chan struct{}), gone: make(chan struct{}), runs: map[int]sim.Progress{},
	}
	go m.show()
	return m
}

// update is called by the runs, often and from several goroutines.
func (m *meter) update(p sim.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs[p.Run] = p
}

// stop takes the lines off the terminal.
func (m *meter) stop() {
	close(m.quit)
	<-m.gone
}

func (m *meter) show() {
	defer close(m.gone)
	every := sayAgain
	if m.live {
		every = redraw
	}
	next := time.NewTimer(quiet)
	defer next.Stop()
	for {
		select {
		case <-m.quit:
			m.erase()
			return
		case now := <-next.C:
			m.draw(now.Sub(m.started))
			next.Reset(every)
		}
	}
}

func (m *meter) erase() {
	if m.drawn > 0 {
		fmt.Fprintf(m.w, "\x1b[%dA\x1b[J", m.drawn)
		m.drawn = 0
	}
}

func (m *meter) draw(elapsed time.Duration) {
	running, total := m.state()
	if !m.live {
		fmt.Fprintln(m.w, plainLine(running, total, elapsed))
		return
	}
	lines := make([]string, 0, len(running)+1)
	for _, r := range running {
		lines = append(lines, fmt.Sprintf("%-30s %s  %.1fM operations", r.name(), bar(r.Day), float64(r.Operations)/1e6))
	}
	lines = append(lines, fmt.Sprintf("%-30s %s  %s", total.counts(), bar(total.share()), total.timing(elapsed)))
	m.erase()
	fmt.Fprint(m.w, fit(lines, m.width()))
	m.drawn = len(lines)
}

// fit cuts lines to the terminal: one that wrapped would break the count of those to replace.
func fit(lines []string, width int) string {
	var b strings.Builder
	for _, l := range lines {
		if r := []rune(l); len(r) > width-1 {
			l = string(r[:max(width-1, 0)])
		}
		b.WriteString(l + "\n")
	}
	return b.String()
}

func (m *meter) width() int {
	if f, ok := m.w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// run is one that is on its way.
type run sim.Progress

func (r run) name() string {
	name := fmt.Sprintf("%s seed %d", r.Engine, r.Seed)
	if r.Control {
		name += " (control)"
	}
	return name
}

type total struct {
	runs, done int
	days       float64 // simulated, of all runs
	of         string
}

func (t total) counts() string { return fmt.Sprintf("%d of %d %s done", t.done, t.runs, t.of) }

func (t total) share() float64 { return min(t.days/float64(max(t.runs, 1)), 1) }

// timing says how long it took and, once that can be told from a twentieth of the work, how long it will take.
func (t total) timing(elapsed time.Duration) string {
	text := elapsed.Round(time.Second).String()
	if s := t.share(); s >= 0.05 {
		left := time.Duration(float64(elapsed) * (1 - s) / s)
		text += fmt.Sprintf(", about %s left", left.Round(time.Second))
	}
	return text
}

// state is what is running, in order, and the sum of everything.
func (m *meter) state() ([]run, total) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var running []run
	t := total{of: cmp.Or(m.of, "runs")}
	for _, p := range m.runs {
		t.runs = max(t.runs, p.Runs)
		if p.Done {
			t.done++
			t.days++
			continue
		}
		t.days += p.Day
		running = append(running, run(p))
	}
	slices.SortFunc(running, func(a, b run) int { return cmp.Compare(a.Run, b.Run) })
	return running, t
}

func plainLine(running []run, t total, elapsed time.Duration) string {
	parts := make([]string, len(running))
	for i, r := range running {
		parts[i] = fmt.Sprintf("%s %.0f %%", r.name(), 100*r.Day)
	}
	return fmt.Sprintf("%3.0f %%  %s (%s)  %s", 100*t.share(), t.counts(), t.timing(elapsed), strings.Join(parts, ", "))
}

func bar(share float64) string {
	full := min(max(int(share*barLength), 0), barLength)
	return fmt.Sprintf("%s%s %3.0f %%", strings.Repeat("█", full), strings.Repeat("░", barLength-full), 100*share)
}
