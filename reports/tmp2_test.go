package reports

import (
	"github.com/doorbuster/doorbuster/sim/result"
	"os"
	"testing"
)

func TestRealWrite(t *testing.T) {
	f := fixture(t)
	for i := range f.Runs {
		f.Runs[i].Valid = false
		f.Runs[i].Invalid = []string{"the control memory/naive did not oversell: the day was too easy"}
	}
	w := fixture(t)
	w.Runs = w.Runs[:5]
	for i := range w.Runs {
		w.Runs[i].Mode = result.Wall
		w.Runs[i].Engine = "postgres/" + w.Runs[i].Engine[7:]
	}
	os.WriteFile("/tmp/rep/page.html", []byte(pageOf(t, f, w)), 0o644)
}
