package reports

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// count writes n with thin spaces between thousands, as 1 204 566.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteRune('\u202f')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// compact writes n in at most five characters, as 847, 12.3k or 1.20M.
func compact(n int64) string {
	x, unit := float64(n), ""
	for _, u := range []string{"k", "M", "G", "T"} {
		if math.Abs(x) < 999.5 {
			break
		}
		x, unit = x/1000, u
	}
	if unit == "" {
		return strconv.FormatInt(n, 10)
	}
	return significant(x) + unit
}

// significant writes x ≥ 0 with three significant digits and without an exponent.
func significant(x float64) string {
	switch a := math.Abs(x); {
	case a >= 99.95:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 9.995:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case a >= 0.9995 || a == 0:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
	return strconv.FormatFloat(x, 'f', 3, 64)
}

// nbsp stands between a figure and its unit, which no line break may part.
const nbsp = "\u00a0"

// percent writes a share. A share that is not 0 never reads as 0, and one that is not 1 never as 100 %.
func percent(share float64) string {
	p := share * 100
	switch {
	case share == 0:
		return "0" + nbsp + "%"
	case share == 1:
		return "100" + nbsp + "%"
	case math.Abs(p) < 0.001:
		return "<" + nbsp + "0.001" + nbsp + "%"
	case math.Abs(p) < 0.1:
		return trimmed(p, 3) + nbsp + "%"
	case p < 100 && p > 99.99:
		return ">" + nbsp + "99.99" + nbsp + "%"
	}
	return strconv.FormatFloat(p, 'f', 2, 64) + nbsp + "%"
}

// trimmed writes x with at most n decimals.
func trimmed(x float64, n int) string {
	s := strconv.FormatFloat(x, 'f', n, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// millis writes a number of milliseconds that stands under a heading with the unit.
func millis(ms float64) string {
	switch {
	case ms == 0:
		return "0"
	case ms < 0.001:
		return "<0.001"
	case ms >= 1000:
		return count(int64(math.Round(ms)))
	}
	return trimmed(ms, decimals(ms))
}

func decimals(x float64) int {
	switch {
	case x >= 100:
		return 0
	case x >= 10:
		return 1
	case x >= 1:
		return 2
	}
	return 3
}

// duration writes milliseconds with the unit that reads best: 340 µs, 48 ms, 2.1 s.
func duration(ms float64) string {
	switch {
	case ms == 0:
		return "0" + nbsp + "ms"
	case ms < 1:
		return trimmed(ms*1000, 0) + nbsp + "µs"
	case ms < 1000:
		return trimmed(ms, max(0, decimals(ms)-1)) + nbsp + "ms"
	}
	return trimmed(ms/1000, 1) + nbsp + "s"
}

// seconds writes a time that a run took.
func seconds(s float64) string {
	switch {
	case s < 10:
		return trimmed(s, 2) + nbsp + "s"
	case s < 120:
		return trimmed(s, 1) + nbsp + "s"
	}
	return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
}

// clock writes a time of the day, given in seconds since its start, as 09:00 or, past the first day, day 2 09:00.
func clock(s float64) string {
	minutes := int(math.Round(s / 60))
	hhmm := fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60)
	if minutes > 24*60 {
		return fmt.Sprintf("day %d %s", minutes/(24*60)+1, hhmm)
	}
	if minutes == 24*60 {
		return "24:00"
	}
	return hhmm
}

// exactClock writes a time given in milliseconds since the first day began, as 09:00:04.251 or day 2 09:00:04.251.
func exactClock(ms int64) string {
	s := ms / 1000
	text := fmt.Sprintf("%02d:%02d:%02d.%03d", s/3600%24, s/60%60, s%60, ms%1000)
	if d := s / 86400; d > 0 {
		text = fmt.Sprintf("day %d %s", d+1, text)
	}
	return text
}

// oversold writes a range of units, or one figure where both ends are the same.
func oversold(o result.Oversold) string {
	if o.Min == o.Max {
		return count(o.Min)
	}
	return count(o.Min) + "–" + count(o.Max)
}

// plural is "1 unit" or "2 units".
func plural(n int64, one string) string {
	if n == 1 {
		return "1" + nbsp + one
	}
	return count(n) + nbsp + one + "s"
}

// kindOfFigure marks every figure: a simulated one is never shown as a measured one.
func kindOfFigure(mode string) string {
	if mode == result.Wall {
		return "measured"
	}
	return "simulated"
}
