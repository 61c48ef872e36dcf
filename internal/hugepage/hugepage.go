// Package hugepage allocates tables that are read at random, in memory that the system may back with large pages. Where each of a
// million open orders lies somewhere else, the processor else looks up an address as often as a value: a full day takes a tenth longer.
package hugepage

import "unsafe"

// New is like new. The system is asked to use large pages for the memory that T lies in, where it has any (Linux: transparent huge pages,
// unless they are switched off).
func New[T any]() *T {
	t := new(T)
	advise(uintptr(unsafe.Pointer(t)), unsafe.Sizeof(*t))
	return t
}
