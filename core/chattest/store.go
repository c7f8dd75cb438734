package chattest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// store is what the platform has. Methods whose names end in Locked, and those that
// say so, are called with mu held.
type store struct {
	cfg      Config
	messages *MessageStore // of the bot

	emoji atomic.Pointer[emoji.Set] // the bot's, once one has the adapter

	mu        sync.Mutex
	host      chat.Host // nil until a bot has the adapter
	history   []said
	files     map[string][]byte
	modals    []OpenedModal
	ephemeral []ephemeralPost
	scheduled []ScheduledPost
	users     map[chat.UserID]chat.User
	channels  map[chat.ChannelID]chat.ChannelInfo
	read      map[chat.ThreadID]chat.MessageID
	failed    map[chat.ThreadID][]chat.MessageID
	nextID    int
	fail      error
	failNext  []error
	stopped   map[chat.ThreadID]int
	sessions  map[chat.ThreadID][]chat.SessionStatus
	changed   chan struct{} // closed and replaced when posts or modals change
}

func newStore(cfg Config) *store {
	cfg.Name = cmp.Or(cfg.Name, "fake")
	s := &store{
		cfg: cfg, messages: NewMessageStore(cfg.Name), stopped: map[chat.ThreadID]int{}, changed: make(chan struct{}),
		users:    map[chat.UserID]chat.User{"u1": {ID: "u1", UserName: "ada", FullName: "Ada"}},
		channels: map[chat.ChannelID]chat.ChannelInfo{}, read: map[chat.ThreadID]chat.MessageID{}, files: map[string][]byte{},
		failed: map[chat.ThreadID][]chat.MessageID{}, sessions: map[chat.ThreadID][]chat.SessionStatus{},
	}
	s.emoji.Store(emoji.Standard())
	return s
}

// bot returns who has the adapter.
func (s *store) bot() (chat.Host, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.host == nil {
		return nil, errors.New("chattest: no bot has the adapter of the fake: put Fake.Adapter() into its Config")
	}
	return s.host, nil
}

// deliver hands something that came in to the bot.
func (s *store) deliver(ctx context.Context, in chat.Inbound) (*chat.Receipt, error) {
	host, err := s.bot()
	if err != nil {
		return nil, err
	}
	return host.Deliver(ctx, in)
}

func (s *store) threadID(channel, thread string) chat.ThreadID {
	return chat.ThreadID(s.cfg.Name + ":" + channel + ":" + thread)
}

// decode takes a thread id apart.
func (s *store) decode(id chat.ThreadID) (chat.ThreadRef, error) {
	rest, ok := strings.CutPrefix(string(id), s.cfg.Name+":")
	channel, thread, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || channel == "" || thread == "" {
		return chat.ThreadRef{}, fmt.Errorf("%w: thread id %q is not %s:{channel}:{thread}", chat.ErrInvalidArgument, id, s.cfg.Name)
	}
	return chat.ThreadRef{Channel: channel, Thread: thread, DM: strings.HasPrefix(channel, "dm-")}, nil
}

// said is a message of the platform's history.
type said struct {
	post  chat.MessageID // one of the bot's posts
	heard *chat.Message  // or one of somebody else
	at    time.Time
}

func (s *store) addLocked(p Posted) (chat.MessageID, error) {
	p.ID = chat.MessageID(s.newID("out"))
	if _, err := s.messages.Post(p); err != nil {
		return "", err
	}
	s.history = append(s.history, said{post: p.ID, at: time.Now()})
	s.announce()
	return p.ID, nil
}

func (s *store) newID(kind string) string {
	s.nextID++
	return kind + "-" + strconv.Itoa(s.nextID)
}

func (s *store) change(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID, change func(*Posted)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.allowed(ctx, thread); err != nil {
		return err
	}
	return s.changeLocked(op, thread, id, change)
}

func (s *store) changeLocked(op string, thread chat.ThreadID, id chat.MessageID, change func(*Posted)) error {
	if err := s.messages.change(op, thread, id, change); err != nil {
		return err
	}
	s.announce()
	return nil
}

func (s *store) allowed(ctx context.Context, thread chat.ThreadID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.decode(thread); err != nil {
		return err
	}
	return s.failure()
}

// failure is what the test wants the next request to be answered with.
func (s *store) failure() error {
	if len(s.failNext) > 0 {
		err := s.failNext[0]
		s.failNext = s.failNext[1:]
		return err
	}
	return s.fail
}

func (s *store) notFound(op, what string) error {
	return &chat.PlatformError{Adapter: s.cfg.Name, Op: op, Code: chat.CodeNotFound, Err: errors.New("no such " + what)}
}

func (s *store) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}
