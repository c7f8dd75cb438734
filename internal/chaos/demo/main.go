// Command demo runs three bots and a Redis with a replica on this machine, and
// serves a page on which one kills them while messages flow. The page shows what
// becomes of each message, as package chaos judges it. Run it by make demo.
//
// ADDR is the address of the page, 127.0.0.1:8090 by default.
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

	"github.com/redis/go-redis/v9/logging"

	"github.com/chat-adapter/chat-go/internal/chaos"
	"github.com/chat-adapter/chat-go/internal/program"
)

func main() {
	if chaos.IsBot() {
		os.Exit(chaos.RunBot())
	}
	logging.Disable() // what go-redis says of servers that are away on purpose
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves the page until ctx ends, and leaves nothing behind.
func run(ctx context.Context) (err error) {
	addr := cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8090")
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program: choose another address, for instance ADDR=127.0.0.1:8091", addr)
	}
	if err != nil {
		return fmt.Errorf("ADDR is %q, want a host and a port like 127.0.0.1:8090: %w", addr, err)
	}
	defer func() { _ = listener.Close() }()

	fmt.Fprintln(os.Stderr, "Starting a Redis with a replica, three Sentinels and three bots. That takes some seconds.")
	servers := program.New(ctx, "demo")
	defer servers.Finish()
	live, err := chaos.StartLive(servers)
	if ctx.Err() != nil {
		return nil // it was interrupted, which is no error
	}
	if err != nil {
		return err
	}
	fmt.Printf("See it lose nothing at http://%s/\n", listener.Addr())
	fmt.Fprintln(os.Stderr, "Ctrl-C ends it, and everything that it has started.")

	running, end := context.WithCancel(context.WithoutCancel(ctx))
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		live.Run(running)
	}()
	defer func() {
		end()
		<-ran
	}()
	server := &http.Server{Handler: newHandler(running, live), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err = <-served:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}
