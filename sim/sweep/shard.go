package sweep

import (
	"fmt"
	"strconv"
	"strings"
)

// Shard is one of several parts of a sweep that together have every point once. The zero value is all of it.
type Shard struct{ i, n int64 } // from 1

const maxShards = 100_000

// ParseShard reads I/N; empty is all.
func ParseShard(text string) (Shard, error) {
	if text == "" {
		return Shard{}, nil
	}
	before, after, _ := strings.Cut(text, "/")
	i, errI := strconv.ParseInt(before, 10, 64)
	n, errN := strconv.ParseInt(after, 10, 64)
	if errI != nil || errN != nil || i < 1 || i > n || n > maxShards {
		return Shard{}, fmt.Errorf("--shard %s: expected I/N, from 1/N to N/N, as in 2/8, with N at most %d", text, maxShards)
	}
	return Shard{i, n}, nil
}

// String is I/N; empty: all.
func (s Shard) String() string {
	if s.n == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.i, s.n)
}

// Places of a shard are those that leave its rest when they are divided by the number of shards.

func (s Shard) stride() int64        { return max(s.n, 1) }
func (s Shard) first() int64         { return max(s.i-1, 0) }
func (s Shard) has(place int64) bool { return place%s.stride() == s.first() }

// share is how many of so many points are the shard's.
func (s Shard) share(points int64) int64 {
	return (points - s.first() + s.stride() - 1) / s.stride()
}
