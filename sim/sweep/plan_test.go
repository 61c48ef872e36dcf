package sweep

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/sim/result"
)

func planOf(t testing.TB, sample int64, shard string, set ...string) *Plan {
	t.Helper()
	s, err := ParseShard(shard)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(set, sample, 7, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var grid = []string{"buffers.z=0:3:0.5", "sync.every=1s,1m,15m", "holds.policy=cart,checkout,payment"}

// parts says what is wrong with a division of a sweep into shards; empty: together they have every point once.
func parts(whole *Plan, shards ...*Plan) string {
	seen := map[string]int{}
	for _, shard := range shards {
		n := int64(0)
		for p := range shard.All() {
			seen[p.Settings.String()]++
			n++
		}
		if n != shard.Mine() {
			return fmt.Sprintf("shard %v says that it has %d points, and has %d", shard.shard, shard.Mine(), n)
		}
	}
	n := int64(0)
	for p := range whole.All() {
		n++
		if times := seen[p.Settings.String()]; times != 1 {
			return fmt.Sprintf("%v is there %d times", p.Settings, times)
		}
	}
	if n != whole.Points() || int64(len(seen)) != n {
		return fmt.Sprintf("%d points in the shards, %d in the sweep, which says %d", len(seen), n, whole.Points())
	}
	return ""
}

func TestShardsHaveEveryPointOnce(t *testing.T) {
	for _, sample := range []int64{0, 20, 63, 100} {
		for _, n := range []int{1, 2, 3, 8, 100} {
			var shards []*Plan
			least, most := int64(1<<62), int64(0)
			for i := range n {
				p := planOf(t, sample, fmt.Sprintf("%d/%d", i+1, n), grid...)
				least, most = min(least, p.Mine()), max(most, p.Mine())
				shards = append(shards, p)
			}
			if wrong := parts(planOf(t, sample, "", grid...), shards...); wrong != "" {
				t.Errorf("sample %d, %d shards: %s", sample, n, wrong)
			}
			if most-least > 1 {
				t.Errorf("sample %d, %d shards: between %d and %d points", sample, n, least, most)
			}
		}
	}
}

// TestPartsSeesWrongShards plants the two ways in which shards can be wrong.
func TestPartsSeesWrongShards(t *testing.T) {
	whole := planOf(t, 0, "", grid...)
	one, two := planOf(t, 0, "1/2", grid...), planOf(t, 0, "2/2", grid...)
	if got := parts(whole, one, two, one); !strings.Contains(got, "is there 2 times") {
		t.Errorf("an overlap: %q", got)
	}
	if got := parts(whole, one); !strings.Contains(got, "is there 0 times") {
		t.Errorf("a gap: %q", got)
	}
}

func TestPlaceFindsEveryPoint(t *testing.T) {
	for _, sample := range []int64{0, 25} {
		p := planOf(t, sample, "2/3", grid...)
		for point := range p.All() {
			if place, ok := p.Place(point.Settings); !ok || place != point.Place {
				t.Fatalf("sample %d: %v is in place %d (%v), want %d", sample, point.Settings, place, ok, point.Place)
			}
		}
		for point := range planOf(t, sample, "1/3", grid...).All() {
			if _, ok := p.Place(point.Settings); ok {
				t.Errorf("sample %d: %v is of another shard", sample, point.Settings)
			}
		}
	}
	p := planOf(t, 0, "", grid...)
	for _, s := range []result.Settings{nil,
		{{Key: "buffers.z", Value: "9"}, {Key: "sync.every", Value: "1s"}, {Key: "holds.policy", Value: "cart"}},
		{{Key: "sync.every", Value: "1s"}, {Key: "buffers.z", Value: "0"}, {Key: "holds.policy", Value: "cart"}}} {
		if _, ok := p.Place(s); ok {
			t.Errorf("%v is none of the sweep's points", s)
		}
	}
}

func TestShuffleIsAPermutation(t *testing.T) {
	for _, n := range []int64{1, 2, 3, 7, 8, 9, 1000, 4097} {
		s := newShuffle(n, 3)
		seen := map[int64]bool{}
		for i := range n {
			x := s.at(i)
			if x < 0 || x >= n || seen[x] {
				t.Fatalf("of %d: %d comes to %d, which is taken or outside", n, i, x)
			}
			if back := s.of(x); back != i {
				t.Fatalf("of %d: %d comes to %d and back to %d", n, i, x, back)
			}
			seen[x] = true
		}
	}
}

// TestALatinHypercubeSpreadsAlongEveryAxis counts how often each value comes: evenly, which a random sample would not.
func TestALatinHypercubeSpreadsAlongEveryAxis(t *testing.T) {
	const n = 100
	p := planOf(t, n, "", "a=0:19:1", "b=0:9:1", "c=0:99:1")
	if p.Points() < n-2 { // of 20,000 cells two may fall together
		t.Fatalf("%d of %d points", p.Points(), n)
	}
	counts := []map[string]int{{}, {}, {}}
	for point := range p.All() {
		for k, s := range point.Settings {
			counts[k][s.Value]++
		}
	}
	for k, each := range []int{5, 10, 1} {
		if len(counts[k]) != n/each {
			t.Errorf("axis %d: %d values are met, want all %d", k, len(counts[k]), n/each)
		}
		for v, times := range counts[k] {
			if times < each-2 || times > each {
				t.Errorf("axis %d: value %s comes %d times, want %d", k, v, times, each)
			}
		}
	}
}

func TestASampleGoesByItsSeed(t *testing.T) {
	text := func(seed uint64) string {
		p, err := NewPlan(grid, 10, seed, Shard{})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for point := range p.All() {
			fmt.Fprintln(&b, point.Settings)
		}
		return b.String()
	}
	if first, again := text(1), text(1); first != again || first == text(2) {
		t.Error("want one sample for one seed, and another for another")
	}
}

// TestALargePlanTakesNoMemory makes a plan of ten million points and walks through some of them.
func TestALargePlanTakesNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := planOf(t, 0, "", "a=1:100:1", "b=1:100:1", "c=1:1000:1")
	if p.Points() != 10_000_000 {
		t.Fatalf("%d points, want 10 million", p.Points())
	}
	n := 0
	for range p.All() {
		if n++; n == 10_000 {
			break
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("it holds %d bytes", grown)
	}
	began := time.Now()
	if place, ok := p.Place(p.settings(9_999_999)); !ok || p.cell(place) != 9_999_999 {
		t.Errorf("the last cell is not found")
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("finding a point took %v", took)
	}
}

func TestPlanErrors(t *testing.T) {
	for _, tt := range []struct {
		set    []string
		sample int64
		shard  string
		want   string
	}{
		{nil, 0, "", "nothing to sweep"},
		{[]string{"a=1,2", "a=3"}, 0, "", "a is set twice"},
		{[]string{"a=0:999999999:1", "b=0:999999999:1"}, 0, "", "makes more than 1000000000000 points"},
		{[]string{"a=1"}, -1, "", "--sample -1: expected 1 to 1000000"},
		{[]string{"a=1"}, 2_000_000, "", "--sample 2000000: expected 1 to 1000000"},
		{[]string{"a=1"}, 0, "3/2", "--shard 3/2: expected I/N"},
		{[]string{"a=1"}, 0, "0/2", "--shard 0/2: expected I/N"},
		{[]string{"a=1"}, 0, "half", "--shard half: expected I/N"},
	} {
		shard, err := ParseShard(tt.shard)
		if err == nil {
			_, err = NewPlan(tt.set, tt.sample, 1, shard)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt, err, tt.want)
		}
	}
}
