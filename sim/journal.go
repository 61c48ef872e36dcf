package sim

import (
	"bufio"
	"encoding/gob"
	"io"
	"time"

	"github.com/doorbuster/doorbuster/sim/driver"
	"github.com/doorbuster/doorbuster/sim/ledger"
)

// JournalName is what the file with a part's journal is called, beside the part's result.json.
const JournalName = "journal.gob"

// journal passes on to a judge what it is told, and writes it down.
type journal struct {
	judge  driver.Judge
	out    *bufio.Writer
	encode *gob.Encoder
	err    error
}

// record is one line of a journal: the beginning (Header and Start), an operation that was asked or answered (Entry), or the end (Ended).
type record struct {
	Header   *header
	Start    time.Time
	Answered bool
	Entry    *ledger.Entry
	Ended    bool
	Complete bool
}

func newJournal(w io.Writer, judge driver.Judge) *journal {
	out := bufio.NewWriter(w)
	return &journal{judge: judge, out: out, encode: gob.NewEncoder(out)}
}

func (j *journal) begin(h *header, at time.Time) { j.write(&record{Header: h, Start: at}) }

// Asked implements driver.Judge.
func (j *journal) Asked(e *ledger.Entry) {
	j.judge.Asked(e)
	j.write(&record{Entry: e})
}

// Answered implements driver.Judge.
func (j *journal) Answered(e *ledger.Entry) {
	j.judge.Answered(e)
	j.write(&record{Answered: true, Entry: e})
}

// end writes the last line.
func (j *journal) end(complete bool) error {
	j.write(&record{Ended: true, Complete: complete})
	if j.err == nil {
		j.err = j.out.Flush()
	}
	return j.err
}

// write keeps the first error for the end: what a run does doesn't depend on it.
func (j *journal) write(r *record) {
	if j.err == nil {
		j.err = j.encode.Encode(r)
	}
}
