// Package doorbuster_test holds the rules of the house: which package may import which, and what a package must have.
package doorbuster_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/doorbuster/doorbuster"

// chains are the layers, lowest first. A package may import another where some chain has it in a lower layer; packages
// of one layer are siblings and don't import each other. The root's package stands here as ".".
var chains = [][][]string{
	{
		{"engines"},
		{"engines/memory", "engines/postgres", "engines/redis"},
		{"engines/redispostgres"},
		{"engines/catalog"},
		{"cmd/doorbuster", "k6"},
		{"cmd/k6", "."},
	},
	{
		{"engines"},
		{"scenarios", "sim/ledger", "sim/storefront", "sim/vtime"},
		{"sim/workload", "sim/channels", "sim/backoffice"},
		{"sim/driver", "sim/audit"},
		{"sim/result"},
		{"sim"},
		{"sim/sweep"},
		{"cmd/doorbuster", "k6"},
	},
	{{"sim/result"}, {"reports/compare"}, {"reports"}, {"cmd/doorbuster"}},
	{{"engines"}, {"sim/vtime"}, {"engines/enginetest"}},
	{{"engines"}, {"engines/gateway"}, {"cmd/doorbuster", "k6"}},
	{{"engines/servers"}, {"cmd/doorbuster", "k6"}},
	{{"internal/hugepage"}, {"engines/memory", "sim/ledger", "sim/driver", "sim/vtime"}},
}

// pkg is what the rules look at: the code of one package without its tests.
type pkg struct {
	Path     string // below the module; "." for the root
	Name     string
	Doc      bool
	Imports  []string // as written
	Blank    []string // those imported only for their effect
	Inits    int      // functions called init
	Literals []string // string literals
}

func TestHouseRules(t *testing.T) {
	pkgs, err := readPackages(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) < 5 {
		t.Fatalf("found only %d packages: the rules were checked on next to nothing", len(pkgs))
	}
	for _, p := range pkgs {
		for _, problem := range check(p) {
			t.Errorf("%s: %s", p.Path, problem)
		}
	}
}

// TestEveryRuleCanFail plants one violation of each rule.
func TestEveryRuleCanFail(t *testing.T) {
	own := func(p string) string { return module + "/" + p }
	tests := []struct {
		name string
		pkg  pkg
		want string // part of the only problem; empty: none
	}{
		{"good", pkg{Path: "sim", Imports: []string{"context", own("sim/result"), own("engines")}}, ""},
		{"good to the top", pkg{Path: "cmd/doorbuster", Imports: []string{own("sim"), own("engines/catalog"), own("reports")}}, ""},
		{"upward", pkg{Path: "engines", Imports: []string{own("engines/memory")}}, "may not import engines/memory"},
		{"sibling", pkg{Path: "sim/driver", Imports: []string{own("sim/audit")}}, "may not import sim/audit"},
		{"sibling engines", pkg{Path: "engines/redis", Imports: []string{own("engines/memory")}}, "may not import engines/memory"},
		{"other chain", pkg{Path: "engines/memory", Imports: []string{own("sim/vtime")}}, "may not import sim/vtime"},
		{"suite on virtual time", pkg{Path: "engines/enginetest", Imports: []string{own("sim/vtime")}}, ""},
		{"report beyond the result", pkg{Path: "reports", Imports: []string{own("engines")}}, "may not import engines"},
		{"sim on a backend", pkg{Path: "sim", Imports: []string{own("engines/memory")}}, "may not import engines/memory"},
		{"sim on the catalog", pkg{Path: "sim", Imports: []string{own("engines/catalog")}}, "may not import engines/catalog"},
		{"sim on its sweep", pkg{Path: "sim", Imports: []string{own("sim/sweep")}}, "may not import sim/sweep"},
		{"sim naming a backend", pkg{Path: "sim/driver", Literals: []string{"memory/naive"}}, `names the backend "memory/naive"`},
		{"engines naming themselves", pkg{Path: "engines/memory", Literals: []string{"memory/naive"}}, ""},
		{"k6 outside", pkg{Path: "sim", Imports: []string{"go.k6.io/k6/v2/js/modules"}}, "AGPL"},
		{"k6 inside", pkg{Path: "k6", Imports: []string{"go.k6.io/k6/v2/js/modules"}}, ""},
		{"k6 extension in the command", pkg{Path: "cmd/doorbuster", Imports: []string{own("k6")}}, "may not import k6"},
		{"not in the table", pkg{Path: "sim/extras"}, "not in the table of layers"},
		{"init", pkg{Path: "engines/redis", Inits: 1}, "init"},
		{"init of k6", pkg{Path: "k6", Inits: 1}, ""},
		{"blank import", pkg{Path: "engines/postgres", Blank: []string{"github.com/jackc/pgx/v5"}}, "only for its effect"},
		{"embed", pkg{Path: "scenarios", Blank: []string{"embed"}}, ""},
		{"register.go", pkg{Path: ".", Blank: []string{own("k6")}, Imports: []string{own("k6")}}, ""},
		{"extension in its k6", pkg{Path: "cmd/k6", Blank: []string{own("k6")}, Imports: []string{own("k6"), "go.k6.io/k6/v2/cmd"}}, ""},
		{"util", pkg{Path: "engines", Name: "util"}, "says nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.pkg.Doc = true
			expectProblem(t, check(tt.pkg), tt.want)
		})
	}
	expectProblem(t, check(pkg{Path: "engines"}), "no doc comment")
}

