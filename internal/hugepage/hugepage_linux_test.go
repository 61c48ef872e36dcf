package hugepage

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// The kernel lists, for each part of the address space, what it was asked: "hg" stands for large pages.
func TestNewAsksForLargePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage/enabled"); err != nil {
		t.Skipf("this kernel has no transparent huge pages: %v", err)
	}
	table := New[[1 << 16]uint64]()
	for i := range table {
		if table[i] != 0 {
			t.Fatalf("value %d of a new table is %d; want 0", i, table[i])
		}
		table[i] = uint64(i)
	}
	if flags := flagsAt(t, uintptr(unsafe.Pointer(table))); !strings.Contains(flags, " hg") {
		t.Errorf("the table lies in memory with the flags %q; want hg among them", flags)
	}
	if flags := flagsAt(t, uintptr(unsafe.Pointer(&os.Args))); strings.Contains(flags, " hg") {
		t.Errorf("memory that nobody asked large pages for has them: %q", flags)
	}
}

// flagsAt are those of the mapping that an address is in.
func flagsAt(t *testing.T, at uintptr) string {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skipf("the kernel doesn't say what it was asked: %v", err)
	}
	defer f.Close()
	inside := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			inside = from <= at && at < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return flags
		}
	}
	t.Fatalf("no mapping has the address %x", at)
	return ""
}
