// Package server runs the example bots: it has what every program with a bot
// needs besides the bot.
package server

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

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"

	// The state backends that STATE_URL can name.
	_ "github.com/chat-adapter/chat-go/state-memory"
	_ "github.com/chat-adapter/chat-go/state-postgres"
	_ "github.com/chat-adapter/chat-go/state-redis"
)

// Main runs the bot that build makes, as [Program] does.
func Main(name string, build func(st state.Adapter) (*chat.Chat, error)) {
	Program(name, func(ctx context.Context) error { return run(ctx, build) })
}

// Program calls run with a context that ends when the process is told to end, and
// says so: the first Ctrl-C or SIGTERM lets run finish, the second one does not. If
// run fails, the process exits with 1 and says why.
func Program(name string, run func(ctx context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	said := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		defer close(said)
		stop()
		fmt.Printf("\n%s is stopping, when the handlers that run are done. Ctrl-C again stops it at once.\n", name)
	})
	defer forget()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
	if ctx.Err() != nil {
		<-said
		fmt.Println(name, "has stopped.")
	}
}

func run(ctx context.Context, build func(st state.Adapter) (*chat.Chat, error)) error {
	st, err := state.Open(ctx, cmp.Or(os.Getenv("STATE_URL"), "memory://"))
	if err != nil {
		return err
	}
	bot, err := build(st)
	if err != nil {
		return err
	}
	http.Handle("/", bot)
	http.Handle("/{$}", http.RedirectHandler("/webhooks/web/", http.StatusTemporaryRedirect))
	return Serve(ctx, bot, http.DefaultServeMux, "The chat page is at http://%s/\n")
}

// Serve runs the bot and its HTTP server until ctx ends and every handler is done.
// It prints the greeting, a format for the address.
func Serve(ctx context.Context, bot *chat.Chat, handler http.Handler, greeting string) error {
	addr := cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080")
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program: choose another address, for instance ADDR=127.0.0.1:8090", addr)
	}
	if err != nil {
		return fmt.Errorf("ADDR is %q, want a host and a port like 127.0.0.1:8080: %w", addr, err)
	}
	fmt.Printf(greeting, listener.Addr())

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	go func() { cancel(server.Serve(listener)) }()
	runErr := bot.Run(ctx)

	// Answers that are being streamed have ended by now.
	stop, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	return errors.Join(runErr, server.Shutdown(stop))
}
