package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/bench/side"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// platform is one of those that are measured.
type platform struct {
	// adapter is ours, which calls the fake at the address.
	adapter func(base string, client *http.Client) (chat.Adapter, error)
	// request is the n-th webhook, and what names its message: the message's id.
	request func(n int) (*http.Request, string)
	// commands says that it is no message but a slash command, which its user's id
	// names.
	commands bool
	// rooted is where the npm adapter calls that keeps nothing of the address but its
	// host. Default: below the platform's name.
	rooted string
	// answer is the fake's. It counts what is posted.
	answer func(w http.ResponseWriter, r *http.Request, body []byte, posted *atomic.Int64)
}

var platforms = map[string]platform{
	"discord": discordPlatform, "gchat": gchatPlatform, "github": githubPlatform, "linear": linearPlatform, "slack": slackPlatform, "teams": teamsPlatform,
	"telegram": telegramPlatform, "twilio": twilioPlatform, "whatsapp": whatsappPlatform,
}

// run is how our adapter is driven.
type run struct {
	base              string
	messages, callers int
}

func (r run) warmUp() int { return min(r.messages, 500) }

// drive measures our adapter.
func (r run) drive(p platform) (side.Result, error) {
	st, err := memorystate.New(memorystate.Config{})
	if err != nil {
		return side.Result{}, err
	}
	adapter, err := p.adapter(r.base, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: r.callers}, Timeout: time.Minute})
	if err != nil {
		return side.Result{}, err
	}
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return side.Result{}, err
	}
	defer func() { _ = bot.Shutdown(context.Background()) }()
	var waiting sync.Map
	answer := func(ctx context.Context, thread *chat.Thread, name string) error {
		_, err := thread.Post(ctx, chat.Markdown("hello"))
		if done, ok := waiting.Load(name); ok {
			done.(chan error) <- err
		}
		return err
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		return answer(ctx, ev.Thread, string(ev.Message.ID))
	})
	if p.commands {
		bot.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
			return answer(ctx, ev.Thread, string(ev.User.UserID))
		})
	}
	send := func(from, count int) error {
		var next atomic.Int64
		var wait sync.WaitGroup
		failed := make(chan error, r.callers)
		for range r.callers {
			wait.Go(func() {
				for n := next.Add(1); n <= int64(count); n = next.Add(1) {
					if err := send(bot, &waiting, p, from+int(n)); err != nil {
						failed <- err
						return
					}
				}
			})
		}
		wait.Wait()
		close(failed)
		return <-failed
	}
	if err := send(0, r.warmUp()); err != nil {
		return side.Result{}, err
	}
	return side.Measure(r.messages, func() error { return send(1_000_000, r.messages) })
}

// send delivers one mention and waits until it is answered.
func send(bot *chat.Chat, waiting *sync.Map, p platform, n int) error {
	r, name := p.request(n)
	done := make(chan error, 1)
	waiting.Store(name, done)
	defer waiting.Delete(name)
	w := httptest.NewRecorder()
	bot.ServeHTTP(w, r)
	if w.Code/100 != 2 {
		return fmt.Errorf("a webhook was answered %d: %s", w.Code, w.Body)
	}
	select {
	case err := <-done:
		return err
	case <-time.After(time.Minute):
		return errors.New("a message was not answered in a minute")
	}
}
