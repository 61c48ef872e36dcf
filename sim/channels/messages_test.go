package channels

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doorbuster/doorbuster/engines"
)

// TestIntake puts aside, with the reason, what must not change stock.
func TestIntake(t *testing.T) {
	good := Message{ID: 1, Source: 1, Origin: minute, Kind: engines.Sell, Lines: one(1)}
	tests := []struct {
		name   string
		change func(*Message)
		want   Reason
	}{
		{"good", func(*Message) {}, Admitted},
		{"a clock that is a little ahead", func(m *Message) { m.Origin = 2*minute + second }, Admitted},
		{"before the day", func(m *Message) { m.Origin = -minute }, Admitted},
		{"a count of nothing", func(m *Message) { m.Kind, m.Lines = engines.Count, one(0) }, Admitted},
		{"a negative change", func(m *Message) { m.Kind, m.Lines = engines.Adjust, one(-2) }, Admitted},
		{"a cancellation names no lines", func(m *Message) { m.Kind, m.Lines = engines.Cancel, nil }, Admitted},
		{"no ID", func(m *Message) { m.ID = 0 }, Malformed},
		{"unknown source", func(m *Message) { m.Source = 9 }, Malformed},
		{"no kind", func(m *Message) { m.Kind = 0 }, Malformed},
		{"unknown kind", func(m *Message) { m.Kind = engines.Expire + 1 }, Malformed},
		{"no lines", func(m *Message) { m.Lines = nil }, Malformed},
		{"a cancellation with lines", func(m *Message) { m.Kind = engines.Cancel }, Malformed},
		{"a sale of nothing", func(m *Message) { m.Lines = one(0) }, Malformed},
		{"a negative sale", func(m *Message) { m.Lines = one(-1) }, Malformed},
		{"a negative count", func(m *Message) { m.Kind, m.Lines = engines.Count, one(-1) }, Malformed},
		{"a change by nothing", func(m *Message) { m.Kind, m.Lines = engines.Adjust, one(0) }, Malformed},
		{"unknown SKU", func(m *Message) { m.Lines = []engines.Line{{SKU: 0, Qty: 1}, {SKU: 3, Qty: 1}} }, UnknownSKU},
		{"from the future", func(m *Message) { m.Origin = 2*minute + second + 1 }, FromTheFuture},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, msg := NewIntake(3, time.Hour, second), good
			tt.change(&msg)
			if ok, why := in.Admit(2*minute, msg); why != tt.want || ok != (tt.want == Admitted) {
				t.Errorf("%v, %v, want %v", ok, why, tt.want)
			}
			aside := in.PutAside()
			if in.Count(tt.want) != 1 || (len(aside) == 1) == (tt.want == Admitted) {
				t.Errorf("%d counted as %v, %d put aside", in.Count(tt.want), tt.want, len(aside))
			}
			if len(aside) == 1 && (aside[0].Why != tt.want || aside[0].At != 2*minute || aside[0].Message.ID != msg.ID) {
				t.Errorf("put aside: %+v", aside[0])
			}
			want := Duplicate
			if tt.want != Admitted {
				want = Admitted // it was not remembered, and comes again as it should be
			}
			if _, why := in.Admit(2*minute, good); why != want {
				t.Errorf("then a good one of the same ID: %v, want %v", why, want)
			}
		})
	}
}

// TestIntakeKeeps what it puts aside by itself, the latest 64, the oldest first.
func TestIntakeKeeps(t *testing.T) {
	in, lines := NewIntake(1, time.Hour, 0), []engines.Line{{SKU: 0, Qty: 0}}
	for id := range uint64(100) {
		lines[0].Qty = -int32(id)
		in.Admit(0, Message{ID: id + 1, Kind: engines.Sell, Lines: lines})
	}
	aside := in.PutAside()
	if len(aside) != 64 || in.Count(Malformed) != 100 {
		t.Fatalf("%d kept of %d", len(aside), in.Count(Malformed))
	}
	for i, a := range aside {
		if a.Message.ID != uint64(37+i) || a.Message.Lines[0].Qty != -int32(36+i) {
			t.Fatalf("number %d is %+v", i, a)
		}
	}
}

// TestOvertaken counts what comes after a newer one of its source.
func TestOvertaken(t *testing.T) {
	in := NewIntake(1, time.Hour, 0)
	for i, seq := range []uint64{5, 7, 6, 0, 7, 8, 1} {
		in.Admit(0, Message{ID: uint64(i + 1), Sequence: seq, Kind: engines.Count, Lines: one(1)})
	}
	in.Admit(0, Message{ID: 1, Source: 1, Sequence: 1, Kind: engines.Count, Lines: one(1)})
	if got := in.Overtaken(); got != 2 {
		t.Errorf("%d overtaken, want 6 and 1", got)
	}
}

// TestWindow: a copy within the window is a duplicate, one after two windows is not, and no more IDs are kept than came in two windows.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		const window = 10
		in := NewIntake(1, window, 0)
		admitted, now := map[uint64]time.Duration{}, time.Duration(0)
		for range rapid.IntRange(1, 80).Draw(r, "messages") {
			now += time.Duration(rapid.IntRange(0, 8).Draw(r, "later"))
			id := rapid.Uint64Range(1, 6).Draw(r, "ID")
			_, why := in.Admit(now, Message{ID: id, Kind: engines.Sell, Lines: one(1)})
			at, known := admitted[id]
			if age := now - at; known && age < window && why != Duplicate || (!known || age >= 2*window) && why != Admitted {
				r.Fatalf("at %v, number %d, first admitted at %v (%v): %v", now, id, at, known, why)
			}
			if why == Admitted {
				admitted[id] = now
			}
			for id := range uint64(7) {
				if in.young.has(0, id) && now-admitted[id] >= 2*window {
					r.Fatalf("at %v, number %d of %v is still kept", now, id, admitted[id])
				}
			}
		}
	})
}
