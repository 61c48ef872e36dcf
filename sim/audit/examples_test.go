package audit

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	for at, want := range map[time.Duration]string{
		0: "00:00:00.000",
		9*time.Hour + 59*time.Minute + 27*time.Second + 949762333: "09:59:27.950",
		24 * time.Hour: "day 2 00:00:00.000",
		515*time.Hour + 29*time.Minute + 46*time.Second + 141192195: "day 22 11:29:46.141",
	} {
		if got := clock(at); got != want {
			t.Errorf("%v: got %s, want %s", at, got, want)
		}
	}
}
