package main

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/bench/side"
	_ "github.com/chat-adapter/chat-go/state-memory"
	_ "github.com/chat-adapter/chat-go/state-redis"
)

// open returns a bot on the state. 0 handlers are the default.
func open(ctx context.Context, url string, handlers int) (*chat.Chat, *chattest.Fake, error) {
	st, err := state.Open(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	fake := chattest.NewFake(chattest.Config{})
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: st, Limits: chat.LimitConfig{MaxHandlers: handlers}, Logger: slog.New(slog.DiscardHandler),
	})
	return bot, fake, err
}

func mention(id string) *chat.Message {
	return &chat.Message{
		ID: chat.MessageID(id), ThreadID: chat.ThreadID("fake:c:" + id), Text: "@bot hello",
		Author: chat.Author{UserID: "u", UserName: "ada", FullName: "Ada"},
	}
}

// drive has callers send messages, each on a thread of its own, and waits for
// their handlers.
func drive(ctx context.Context, fake *chattest.Fake, callers, messages int) error {
	return driveOn(ctx, fake, callers, messages, nil)
}

// driveOn is drive on the threads that thread names. Nil: each message on its own.
func driveOn(ctx context.Context, fake *chattest.Fake, callers, messages int, thread func(n int64) chat.ThreadID) error {
	run := newRun()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for failed.Load() == nil {
				n := next.Add(1)
				if n > int64(messages) {
					return
				}
				m := mention(run + strconv.FormatInt(n, 10))
				if thread != nil {
					m.ThreadID = thread(n)
				}
				r, err := fake.Send(ctx, m)
				if err == nil {
					err = r.Wait(ctx)
				}
				if err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// ours measures this SDK.
func ours(ctx context.Context, url string, callers, messages int) (side.Result, error) {
	bot, fake, err := open(ctx, url, 0)
	if err != nil {
		return side.Result{}, err
	}
	defer func() { _ = bot.Shutdown(context.WithoutCancel(ctx)) }()
	handleAll(bot)
	if err := drive(ctx, fake, callers, min(messages, warmUp)); err != nil {
		return side.Result{}, err
	}
	return side.Measure(messages, func() error { return drive(ctx, fake, callers, messages) })
}

// warmUp is how many messages come before those that are measured.
const warmUp = 2000

// handleAll has empty handlers handle every message.
func handleAll(bot *chat.Chat) {
	bot.OnMention(func(context.Context, *chat.MessageEvent) error { return nil })
	bot.OnSubscribedMessage(func(context.Context, *chat.MessageEvent) error { return nil })
}
