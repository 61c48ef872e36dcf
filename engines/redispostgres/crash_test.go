package redispostgres_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/doorbuster/doorbuster/engines"
	"github.com/doorbuster/doorbuster/engines/redispostgres"
)

func opened(t testing.TB, atRedis, atPostgres string, opening ...int64) engines.Engine {
	t.Helper()
	e, err := spec(atRedis, atPostgres).Open(context.Background(), engines.Setup{Tuning: engines.Tuning{LockWait: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.Reset(context.Background(), opening); err != nil {
		t.Fatal(err)
	}
	return e
}

func op(kind engines.Kind, order engines.OrderID, lines ...engines.Line) engines.Op {
	o := engines.Op{ID: engines.OrderOp(order, kind), Kind: kind, Order: order, Lines: lines}
	if kind == engines.Reserve {
		o.HoldFor = time.Minute
	}
	return o
}

func sell(order engines.OrderID) engines.Op {
	return op(engines.Sell, order, engines.Line{SKU: 0, Qty: 1})
}

func wantDone(t *testing.T, e engines.Engine, ops ...engines.Op) {
	t.Helper()
	for _, o := range ops {
		if r, err := e.Do(context.Background(), o); err != nil || r.Outcome != engines.Done {
			t.Errorf("%s of order %d: %v, %v, want done", o.Kind, o.Order, r.Outcome, err)
		}
	}
}

// sold are the orders that Postgres knows to be sold, in order, and what it has available.
func sold(t testing.TB, e engines.Engine) (ids []engines.OrderID, available int64) {
	t.Helper()
	books, err := e.Books(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for g, err := range books.Grants {
		if err != nil {
			t.Fatal(err)
		}
		if g.State == engines.Committed {
			ids = append(ids, g.Order)
		}
	}
	for s, err := range books.Stock {
		if err != nil {
			t.Fatal(err)
		}
		available += s.Available
	}
	slices.Sort(ids)
	return ids, available
}

func reconciled(t *testing.T, e engines.Engine) redispostgres.Repair {
	t.Helper()
	r, err := e.(redispostgres.Reconciler).Reconcile(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestKilledInBetween cuts the worker from Postgres again and again, before, during and after its commits. Customers notice nothing, and in
// the end Postgres has every order once.
func TestKilledInBetween(t *testing.T) {
	atRedis, atPostgres := stores(t)
	line, through := newLine(t, atPostgres)
	const orders = 400
	e := opened(t, atRedis, through, orders+10)
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for range 8 {
			line.cut()
			<-time.After(20 * time.Millisecond)
			line.join()
			<-time.After(40 * time.Millisecond)
		}
	})
	for order := range engines.OrderID(orders) {
		wantDone(t, e, sell(order+1))
	}
	cutting.Wait()
	if ids, left := sold(t, e); len(ids) != orders || left != 10 {
		t.Errorf("Postgres has %d orders, and %d units left: want %d and 10", len(ids), left, orders)
	}
	if line.cuts() == 0 {
		t.Errorf("no connection was cut: nothing is tested")
	}
	if r := reconciled(t, e); r.Written+r.Restored+r.Released+len(r.Unbacked)+len(r.Differ) != 0 || r.Corrected != 0 {
		t.Errorf("after that, a reconciliation mends %+v, want nothing", r)
	}
}

// TestLinesThatCancelOut corrects a SKU up and down in one operation: what is copied is what was asked, not a line of no units.
func TestLinesThatCancelOut(t *testing.T) {
	atRedis, atPostgres := stores(t)
	e := opened(t, atRedis, atPostgres, 10)
	wantDone(t, e, engines.Op{ID: engines.FeedOp(6, 1), Kind: engines.Adjust, Lines: []engines.Line{{SKU: 0, Qty: 3}, {SKU: 0, Qty: -3}}}, sell(1))
	if ids, left := sold(t, e); len(ids) != 1 || left != 9 {
		t.Errorf("Postgres has %d orders, and %d units left: want 1 and 9", len(ids), left)
	}
}

// TestJournalLost removes entries from the journal before they are copied. A reconciliation finds their orders in Redis.
func TestJournalLost(t *testing.T) {
	atRedis, atPostgres := stores(t)
	line, through := newLine(t, atPostgres)
	e := opened(t, atRedis, through, 10, 5)
	wantDone(t, e, sell(1))
	wantDone(t, e, op(engines.Reserve, 2, engines.Line{SKU: 0, Qty: 2}), op(engines.Reserve, 3, engines.Line{SKU: 0, Qty: 1}))
	if ids, _ := sold(t, e); len(ids) != 1 {
		t.Errorf("Postgres has sold orders %v, want order 1", ids)
	}
	line.cut()
	wantDone(t, e, sell(4), op(engines.Confirm, 2), op(engines.Release, 3), op(engines.Reserve, 5, engines.Line{SKU: 1, Qty: 1}), op(engines.Confirm, 5))
	wantDone(t, e, engines.Op{ID: engines.FeedOp(6, 1), Kind: engines.Receive, Lines: []engines.Line{{SKU: 1, Qty: 3}}})
	if n := client(t, atRedis).XTrimMaxLen(context.Background(), "doorbuster:journal", 0).Val(); n != 6 {
		t.Errorf("%d entries were lost, want 6", n)
	}
	line.join()
	r := reconciled(t, e)
	if r.Written != 4 || r.Corrected != 3 || r.Restored+r.Released+len(r.Unbacked)+len(r.Differ) != 0 {
		t.Errorf("a reconciliation mends %+v, want 4 orders written and the lost receipt of 3 units taken back", r)
	}
	if ids, left := sold(t, e); !slices.Equal(ids, []engines.OrderID{1, 2, 4, 5}) || left != 6+4 {
		t.Errorf("Postgres has sold orders %v, and %d units are left: want orders 1, 2, 4 and 5, and 10", ids, left)
	}
}

// TestRedisForgets kills Redis and takes the last orders from its log, as a power cut does. Postgres still has them.
func TestRedisForgets(t *testing.T) {
	_, atPostgres := stores(t)
	s := newServer(t)
	e := opened(t, s.url, atPostgres, 10, 5)
	wantDone(t, e, sell(1), op(engines.Reserve, 2, engines.Line{SKU: 1, Qty: 1}))
	if _, left := sold(t, e); left != 13 {
		t.Errorf("%d units are left, want 13", left)
	}
	s.kill(t)
	s.keep(t)
	s.start(t)
	wantDone(t, e, sell(3), sell(4), op(engines.Confirm, 2), op(engines.Reserve, 5, engines.Line{SKU: 1, Qty: 2}))
	if ids, _ := sold(t, e); len(ids) != 4 {
		t.Errorf("Postgres has sold orders %v, want 1 to 4", ids)
	}
	s.kill(t)
	s.forget(t)
	s.start(t)
	r := reconciled(t, e)
	if r.Restored != 3 || r.Released != 1 || r.Corrected != 0 || r.Written+len(r.Unbacked)+len(r.Differ) != 0 {
		t.Errorf("a reconciliation mends %+v, want 3 orders restored and a hold released", r)
	}
	for range 7 { // what is left is sold once
		wantDone(t, e, sell(nextOrder()))
	}
	if r, err := e.Do(context.Background(), sell(nextOrder())); err != nil || r.Outcome != engines.SoldOut {
		t.Errorf("one more: %v, %v, want sold out", r.Outcome, err)
	}
	if ids, left := sold(t, e); len(ids) != 11 || left != 4 {
		t.Errorf("Postgres has sold %d orders, and %d units are left: want 11 and 4", len(ids), left)
	}
}

// TestSoldAgain does the same, but what Redis forgot is sold to others before anybody reconciles: that is found and can't be mended.
func TestSoldAgain(t *testing.T) {
	_, atPostgres := stores(t)
	s := newServer(t)
	e := opened(t, s.url, atPostgres, 5)
	wantDone(t, e, sell(1))
	_, _ = sold(t, e)
	s.kill(t)
	s.keep(t)
	s.start(t)
	wantDone(t, e, sell(2), sell(3))
	_, _ = sold(t, e)
	s.kill(t)
	s.forget(t)
	s.start(t)
	wantDone(t, e, sell(11), sell(12), sell(13), sell(14)) // 7 orders are promised now, of 5 units
	r := reconciled(t, e)
	if len(r.Unbacked) != 4 || !slices.Equal(r.Unbacked[:2], []engines.OrderID{2, 3}) || r.Unbacked[2] < 11 || r.Restored+r.Written+r.Released+len(r.Differ) != 0 {
		t.Errorf("a reconciliation mends %+v, want the two orders that were forgotten, and the two that were sold their units, unbacked", r)
	}
}

var lastOrder engines.OrderID = 100

func nextOrder() engines.OrderID { lastOrder++; return lastOrder }

// server is a Redis that can be killed and made to forget.
type server struct {
	url, dir, saved, port string
	process               *exec.Cmd
}

func newServer(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	_ = l.Close()
	s := &server{url: "redis://127.0.0.1:" + port, dir: t.TempDir(), saved: t.TempDir(), port: port}
	s.start(t)
	t.Cleanup(func() { s.kill(t) })
	return s
}

func (s *server) start(t *testing.T) {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip(err)
	}
	s.process = exec.Command(bin, "--bind", "127.0.0.1", "--port", s.port, "--dir", s.dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always")
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	c := client(t, s.url)
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for end := time.Now().Add(20 * time.Second); c.Ping(context.Background()).Err() != nil; <-every.C {
		if time.Now().After(end) {
			t.Fatal("Redis doesn't start")
		}
	}
}

func (s *server) kill(t *testing.T) {
	t.Helper()
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// keep copies the log of a dead server, and forget puts the copy back.
func (s *server) keep(t *testing.T)   { replace(t, s.saved, s.dir) }
func (s *server) forget(t *testing.T) { replace(t, s.dir, s.saved) }

func replace(t *testing.T, to, from string) {
	t.Helper()
	to, from = filepath.Join(to, "appendonlydir"), filepath.Join(from, "appendonlydir")
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
