package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/doorbuster/doorbuster/sim/result"
)

// ticksAHalf is how many lines an hgrm file has each time that the share of slower samples halves.
const ticksAHalf = 5

// HGRM writes the percentiles of the operations that a run served, in ms from the intended start, in the text format that HdrHistogram's plotters read.
func HGRM(w io.Writer, r *result.Run) error {
	h := hdrhistogram.New(1, 2, 1)
	if r.Histograms.IntendedServed != "" {
		var err error
		if h, err = hdrhistogram.Decode([]byte(r.Histograms.IntendedServed)); err != nil {
			return fmt.Errorf("%s seed %d: histograms.intended_served: %w", r.Engine, r.Seed, err)
		}
	}
	_, err := h.PercentilesPrint(w, ticksAHalf, 1000)
	return err
}

// HGRMName is the name of a run's hgrm file, as memory-queue-virtual-seed1.hgrm.
func HGRMName(r *result.Run) string {
	words := []string{r.Engine}
	if r.Variant != "" {
		words = append(words, r.Variant)
	}
	for _, s := range r.Settings {
		words = append(words, s.Key+"="+s.Value)
	}
	name := strings.Join(append(words, r.Mode, fmt.Sprintf("seed%d", r.Seed)), "-")
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '+':
			return c
		}
		return '-'
	}, name) + ".hgrm"
}
