package postgres

import "testing"

// TestFactsForget remembers more numbers than there is room for: what was forgotten has to be read again, and what is new is known to be.
func TestFactsForget(t *testing.T) {
	var f facts
	f.forget()
	f.highest = 10
	if f.of(10) != nil || f.of(feedNumbers+1) != nil {
		t.Errorf("numbers that may be in the database are taken for new")
	}
	const last = 10 + 3*generation
	for n := number(11); n <= last; n++ {
		if k := f.of(n); k == nil || k.id != 0 {
			t.Fatalf("number %d: %+v, want a new one", n, k)
		} else {
			k.id = 1
		}
	}
	if f.of(11) != nil {
		t.Errorf("what was forgotten is taken for new")
	}
	if k := f.of(last); k == nil || k.id != 1 {
		t.Errorf("the last is %+v, want what was kept", k)
	}
	if k := f.of(last + 1); k == nil || k.id != 0 {
		t.Errorf("the next is %+v, want a new one", k)
	}
	if kept := len(f.recent) + len(f.older); kept > 2*generation {
		t.Errorf("%d numbers are kept, want %d at most", kept, 2*generation)
	}
}
