package backoffice

import (
	"testing"
	"unsafe"
)

// TestSizes: what is kept of a SKU and of an order that waits, in bytes.
func TestSizes(t *testing.T) {
	for name, size := range map[string][2]uintptr{
		"a shelf":            {unsafe.Sizeof(shelf{}), 48},
		"a buffer":           {unsafe.Sizeof(velocity{}), 16},
		"a queue":            {unsafe.Sizeof(queue{}), 8},
		"a SKU's supply":     {unsafe.Sizeof(supply{}), 48},
		"a waitlist's place": {unsafe.Sizeof(place{}), 80},
	} {
		if size[0] > size[1] {
			t.Errorf("%s has %d bytes, want no more than %d", name, size[0], size[1])
		}
	}
}
