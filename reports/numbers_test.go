package reports

import (
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func TestFiguresReadWell(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1\u202f000"}, {count(-1234567), "−1\u202f234\u202f567"},
		{compact(0), "0"}, {compact(999), "999"}, {compact(1000), "1.00k"}, {compact(12345), "12.3k"}, {compact(999_499), "999k"}, {compact(999_999), "1.00M"}, {compact(50_000_000), "50.0M"},
		{percent(0), "0 %"}, {percent(1), "100 %"}, {percent(0.032), "3.20 %"}, {percent(0.0004), "0.04 %"}, {percent(1e-9), "< 0.001 %"}, {percent(0.999999), "> 99.99 %"},
		{millis(0), "0"}, {millis(0.0001), "<0.001"}, {millis(0.25), "0.25"}, {millis(2.857), "2.86"}, {millis(48.26), "48.3"}, {millis(477.2), "477"}, {millis(12345.6), "12\u202f346"},
		{duration(0), "0 ms"}, {duration(0.34), "340 µs"}, {duration(7.78), "7.8 ms"}, {duration(477.4), "477 ms"}, {duration(2140), "2.1 s"},
		{seconds(4.407), "4.41 s"}, {seconds(41.26), "41.3 s"}, {seconds(125), "2 min 05 s"},
		{clock(0), "00:00"}, {clock(9.5 * 3600), "09:30"}, {clock(86400), "24:00"}, {clock(86400 + 7200), "day 2 02:00"},
		{exactClock(32_461_220), "09:01:01.220"},
		{oversold(result.Oversold{Min: 3, Max: 3}), "3"}, {oversold(result.Oversold{Min: 3, Max: 1200}), "3–1\u202f200"},
		{plural(1, "unit"), "1 unit"}, {plural(2, "unit"), "2 units"},
		{listed(nil), ""}, {listed([]string{"a"}), "a"}, {listed([]string{"a", "b", "c"}), "a, b and c"},
	} {
		if plainSpaces(c.got) != plainSpaces(c.want) {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
