package reports

import (
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		rate          result.RateInterval
		want, percent string
	}{
		{result.RateInterval{Mean: 0.0376, Low: 0.0370, High: 0.0381, Method: result.StudentT}, "3.76 % [3.70, 3.81]", "3.76 [3.70, 3.81]"},
		{result.RateInterval{Mean: 0.5756, Low: 0.5585, High: 0.5926, Method: result.StudentT}, "57.6 % [55.9, 59.3]", "57.6 [55.9, 59.3]"},
		{result.RateInterval{Mean: 0.5, Low: 0.5, High: 0.5, Method: result.StudentT}, "50.00 % [50.00, 50.00]", "50.00 [50.00, 50.00]"},
		{result.RateInterval{Mean: 4.9e-4, Low: 1.6e-4, High: 1.13e-3, Events: 5, Trials: 10295, Method: result.ClopperPearson}, "0.049 % [0.016, 0.113]", "0.049 [0.016, 0.113]"},
		{result.RateInterval{High: 3.7e-6, Trials: 1_000_000, Method: result.ClopperPearson}, "≤ 0.00037 %", "≤ 0.00037"},
		{result.RateInterval{Mean: 1, Low: 0.99996, High: 1, Events: 90_000, Trials: 90_000, Method: result.ClopperPearson}, "≥ 99.996 %", "≥ 99.996"},
		{result.RateInterval{Mean: 0.12345, Low: 0.12345, High: 0.12345, Events: 12345, Trials: 100_000, Method: result.NoInterval}, "12.35 %", "12.345"},
		{result.RateInterval{Method: result.NoInterval}, "–", "–"},
	} {
		if got := plainSpaces(interval(c.rate)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if got := plainSpaces(inPercent(c.rate)); got != c.percent {
			t.Errorf("under a heading: got %s, want %s", got, c.percent)
		}
	}
}
