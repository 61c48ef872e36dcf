package k6

import (
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim"
)

// stream is one channel's shoppers, as k6 has to start them.
type stream struct {
	Name    string
	Channel engines.Channel
	Counts  []int64 // shoppers who come in each step of the day
	VUs     int64
}

// steps is how many a day has, unless that makes one shorter than leastStep.
const (
	steps     = 120
	leastStep = 50 * time.Millisecond
)

// step is for how long k6's rate stays the same.
func step(day time.Duration) time.Duration {
	return max(day/steps, leastStep).Round(time.Millisecond)
}

// patience is for how long the engine may keep a virtual user, beyond what the plan says, before there are too few of them.
const patience = 200 * time.Millisecond

// streams are the scenario's channels. Together they have so many virtual users; 0: as many as the plan needs.
func streams(p *sim.Plan, vus int) []stream {
	every := step(p.Duration())
	n := int((p.Duration()+every-1)/every) + 1
	var all []stream
	busy := map[engines.Channel][]int64{}
	byChannel := map[engines.Channel]int{}
	for _, c := range p.Scenario().Channels {
		byChannel[engines.Channel(c.Index)] = len(all)
		all = append(all, stream{Name: c.Name, Channel: engines.Channel(c.Index), Counts: make([]int64, n)})
	}
	for v := range p.Visits() {
		s := &all[byChannel[v.Channel]]
		at := min(int(v.At/every), n-1)
		s.Counts[at]++
		// The iteration starts somewhere in its step, and the day begins a step and a half after k6 does.
		busy[v.Channel] = occupy(busy[v.Channel], at, int((v.At+every+every/2+v.Stay+patience)/every))
	}
	for i := range all {
		all[i].VUs = 1
		for _, most := range busy[all[i].Channel] {
			all[i].VUs = max(all[i].VUs, most)
		}
	}
	if vus > 0 {
		ration(all, int64(vus))
	}
	return all
}

// occupy counts a virtual user in every step from one to another.
func occupy(busy []int64, from, to int) []int64 {
	for len(busy) <= to {
		busy = append(busy, 0)
	}
	for i := from; i <= to; i++ {
		busy[i]++
	}
	return busy
}

// ration shares virtual users out by need, at least one to each.
func ration(all []stream, vus int64) {
	var need int64
	for i := range all {
		need += all[i].VUs
	}
	for i := range all {
		all[i].VUs = max(1, all[i].VUs*vus/need)
	}
}

// scenarios is k6's option of that name. In each step of the day k6 starts just as many iterations as shoppers come in the next.
func (d *shared) scenarios() map[string]any {
	every := step(d.plan.Duration())
	all := map[string]any{}
	for _, s := range d.stages {
		// Half an iteration ahead of all others moves each into the middle of its share of a step: at the end of one, rounding would leave it to
		// the next step that has any.
		stages := []map[string]any{stage(0, 1), stage(every/2, 1)}
		for i, count := range trimmed(s.Counts) {
			if i > 0 && count == s.Counts[i-1] {
				stages = append(stages, stage(every, count))
				continue
			}
			stages = append(stages, stage(0, count), stage(every, count))
		}
		// One iteration more, which finds that no more shoppers come: k6 ends a scenario with its last iteration, and takes an early end for a
		// failure.
		stages = append(stages, stage(0, 1), stage(every*11/20, 1))
		all[s.Name] = map[string]any{
			"executor": "ramping-arrival-rate", "timeUnit": every.String(), "startRate": 0, "stages": stages,
			"preAllocatedVUs": s.VUs, "maxVUs": s.VUs, "gracefulStop": graceful.String(),
		}
	}
	return all
}

// trimmed leaves the steps out after the last shopper.
func trimmed(counts []int64) []int64 {
	for len(counts) > 0 && counts[len(counts)-1] == 0 {
		counts = counts[:len(counts)-1]
	}
	return counts
}

// graceful is how long shoppers may go on when the last one has come.
const graceful = 10 * time.Second

func stage(d time.Duration, target int64) map[string]any {
	return map[string]any{"duration": d.String(), "target": target}
}
