package chat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	serverHeaderTimeout = 10 * time.Second
	serverIdleTimeout   = 2 * time.Minute
	// lastAnswers is how long connections may stay open once the handlers are done.
	lastAnswers = 5 * time.Second
)

// ListenAndServe is Run with an HTTP server: it listens at the TCP address, such as
// ":8080", serves [Chat.ServeHTTP] there, and runs the bot until ctx ends. Then it
// waits for the handlers that run, as Run does, and closes the server once the
// last answers are sent, within 5 seconds. An address that cannot be listened at is
// an error at once; a server that breaks ends the bot with its error. Each address
// of a webhook is logged as "listening". It is called once, in place of Run.
//
// A program that has a server of its own, for TLS or for other pages, mounts the bot
// there and calls Run.
func (c *Chat) ListenAndServe(ctx context.Context, addr string) error {
	if ctx == nil {
		return errNilContext
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("chat: listen at %q: %w", addr, err)
	}
	for name := range c.adapters {
		c.log.InfoContext(ctx, "listening", "adapter", name, "url", "http://"+listener.Addr().String()+webhookPrefix+name)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server := &http.Server{Handler: c, ReadHeaderTimeout: serverHeaderTimeout, IdleTimeout: serverIdleTimeout}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			cancel(fmt.Errorf("chat: HTTP server: %w", err))
		}
	}()
	err = c.Run(ctx)
	end, done := context.WithTimeout(context.WithoutCancel(ctx), lastAnswers)
	defer done()
	if late := server.Shutdown(end); late != nil {
		err = errors.Join(err, fmt.Errorf("chat: connections were cut %v after the last handler: %w", lastAnswers, late), server.Close())
	}
	return err
}
