// Command slack is a support bot for Slack: a mention opens a ticket in a thread,
// with buttons, a form and answers that are streamed. The README beside it tells
// how to create the app.
//
//	SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… go run ./slack
//	SLACK_BOT_TOKEN=xoxb-… SLACK_SIGNING_SECRET=… ADDR=127.0.0.1:8080 go run ./slack
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"

	// The state backends that STATE_URL can name.
	_ "github.com/chat-adapter/chat-go/state-memory"
	_ "github.com/chat-adapter/chat-go/state-redis"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, slack.FromEnv()); err != nil {
		fmt.Fprintln(os.Stderr, "slack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, config slack.Config) error {
	st, err := state.Open(ctx, cmp.Or(os.Getenv("STATE_URL"), "memory://"))
	if err != nil {
		return err
	}
	bot, err := newBot(config, st)
	if err != nil {
		return err
	}
	if config.SigningSecret == "" {
		fmt.Println("Connecting by Socket Mode. Mention the bot in a channel.")
		return bot.Run(ctx)
	}
	return serve(ctx, bot)
}

// serve takes webhooks until ctx ends and every handler is done.
func serve(ctx context.Context, bot *chat.Chat) error {
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"))
	if err != nil {
		return fmt.Errorf("ADDR, want a host and a port that is free: %w", err)
	}
	server := &http.Server{Handler: bot, ReadHeaderTimeout: 10 * time.Second}
	fmt.Printf("Webhooks are taken at http://%s/webhooks/slack\n", listener.Addr())
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			cancel(err)
		}
	}()
	runErr := bot.Run(ctx)
	stop, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		runErr = errors.Join(cause, runErr)
	}
	return errors.Join(runErr, server.Shutdown(stop))
}
