package vtime

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
)

// Handoff says who gets a lock that is given up while others wait.
type Handoff uint8

// FIFO gives the lock to the first in line. Barging, as PostgreSQL's row locks do, frees it and wakes the first in line,
// who may find it taken again.
const (
	FIFO Handoff = iota
	Barging
)

// Storage says how fast storage is, and how much of it there is.
type Storage struct {
	RTT      time.Duration // network, there and back
	Service  time.Duration // mean time that a server works on one round trip
	Constant bool          // service times are all alike; else they are exponential
	Servers  int           // round trips served at once, at least 1
	RowWrite time.Duration // how long one row is written by one alone
	Handoff  Handoff
}

// storage is a FIFO queue before a number of servers. Since round trips come in the order of time, each one's end is known when it comes:
// the first free server takes it (the recursion of Kiefer and Wolfowitz, 1955). No event is needed but its end.
type storage struct {
	rtt, service, rowWrite time.Duration
	constant               bool
	servers                int
	ends                   []time.Duration // when those that work will be free: a heap, the first one on top
	rows                   []time.Duration // when each row will be free
	busy                   time.Duration
}

func newStorage(s Storage) *storage {
	return &storage{
		rtt: s.RTT, service: s.Service, rowWrite: s.RowWrite, constant: s.Constant,
		servers: max(1, s.Servers),
	}
}

// rowTurn takes places in the lines before rows that are to be written, and returns when all of them are reached.
// A row's own serial section is a station by itself, passed before a server is taken: a hot row makes its writers wait, not the servers.
func (st *storage) rowTurn(now time.Duration, rows []engines.Key) time.Duration {
	if st.rowWrite == 0 {
		return now
	}
	turn := now
	for _, r := range rows {
		for int(r) >= len(st.rows) {
			st.rows = append(st.rows, make([]time.Duration, max(1024, len(st.rows)))...)
		}
		turn = max(turn, st.rows[r])
	}
	for _, r := range rows {
		st.rows[r] = turn + st.rowWrite
	}
	return turn
}

// serve returns when the answer to a round trip that comes now is back. It must not come before the last one did.
func (st *storage) serve(now, service time.Duration) time.Duration {
	for len(st.ends) > 0 && st.ends[0] <= now {
		st.release()
	}
	start := now
	if len(st.ends) == st.servers {
		start = st.ends[0]
		st.release()
	}
	st.occupy(start + service)
	st.busy += service
	return start + service + st.rtt
}

// occupy lets a server work until end.
func (st *storage) occupy(end time.Duration) {
	st.ends = append(st.ends, end)
	f := st.ends
	i := len(f) - 1
	for ; i > 0 && f[(i-1)/2] > end; i = (i - 1) / 2 {
		f[i] = f[(i-1)/2]
	}
	f[i] = end
}

// release frees the server that is done first.
func (st *storage) release() {
	last := len(st.ends) - 1
	end, f := st.ends[last], st.ends[:last]
	st.ends = f
	i := 0
	for c := 1; c < last; c = 2*i + 1 {
		if c+1 < last && f[c+1] < f[c] {
			c++
		}
		if f[c] >= end {
			break
		}
		f[i] = f[c]
		i = c
	}
	if last > 0 {
		f[i] = end
	}
}
