package hugepage

import "golang.org/x/sys/unix"

// size of a large page on amd64 and, with base pages of 4 KiB, on arm64.
const size = 2 << 20

// advise is a hint: that it can't be followed is no error. The heap comes from the system in pieces of many large pages, so rounding to whole ones
// stays within it.
func advise(at, length uintptr) {
	from := at &^ (size - 1)
	to := (at + length + size - 1) &^ (size - 1)
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_HUGEPAGE)
}
