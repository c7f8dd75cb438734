package pgstate

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chat-adapter/chat-go/core/state"
)

// op is one call of a method.
type op struct {
	a      *Adapter
	name   string
	caller context.Context // as it came
	ctx    context.Context // ends in time, and with Close
	cancel func()
	resent bool            // the statements were sent again although they may have been executed
	left   <-chan struct{} // closed when the trip has ended that the call has left; nil without one
}

// begin is the start of every method but Connect and Close. Its caller calls end.
func (a *Adapter) begin(ctx context.Context, name string) (*op, error) {
	o := &op{a: a, name: name, caller: ctx, cancel: func() {}}
	switch a.phase.Load() {
	case fresh:
		return o, o.error(nil, state.ErrNotConnected)
	case closed:
		return o, o.error(nil, state.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return o, o.error(nil, err)
	}
	var cancel context.CancelFunc
	if _, ok := ctx.Deadline(); ok {
		o.ctx, cancel = context.WithCancel(ctx)
	} else {
		o.ctx, cancel = context.WithTimeout(ctx, a.cfg.Timeout)
	}
	stop := context.AfterFunc(a.closing, cancel)
	o.cancel = func() {
		stop()
		cancel()
	}
	return o, nil
}

func (o *op) end() { o.cancel() }

// A rule says when statements may be sent again.
type rule int

const (
	// again: executing them twice is the same as once.
	again rule = iota
	// once: only if they were certainly not executed.
	once
)

// batch is the statements of one call. They are one trip and one transaction.
type batch struct {
	pgx.Batch
	a *Adapter
}

// exec adds a statement and tells how many rows it has changed.
func (b *batch) exec(changed *int64, sql string, args ...any) {
	q := b.Queue(b.a.sql(sql), args...)
	if changed != nil {
		q.Query(func(rows pgx.Rows) error {
			rows.Close()
			*changed = rows.CommandTag().RowsAffected()
			return rows.Err()
		})
	}
}

// row adds a statement that returns at most one row, and tells whether it did.
func (b *batch) row(found *bool, into []any, sql string, args ...any) {
	b.Queue(b.a.sql(sql), args...).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		has := rows.Next()
		if found != nil {
			*found = has
		}
		if has {
			if err := rows.Scan(into...); err != nil {
				return err
			}
		}
		rows.Close()
		return rows.Err()
	})
}

// rows adds a statement that returns rows.
func (b *batch) rows(reset func(), each func(pgx.Rows) error, sql string, args ...any) {
	b.Queue(b.a.sql(sql), args...).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		reset()
		for rows.Next() {
			if err := each(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// send executes statements in one transaction, and again after failures as the rule
// and Config.MaxRetries allow, until the call's context ends.
func (o *op) send(r rule, fill func(b *batch)) error {
	return o.repeat(r, func() error { return o.try(fill) })
}

// repeat makes attempts at a call as send does.
func (o *op) repeat(r rule, try func() error) error {
	for attempt := 0; ; attempt++ {
		err := try()
		if err == nil {
			return nil
		}
		f := fateOf(err)
		if f == answered || f == unknown && r == once || attempt >= *o.a.cfg.MaxRetries || o.ctx.Err() != nil || !o.pause(attempt) {
			return err
		}
		o.resent = o.resent || f == unknown
	}
}

func (o *op) try(fill func(b *batch)) error {
	c, err := o.a.pool.Acquire(o.ctx)
	if err != nil {
		return &unsentError{err}
	}
	defer c.Release()
	b := &batch{a: o.a}
	fill(b)
	err = c.SendBatch(o.ctx, &b.Batch).Close()
	if isReadOnly(err) {
		// The server is a primary no more: the next connection may find the new one.
		_ = c.Conn().Close(o.ctx)
	}
	return err
}

// Pauses between attempts.
const (
	minBackoff = 8 * time.Millisecond
	maxBackoff = 250 * time.Millisecond
)

// pause waits before the next attempt. It reports false when the call's context
// ends first.
func (o *op) pause(attempt int) bool {
	d := min(minBackoff<<min(attempt, 10), maxBackoff)
	t := time.NewTimer(d/2 + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-o.ctx.Done():
		return false
	}
}
