package adaptertest

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/internal/suite"
)

// patience bounds each wait for what has to come.
const patience = 10 * time.Second

var limits = suite.Limits{Case: time.Minute, End: 5 * time.Second}

// Subject is the adapter under test as one case sees it.
type Subject struct {
	// Features is what is declared of the adapter.
	Features Features

	t      *testing.T
	open   func(t *testing.T) Harness
	ctx    context.Context
	cancel context.CancelFunc

	// bodyTimeout is in which time a body must arrive.
	bodyTimeout time.Duration
}

// NewSubject returns a subject for one case. What it opens is closed when t ends.
func NewSubject(t *testing.T, open func(t *testing.T) Harness, f Features) *Subject {
	ctx, cancel := context.WithCancel(t.Context())
	if f.UserName == "" {
		f.UserName = "bot"
	}
	return &Subject{Features: f, t: t, open: open, ctx: ctx, cancel: cancel, bodyTimeout: patience}
}

// Context is the context for the case's calls. It ends when the case hangs.
func (s *Subject) Context() context.Context { return s.ctx }

// rig is a bot with the adapter under test, behind an HTTP server.
type rig struct {
	*chat.Chat
	Harness

	features  Features
	url       string
	transport http.RoundTripper
	state     *unsteady
	record    *record
	panics    atomic.Value // what the adapter panicked with
	seen      sync.Map     // ids of messages that shown leaves out: the case is done with them
	stop      func() error // ends Run and returns its error
}

// able runs a case on a fresh bot if its adapter has the ability. Others pass.
func able[A any](run func(t TB, s *Subject, b *rig, ability A)) func(TB, *Subject) {
	return func(t TB, s *Subject) {
		b := s.rig(t)
		if ability, ok := any(b.Adapter).(A); ok {
			run(t, s, b, ability)
		}
	}
}

// rig opens a harness and returns a bot that runs on it.
func (s *Subject) rig(t TB) *rig {
	t.Helper()
	return s.rigOn(t, s.open(s.t))
}

// rigOn returns a bot that runs on the harness.
func (s *Subject) rigOn(t TB, h Harness) *rig {
	t.Helper()
	b := s.unstartedOn(t, h)
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.ctx))
	ran := make(chan error, 1)
	go func() { ran <- b.Run(ctx) }()
	b.stop = func() error {
		cancel()
		select {
		case err := <-ran:
			ran <- err
			return err
		case <-time.After(patience):
			return errStillRuns
		}
	}
	s.t.Cleanup(func() { _ = b.stop() }) // for Runner/Ends to judge
	b.connect(t, s)
	return b
}

// connect has the bot connect its state, as the first probe of an operator does.
func (b *rig) connect(t TB, s *Subject) {
	t.Helper()
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil).WithContext(s.ctx))
	if w.Code != http.StatusOK {
		t.Errorf("the bot is not ready: %d %s", w.Code, w.Body)
		t.FailNow()
	}
}

// unstarted returns a bot whose Run has not been called.
func (s *Subject) unstarted(t TB) *rig {
	t.Helper()
	return s.unstartedOn(t, s.open(s.t))
}

func (s *Subject) unstartedOn(t TB, h Harness) *rig {
	t.Helper()
	b := &rig{Harness: h, features: s.Features, record: newRecord()}
	st, control := makeUnsteady(b.State)
	b.state = control
	bot, err := chat.New(chat.Config{
		UserName: s.Features.UserName, Adapters: []chat.Adapter{b.Adapter}, State: st, Observer: b.record,
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		Webhook: chat.WebhookConfig{MaxBodyBytes: s.maxBody(), BodyTimeout: s.bodyTimeout}, Limits: chat.LimitConfig{ShutdownTimeout: patience},
		Retry: chat.Retry{MaxAttempts: 1},
	})
	must(t, "chat.New", err)
	b.Chat = bot
	b.record.listen(bot)
	server := httptest.NewServer(b.handler())
	b.url, b.transport = server.URL, server.Client().Transport
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = bot.Shutdown(ctx)
		server.CloseClientConnections()
		server.Close()
	})
	return b
}

// maxBody bounds bodies well above the samples.
func (s *Subject) maxBody() int64 {
	longest := 32 << 10
	for _, sample := range s.Features.Samples {
		longest = max(longest, len(sample.Body))
	}
	return int64(2 * longest)
}

// handler serves the bot and notes a panic.
func (b *rig) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				b.panics.Store(show(p))
				panic(http.ErrAbortHandler)
			}
		}()
		b.ServeHTTP(w, r)
	})
}

// post posts to the thread and returns what was sent.
func (b *rig) post(t TB, s *Subject, thread chat.ThreadID, content chat.Postable) *chat.SentMessage {
	t.Helper()
	sent, err := b.thread(t, thread).Post(s.ctx, content)
	must(t, "Post", err)
	if sent.ID() == "" {
		t.Errorf("Post returned an empty id")
	}
	return sent
}

func (b *rig) thread(t TB, id chat.ThreadID) *chat.Thread {
	t.Helper()
	thread, err := b.Thread(id)
	must(t, "Thread", err)
	return thread
}

// shown returns what the platform shows of the bot in the thread.
func (b *rig) shown(t TB, s *Subject, thread chat.ThreadID) []chattest.Posted {
	t.Helper()
	all, err := b.Posts(s.ctx, thread)
	must(t, "Harness.Posts", err)
	var visible []chattest.Posted
	for _, p := range all {
		if _, done := b.seen.Load(p.ID); !p.Deleted && !done {
			visible = append(visible, p)
		}
	}
	return visible
}

// remove deletes a message. Where messages cannot be deleted, shown leaves out all that
// the thread shows so far.
func (b *rig) remove(t TB, s *Subject, sent *chat.SentMessage) {
	t.Helper()
	if !s.Features.NoDeletes {
		must(t, "Delete", sent.Delete(context.WithoutCancel(s.ctx)))
		return
	}
	for _, p := range b.shown(t, s, sent.Thread().ID()) {
		b.seen.Store(p.ID, true)
	}
}

// everything matches any text.
var everything = regexp.MustCompile(`(?s)^`)

// user is the declared user, or one of whom nothing is known.
func (s *Subject) user(b *rig) chat.Person {
	return cmp.Or(s.Features.User, "nobody").On(b.Adapter.Name())
}
