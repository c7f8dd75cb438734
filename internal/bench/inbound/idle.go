package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/bench/side"
)

const (
	idleThreads   = 1_000_000
	activeThreads = 10_000
)

// idle measures messages on 10,000 threads of a bot whose state knows no other thread,
// and 1,000,000 others that it is subscribed to.
func idle(ctx context.Context, w io.Writer, client *redis.Client, url string) error {
	fmt.Fprintf(w, "### %d active threads among idle ones\n\n64 callers, each thread several times. The bot is subscribed to all.\n\n"+
		"| state | idle threads | messages/s | CPU µs/message | bytes per idle thread |\n|---|--:|--:|--:|--:|\n", activeThreads)
	for _, st := range []struct{ name, url string }{{"memory", "memory://"}, {"Redis", url}} {
		if err := client.FlushAll(ctx).Err(); err != nil {
			return err
		}
		if err := idleOn(ctx, w, st.name, st.url, client); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	return nil
}

func idleOn(ctx context.Context, w io.Writer, name, url string, client *redis.Client) error {
	bot, fake, err := open(ctx, url, 0)
	if err != nil {
		return err
	}
	defer func() { _ = bot.Shutdown(context.WithoutCancel(ctx)) }()
	handleAll(bot)
	used := func() (int64, error) {
		if url == "memory://" {
			return heapInUse(), nil
		}
		return redisMemory(ctx, client)
	}
	if err := subscribe(ctx, bot, "active", activeThreads); err != nil {
		return err
	}
	for _, others := range []int{0, idleThreads} {
		before, err := used()
		if err != nil {
			return err
		}
		if err := subscribe(ctx, bot, "idle", others); err != nil {
			return err
		}
		after, err := used()
		if err != nil {
			return err
		}
		threads := func(n int64) chat.ThreadID {
			return chat.ThreadID("fake:c:active" + strconv.FormatInt(n%activeThreads, 10))
		}
		if err := driveOn(ctx, fake, 64, activeThreads, threads); err != nil {
			return err
		}
		const messages = 5 * activeThreads
		r, err := side.Measure(messages, func() error { return driveOn(ctx, fake, 64, messages, threads) })
		if err != nil {
			return err
		}
		each := "–"
		if others > 0 {
			each = strconv.FormatInt((after-before)/int64(others), 10)
		}
		fmt.Fprintf(w, "| %s | %d | %.0f | %.1f | %s |\n", name, others, r.PerSecond, r.CPUMicros, each)
	}
	return nil
}

// subscribe subscribes the bot to n threads.
func subscribe(ctx context.Context, bot *chat.Chat, name string, n int) error {
	var wg sync.WaitGroup
	errs := make([]error, 256)
	for i := range errs {
		wg.Go(func() {
			for j := i; j < n && errs[i] == nil; j += len(errs) {
				var t *chat.Thread
				if t, errs[i] = bot.Thread(chat.ThreadID("fake:c:" + name + strconv.Itoa(j))); errs[i] == nil {
					errs[i] = t.Subscribe(ctx)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func redisMemory(ctx context.Context, client *redis.Client) (int64, error) {
	info, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(info, "used_memory:")
	line, _, _ := strings.Cut(rest, "\r")
	return strconv.ParseInt(line, 10, 64)
}
