package redis

import (
	"fmt"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// took takes in what was read: the records of op's ID and order, and the stock.
func (t *txn) took(first, now string, rows []*goredis.SliceCmd) error {
	if err := t.seen(first, now); err != nil {
		return err
	}
	for i, cmd := range rows {
		n, err := numbers(t.at(t.keys[i]), cmd.Val())
		if err != nil {
			return err
		}
		t.was = append(t.was, row{available: n[0], taken: n[1]})
	}
	t.counted()
	return nil
}

// numbers are the fields of a stock key.
func numbers(name string, fields []any) ([]int64, error) {
	all := make([]int64, len(fields))
	for i, f := range fields {
		text, ok := f.(string)
		if !ok {
			return nil, fmt.Errorf("%s %s", noStock, name)
		}
		var err error
		if all[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, fmt.Errorf("stock at %s: %w", name, err)
		}
	}
	return all, nil
}

// counted works out the change of a Count from what was read: what is held or committed lies on the shelf and is counted too.
func (t *txn) counted() {
	if t.op.Kind != engines.Count {
		return
	}
	for i := range t.keys {
		t.keys[i].delta = t.keys[i].qty - t.was[i].available - t.was[i].taken
	}
}
