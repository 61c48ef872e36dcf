package doorbuster_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// composeFile is what the test looks at of docker-compose.yml.
type composeFile struct {
	Services map[string]composeService `yaml:"services"`
}

type composeService struct {
	Image       string   `yaml:"image"`
	Command     []string `yaml:"command"`
	Ports       []string `yaml:"ports"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

// durable are the settings without which a server's figures flatter.
var durable = map[string][]string{
	"postgres": {"-cfsync=on", "-csynchronous_commit=on", "-cfull_page_writes=on"},
	"redis":    {"--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction"},
}

var (
	pinned   = regexp.MustCompile(`^[a-z]+:\d+\.\d+(\.\d+)?-[a-z]+$`)
	loopback = regexp.MustCompile(`^127\.0\.0\.1:\d+:\d+$`)
)

// problems of the file, a line each.
func (f composeFile) problems() (all []string) {
	problem := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for name, settings := range durable {
		s, ok := f.Services[name]
		if !ok {
			problem("there is no service %s", name)
			continue
		}
		if !pinned.MatchString(s.Image) {
			problem("%s: the image %q isn't pinned to a version", name, s.Image)
		}
		if len(s.Healthcheck.Test) < 2 {
			problem("%s has no health check", name)
		}
		if len(s.Ports) != 1 || !slices.ContainsFunc(s.Ports, loopback.MatchString) {
			problem("%s: the ports are %q, want one on 127.0.0.1", name, s.Ports)
		}
		for _, setting := range settings {
			if !strings.Contains(strings.Join(s.Command, " "), setting) {
				problem("%s lacks the durable setting %s", name, setting)
			}
		}
	}
	return all
}

func composeOf(t *testing.T, text string) (f composeFile) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestComposeFile(t *testing.T) {
	text := read(t, "docker-compose.yml")
	if p := composeOf(t, text).problems(); p != nil {
		t.Error(strings.Join(p, "\n"))
	}
	for _, c := range [][2]string{
		{"postgres:17.6-bookworm", "postgres:latest"}, {"redis:7.4.5-bookworm", "redis"},
		{`"127.0.0.1:15432:5432"`, `"15432:5432"`}, {`"127.0.0.1:16379:6379"`, `"0.0.0.0:16379:6379"`},
		{"synchronous_commit=on", "synchronous_commit=off"}, {"- noeviction", "- allkeys-lru"}, {"healthcheck:", "unhealthy:"}, {"  redis:\n    image", "  cache:\n    image"},
	} {
		wrong := strings.Replace(text, c[0], c[1], 1)
		if wrong == text {
			t.Fatalf("the file has no %q", c[0])
		}
		if p := composeOf(t, wrong).problems(); len(p) == 0 {
			t.Errorf("%q in place of %q is accepted", c[1], c[0])
		}
	}
	makefile := read(t, "Makefile")
	for _, s := range []string{"postgres://postgres:doorbuster@127.0.0.1:15432/postgres", "redis://:doorbuster@127.0.0.1:16379/0"} {
		if !strings.Contains(makefile, s) {
			t.Errorf("make up doesn't say %s", s)
		}
	}
}
