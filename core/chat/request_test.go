package chat_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

func TestRateLimitsAreObeyed(t *testing.T) {
	for name, test := range map[string]struct {
		answers []error
		timeout time.Duration
		took    time.Duration
		err     error
	}{
		"none":                      {took: 0},
		"once":                      {answers: []error{limited(3 * time.Second)}, took: 3 * time.Second},
		"thrice":                    {answers: []error{limited(10 * time.Second), limited(10 * time.Second), limited(10 * time.Second)}, took: 30 * time.Second},
		"longer than may be waited": {answers: []error{limited(31 * time.Second)}, err: chat.ErrRateLimited},
		"longer in all":             {answers: []error{limited(20 * time.Second), limited(20 * time.Second)}, took: 20 * time.Second, err: chat.ErrRateLimited},
		"beyond the deadline":       {answers: []error{limited(3 * time.Second)}, timeout: 2 * time.Second, err: chat.ErrRateLimited},
		"the time is not known":     {answers: []error{limited(0)}, err: chat.ErrRateLimited},
		"temporary":                 {answers: []error{failure(chat.CodeTemporary)}, err: chat.ErrTemporary},
		"permission":                {answers: []error{failure(chat.CodePermission)}, err: chat.ErrPermission},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPosting(t, nil)
				ctx := t.Context()
				if test.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.timeout)
					defer cancel()
				}
				p.fake.FailNext(test.answers...)
				start := time.Now()
				_, err := p.thread.Post(ctx, chat.Text("hello"))
				require.Equal(t, test.took, time.Since(start))
				require.ErrorIs(t, err, test.err)
				if test.err == nil {
					require.Equal(t, []string{"hello"}, p.texts())
				} else {
					require.Empty(t, p.texts())
				}
			})
		})
	}
}

func TestWaitingForTheRateEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPosting(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		p.fake.FailNext(limited(20 * time.Second))
		start := time.Now()
		_, err := p.thread.Post(ctx, chat.Text("hello"))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestEveryCallObeysTheRateLimit(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, p *posting, sent *chat.SentMessage) error{
		"Post": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.thread.Post(ctx, chat.Text("x"))
			return err
		},
		"Post a stream": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.thread.Post(ctx, stream("x"))
			return err
		},
		"Post a plan": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.thread.Post(ctx, chat.NewPlan("x"))
			return err
		},
		"Reply": func(ctx context.Context, p *posting, sent *chat.SentMessage) error {
			_, err := p.thread.Reply(ctx, sent.ID(), chat.Text("x"))
			return err
		},
		"PostEphemeral": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.thread.PostEphemeral(ctx, "u1", chat.Text("x"), chat.NoFallback)
			return err
		},
		"Schedule": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.thread.Schedule(ctx, chat.Text("x"), time.Now().Add(time.Hour))
			return err
		},
		"Channel.Post": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.thread.Channel().Post(ctx, chat.Text("x"))
			return err
		},
		"Channel.Info": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			p.fake.AddChannel(chat.ChannelInfo{ID: p.thread.Channel().ID()})
			_, err := p.thread.Channel().Info(ctx)
			return err
		},
		"Edit": func(ctx context.Context, _ *posting, sent *chat.SentMessage) error {
			return sent.Edit(ctx, chat.Text("x"))
		},
		"Edit to a card": func(ctx context.Context, _ *posting, sent *chat.SentMessage) error {
			return sent.Edit(ctx, chat.Card(card.New("x")))
		},
		"Delete":  func(ctx context.Context, _ *posting, sent *chat.SentMessage) error { return sent.Delete(ctx) },
		"React":   func(ctx context.Context, _ *posting, sent *chat.SentMessage) error { return sent.React(ctx, "heart") },
		"Unreact": func(ctx context.Context, _ *posting, sent *chat.SentMessage) error { return sent.Unreact(ctx, "heart") },
		"Permalink": func(ctx context.Context, _ *posting, sent *chat.SentMessage) error {
			_, err := sent.Permalink(ctx)
			return err
		},
		"MarkRead": func(ctx context.Context, p *posting, sent *chat.SentMessage) error {
			return p.thread.MarkRead(ctx, sent.ID())
		},
		"OpenDM": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.OpenDM(ctx, chat.UserID("u1").On("fake"))
			return err
		},
		"User": func(ctx context.Context, p *posting, _ *chat.SentMessage) error {
			_, err := p.User(ctx, chat.UserID("u1").On("fake"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPosting(t, nil)
				sent, err := p.thread.Post(t.Context(), chat.Text("first"))
				require.NoError(t, err)
				p.fake.FailNext(limited(7 * time.Second))
				start := time.Now()
				require.NoError(t, call(t.Context(), p, sent))
				require.Equal(t, 7*time.Second, time.Since(start))
			})
		})
	}
}

func TestNothingWaitsForTheTypingIndicator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPosting(t, nil)
		start := time.Now()
		p.fake.FailNext(limited(time.Second), failure(chat.CodePermission))
		require.NoError(t, p.thread.StartTyping(t.Context(), "searching"))
		require.ErrorIs(t, p.thread.StartTyping(t.Context(), "searching"), chat.ErrPermission)
		require.Zero(t, time.Since(start))
		require.NoError(t, p.thread.StartTyping(t.Context(), "searching"))
		require.Equal(t, 1, p.fake.Typed(p.thread.ID()))
	})
}

func TestTimesOfPostingAreNotNegative(t *testing.T) {
	for name, change := range map[string]func(*chat.Config){
		"Limits.RateLimitWait": func(c *chat.Config) { c.Limits.RateLimitWait = -1 },
		"Streams.Interval":     func(c *chat.Config) { c.Streams.Interval = -1 },
	} {
		cfg := chat.Config{UserName: "bot", Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}, State: struct{ state.Adapter }{}, Durability: chat.DurabilityNone}
		change(&cfg)
		_, err := chat.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, name)
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPosting(t, nil)
		content := strings.NewReader("before content")
		_, err := content.Seek(7, 0)
		require.NoError(t, err)
		p.fake.FailNext(limited(time.Second))
		_, err = p.thread.Post(t.Context(), &chat.Post{Text: "x", Files: []chat.File{{Name: "a.txt", Content: content}}})
		require.NoError(t, err)
		require.Equal(t, "content", string(p.fake.Posts(p.thread.ID())[0].Files[0].Content))

		p.fake.FailNext(limited(time.Second))
		_, err = p.thread.Post(t.Context(), &chat.Post{Text: "x", Files: []chat.File{{Name: "a.txt", Content: onlyReader{strings.NewReader("once")}}}})
		require.ErrorIs(t, err, chat.ErrRateLimited, "what was read cannot be sent again")
		require.Len(t, p.texts(), 1)
	})
}

func TestAdaptersKnowHowLongTheBotWaitsForARateLimit(t *testing.T) {
	require.Equal(t, 30*time.Second, newPosting(t, nil).fake.Host().RateLimitWait())
	p := newPosting(t, func(c *chat.Config) { c.Limits.RateLimitWait = time.Second })
	require.Equal(t, time.Second, p.fake.Host().RateLimitWait())
}
