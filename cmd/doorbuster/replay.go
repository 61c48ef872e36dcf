package main

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/sim"
	"github.com/doorbuster/doorbuster/sim/result"
)

// replay returns the command that runs one engine and seed again. It says everything that the result depends on, so that
// a changed default doesn't change what it shows.
func (c *runCommand) replay(scale float64) func(engine, mode string, seed uint64) string {
	if c.Scale != nil {
		scale = *c.Scale
	}
	return func(engine, mode string, seed uint64) string {
		words := []string{"doorbuster", "run", c.Scenario, "--engine", engine,
			"--seed", strconv.FormatUint(seed, 10)}
		for _, s := range c.Set {
			words = append(words, "--set", s)
		}
		if mode == result.Wall {
			words = append(words, "--mode", mode, "--duration", cmp.Or(c.Duration, sim.DefaultDuration).String())
			if c.Scale == nil {
				return shellLine(words)
			}
		}
		if c.Log.Orders == "" {
			words = append(words, "--scale", strconv.FormatFloat(scale, 'g', -1, 64))
		} else {
			words = append(words, "--orders", c.Log.Orders, "--columns", c.Log.Columns, "--amplify", strconv.Itoa(c.Log.Amplify))
		}
		return shellLine(words)
	}
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=,@%+-]+$`)

// shellLine joins words so that a shell takes them apart again.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if quoted[i] = w; !plainWord.MatchString(w) {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
