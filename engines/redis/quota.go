package redis

import (
	"context"

	"github.com/doorbuster/doorbuster/engines"
)

// quota keeps a pool of stock for each channel and writes conditionally in the caller's. If that is short, the richest other pool
// gives: half of what it can spare, or what is short if that is more, for else every sale from then on would need a transfer. Units
// are revoked before they are granted; as a SKU's pools are in one slot, one script does both, and nobody sees them in between.
type quota struct{}

var _ strategy = quota{}

func (quota) try(ctx context.Context, t *txn) error {
	switch {
	case t.op.Kind.TakesStock():
		return t.takeFromPool(ctx)
	case t.feeds():
		return t.feedPools(ctx)
	}
	return conditional{}.try(ctx, t) // units go back to the pool they came from, or from pool to pool
}

// allPools are the keys of every pool of t's SKUs, pool by pool.
func (t *txn) allPools() []key {
	var all []key
	for _, l := range t.lines {
		for pool := range t.pools {
			all = append(all, key{sku: l.SKU, pool: engines.Channel(pool)})
		}
	}
	return all
}

// put makes a version of a row; save writes the rows that have one.
// ARGV[6]: how many pools. ARGV[7…]: SKU and units, by line.
const poolRows = `
local pools, rows, versions = tonumber(ARGV[6]), {}, ''
local lines = (#KEYS - 2) / pools
local function units(line) return tonumber(ARGV[6 + 2 * line]) end
local function put(line, pool, available)
  local r = rows[line][pool]
  r.available, r.seq, r.moved = available, r.seq + 1, true
  versions = versions .. ARGV[5 + 2 * line] .. ',' .. (pool - 1) .. ',' .. r.seq .. ',' .. string.format('%d', available) .. ';'
end
local function save()
  for _, line in ipairs(rows) do
    for _, r in ipairs(line) do
      if r.moved then redis.call('HSET', r.key, 'available', string.format('%d', r.available), 'taken', r.taken, 'seq', r.seq) end
    end
  end
end
for line = 1, lines do
  rows[line] = {}
  for pool = 1, pools do
    local key = KEYS[2 + (line - 1) * pools + pool]
    local s = redis.call('HMGET', key, 'available', 'taken', 'seq', 'floor')
    if not s[1] then return redis.error_reply('NOSTOCK ' .. key) end
    rows[line][pool] = {key = key, available = tonumber(s[1]), taken = tonumber(s[2]), seq = tonumber(s[3]), floor = tonumber(s[4])}
  end
end
`

// After the lines: the pool to take from. What all pools of a SKU together owe, after a count found less than was sold, none of them sells.
var takeScript = newScript(poolRows + `
local own = tonumber(ARGV[#ARGV]) + 1
local function spare(r) return math.max(0, r.available - r.floor) end
local function short(line) return units(line) - rows[line][own].available end
local function judge(line)
  local sum, others = -units(line), 0
  for pool, r in ipairs(rows[line]) do
    sum = sum + r.available
    if pool ~= own then others = others + spare(r) end
  end
  return short(line) <= 0 and sum >= 0, others >= short(line)
end
local function fill(line)
  local best, most = own, -1
  for pool, r in ipairs(rows[line]) do
    if pool ~= own and spare(r) > most then best, most = pool, spare(r) end
  end
  local n = math.min(most, math.max(short(line), math.floor(most / 2)))
  if n > 0 then
    put(line, best, rows[line][best].available - n)
    put(line, own, rows[line][own].available + n)
  end
end
for transfers = 0, 2 do
  local fit, fillable = true, true
  for line = 1, lines do
    local fits, filled = judge(line)
    fit, fillable = fit and fits, fillable and filled
  end
  if fit then break end
  if transfers == 2 or not fillable then
    save()
    return record(2, versions)
  end
  for line = 1, lines do
    if short(line) > 0 then fill(line) end
  end
end
for line = 1, lines do
  local r = rows[line][own]
  put(line, own, r.available - units(line))
  r.taken = r.taken + units(line)
end
save()
`)

func (t *txn) takeFromPool(ctx context.Context) error {
	err := t.write(ctx, takeScript, t.allPools(), append(t.poolArgs(), t.pools.Of(t.op.Channel))...)
	if err == nil && t.fresh {
		transfers := len(t.out)
		if t.outcome == engines.Done {
			transfers -= len(t.lines)
		}
		t.count(engines.PoolTransfers, transfers/2) // each makes a version of two pools
	}
	return err
}

func (t *txn) poolArgs() []any {
	args := make([]any, 1, 2+2*len(t.lines)+len(t.pools))
	args[0] = len(t.pools)
	for _, l := range t.lines {
		args = append(args, uint64(l.SKU), l.Qty)
	}
	return args
}

// What comes settles first what pools owe, and then goes by weight. What is lost goes by what they have, since a pool that was sold
// out can lose nothing; what nobody has is owed by weight. split is the largest-remainder method: whole units first, then one each to those that
// were cut the most, the first of equals. A product may exceed what a double holds exactly, so it is made in two halves.
// After the lines: the kind, and the pools' weights.
var feedScript = newScript(poolRows + `
local kind, weights = ARGV[7 + 2 * lines], {}
for pool = 1, pools do weights[pool] = tonumber(ARGV[7 + 2 * lines + pool]) end
local function ratio(n, w, sum)
  local whole, n = math.floor(n / sum) * w, n % sum
  local half = n * math.floor(w / 32768)
  local low = (half % sum) * 32768 + n * (w % 32768)
  return whole + math.floor(half / sum) * 32768 + math.floor(low / sum), low % sum
end
local function split(n, weights)
  local sum, left, parts, rest = 0, n, {}, {}
  for _, w in ipairs(weights) do sum = sum + w end
  for pool, w in ipairs(weights) do
    parts[pool], rest[pool] = 0, 0
    if n > 0 and sum > 0 then parts[pool], rest[pool] = ratio(n, w, sum) end
    left = left - parts[pool]
  end
  while left > 0 and sum > 0 do
    local most = 1
    for pool in ipairs(weights) do if rest[pool] > rest[most] then most = pool end end
    parts[most], rest[most], left = parts[most] + 1, 0, left - 1
  end
  return parts
end
for line = 1, lines do
  local change, sign, room, sum = units(line), 1, {}, 0
  if kind == 'count' then
    for _, r in ipairs(rows[line]) do change = change - r.available - r.taken end
  end
  if change < 0 then sign = -1 end
  for pool, r in ipairs(rows[line]) do
    room[pool] = math.max(0, -sign * r.available)
    sum = sum + room[pool]
  end
  local first = math.min(sign * change, sum)
  local owed, shares = split(first, room), split(sign * change - first, weights)
  for pool, r in ipairs(rows[line]) do
    local delta = sign * (owed[pool] + shares[pool])
    if delta ~= 0 then put(line, pool, r.available + delta) end
  end
end
save()
`)

func (t *txn) feedPools(ctx context.Context) error {
	args := append(t.poolArgs(), t.mode())
	for _, w := range t.pools {
		args = append(args, w)
	}
	return t.write(ctx, feedScript, t.allPools(), args...)
}
