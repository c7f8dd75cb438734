package chat

import (
	"context"
	"log/slog"
	"time"
)

// The bot itself turns a panic of a handler into an error, so there is no
// middleware for that.

// Logging logs every call of a handler, how long it took and how it ended, at
// info level, failures at warn. It logs no message text.
func Logging(log *slog.Logger) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, ev Event) error {
			start := time.Now()
			err := next(ctx, ev)
			attrs := []slog.Attr{slog.String("event", ev.EventName()), slog.Duration("took", time.Since(start))}
			switch e := ev.(type) {
			case *MessageEvent:
				attrs = append(attrs, slog.String("thread", string(e.Message.ThreadID)), slog.String("message", string(e.Message.ID)), slog.Int("attempt", e.Attempt))
			case asyncEvent:
				attrs = append(attrs, slog.String("thread", string(e.base().ThreadID)), slog.String("id", e.base().ID), slog.Int("attempt", e.base().Attempt))
			}
			level := slog.LevelInfo
			if err != nil {
				level = slog.LevelWarn
				attrs = append(attrs, slog.Any("error", err))
			}
			log.LogAttrs(ctx, level, "handler-returned", attrs...)
			return err
		}
	}
}

// Timeout ends the context of every handler after the duration, with
// [context.DeadlineExceeded]. What the handler makes of that is its own choice: an
// error is tried again like any other failure.
func Timeout(d time.Duration) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, ev Event) error {
			ctx, cancel := context.WithTimeout(ctx, d)
			defer cancel()
			return next(ctx, ev)
		}
	}
}
