package doorbuster_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The manuals, and what they link to.
var manuals = []string{"README.md", "docs/new-strategy.md"}

// block is one fenced block of a manual. Its name is what follows the language, as in ```yaml drop.yaml.
type block struct{ language, name, text string }

var fence = regexp.MustCompile("(?ms)^```(\\w*) ?([^\n]*)\n(.*?)^```$")

func blocksOf(t *testing.T, file string) []block {
	t.Helper()
	var all []block
	for _, m := range fence.FindAllStringSubmatch(read(t, file), -1) {
		all = append(all, block{m[1], m[2], m[3]})
	}
	return all
}

// blockNamed is the one block of a name.
func blockNamed(t *testing.T, file, name string) string {
	t.Helper()
	blocks := blocksOf(t, file)
	i := slices.IndexFunc(blocks, func(b block) bool { return b.name == name })
	if i < 0 {
		t.Fatalf("%s has no block named %s", file, name)
	}
	return blocks[i].text
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// command is one line of a manual's sh blocks.
type command struct {
	line string
	code int
}

var exitComment = regexp.MustCompile(`exit code (\d+)`)

// commandsOf are the commands of a manual in order. A comment behind one may name its exit code, which is else 0.
func commandsOf(t *testing.T, file string) []command {
	t.Helper()
	var all []command
	for _, b := range blocksOf(t, file) {
		if b.language != "sh" {
			continue
		}
		for text := range strings.Lines(b.text) {
			line, comment, _ := strings.Cut(strings.TrimSpace(text), "   # ")
			c := command{line: strings.TrimSpace(line)}
			if m := exitComment.FindStringSubmatch(comment); m != nil {
				c.code, _ = strconv.Atoi(m[1])
			}
			all = append(all, c)
		}
	}
	return all
}

// desk is a folder in which a manual's commands run: with a doorbuster of its own, and the repository's data.
type desk struct {
	dir string
	env []string // added to the environment
}

func newDesk(t *testing.T, env ...string) desk {
	t.Helper()
	d := desk{t.TempDir(), env}
	for _, folder := range []string{"sim", "scenarios"} {
		from, err := filepath.Abs(folder)
		if err == nil {
			err = os.Symlink(from, filepath.Join(d.dir, folder))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	d.repository(t, 0, "go build -o "+filepath.Join(d.dir, "bin/doorbuster")+" ./cmd/doorbuster")
	return d
}

// repository runs a command in the repository itself.
func (d desk) repository(t *testing.T, code int, line string) string {
	t.Helper()
	return d.run(t, ".", code, line)
}

// run runs a command and expects an exit code. It returns all that the command said.
func (d desk) run(t *testing.T, dir string, code int, line string) string {
	t.Helper()
	cmd := exec.Command("bash", "-c", line)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), d.env...)
	out, err := cmd.CombinedOutput()
	got := 0
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if got != code {
		t.Fatalf("%s: exit code %d, want %d:\n%s", line, got, code, out)
	}
	return string(out)
}

// try runs a command as a reader does, days of the library made short. A make target is only looked up here: test is what runs this test,
// and CI runs bench-blackfriday itself.
func (d desk) try(t *testing.T, c command) string {
	t.Helper()
	switch words := strings.Fields(c.line); {
	case words[0] == "make":
		return d.repository(t, 0, "make --dry-run "+words[1])
	case words[0] == "go":
		return d.repository(t, c.code, c.line)
	case words[0] != "bin/doorbuster":
		t.Fatalf("%s: expected a line that begins with make, go or bin/doorbuster", c.line)
	case strings.Contains(c.line, "postgres/"): // the run is invalid where the machine, busy with other tests, can't send the load in time
		return d.run(t, d.dir, c.code, c.line+" || [ $? = 4 ]")
	case words[1] == "run" && words[2] == "blackfriday":
		return d.run(t, d.dir, c.code, c.line+" --scale 0.05 --set demand.arrivals_per_day=300000")
	}
	return d.run(t, d.dir, c.code, c.line)
}

func TestReadmeCommands(t *testing.T) {
	d := newDesk(t)
	for _, b := range blocksOf(t, "README.md") {
		if b.language == "yaml" {
			write(t, filepath.Join(d.dir, b.name), b.text)
		}
	}
	commands := commandsOf(t, "README.md")
	if len(commands) < 10 {
		t.Fatalf("%d commands in README.md: the test lost sight of them", len(commands))
	}
	for _, c := range commands {
		t.Run(c.line, func(t *testing.T) { d.try(t, c) })
	}
	for _, file := range []string{"out/seeds/result.json", "out/compared.html", "out/junit.xml", "out/drop/report.html"} {
		if info, err := os.Stat(filepath.Join(d.dir, file)); err != nil || info.Size() == 0 {
			t.Errorf("the commands left no %s (%v)", file, err)
		}
	}
}

// The tables shown have the columns and the engines of a real one, and the README every exit code.
func TestTablesShownAreReal(t *testing.T) {
	d := newDesk(t)
	said := d.try(t, command{line: "bin/doorbuster run blackfriday --out out/all"})
	columns := tableHead(said)
	for _, file := range manuals {
		shown := ""
		for _, b := range blocksOf(t, file) {
			if b.language == "text" && strings.HasPrefix(b.text, "engine") {
				shown = b.text
			}
		}
		if shown == "" || !slices.Equal(tableHead(shown), columns) {
			t.Errorf("%s shows the columns %q, a run has %q", file, tableHead(shown), columns)
		}
		for _, engine := range regexp.MustCompile(`(?m)^memory/\w+`).FindAllString(shown, -1) {
			if engine != "memory/glance" && !strings.Contains(said, engine) {
				t.Errorf("%s shows %s, which a run doesn't", file, engine)
			}
		}
	}
	for _, code := range helpCodes(d.run(t, d.dir, 0, "bin/doorbuster run --help")) {
		if !strings.Contains(read(t, "README.md"), "\n| "+code+" | ") {
			t.Errorf("README.md doesn't list exit code %s, which the command's help does", code)
		}
	}
}

// tableHead are the words of the two lines that head a table of runs.
func tableHead(text string) []string {
	var head []string
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "engine "):
			head = strings.Fields(line)
		case head != nil:
			return append(head, strings.Fields(line)...)
		}
	}
	return head
}

