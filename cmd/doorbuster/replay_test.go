package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

// TestShellLineSurvivesAShell hands hostile words to a real shell and expects them back.
func TestShellLineSurvivesAShell(t *testing.T) {
	words := []string{"plain", "with space", "it's", `"double"`, "$HOME", "`id`", "a\nb", "*", "", "~", "x<0.1", `back\slash`, "ü"}
	out, err := exec.Command("sh", "-c", "printf '%s\\0' "+shellLine(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("got %q, want %q", got, words)
	}
}

func TestReplayNamesEverythingThatTheResultDependsOn(t *testing.T) {
	c := runCommand{Scenario: "my scenario.yaml", Set: []string{"holds.policy=cart", "about=a b"}}
	got := c.replay(0.1)("memory/naive", result.Virtual, 7)
	want := `doorbuster run 'my scenario.yaml' --engine memory/naive --seed 7 --set holds.policy=cart --set 'about=a b' --scale 0.1`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	c = runCommand{Scenario: "blackfriday", Log: orderFlags{Orders: "a.csv", Columns: "time=T,order=O", Amplify: 12}}
	got = c.replay(1)("memory/queue", result.Virtual, 1)
	want = `doorbuster run blackfriday --engine memory/queue --seed 1 --orders a.csv --columns time=T,order=O --amplify 12`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
