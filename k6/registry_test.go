package k6

import (
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"go.k6.io/k6/v2/js/common"
)

// The command stays free of k6 and its licence; k6 with the extension has it, or this would prove nothing.
func TestMainIsFreeOfK6(t *testing.T) {
	for command, want := range map[string]bool{"../cmd/doorbuster": false, "../cmd/k6": true} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", command).Output()
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`(?m)^(go\.k6\.io/|github\.com/grafana/)`).Match(out); found != want {
			t.Errorf("%s depends on k6: %v, want %v", command, found, want)
		}
	}
}

// What the registry of k6 extensions asks of go.mod.
func TestGoMod(t *testing.T) {
	text := read(t, "../go.mod")
	if regexp.MustCompile(`(?m)^replace\b`).MatchString(text) || !strings.Contains(text, "\tgo.k6.io/k6/v2 v2.2.0\n") {
		t.Error("go.mod: want go.k6.io/k6/v2 v2.2.0, and no replace")
	}
	if !strings.Contains(read(t, "../register.go"), `_ "github.com/doorbuster/doorbuster/k6"`) {
		t.Error("register.go doesn't import the extension: xk6 build --with would find none")
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The types say all that JavaScript sees, and no more.
func TestTypes(t *testing.T) {
	declared := read(t, "index.d.ts")
	for name, of := range map[string]reflect.Type{
		"class Demand": reflect.TypeFor[*demand](), "interface Shopper": reflect.TypeFor[*shopper](), "interface Operation": reflect.TypeFor[*operation](),
	} {
		_, block, found := strings.Cut(declared, "export "+name+" {")
		block, _, _ = strings.Cut(block, "\n  }\n")
		if !found {
			t.Errorf("%s is not declared", name)
		}
		want := seen(of)
		for _, m := range regexp.MustCompile(`(?m)^    (?:readonly )?(\w+)[(:]`).FindAllStringSubmatch(block, -1) {
			if m[1] != "constructor" && !want[m[1]] {
				t.Errorf("%s: %s is declared, and isn't there", name, m[1])
			}
			delete(want, m[1])
		}
		for missing := range want {
			t.Errorf("%s: %s is not declared", name, missing)
		}
	}
}

// seen are the names of fields and methods as JavaScript has them.
func seen(of reflect.Type) map[string]bool {
	names := map[string]bool{}
	for i := range of.NumMethod() {
		names[common.MethodName(of, of.Method(i))] = true
	}
	for i := range of.Elem().NumField() {
		if f := of.Elem().Field(i); f.IsExported() {
			names[common.FieldName(of.Elem(), f)] = true
		}
	}
	return names
}

// Every option is declared.
func TestOptionTypes(t *testing.T) {
	declared := read(t, "index.d.ts")
	var s settings
	err := s.read(map[string]any{"": 1})
	if err == nil {
		t.Fatal("an option without a name was taken")
	}
	_, names, _ := strings.Cut(err.Error(), "expected one of ")
	for _, name := range strings.Split(names, ", ") {
		if !regexp.MustCompile(`(?m)^    ` + name + `\??: `).MatchString(declared) {
			t.Errorf("the option %s is not declared", name)
		}
	}
}

// Manifests as Kubernetes and the k6 operator have them, as far as ours go. A field that isn't in them is an error.
type (
	meta      struct{ Name string }
	reference struct {
		ConfigMapRef *meta `yaml:"configMapRef"`
		SecretRef    *meta `yaml:"secretRef"`
	}
	variable struct {
		Name, Value string
		ValueFrom   *struct {
			FieldRef struct {
				FieldPath string `yaml:"fieldPath"`
			} `yaml:"fieldRef"`
		} `yaml:"valueFrom"`
	}
	volume struct {
		Name  string
		Claim struct {
			ClaimName string `yaml:"claimName"`
		} `yaml:"persistentVolumeClaim"`
	}
	mount struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	}
	pod struct {
		Image        string
		EnvFrom      []reference `yaml:"envFrom"`
		Env          []variable
		Volumes      []volume
		VolumeMounts []mount `yaml:"volumeMounts"`
		Resources    struct{ Requests map[string]string }
	}
	testRun struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   meta
		Spec       struct {
			Parallelism int
			Separate    bool
			Arguments   string
			Script      struct {
				LocalFile string `yaml:"localFile"`
			}
			Initializer, Runner pod
		}
	}
)

func TestTestRun(t *testing.T) {
	var r testRun
	if err := yaml.UnmarshalWithOptions([]byte(read(t, "operator/2-testrun.yaml")), &r, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	s := r.Spec
	if r.APIVersion != "k6.io/v1alpha1" || r.Kind != "TestRun" || s.Parallelism != 4 || s.Script.LocalFile != "/scripts/blackfriday.js" {
		t.Errorf("%+v", r)
	}
	if !containsAll(s.Arguments, "-e PART=true") || s.Runner.Image != s.Initializer.Image || len(s.Initializer.EnvFrom) == 0 {
		t.Errorf("the parts don't plan what the initializer plans: %+v", s)
	}
	out := s.Runner.Env[len(s.Runner.Env)-1]
	if out.Name != "OUT" || !strings.HasPrefix(out.Value, s.Runner.VolumeMounts[0].MountPath+"/") || !strings.Contains(out.Value, "$("+s.Runner.Env[0].Name+")") {
		t.Errorf("the parts don't leave their results in folders of their own: %+v", s.Runner)
	}
	if err := yaml.UnmarshalWithOptions([]byte("spec: {paralelism: 4}"), &r, yaml.Strict()); err == nil {
		t.Error("a field that isn't there was taken")
	}
}

// All three manifests use what the scripts and the others have.
func TestManifestsFitTogether(t *testing.T) {
	prepare, run, merge := read(t, "operator/1-prepare.yaml"), read(t, "operator/2-testrun.yaml"), read(t, "operator/3-merge.yaml")
	for _, name := range []string{"doorbuster-demand", "doorbuster-servers"} {
		if !strings.Contains(prepare, name) || !strings.Contains(run, name) {
			t.Errorf("%s is not in both of prepare and run", name)
		}
	}
	if !containsAll(merge, "doorbuster merge --audit", "/results/doorbuster-*/", "claimName: doorbuster-results") {
		t.Errorf("merge doesn't read the parts:\n%s", merge)
	}
	for script, text := range map[string]string{"prepare.js": prepare, "blackfriday.js": run} {
		if !strings.Contains(text, "/scripts/"+script) {
			t.Errorf("%s is not run", script)
		}
		for _, name := range []string{"ENGINE", "DURATION", "SEED", "REMOTE"} {
			if !strings.Contains(read(t, script), "__ENV."+name) || !strings.Contains(prepare+run, name) {
				t.Errorf("%s: %s is not read, or not given", script, name)
			}
		}
	}
}
