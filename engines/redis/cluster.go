package redis

import (
	"context"
	"fmt"

	goredis "github.com/redis/go-redis/v9"

	"github.com/doorbuster/doorbuster/engines"
)

// locate finds where the records of op and its order are kept: on a cluster beside the order's SKU, which is told by the order's
// home, since op may not name it. An order that has no home is in no slot: NotFound.
func (t *txn) locate(ctx context.Context) error {
	if !t.cluster {
		t.home = prefix
		return nil
	}
	if err := t.oneSlot(); err != nil {
		return err
	}
	if !t.op.Kind.NamesOrder() {
		t.home = t.beside(t.lines[0].SKU)
		return nil
	}
	home := goredis.NewStringCmd(ctx, "get", homeKey(t.op.Order))
	cmds := []goredis.Cmder{home}
	if t.op.Kind.TakesStock() {
		cmds = []goredis.Cmder{goredis.NewStatusCmd(ctx, "set", homeKey(t.op.Order), t.beside(t.lines[0].SKU), "nx"), home}
	}
	if err := t.wire.do(ctx, cmds...); err != nil {
		return err
	}
	if t.home = home.Val(); t.home == "" {
		return verdict(engines.NotFound)
	}
	if t.op.Kind.TakesStock() && slot(t.home) != slot(t.beside(t.lines[0].SKU)) {
		return verdict(engines.Conflict)
	}
	return nil
}

// oneSlot refuses an operation that no script can write.
func (t *txn) oneSlot() error {
	for i := 1; i < len(t.lines); i++ {
		a, b := t.lines[0].SKU, t.lines[i].SKU
		if slot(tag(a)) != slot(tag(b)) {
			return fmt.Errorf("its SKUs %d and %d are in slots %d and %d of the cluster: they can't be written at once, all or nothing; "+
				"give them one slot, split the order, or use a single server", a, b, slot(tag(a)), slot(tag(b)))
		}
	}
	return nil
}

// slot is where a cluster keeps what has the hash tag in text: CRC-16 (XMODEM) of what stands between the first braces, modulo 16384.
func slot(text string) uint16 {
	from := 0
	for text[from] != '{' {
		from++
	}
	crc := uint16(0)
	for i := from + 1; text[i] != '}'; i++ {
		crc ^= uint16(text[i]) << 8
		for range 8 {
			high := crc&0x8000 != 0
			crc <<= 1
			if high {
				crc ^= 0x1021
			}
		}
	}
	return crc % 16384
}
