package reports

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// plainSpaces makes text with unbreakable and narrow spaces easy to compare.
func plainSpaces(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)
}

func labels(a axis) string {
	var all []string
	for _, t := range a.ticks {
		all = append(all, plainSpaces(t.Label))
	}
	return strings.Join(all, " | ")
}

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		name string
		axis axis
		want string
	}{
		{"2080", countAxis(2080, 4), "0 | 1 000 | 2 000 | 3 000"},
		{"one", countAxis(1, 4), "0 | 1"},
		{"nothing", countAxis(0, 4), "0 | 1"},
		{"a million", countAxis(1_702_311, 4), "0 | 500k | 1M | 1.5M | 2M"},
		{"a rate", rateAxis(0.37, 4), "0 | 0.1 | 0.2 | 0.3 | 0.4"},
		{"over zero", signedAxis(-27_562, 60_636, 5), "−40k | −20k | 0 | 20k | 40k | 60k | 80k"},
		{"a day", clockAxis(86400, 5), "00:00 | 06:00 | 12:00 | 18:00 | 24:00"},
		{"an hour", clockAxis(3600, 5), "00:00 | 00:15 | 00:30 | 00:45 | 01:00"},
		{"a month", clockAxis(30*86400, 5), "day 1 | day 8 | day 15 | day 22 | day 29"},
		{"a season", clockAxis(39*86400, 5), "day 1 | day 11 | day 21 | day 31"},
		{"a year", clockAxis(365*86400, 5), "day 1 | day 92 | day 183 | day 274 | day 365"},
		{"decades", latencyAxis(1.3, 900), "1 ms | 10 ms | 100 ms | 1 s"},
		{"one decade", latencyAxis(1.3, 4.2), "1 ms | 2 ms | 5 ms"},
		{"one value", latencyAxis(5, 5), "5 ms | 10 ms"},
		{"nines", percentileAxis(4), "50 | 90 | 99 | 99.9 | 99.99"},
	} {
		if got := labels(c.axis); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// TestAxesHoldTheirValues tries values of any size, zero included, where a logarithm has none.
func TestAxesHoldTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low, more := rapid.Float64Range(0, 1e6).Draw(t, "low"), rapid.Float64Range(0, 1e6).Draw(t, "more")
		a := latencyAxis(low, low+more)
		holds(t, a, log10ms(low), log10ms(low+more))
		holds(t, countAxis(more, 4), 0, more)
		holds(t, rateAxis(more, 4), 0, more)
		holds(t, signedAxis(-low, more, 5), -low, more)
		if n := len(clockAxis(100*more, 5).ticks); n < 1 || n > 6 { // up to three years
			t.Fatalf("%d ticks for %v s", n, 100*more)
		}
	})
}

func holds(t *rapid.T, a axis, low, high float64) {
	if !(a.min <= low+1e-9 && high <= a.max+1e-9 && a.min < a.max) || len(a.ticks) < 2 || len(a.ticks) > 20 || math.IsInf(a.min, 0) {
		t.Fatalf("axis from %v to %v with %d ticks for values from %v to %v", a.min, a.max, len(a.ticks), low, high)
	}
}

func TestThinnedKeepsPeaksAndGaps(t *testing.T) {
	values := make([]float64, 1440)
	for i := range values {
		values[i] = float64(i % 7)
	}
	values[541], values[902] = 99, -5
	for i := 200; i < 400; i++ {
		values[i] = math.NaN()
	}
	kept := thinned(len(values), 100, func(i int) float64 { return values[i] })
	seen := map[int]bool{}
	gap := false
	for n, i := range kept {
		seen[i], gap = true, gap || math.IsNaN(values[i])
		if n > 0 && i <= kept[n-1] {
			t.Fatal("indices are not in order")
		}
	}
	if len(kept) > 110 || !seen[541] || !seen[902] || !seen[0] || !seen[1439] || !gap {
		t.Errorf("kept %d of 1440; peak %v, dip %v, first %v, last %v, gap %v", len(kept), seen[541], seen[902], seen[0], seen[1439], gap)
	}
}
