package audit

import (
	"fmt"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// versions replays each stock key's operations in the order of their versions: each must leave the stock that its reply
// claimed, and one that was answered before another was asked must have the lower version.
type versions struct {
	names    func(engines.SKU) string
	on       bool
	ledger   *ledger.Ledger
	opening  []int64
	channels int // stock keys of a SKU
	keys     []key
	aside    []aside
	waiting  waiting

	compared   int64
	violations int64
	first      string
	firstAt    time.Duration
}

// key is what is kept of one stock key.
type key struct {
	next      uint64        // the version that comes next
	after     int64         // stock after the version before it
	lastAsked time.Duration // the latest time that an operation so far was asked
	waits     bool          // versions came before their turn: see aside
	broken    bool          // after isn't known: a version is missing
}

// aside is what is kept of one stock key beside that, and seldom needed.
type aside struct {
	waiting  chain // versions that came before their turn
	missing  int32 // versions passed over
	unknowns int32 // operations on it whose answers were lost
}

// claim is one version of one stock key, as a reply gave it.
type claim struct {
	seq          uint64
	after, delta int64
	asked, told  time.Duration
	anyDelta     bool // what the operation did to this key isn't known from outside
}

func newVersions(l *ledger.Ledger, c Config) *versions {
	v := &versions{on: c.Versions, ledger: l, names: c.Names, opening: c.Opening, channels: 1, firstAt: -1}
	if !v.on {
		return v
	}
	if c.Pools {
		v.channels = max(1, l.Channels())
	}
	v.keys, v.aside = make([]key, l.SKUs()*v.channels), make([]aside, l.SKUs()*v.channels)
	for i := range v.keys {
		k := &v.keys[i]
		k.next = 1
		if k.broken = c.Pools; !c.Pools { // how an engine divides the opening stock is its own business
			k.after = c.Opening[i]
		}
	}
	return v
}

func (v *versions) about() about {
	return about{
		name: "versions", limit: "0 violations", safety: true,
		notSeen: "Operations that took effect without a version; what happened at versions whose answers were lost; for an absolute count or a transfer, by how much the stock changed.",
	}
}

func (v *versions) follows(a answer) bool {
	return v.on && a.isNews() && (a.hasVersions() || a.outcome() == engines.Unknown)
}

func (v *versions) answered(e *ledger.Entry, _ ledger.Order) {
	if e.Reply.Outcome == engines.Unknown {
		v.lost(e)
		return
	}
	sign, known := direction(e)
	all, c := e.Reply.Versions, claim{asked: e.Start, told: e.End}
	for i := range all {
		got := &all[i]
		at := int(got.SKU)*v.channels + int(got.Pool)
		if int(got.Pool) >= v.channels || at >= len(v.keys) {
			v.violated(e.End, "A reply names SKU %d, pool %d, which don't exist.", got.SKU, got.Pool)
			continue
		}
		c.seq, c.after, c.delta, c.anyDelta = got.Seq, got.After, 0, !known
		if known {
			c.delta, c.anyDelta = delta(all, e.Lines, got.SKU, sign)
		}
		if got.After < 0 && e.Op.Kind.TakesStock() && e.Reply.Outcome == engines.Done {
			v.violated(e.End, "Version %d of %s: a %s left %d units.", got.Seq, v.name(at), e.Op.Kind, got.After)
		}
		v.take(at, &c)
	}
}

// lost allows a missing version to every key that the operation may have changed.
func (v *versions) lost(e *ledger.Entry) {
	for _, line := range e.Lines {
		first := int(line.SKU) * v.channels
		for i := range v.channels {
			v.aside[first+i].unknowns++
		}
	}
}

// direction says which way an operation changed the stock of its lines. It isn't known of absolute counts and transfers.
func direction(e *ledger.Entry) (sign int64, known bool) {
	if e.Reply.Outcome != engines.Done {
		return 0, false // it was taken back, in steps that aren't told
	}
	switch e.Op.Kind {
	case engines.Reserve, engines.Sell:
		return -1, true
	case engines.Confirm, engines.Ship:
		return 0, true
	case engines.Count, engines.Transfer:
		return 0, false
	}
	return 1, true
}

// delta is by how much an operation on lines changed a stock key of the SKU. It isn't known where several versions are of the SKU:
// the operation changed several of its pools.
func delta(all []engines.Version, lines []engines.Line, sku engines.SKU, sign int64) (units int64, anything bool) {
	for _, line := range lines {
		if line.SKU == sku {
			return sign * int64(line.Qty), !only(all, sku)
		}
	}
	return 0, false
}

func only(all []engines.Version, sku engines.SKU) bool {
	same := 0
	for i := range all {
		if all[i].SKU == sku {
			same++
		}
	}
	return same <= 1
}

// take puts a claim in its place.
func (v *versions) take(at int, c *claim) {
	k := &v.keys[at]
	if c.seq == k.next {
		v.replay(at, c)
	} else {
		v.outOfTurn(at, c)
	}
	if k.waits {
		v.catchUp(at)
	}
}

func (v *versions) outOfTurn(at int, c *claim) {
	k, a := &v.keys[at], &v.aside[at]
	switch {
	case c.seq > k.next:
		if !v.waiting.add(&a.waiting, *c) {
			v.twice(at, c)
		} else if a.waiting.len > patience {
			v.passOver(at)
		}
		k.waits = true
	case a.missing > 0:
		a.missing-- // it came after it had been passed over
	default:
		v.twice(at, c)
	}
}

// catchUp replays those that waited and whose turn it is.
func (v *versions) catchUp(at int) {
	k, a := &v.keys[at], &v.aside[at]
	for a.waiting.len > 0 && v.waiting.first(&a.waiting).seq == k.next {
		next := v.waiting.pop(&a.waiting)
		v.replay(at, &next)
	}
	k.waits = a.waiting.len > 0
}

// passOver gives up waiting for the versions before the first that waits.
func (v *versions) passOver(at int) {
	k, a := &v.keys[at], &v.aside[at]
	first := v.waiting.first(&a.waiting).seq
	a.missing += int32(min(first-k.next, 1<<30))
	k.next, k.broken = first, true
}

func (v *versions) replay(at int, c *claim) {
	k := &v.keys[at]
	v.compared++
	if want := k.after + c.delta; !k.broken && !c.anyDelta && want != c.after {
		v.violated(c.told, "Version %d of %s claims %d units; replayed from the version before it, %d%+d, it leaves %d.",
			c.seq, v.name(at), c.after, k.after, c.delta, want)
	}
	if c.told < k.lastAsked {
		v.violated(c.told, "Version %d of %s was answered at %v, before an operation with a lower version was asked, at %v.",
			c.seq, v.name(at), c.told, k.lastAsked)
	}
	k.lastAsked = max(k.lastAsked, c.asked)
	k.after, k.broken = c.after, false
	k.next = c.seq + 1
}

func (v *versions) twice(at int, c *claim) {
	v.violated(c.told, "Version %d of %s was given to two operations.", c.seq, v.name(at))
}

func (v *versions) name(at int) string {
	if v.channels == 1 {
		return v.names(engines.SKU(at))
	}
	return fmt.Sprintf("%s, pool %d", v.names(engines.SKU(at/v.channels)), at%v.channels)
}

// violated counts, and words the first violation only.
func (v *versions) violated(at time.Duration, format string, args ...any) {
	if v.violations++; v.violations == 1 {
		v.firstAt, v.first = at, fmt.Sprintf(format, args...)
	}
}

func (v *versions) judge(c *closing) finding {
	if !v.on {
		return notChecked("The engine gives no versions.")
	}
	var missing int64
	for at := range v.keys {
		missing += v.finish(at)
	}
	v.compareStock(c)
	f := finding{
		verdict: Pass, evidence: v.compared, firstAt: v.firstAt, actual: fmt.Sprintf("%d violations", v.violations),
		detail: fmt.Sprintf("%d versions replay to the stock that each reply claimed.", v.compared),
	}
	if missing > 0 {
		f.detail += fmt.Sprintf(" %d are missing, no more than answers were lost.", missing)
	}
	switch {
	case v.violations > 0:
		f.verdict, f.detail = Fail, v.first
	case v.compared == 0:
		return unknown("The engine should give versions, but no reply had one.")
	}
	return f
}

// finish replays what still waits, and returns how many versions are missing that lost answers explain.
func (v *versions) finish(at int) int64 {
	a := &v.aside[at]
	for a.waiting.len > 0 {
		if v.waiting.first(&a.waiting).seq != v.keys[at].next {
			v.passOver(at)
		}
		next := v.waiting.pop(&a.waiting)
		v.replay(at, &next)
	}
	if a.missing > a.unknowns {
		v.violated(-1, "%d versions of %s were given to nobody; %d answers were lost.", a.missing, v.name(at), a.unknowns)
	}
	return int64(a.missing)
}

// compareStock holds the last version of each key against the books.
func (v *versions) compareStock(c *closing) {
	for _, s := range c.keys {
		at := int(s.SKU)*v.channels + int(s.Pool)
		if int(s.Pool) >= v.channels {
			v.violated(-1, "The books name pool %d of SKU %d, which doesn't exist.", s.Pool, s.SKU)
			continue
		}
		k, a := &v.keys[at], &v.aside[at]
		switch {
		case s.Seq >= k.next+uint64(max(0, a.unknowns-a.missing)):
			v.violated(-1, "The books end at version %d of %s; the replies end at %d.", s.Seq, v.name(at), k.next-1)
		case s.Seq+1 == k.next && !k.broken && a.unknowns == 0 && s.Available != k.after:
			v.violated(-1, "The books have %d units of %s available; its last version, %d, left %d.", s.Available, v.name(at), s.Seq, k.after)
		case s.Seq+1 < k.next:
			v.violated(-1, "The books end at version %d of %s; a reply claimed %d.", s.Seq, v.name(at), k.next-1)
		}
	}
}
