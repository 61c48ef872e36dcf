package redis

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// conditional asks and writes in one script, which the server runs without another between. It reads nothing beforehand.
type conditional struct{}

var _ strategy = conditional{}

func (conditional) try(ctx context.Context, t *txn) error {
	return t.write(ctx, conditionalScript, t.keys, t.conditions()...)
}

// ARGV[6] is what op does to units: take them, move them, give them back, feed them, or count them. Then, for each stock key: its
// place, and the change or, of a count, what is on hand.
const takeIfEnough = `
local mode, rows, versions = ARGV[6], {}, ''
for i = 3, #KEYS do
  local s = redis.call('HMGET', KEYS[i], 'available', 'taken', 'seq')
  if not s[1] then return redis.error_reply('NOSTOCK ' .. KEYS[i]) end
  local delta, taken = tonumber(ARGV[2 * i + 2]), tonumber(s[2])
  if mode == 'count' then delta = delta - s[1] - taken end
  local after = s[1] + delta
  if after < 0 and delta < 0 and (mode == 'take' or mode == 'move') then return record(2, '') end
  if mode == 'take' or mode == 'give' then taken = taken - delta end
  rows[i] = {delta, string.format('%d', after), taken, s[3] + 1}
end
for i = 3, #KEYS do
  local r = rows[i]
  if r[1] ~= 0 then
    redis.call('HSET', KEYS[i], 'available', r[2], 'taken', r[3], 'seq', r[4])
    versions = versions .. ARGV[2 * i + 1] .. r[4] .. ',' .. r[2] .. ';'
  end
end
`

var conditionalScript = newScript(takeIfEnough)

func (t *txn) conditions() []any {
	args := make([]any, 1, 1+2*len(t.keys))
	args[0] = t.mode()
	for _, k := range t.keys {
		args = append(args, place(k), k.delta)
	}
	return args
}

func (t *txn) mode() string {
	switch {
	case t.op.Kind.TakesStock():
		return "take"
	case t.op.Kind.NamesOrder():
		return "give"
	case t.op.Kind == engines.Transfer:
		return "move"
	case t.op.Kind == engines.Count:
		return "count"
	}
	return "feed"
}
