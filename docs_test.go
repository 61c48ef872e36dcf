package doorbuster_test

import (
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// manuals are those whose commands are run, with what they must leave behind. docs/new-strategy.md has a test of its own.
var manuals = map[string][]string{
	"README.md":          {"out/seeds/result.json", "out/compared.html", "out/junit.xml", "out/drop/report.html"},
	"docs/tutorial.md":   {"out/first/report.html", "out/shop.html"},
	"docs/strategies.md": {"out/pauses/result.json", "out/servers/report.html"},
	"docs/sweep.md":      {"out/displays/report.html", "out/sample/result.json", "out/joined/report.html"},
	"docs/ci.md":         {"out/ci/junit.xml", "out/pr/junit.xml", "out/new.txt", "out/summary.md", "out/all/report.html", "out/hgrm/memory-conditional-virtual-seed3.hgrm"},
}

var update = flag.Bool("update", false, "run simulated commands whole, and write the tables that they print below them")

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

// commandsOf are the commands of a manual in order.
func commandsOf(t *testing.T, file string) []command {
	t.Helper()
	var all []command
	for _, b := range blocksOf(t, file) {
		if b.language == "sh" {
			all = append(all, b.commands()...)
		}
	}
	return all
}

// commands are those of a block, one a line. A comment behind one may name its exit code, which is else 0.
func (b block) commands() []command {
	var all []command
	for text := range strings.Lines(b.text) {
		line, comment, _ := strings.Cut(strings.TrimSpace(text), "   # ")
		c := command{line: strings.TrimSpace(line)}
		if m := exitComment.FindStringSubmatch(comment); m != nil {
			c.code, _ = strconv.Atoi(m[1])
		}
		all = append(all, c)
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

// try runs a command as a reader does, days of the library made short. A make target is only looked up here, and a clone's address: test is
// what runs this test, and CI runs bench-blackfriday itself.
func (d desk) try(t *testing.T, c command) string {
	t.Helper()
	switch words := strings.Fields(c.line); {
	case words[0] == "make":
		return d.repository(t, 0, "make --dry-run "+words[1])
	case words[0] == "git":
		return d.repository(t, 0, "test "+words[2]+" = https://$(go list -m) && make --dry-run build")
	case words[0] == "go":
		return d.repository(t, c.code, c.line)
	case words[0] != "bin/doorbuster" && words[0] != "timeout":
		t.Fatalf("%s: expected a line that begins with make, git, go, timeout or bin/doorbuster", c.line)
	case words[0] == "timeout": // it ends by itself
		return d.run(t, d.dir, c.code, c.line)
	case strings.Contains(c.line, "postgres/"): // the run is invalid where the machine, busy with other tests, can't send the load in time
		return d.run(t, d.dir, c.code, shorterOnServers(c.line)+" || [ $? = 4 ]")
	case strings.Contains(c.line, "run blackfriday"):
		return d.run(t, d.dir, c.code, shorter(c.line))
	}
	return d.run(t, d.dir, c.code, c.line)
}

// shorter runs less of a Black Friday. Flags at the end of a line win over the same before them.
func shorter(line string) string {
	less := " --scale 0.05 --set demand.arrivals_per_day=300000"
	if strings.Contains(line, "--profile ci") {
		less += " --runs 2"
	}
	command, rest, piped := strings.Cut(line, " >")
	if piped {
		rest = " >" + rest
	}
	return command + less + rest
}

var onServers = strings.NewReplacer("--duration 15s", "--duration 1s", "--duration 5s", "--duration 2s", "'postgres/*,redis/*,", "'postgres/con*,redis/con*,")

// shorterOnServers takes a shorter day, and one engine where the line has all of a server.
func shorterOnServers(line string) string { return onServers.Replace(line) }

// TestManualCommands runs every command of the manuals, in order. A table below a command has the columns that the command prints.
func TestManualCommands(t *testing.T) {
	for _, file := range slices.Sorted(maps.Keys(manuals)) {
		t.Run(file, func(t *testing.T) {
			if n := len(commandsOf(t, file)); n < 5 {
				t.Fatalf("%d commands in %s: the test lost sight of them", n, file)
			}
			d := newDesk(t)
			d.walk(t, file)
			for _, name := range manuals[file] {
				if info, err := os.Stat(filepath.Join(d.dir, name)); err != nil || info.Size() == 0 {
					t.Errorf("the commands left no %s (%v)", name, err)
				}
			}
		})
	}
}

// walk goes through a manual as a reader does: files are written, commands run, and what they print is compared with the tables shown.
func (d desk) walk(t *testing.T, file string) {
	t.Helper()
	said, last := "", command{}
	for _, b := range blocksOf(t, file) {
		switch {
		case b.language == "yaml" && strings.HasSuffix(b.name, ".yaml"):
			write(t, filepath.Join(d.dir, b.name), b.text)
		case b.language == "sh":
			for _, c := range b.commands() {
				t.Run(c.line, func(t *testing.T) { said, last = d.try(t, c), c })
			}
		case b.language == "text" && *update && strings.Contains(last.line, " run ") && !strings.Contains(last.line, "postgres/"):
			write(t, file, strings.Replace(read(t, file), b.text, tableOf(d.run(t, d.dir, last.code, last.line)), 1))
		case b.language == "text" && strings.Contains(last.line, " run ") && !slices.Equal(tableHead(b.text), tableHead(said)):
			t.Errorf("below %s stands a table with the columns %q; it prints %q", last.line, tableHead(b.text), tableHead(said))
		}
	}
}

// tableOf is the table of what a run prints, up to the empty line below it.
func tableOf(said string) string {
	at := tableStart.FindStringIndex(said)
	if at == nil {
		return ""
	}
	table, _, _ := strings.Cut(said[at[0]:], "\n\n")
	return table + "\n"
}

var tableStart = regexp.MustCompile(`(?m)^(engine|variant) `)

// TestShortLinesAreThoseOfTheManuals: what makes a command short has to find what it replaces.
func TestShortLinesAreThoseOfTheManuals(t *testing.T) {
	for file := range manuals {
		for _, c := range commandsOf(t, file) {
			if strings.Contains(c.line, "postgres/") && shorterOnServers(c.line) == c.line {
				t.Errorf("%s: %s would run whole in a test", file, c.line)
			}
		}
	}
	if got, want := shorter("bin/doorbuster run blackfriday --profile ci >x"), "bin/doorbuster run blackfriday --profile ci --scale 0.05 --set demand.arrivals_per_day=300000 --runs 2 >x"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The tables that stand below no command have the columns and the engines of a real one, and every exit code is explained with an example.
func TestTablesShownAreReal(t *testing.T) {
	d := newDesk(t)
	said := d.try(t, command{line: "bin/doorbuster run blackfriday --out out/all"})
	columns := tableHead(said)
	for _, file := range []string{"README.md", "docs/new-strategy.md"} {
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
}

// TestEveryExitCodeHasAnExample: of code 3 it is in docs/new-strategy.md, where a strategy gets a flaw; the others are run with docs/ci.md.
func TestEveryExitCodeHasAnExample(t *testing.T) {
	d := newDesk(t)
	examples := map[string]bool{"0": true, "3": true}
	for _, c := range commandsOf(t, "docs/ci.md") {
		examples[strconv.Itoa(c.code)] = true
	}
	codes := helpCodes(d.run(t, d.dir, 0, "bin/doorbuster run --help"))
	if len(codes) != 7 {
		t.Fatalf("the help of run explains the codes %q: expected seven", codes)
	}
	for _, code := range codes {
		if !strings.Contains(read(t, "docs/ci.md"), "\n| "+code+" | ") || !examples[code] {
			t.Errorf("docs/ci.md doesn't list exit code %s, or has no example that ends with it (%v)", code, examples[code])
		}
	}
}

// tableHead are the words of the two lines that head a table of runs.
func tableHead(text string) []string {
	var head []string
	for line := range strings.Lines(text) {
		switch {
		case tableStart.MatchString(line):
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

// testedElsewhere are pages with commands that other tests run.
var testedElsewhere = map[string]string{
	"docs/new-strategy.md": "TestNewStrategy",
	"docs/serve.md":        "TestServeManual in cmd/doorbuster",
}

// A page with commands that nothing runs would rot.
func TestNoPageIsLeftOut(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatalf("%d pages in docs (%v): the test lost sight of them", len(pages), err)
	}
	for _, file := range pages {
		_, here := manuals[file]
		if n := len(commandsOf(t, file)); n > 0 && !here && testedElsewhere[file] == "" {
			t.Errorf("%s has %d commands that no test runs: add it to manuals, or to testedElsewhere with the test that does", file, n)
		}
	}
}

// Every page links to files that are there.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatalf("%d pages in docs (%v): the test lost sight of them", len(pages), err)
	}
	for _, file := range append(pages, "README.md") {
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
