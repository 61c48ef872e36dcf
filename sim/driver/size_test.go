package driver

import (
	"testing"
	"unsafe"
)

// There are a million visits at the height of a day, read at random: one that straddles two lines of the cache costs twice.
func TestVisitIsOneCacheLine(t *testing.T) {
	if size := unsafe.Sizeof(visit{}); size != 64 {
		t.Errorf("a visit takes %d bytes; want 64", size)
	}
}
