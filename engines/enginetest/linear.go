package enginetest

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/doorbuster/doorbuster/engines"
)

// oneSKU is the sequential meaning of sales and receipts of one SKU. Its state is what is available.
var oneSKU = porcupine.Model{
	Init: func() any { return int64(linearStock) },
	Step: func(state, input, output any) (bool, any) {
		have, change := state.(int64), input.(int64)
		switch output.(engines.Outcome) {
		case engines.Done:
			return have+change >= 0, have + change
		case engines.SoldOut:
			return have+change < 0, have
		}
		return true, have // contended: nothing happened
	},
}

const linearStock = 5

// Linearizable lets a few clients sell and receive one SKU at once, and asks porcupine whether one order of
// all operations explains every answer. It asks it of engines that promise and keep one stock; a pool may refuse what another has.
func Linearizable(t TB, spec engines.Spec, w World) {
	t.Helper()
	if !spec.PromisesNoOversell || spec.Pools {
		return
	}
	switch linear(t, spec, w) {
	case porcupine.Illegal:
		t.Errorf("%s: no order of the operations explains their outcomes", spec.Name)
	case porcupine.Unknown:
		t.Errorf("%s: in %v porcupine found no order of the operations that explains their outcomes, nor that there is none", spec.Name, patience)
	}
}

// patience bounds porcupine's search. What it needs grows exponentially with the operations that overlap.
const patience = 10 * time.Second

// linear runs a history and says whether it is linearizable.
func linear(t TB, spec engines.Spec, w World) porcupine.CheckResult {
	t.Helper()
	var history []porcupine.Operation
	w.Open(t, spec, Options{Opening: []int64{linearStock}}, func(h *House) {
		var mu sync.Mutex
		h.AtOnce(8, func(i int) {
			r := rand.New(rand.NewPCG(7, uint64(i)))
			for n := range 8 {
				op, change := h.smallOp(engines.OrderID(8*n+i+1), r)
				call := h.now()
				out := h.Do(op).Outcome
				o := porcupine.Operation{ClientId: i, Input: change, Call: int64(call), Output: out, Return: int64(h.now())}
				mu.Lock()
				history = append(history, o)
				mu.Unlock()
			}
		})
	})
	return porcupine.CheckOperationsTimeout(oneSKU, history, patience)
}

func (h *House) smallOp(order engines.OrderID, r *rand.Rand) (engines.Op, int64) {
	n := 1 + r.Int32N(3)
	if r.IntN(4) == 0 {
		return h.feedOp(engines.Receive, line(0, n)), int64(n)
	}
	return orderOp(engines.Sell, order, line(0, n)), -int64(n)
}
