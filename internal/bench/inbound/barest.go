package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/bench/barest"
	"github.com/chat-adapter/chat-go/internal/bench/side"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// repeated measures the barest client, which repeats what a bot of this SDK sends for
// one message.
func repeated(ctx context.Context, url string, callers, messages int) (out side.Result, err error) {
	opts, err := redis.ParseURL(url)
	if err != nil {
		return out, err
	}
	recorded := newRun() + "000000000"
	trips, err := record(ctx, opts, recorded)
	if err != nil {
		return out, err
	}
	client, err := barest.Dial(opts.Addr, recorded)
	if err != nil {
		return out, err
	}
	defer client.Close()
	run, n := newRun(), atomic.Int64{}
	next := func(int) string { return fmt.Sprintf("%s%09d", run, n.Add(1)) }
	if _, _, err := client.Drive(trips, callers, 0, min(messages, warmUp), next); err != nil {
		return out, err
	}
	return side.Measure(messages, func() error {
		_, _, err := client.Drive(trips, callers, 0, messages, next)
		return err
	})
}

func newRun() string { return rand.Text()[:8] }

// record returns what a bot sends for a message with the id.
func record(ctx context.Context, opts *redis.Options, id string) (barest.Trips, error) {
	recorder, client := new(barest.Recorder), redis.NewClient(opts)
	defer func() { _ = client.Close() }()
	client.AddHook(recorder)
	st, err := redisstate.New(redisstate.Config{Client: client})
	if err != nil {
		return nil, err
	}
	fake := chattest.NewFake(chattest.Config{})
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: st, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	handleAll(bot)
	for _, id := range []string{"first", "second", id} { // the server learns the scripts
		r, err := fake.Send(ctx, mention(id))
		if err == nil {
			err = r.Wait(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := bot.Shutdown(ctx); err != nil { // the lock is released
		return nil, err
	}
	return recorder.Take(id)
}
