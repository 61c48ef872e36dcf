package doorbuster_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/doorbuster/doorbuster/engines/memory"
)

// step is one step of an action or a workflow.
type step struct {
	ID, Name, Uses, Shell, Run, If string
	Env                            map[string]string
	With                           map[string]string
}

type action struct {
	Inputs map[string]struct {
		Description string
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	if err := yaml.UnmarshalWithOptions([]byte(read(t, "action.yml")), &a, yaml.Strict(), yaml.AllowFieldPrefixes("name", "description")); err != nil {
		t.Fatal(err)
	}
	return a
}

// runner does what GitHub's does with a composite action: it fills in expressions and runs the shell steps, each with files for outputs and the summary.
type runner struct {
	dir     string
	inputs  map[string]string
	outputs map[string]string        // as steps.run.outputs.code
	took    map[string]time.Duration // processor time of each step that has an ID
	summary string
	said    string
}

var expression = regexp.MustCompile(`\$\{\{ *([a-z][\w.-]*) *\}\}`)

func (r *runner) fill(t *testing.T, text string) string {
	t.Helper()
	filled := expression.ReplaceAllStringFunc(text, func(e string) string {
		name := expression.FindStringSubmatch(e)[1]
		input, isInput := strings.CutPrefix(name, "inputs.")
		switch {
		case isInput:
			value, known := r.inputs[input]
			if !known {
				t.Errorf("%s: there is no such input", e)
			}
			return value
		case name == "github.action_path":
			wd, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			return wd
		case name == "runner.temp":
			return filepath.Join(r.dir, "temp")
		case strings.HasPrefix(name, "steps."):
			return r.outputs[name]
		}
		t.Errorf("the test doesn't know %s", e)
		return ""
	})
	if strings.Contains(filled, "${{") {
		t.Errorf("%s: an expression that the test can't read", text)
	}
	return filled
}

// run runs the steps until one fails, and returns the code of that.
func (r *runner) run(t *testing.T, a action) int {
	t.Helper()
	for _, dir := range []string{"temp", "work"} {
		if err := os.MkdirAll(filepath.Join(r.dir, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range a.Runs.Steps {
		if s.Run == "" {
			continue
		}
		if code := r.step(t, s); code != 0 {
			return code
		}
	}
	return 0
}

func (r *runner) step(t *testing.T, s step) int {
	t.Helper()
	script, output, summary := filepath.Join(r.dir, "step.sh"), filepath.Join(r.dir, "output"), filepath.Join(r.dir, "summary")
	for file, text := range map[string]string{script: s.Run, output: "", summary: ""} {
		write(t, file, text)
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
	cmd.Dir = filepath.Join(r.dir, "work")
	cmd.Env = append(os.Environ(), "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary)
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+r.fill(t, value))
	}
	said, err := cmd.CombinedOutput()
	r.said += string(said)
	if cmd.ProcessState != nil {
		r.took[s.ID] = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	r.summary += read(t, summary)
	for line := range strings.Lines(read(t, output)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.outputs["steps."+s.ID+".outputs."+name] = value
	}
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// short makes a day of the library short.
const short = "--scale=0.05\n--set=demand.arrivals_per_day=300000\n--seed=2\n"

// TestActionSteps runs the action's own shell steps as a runner does: without a baseline, with one, and where something became worse.
func TestActionSteps(t *testing.T) {
	a := readAction(t)
	dir := t.TempDir()
	try := func(inputs map[string]string) (*runner, int) {
		r := &runner{dir: dir, inputs: map[string]string{}, outputs: map[string]string{}, took: map[string]time.Duration{}}
		for name, in := range a.Inputs {
			if in.Default != nil {
				r.inputs[name] = *in.Default
			}
		}
		maps.Copy(r.inputs, inputs)
		return r, r.run(t, a)
	}
	expect := func(what string, r *runner, got, want int, inSummary string) {
		t.Helper()
		if got != want || !strings.Contains(r.summary, inSummary) {
			t.Fatalf("%s: exit code %d, want %d; summary with %q:\n%s\n%s", what, got, want, inSummary, r.summary, r.said)
		}
	}

	lane, code := try(nil)
	expect("the fast lane", lane, code, 0, "| memory/conditional |")
	expectLane(t, lane, filepath.Join(dir, "work", lane.fill(t, a.Outputs["result"].Value)))

	engines := "--engine=memory/naive,memory/conditional\n"
	first, code := try(map[string]string{"args": engines + "\n  \n--runs=6\n" + short, "baseline": "baseline/result.json"})
	expect("the first", first, code, 0, "| memory/conditional | 7 | simulated | pass |")
	if !strings.Contains(first.said, "No baseline at baseline/result.json: nothing is compared.") || first.fill(t, a.Outputs["comment"].Value) != "" {
		t.Errorf("without a baseline it said\n%s", first.said)
	}
	if err := os.Rename(filepath.Join(dir, "work", filepath.Dir(first.fill(t, a.Outputs["result"].Value))), filepath.Join(dir, "work", "baseline")); err != nil {
		t.Fatal(err)
	}

	same, code := try(map[string]string{"args": engines + "--runs=6\n" + short, "baseline": "baseline"})
	expect("the same", same, code, 0, "no difference shown")
	if comment := read(t, filepath.Join(dir, "work", same.fill(t, a.Outputs["comment"].Value))); !strings.Contains(same.summary, comment) {
		t.Error("the comment is not in the summary")
	}
	slower(t, filepath.Join(dir, "work", "baseline", "result.json"), 0.8)
	worse, code := try(map[string]string{"args": engines + "--runs=6\n" + short, "baseline": "baseline", "fail-on": "oversell worse\n\np99 worse by 5%\n"})
	expect("slower than the baseline", worse, code, 99, "| **worse** |")

	other, code := try(map[string]string{"args": engines + short + "--set=holds.policy=cart", "baseline": "baseline"})
	if code != 2 || !strings.Contains(other.said, "they differ in configuration") {
		t.Errorf("another demand: exit code %d\n%s", code, other.said)
	}
	broken, code := try(map[string]string{"args": engines + short + "--threshold=memory/naive: units.oversold.max == 0"})
	expect("a threshold", broken, code, 99, "memory/naive")
	if _, code := try(map[string]string{"scenario": "$(touch pwned)"}); code != 2 {
		t.Errorf("no such scenario: exit code %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "work", "pwned")); err == nil {
		t.Error("an input was run as a command")
	}
}

// expectLane wants what the manual says of --profile ci: six runs of every strategy, in less than 30 s on two cores. Time is that of the processor, since
// other tests use it too; and a summary that GitHub takes.
func expectLane(t *testing.T, r *runner, file string) {
	t.Helper()
	var f struct {
		Runs []struct{ Engine, Verdict string }
	}
	if err := json.Unmarshal([]byte(read(t, file)), &f); err != nil {
		t.Fatal(err)
	}
	runs := map[string]int{}
	for _, run := range f.Runs {
		runs[run.Engine]++
	}
	if n := len(memory.Specs()); len(runs) != n || slices.ContainsFunc(slices.Collect(maps.Values(runs)), func(n int) bool { return n != 6 }) {
		t.Errorf("the runs of each engine are %v: expected 6 of each of %d", runs, n)
	}
	if limit := 2 * 30 * time.Second; r.took["run"] > limit {
		t.Errorf("the lane took %v of processor time: expected less than %v", r.took["run"], limit)
	}
	if len(r.summary) == 0 || len(r.summary) >= 1<<20 {
		t.Errorf("the summary has %d bytes: GitHub takes up to 1 MiB", len(r.summary))
	}
	t.Logf("%v of processor time, a summary of %d bytes", r.took["run"], len(r.summary))
}

// slower makes a baseline whose latencies are so many times ours.
func slower(t *testing.T, file string, factor float64) {
	t.Helper()
	var f map[string]any
	if err := json.Unmarshal([]byte(read(t, file)), &f); err != nil {
		t.Fatal(err)
	}
	for i, r := range f["runs"].([]any) {
		p := r.(map[string]any)["latency_ms"].(map[string]any)["intended"].(map[string]any)
		for _, name := range []string{"p50", "p99", "p999"} {
			p[name] = p[name].(float64) * (factor + 0.001*float64(i))
		}
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(text))
}

// An input that stands in a script is a way to run anything: each reaches the shell as a variable.
func TestActionsScriptsHoldNoInputs(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 5 {
		t.Fatalf("the test lost sight of the steps: %+v", a.Runs)
	}
	steps := slices.Clone(a.Runs.Steps)
	for _, job := range workflow(t).Jobs {
		steps = append(steps, job.Steps...)
	}
	for _, s := range steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %s has an expression in its script", s.Name)
		}
		if s.Uses != "" && !strings.HasPrefix(s.Uses, "doorbuster/") && !regexp.MustCompile(`@v\d+$`).MatchString(s.Uses) {
			t.Errorf("step %s uses %s: expected a version", s.Name, s.Uses)
		}
	}
}

type workflowFile struct {
	Name        string
	On          any
	Permissions map[string]string
	Jobs        map[string]struct {
		RunsOn string `yaml:"runs-on"`
		Steps  []step
	}
}

func workflow(t *testing.T) (w workflowFile) {
	t.Helper()
	if err := yaml.UnmarshalWithOptions([]byte(blockNamed(t, "docs/ci.md", "workflow.yml")), &w, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return w
}

// The workflow that the manual shows names inputs and outputs that the action has.
func TestWorkflowShownFitsTheAction(t *testing.T) {
	a, found := readAction(t), false
	for _, job := range workflow(t).Jobs {
		for _, s := range job.Steps {
			if !strings.HasPrefix(s.Uses, "doorbuster/") {
				continue
			}
			found = true
			for name := range s.With {
				if _, ok := a.Inputs[name]; !ok {
					t.Errorf("the action has no input %s", name)
				}
			}
		}
	}
	if !found {
		t.Error("the workflow doesn't use the action")
	}
	for _, m := range regexp.MustCompile(`steps\.doorbuster\.outputs\.(\w+)`).FindAllStringSubmatch(read(t, "docs/ci.md"), -1) {
		if _, ok := a.Outputs[m[1]]; !ok {
			t.Errorf("the action has no output %s", m[1])
		}
	}
}

// TestGitLabExample runs the example's script on its default branch and then on a merge request, with a doorbuster that takes short days.
func TestGitLabExample(t *testing.T) {
	var file map[string]struct {
		Stage, Image string
		Variables    map[string]string
		Rules        []map[string]any
		Cache        struct {
			Key, Policy string
			Paths       []string
		}
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		Artifacts    map[string]any
	}
	if err := yaml.UnmarshalWithOptions([]byte(read(t, "docs/gitlab-ci.yml")), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	job := file["doorbuster"]
	if job.Cache.Policy != "$BASELINE_POLICY" || len(job.Script) != 4 || len(job.Rules) != 2 {
		t.Fatalf("the test lost sight of the job: %+v", job)
	}
	d := newDesk(t)
	write(t, filepath.Join(d.dir, "doorbuster"), "#!/bin/bash\nif [ \"$1\" = run ]; then set -- \"$@\" "+strings.ReplaceAll(short, "\n", " ")+"--engine=memory/naive,memory/conditional; fi\nexec "+d.dir+"/bin/doorbuster \"$@\"\n")
	if err := os.Chmod(filepath.Join(d.dir, "doorbuster"), 0o700); err != nil {
		t.Fatal(err)
	}
	script := "set -eo pipefail\n" + strings.Join(job.Script, "\n")
	for _, branch := range []string{"main", ""} {
		cmd := exec.Command("bash", "-c", script)
		cmd.Dir = d.dir
		cmd.Env = append(os.Environ(), "PATH="+d.dir+":"+os.Getenv("PATH"), "CI_DEFAULT_BRANCH=main", "CI_COMMIT_BRANCH="+branch)
		for name, value := range job.Variables {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("branch %q: %v\n%s", branch, err, out)
		}
		if compared := bytes.Contains(out, []byte("| memory/conditional | simulated | no difference shown |")); compared != (branch == "") {
			t.Errorf("branch %q: compared is %v\n%s", branch, compared, out)
		}
	}
}

// TestDockerfile reads the Dockerfile as far as it can be checked without building an image.
func TestDockerfile(t *testing.T) {
	problems := dockerProblems(t, read(t, "Dockerfile"))
	if len(problems) > 0 {
		t.Errorf("%q", problems)
	}
	for change, want := range map[[2]string]string{
		{"golang:1.26-bookworm", "golang:latest"}:             "FROM golang:latest: expected a version",
		{"golang:1.26-bookworm", "golang:1.25-bookworm"}:      "go.mod asks for 1.26",
		{"USER nonroot\n", ""}:                                "runs as root",
		{"COPY go.mod go.sum ./", "COPY go.mod go.work ./"}:   "COPY go.work: no such file",
		{"./cmd/doorbuster", "./cmd/doorbluster"}:             "builds ./cmd/doorbluster",
		{"ENTRYPOINT [\"/usr", "ENTRYPOINT [\"/opt"}:          "ENTRYPOINT",
		{"COPY --from=build /door", "COPY --from=made /door"}: "no stage made",
		{"WORKDIR /\n", "WORKDRI /\n"}:                        "no instruction WORKDRI",
	} {
		text := strings.Replace(read(t, "Dockerfile"), change[0], change[1], 1)
		if found := strings.Join(dockerProblems(t, text), "; "); !strings.Contains(found, want) {
			t.Errorf("%q for %q: found %q, want %q", change[1], change[0], found, want)
		}
	}
}

var (
	dockerWords   = []string{"FROM", "WORKDIR", "COPY", "RUN", "ARG", "USER", "ENTRYPOINT", "CMD"}
	versionedName = regexp.MustCompile(`:(\d|nonroot$)`)
)

func dockerProblems(t *testing.T, text string) (problems []string) {
	t.Helper()
	stages, user := map[string]bool{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		switch words[0] {
		case "FROM":
			user = ""
			problems = append(problems, baseProblems(t, words[1])...)
			if len(words) == 4 {
				stages[words[3]] = true
			}
		case "COPY":
			problems = append(problems, copyProblems(words[1:], stages)...)
		case "RUN":
			if m := regexp.MustCompile(`go build .* (\./\S+)`).FindStringSubmatch(line); m != nil {
				if _, err := os.Stat(m[1]); err != nil {
					problems = append(problems, "builds "+m[1]+", which is not there")
				}
			}
		case "USER":
			user = words[1]
		case "ENTRYPOINT", "CMD":
			var args []string
			if err := json.Unmarshal([]byte(strings.Join(words[1:], " ")), &args); err != nil {
				problems = append(problems, words[0]+" is not a list in JSON")
			} else if words[0] == "ENTRYPOINT" && !strings.Contains(text, " "+args[0]+"\n") {
				problems = append(problems, "ENTRYPOINT "+args[0]+" is copied nowhere")
			}
		default:
			if !slices.Contains(dockerWords, words[0]) {
				problems = append(problems, "no instruction "+words[0])
			}
		}
	}
	if user == "" || user == "root" {
		problems = append(problems, "runs as root")
	}
	return problems
}

func baseProblems(t *testing.T, image string) []string {
	t.Helper()
	if !versionedName.MatchString(image) {
		return []string{"FROM " + image + ": expected a version"}
	}
	asked := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))[1]
	if version, isGo := strings.CutPrefix(image, "golang:"); isGo && !strings.HasPrefix(version, asked) {
		return []string{"FROM " + image + ": go.mod asks for " + asked}
	}
	return nil
}

func copyProblems(words []string, stages map[string]bool) (problems []string) {
	for _, w := range words[:len(words)-1] {
		stage, fromStage := strings.CutPrefix(w, "--from=")
		switch {
		case fromStage && !stages[stage]:
			return append(problems, "COPY: no stage "+stage)
		case fromStage:
			return problems
		case strings.HasPrefix(w, "--"):
			continue
		}
		if _, err := os.Stat(w); err != nil {
			problems = append(problems, "COPY "+w+": no such file")
		}
	}
	return problems
}
