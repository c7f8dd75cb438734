// Command echo is the smallest bot that shows the SDK. It serves a chat page,
// greets whoever writes first, repeats what it is told and counts the messages. This
// file has the whole wiring, with an HTTP server of the program's own; a program that
// needs none calls Chat.ListenAndServe.
//
//	make run
//	STATE_URL=redis://127.0.0.1:6379 ADDR=127.0.0.1:8081 make run
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

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"

	// The state backends that STATE_URL can name.
	_ "github.com/chat-adapter/chat-go/state-memory"
	_ "github.com/chat-adapter/chat-go/state-postgres"
	_ "github.com/chat-adapter/chat-go/state-redis"
)

func main() {
	// The first Ctrl-C or SIGTERM lets the handlers finish, the second one ends the
	// process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	said := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		defer close(said)
		stop()
		fmt.Println("\necho is stopping, when the handlers that run are done. Ctrl-C again stops it at once.")
	})
	err := run(ctx)
	if !forget() {
		<-said
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
	fmt.Println("echo has stopped.")
}

// run serves the bot until ctx ends and every handler is done.
func run(ctx context.Context) error {
	st, err := state.Open(ctx, cmp.Or(os.Getenv("STATE_URL"), "memory://"))
	if err != nil {
		return err
	}
	bot, err := newBot(st)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", bot) // /webhooks/web, /healthz, /readyz
	mux.Handle("/{$}", http.RedirectHandler("/webhooks/web/", http.StatusTemporaryRedirect))

	addr := cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080")
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program: choose another address, for instance ADDR=127.0.0.1:8090", addr)
	}
	if err != nil {
		return fmt.Errorf("ADDR is %q, want a host and a port like 127.0.0.1:8080: %w", addr, err)
	}
	fmt.Printf("The chat page is at http://%s/\n", listener.Addr())

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	go func() { cancel(server.Serve(listener)) }() // without its server the bot ends
	runErr := bot.Run(ctx)

	// The handlers are done. Answers that are on their way have five seconds.
	end, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	return errors.Join(runErr, server.Shutdown(end))
}

func newBot(st state.Adapter) (*chat.Chat, error) {
	page, err := web.New(web.Config{Title: "Echo", Greeting: "Say something, and I will say it back.\nWrite “help” to see what else I can do."})
	if err != nil {
		return nil, err
	}
	bot, err := chat.New(chat.Config{UserName: "echo", Adapters: []chat.Adapter{page}, State: st})
	if err != nil {
		return nil, err
	}
	bot.OnMention(greet)
	bot.OnSubscribedMessage(reply)
	return bot, nil
}