func expectProblem(t *testing.T, got []string, want string) {
	t.Helper()
	if want == "" && len(got) == 0 || want != "" && len(got) == 1 && strings.Contains(got[0], want) {
		return
	}
	t.Errorf("problems %q, want one with %q", got, want)
}

var backendName = regexp.MustCompile(`^(memory|postgres|redis|redis\+postgres)(/[a-z]+)?$`)

// check returns what is wrong with p.
func check(p pkg) []string {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	if !p.Doc {
		problem("no doc comment")
	}
	if slices.Contains([]string{"util", "utils", "common", "helpers"}, p.Name) {
		problem("the name %s says nothing", p.Name)
	}
	if !known(p.Path) {
		problem("not in the table of layers in imports_test.go")
	}
	for _, imp := range p.Imports {
		below, ours := strings.CutPrefix(imp, module+"/")
		switch {
		case ours && !mayImport(p.Path, below):
			problem("may not import %s", below)
		case strings.HasPrefix(imp, "go.k6.io/") && p.Path != "k6" && p.Path != "cmd/k6":
			problem("imports %s: k6 is AGPL, and only k6 and cmd/k6 may use it", imp)
		}
	}
	for _, imp := range p.Blank {
		if imp != "embed" && p.Path != "." && p.Path != "cmd/k6" {
			problem("imports %s only for its effect: construct what is used", imp)
		}
	}
	if p.Inits > 0 && p.Path != "k6" {
		problem("has an init function: the caller constructs what it uses")
	}
	if p.Path == "sim" || strings.HasPrefix(p.Path, "sim/") {
		for _, s := range p.Literals {
			if backendName.MatchString(s) {
				problem("names the backend %q: the caller hands the engines in", s)
			}
		}
	}
	return problems
}

func known(p string) bool {
	for _, chain := range chains {
		if layerOf(chain, p) >= 0 {
			return true
		}
	}
	return false
}

func mayImport(from, to string) bool {
	for _, chain := range chains {
		if below := layerOf(chain, to); below >= 0 && below < layerOf(chain, from) {
			return true
		}
	}
	return false
}

func layerOf(chain [][]string, p string) int {
	return slices.IndexFunc(chain, func(layer []string) bool { return slices.Contains(layer, p) })
}

// readPackages parses all code below root but tests, in order of path.
func readPackages(root string) ([]pkg, error) {
	byPath := map[string]*pkg{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(root, name, d)
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		return byPath[folder(byPath, root, name)].add(name)
	})
	var pkgs []pkg
	for _, key := range slices.Sorted(maps.Keys(byPath)) {
		pkgs = append(pkgs, *byPath[key])
	}
	return pkgs, err
}

// skipFolder leaves out what the go command leaves out, and output.
func skipFolder(root, name string, d fs.DirEntry) error {
	base := d.Name()
	if name != root && (base == "testdata" || base == "out" || base[0] == '.' || base[0] == '_') {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != root {
		return filepath.SkipDir // a module of its own
	}
	return nil
}

// folder makes sure that the package of the file has an entry, and returns its key.
func folder(byPath map[string]*pkg, root, name string) string {
	rel, err := filepath.Rel(root, filepath.Dir(name))
	if err != nil {
		panic(err) // WalkDir gives names below root
	}
	key := path.Clean(filepath.ToSlash(rel))
	if byPath[key] == nil {
		byPath[key] = &pkg{Path: key}
	}
	return key
}

// add reads one file of the package.
func (p *pkg) add(name string) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p.Name = f.Name.Name
	p.Doc = p.Doc || f.Doc != nil
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		p.Imports = append(p.Imports, imp)
		if spec.Name != nil && spec.Name.Name == "_" {
			p.Blank = append(p.Blank, imp)
		}
	}
	ast.Inspect(f, p.look)
	return nil
}

func (p *pkg) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.FuncDecl:
		if n.Recv == nil && n.Name.Name == "init" {
			p.Inits++
		}
	case *ast.BasicLit:
		if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
			p.Literals = append(p.Literals, s)
		}
	}
	return true
}

// TestReadPackages plants a tree with everything the rules look at and reads it.
func TestReadPackages(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("a/b/one.go", "package b\nimport (\n\"fmt\"\n_ \"embed\"\n)\nfunc init() { fmt.Println(`lit`) }\n")
	write("a/b/doc.go", "// Package b is here.\npackage b\n")
	write("a/b/one_test.go", "package b\nimport \"testing\"\n")
	write("a/testdata/x.go", "package x\n")
	write("other/go.mod", "module other\n")
	write("other/x.go", "package x\n")

	pkgs, err := readPackages(root)
	if err != nil || len(pkgs) != 1 {
		t.Fatalf("got %v, %v; want a/b alone", pkgs, err)
	}
	got := fmt.Sprintf("%+v", pkgs[0])
	want := "{Path:a/b Name:b Doc:true Imports:[fmt embed] Blank:[embed] Inits:1 Literals:[lit]}"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
