package reports

import (
	"fmt"
	"math"

	"github.com/doorbuster/doorbuster/sim/result"
)

// interval writes a rate with its 95 % interval, as "3.76 % [3.70, 3.81]". Of what never happened it says what it may be at most.
func interval(r result.RateInterval) string {
	text := inPercent(r)
	switch {
	case r.Trials == 0 && r.Method == result.NoInterval:
		return text
	case r.Method != result.NoInterval && (never(r) || always(r)):
		return text + nbsp + "%"
	case r.Method == result.NoInterval:
		return percent(r.Mean)
	}
	return fmt.Sprintf("%s%s%% %s", mean(r), nbsp, bounds(r))
}

// inPercent is interval under a heading that has the unit: "3.76 [3.70, 3.81]", "≤ 0.00037".
func inPercent(r result.RateInterval) string {
	switch {
	case r.Method == result.NoInterval && r.Trials == 0:
		return "–"
	case r.Method == result.NoInterval:
		return trimmed(100*r.Mean, 3)
	case never(r):
		return "≤" + nbsp + figures(100*r.High, 2)
	case always(r):
		return "≥" + nbsp + trimmed(100*r.Low, 6)
	}
	return mean(r) + " " + bounds(r)
}

func never(r result.RateInterval) bool {
	return r.Method == result.ClopperPearson && r.Events == 0
}

func always(r result.RateInterval) bool {
	return r.Method == result.ClopperPearson && r.Events == r.Trials
}

func mean(r result.RateInterval) string { return fmt.Sprintf("%.*f", places(r), 100*r.Mean) }

func bounds(r result.RateInterval) string {
	return fmt.Sprintf("[%.*f,%s%.*f]", places(r), 100*r.Low, nbsp, places(r), 100*r.High)
}

// places is how many decimals of a percentage tell the ends of its interval apart, and no more.
func places(r result.RateInterval) int {
	width := 100 * (r.High - r.Low)
	if width <= 0 {
		return 2
	}
	return min(max(1-int(math.Floor(math.Log10(width))), 0), 9)
}

// figures writes x > 0 with n significant digits and without an exponent.
func figures(x float64, n int) string {
	if x <= 0 {
		return "0"
	}
	return fmt.Sprintf("%.*f", max(n-1-int(math.Floor(math.Log10(x))), 0), x)
}

func capital(word string) string { return string(word[0]-'a'+'A') + word[1:] }
