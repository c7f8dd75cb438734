package botbench

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	_ "github.com/chat-adapter/chat-go/state-memory"
	_ "github.com/chat-adapter/chat-go/state-redis"
)

// BenchmarkInbound measures the whole way of a message with an empty handler,
// each on a thread of its own, until its handler has run.
func BenchmarkInbound(b *testing.B) {
	for _, callers := range []int{1, 64, 256} {
		b.Run("memory/callers="+strconv.Itoa(callers), func(b *testing.B) { inbound(b, callers, "memory://") })
	}
	if url := os.Getenv("STATE_URL"); url != "" {
		for _, callers := range []int{1, 64, 256} {
			b.Run("redis/callers="+strconv.Itoa(callers), func(b *testing.B) { inbound(b, callers, url) })
		}
	}
}

func inbound(b *testing.B, callers int, url string) {
	st, err := state.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	fake := chattest.NewFake("fake")
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake}, State: st, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	bot.OnMention(func(context.Context, *chat.MessageEvent) error { return nil })
	bot.OnSubscribedMessage(func(context.Context, *chat.MessageEvent) error { return nil })
	run := rand.Text()[:8]
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime()
	for range callers {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				s := run + strconv.FormatInt(n, 10)
				m := &chat.Message{
					ID: chat.MessageID(s), ThreadID: chat.ThreadID("fake:c:" + s), Text: "@bot hello",
					Author: chat.Author{UserID: "u", UserName: "ada", FullName: "Ada"},
				}
				r, err := fake.Send(b.Context(), m)
				if err == nil {
					err = r.Wait(b.Context())
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
	_ = bot.Shutdown(context.Background())
}

// cpuTime is what this process has used of all cores, in nanoseconds. On a busy
// machine it says more than the time that has passed.
func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
