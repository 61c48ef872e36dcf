package sim

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/scenarios"
	"github.com/doorbuster/doorbuster/sim/audit"
	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/result"
	"github.com/doorbuster/doorbuster/sim/workload"
)

// Join judges the parts of one run together, and completes what result.Merge made of their results, a file with one run. The journals go through one ledger and one
// audit, in the order of time, and the engine's books are read, once: so all parts must be over, and the engine as they left it. The parts'
// clocks are taken for equal.
func Join(ctx context.Context, f *result.File, spec engines.Spec, journals []io.Reader) error {
	merged := &f.Runs[0]
	parts, err := openJournals(journals)
	if err != nil {
		return err
	}
	j, a := parts[0].head.job(spec, merged), &account{}
	a.ledger = j.newLedger()
	a.audit = audit.New(a.ledger, audit.Config{Versions: spec.Versions, Pools: spec.Pools, Opening: j.demand.Opening, Names: j.demand.Names})
	complete, err := replay(parts, a.audit)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limits.Books)
	defer cancel()
	e, err := adopt(ctx, spec, j)
	if err != nil {
		return err
	}
	books, err := e.Books(ctx)
	a.err, a.complete = err, complete && merged.Complete
	a.verdicts = a.audit.Close(ctx, books, a.complete && err == nil)
	a.err = errors.Join(a.err, e.Close())
	j.complete(merged, a)
	if f.Demand.Pressure && spec.Strategy() == f.Demand.Control && merged.Units.Oversold.Min == 0 {
		invalidate(merged, "It is the control and did not oversell, so nothing shows that this day could make an engine oversell.")
	}
	f.Complete = f.Complete && merged.Complete
	return nil
}

// adopt opens the engine as the parts left it.
func adopt(ctx context.Context, spec engines.Spec, j *job) (engines.Engine, error) {
	e, err := spec.Open(ctx, driver.Setup(j.scenario, nil))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", spec.Name, err)
	}
	a, ok := e.(engines.Adopter)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s can't be read by another process than the one that sold", spec.Name), e.Close())
	}
	if err := a.Adopt(ctx, j.demand.Opening); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// complete takes over what the audit of all parts knows; what the generators did is the merged run's already.
func (j *job) complete(merged *result.Run, a *account) {
	r := j.describe(a, &Options{})
	r.Segment, r.Load, r.Wall, r.Funnel, r.Contention = merged.Segment, merged.Load, merged.Wall, merged.Funnel, merged.Contention
	r.Errors, r.ElapsedS, r.Invalid = merged.Errors, merged.ElapsedS, append(slices.Clone(merged.Invalid), r.Invalid...)
	r.Complete, r.Valid = a.complete, merged.Valid && a.complete && a.err == nil
	for i := range r.Checks {
		r.Checks[i].Replay = ""
	}
	if r.Verdict == result.Pass && !r.Valid {
		r.Verdict = result.Unknown
	}
	r.Warnings = append(r.Warnings, "Judged by the journals of all parts together, in the order of their machines' clocks; the generators' lag is the highest of any part.")
	*merged = r
}

// header is what a journal begins with: what is needed to judge it.
type header struct {
	Opening       []int64
	Hot           []bool
	Names         []string
	Channels      []scenarios.Channel
	Day, Interval time.Duration
}

func (j *job) header() *header {
	h := &header{Opening: j.demand.Opening, Hot: j.demand.Hot, Channels: j.scenario.Channels, Day: j.length(), Interval: j.interval()}
	for sku := range j.demand.Opening {
		h.Names = append(h.Names, j.demand.Names(engines.SKU(sku)))
	}
	return h
}

// job is the run that the parts were of, as far as it is needed to judge them.
func (h *header) job(spec engines.Spec, r *result.Run) *job {
	d := &workload.Demand{Opening: h.Opening, Hot: h.Hot, Length: h.Day, Names: func(s engines.SKU) string { return h.Names[s] }}
	sc := &scenarios.Scenario{Channels: h.Channels, Variant: r.Variant}
	return &job{of: 1, spec: spec, seed: r.Seed, scenario: sc, demand: d, played: true, fit: &fit{duration: h.Day, pace: 1, share: 1, scenario: sc, demand: d}}
}

// partJournal is one part's, read record by record.
type partJournal struct {
	number int
	decode *gob.Decoder
	head   *header
	start  time.Time
	shift  time.Duration // of its clock, to that of the part that began first
	next   *record       // nil: there is no more
	ended  bool          // it has a last record, and is whole
	whole  bool
	marks  map[engines.OpID]uint8 // the audit's, on operations that were asked and not answered
}

func openJournals(readers []io.Reader) ([]*partJournal, error) {
	var parts []*partJournal
	for i, r := range readers {
		p := &partJournal{number: i + 1, decode: gob.NewDecoder(bufio.NewReader(r)), marks: map[engines.OpID]uint8{}}
		var first record
		if err := p.decode.Decode(&first); err != nil || first.Header == nil {
			return nil, fmt.Errorf("journal %d of %d: %w", p.number, len(readers), errors.Join(errors.New("expected the journal of a part"), err))
		}
		p.head, p.start = first.Header, first.Start
		if i > 0 && !slices.Equal(p.head.Opening, parts[0].head.Opening) {
			return nil, fmt.Errorf("journals 1 and %d are not of one run: their opening stock differs", p.number)
		}
		parts = append(parts, p)
	}
	first := slices.MinFunc(parts, func(a, b *partJournal) int { return a.start.Compare(b.start) }).start
	for _, p := range parts {
		p.shift = p.start.Sub(first)
		if err := p.read(); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// read takes the next record, its times on the common clock. A journal that breaks off is of a part that was cut short.
func (p *partJournal) read() error {
	p.next = nil
	r := new(record)
	switch err := p.decode.Decode(r); {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	case err != nil:
		return fmt.Errorf("journal %d: %w", p.number, err)
	case r.Ended:
		p.ended, p.whole = true, r.Complete
		return nil
	case r.Entry == nil:
		return fmt.Errorf("journal %d: found a record without an operation", p.number)
	}
	e := r.Entry
	e.Intended, e.Start, e.End, e.Op.At = e.Intended+p.shift, e.Start+p.shift, e.End+p.shift, e.Op.At+p.shift
	if e.HoldUntil != 0 {
		e.HoldUntil += p.shift
	}
	p.next = r
	return nil
}

// at is when the next record happened.
func (p *partJournal) at() time.Duration {
	if p.next.Answered {
		return p.next.Entry.End
	}
	return p.next.Entry.Start
}

// replay tells the audit what all parts asked and were answered, and says whether all came to their end.
func replay(parts []*partJournal, a *audit.Audit) (complete bool, err error) {
	for {
		var first *partJournal
		for _, p := range parts {
			if p.next != nil && (first == nil || p.at() < first.at()) {
				first = p
			}
		}
		if first == nil {
			break
		}
		first.tell(a)
		if err := first.read(); err != nil {
			return false, err
		}
	}
	return !slices.ContainsFunc(parts, func(p *partJournal) bool { return !p.ended || !p.whole }), nil
}

func (p *partJournal) tell(a *audit.Audit) {
	e := p.next.Entry
	e.Marks = 0
	if !p.next.Answered {
		a.Asked(e)
		p.marks[e.Op.ID] = e.Marks
		return
	}
	e.Marks = p.marks[e.Op.ID]
	if !e.Resend {
		delete(p.marks, e.Op.ID)
	}
	a.Answered(e)
}
