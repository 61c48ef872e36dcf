package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/doorbuster/doorbuster/engines"
)

// verdict ends an attempt without a commit: the operation had its first reply before, or can't be carried out.
type verdict engines.Outcome

func (v verdict) Error() string { return engines.Outcome(v).String() }

// errLost ends an attempt that another operation was faster than.
var errLost = errors.New("another operation was faster")

// errNoConnection ends an operation for which no connection was free in time.
var errNoConnection = errors.New("no connection was free in time")

// SQLSTATEs that contention makes happen.
const (
	uniqueViolation      = "23505" // the same operation or order, at the same time
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03" // NOWAIT, or lock_timeout
	lostState            = "DB001" // our own: what was looked up is no longer so
	epochState           = "DB002" // our own: another writes the queue
)

// sqlState is the server's code for err, empty if the server didn't report it.
func sqlState(err error) string {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// disrupted says whether err is the end of a connection that ctx had no part in: the server went away, or ended it (class 57P).
func disrupted(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var waited net.Error
	if errors.As(err, &waited) && waited.Timeout() {
		return true // it hangs
	}
	return strings.HasPrefix(sqlState(err), "57P") || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func lockTimeout(err error) bool { return sqlState(err) == lockNotAvailable }

// worthRetrying says whether the attempt was rolled back for another's sake.
func worthRetrying(err error) bool {
	switch sqlState(err) {
	case uniqueViolation, serializationFailure, deadlockDetected, lostState:
		return true
	}
	return errors.Is(err, errLost)
}