// helpCodes are the exit codes that the help of run explains: numbers followed by a word.
func helpCodes(help string) []string {
	_, codes, _ := strings.Cut(help, "Exit codes:")
	codes, _, _ = strings.Cut(codes, "Arguments:")
	return regexp.MustCompile(`\b\d+\b`).FindAllString(codes, -1)
}

// TestNewStrategy follows docs/new-strategy.md: its strategy passes the suite and is run, and its flaw is caught.
func TestNewStrategy(t *testing.T) {
	const page = "docs/new-strategy.md"
	file, specs := "engines/memory/glance.go", "engines/memory/specs.go"
	strategy := blockNamed(t, page, file)
	pessimistic := regexp.MustCompile(`(?m)^.*safe\("pessimistic".*\n`).FindString(read(t, specs))
	table := strings.Replace(read(t, specs), pessimistic, pessimistic+blockNamed(t, page, specs), 1)

	good := newDesk(t, overlay(t, map[string]string{file: strategy, specs: table}))
	for _, c := range commandsOf(t, page) {
		t.Run(c.line, func(t *testing.T) {
			said := good.try(t, c)
			if strings.Contains(c.line, "glance") && !regexp.MustCompile(`(?m)^ok|^memory/glance +simulated pass`).MatchString(said) {
				t.Errorf("it says nothing good of glance:\n%s", said)
			}
		})
	}

	t.Run("flaw", func(t *testing.T) {
		flawed := strings.Replace(strategy, "\treturn pessimistic{}.move(ctx, t)\n", blockNamed(t, page, "flaw"), 1)
		if flawed == strategy {
			t.Fatal("the line that the page replaces is not in its file")
		}
		bad := newDesk(t, overlay(t, map[string]string{file: flawed, specs: table}))
		said := bad.repository(t, 1, "go test ./engines/memory -run 'TestConformance/virtual/glance'")
		for _, want := range []string{"glance/oversell", "of 20 units", "glance/linearizable"} {
			if !strings.Contains(said, want) {
				t.Errorf("the suite doesn't say %q of the flaw:\n%s", want, said)
			}
		}
		said = bad.try(t, command{line: "bin/doorbuster run blackfriday --engine memory/glance", code: 3})
		if !strings.Contains(said, "memory/glance: oversold: FAIL") {
			t.Errorf("the run doesn't say that the flaw oversold:\n%s", said)
		}
	})
}

// overlay is a setting of the environment with which the go command takes the files for part of the repository.
func overlay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for file, text := range files {
		at, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		replace[at] = filepath.Join(dir, filepath.Base(file))
		write(t, replace[at], text)
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "overlay.json"), string(list))
	return "GOFLAGS=-overlay=" + filepath.Join(dir, "overlay.json")
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)`)

// A manual links to files that are there.
func TestLinks(t *testing.T) {
	for _, file := range manuals {
		for _, m := range link.FindAllStringSubmatch(read(t, file), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", file, m[1], err)
			}
		}
	}
}
