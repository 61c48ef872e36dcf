package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// problem is something that one or more runs have in common and that keeps them from proving anything.
type problem struct {
	word, color, text string
	runs              []string
}

// problems lists why runs are invalid or were stopped, each reason once, and then the checks that failed or are unknown.
func (t *terminal) problems(f *result.File) {
	var all []problem
	add := func(run, word, color, text string) {
		i := slices.IndexFunc(all, func(p problem) bool { return p.word == word && p.text == text })
		if i < 0 {
			i = len(all)
			all = append(all, problem{word: word, color: color, text: text})
		}
		all[i].runs = append(all[i].runs, run)
	}
	for i := range f.Runs {
		r := &f.Runs[i]
		name := runName(f, r)
		for _, why := range invalidity(r) {
			add(name, "invalid", yellow, why)
		}
		if r.Error != "" {
			add(name, "stopped", red, firstLine(r.Error))
		}
		for _, warning := range r.Warnings {
			add(name, "warning", yellow, warning)
		}
	}
	for _, p := range all {
		t.line("%s: %s: %s", p.names(len(f.Runs)), t.paint(p.color, p.word), printable(p.text))
	}
	for i := range f.Runs {
		t.failed(f, &f.Runs[i])
	}
}

// names lists the runs, unless it is all of them.
func (p problem) names(of int) string {
	if len(p.runs) == of && of > 1 {
		return fmt.Sprintf("all %d runs", of)
	}
	return listed(p.runs)
}

// failed lists the checks that a run failed or left unknown, with the command that shows it again. A run that was cut short leaves
// all of its checks unknown: those aren't listed.
func (t *terminal) failed(f *result.File, r *result.Run) {
	replay := ""
	for _, c := range r.Checks {
		if !(c.Verdict == result.Fail && c.Promised) && (c.Verdict != result.Unknown || !r.Complete) {
			continue
		}
		if c.Replay != replay && replay != "" {
			t.line("    %s", printable(replay))
		}
		replay = c.Replay
		t.line("%s: %s: %s: %s", runName(f, r), printable(c.Name), t.paint(verdictColor(c.Verdict), strings.ToUpper(c.Verdict)), printable(c.Detail))
	}
	if replay != "" {
		t.line("    %s", printable(replay))
	}
}

// unpromised lists, by check, the runs that failed it without having promised to pass. Their detail is in the page.
func (t *terminal) unpromised(f *result.File) {
	var checks []string
	engines := map[string][]string{}
	for _, r := range f.Runs {
		for _, c := range r.Checks {
			if c.Verdict != result.Fail || c.Promised {
				continue
			}
			if engines[c.Name] == nil {
				checks = append(checks, c.Name)
			}
			if name := printable(r.Engine); !slices.Contains(engines[c.Name], name) {
				engines[c.Name] = append(engines[c.Name], name)
			}
		}
	}
	for _, check := range checks {
		t.line("failed and not promised: %s: %s", printable(check), listed(engines[check]))
	}
}

// runName names a run, with its seed where there are several.
func runName(f *result.File, r *result.Run) string {
	return printable(strings.TrimSpace(r.Engine+" "+r.Variant)) + seedIfSeveral(f, r)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
