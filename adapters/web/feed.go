package web

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/chat-adapter/chat-go/core/chat"
)

// event is one thing that happened in a conversation. Exactly one field is set.
type event struct {
	message *uiMessage    // a message came, grew to its end or was edited
	delta   *deltaEvent   // a streamed message grew
	tasks   *tasksEvent   // the tasks of a streamed message changed
	removed *removedEvent // a message was deleted
	typing  *typingEvent  // the bot is writing
	session *sessionEvent // the bot's work stands otherwise
	opened  *openedEvent  // a modal was opened
	stopped bool          // the user stopped the bot
	deleted bool          // the user deleted the conversation
}

type deltaEvent struct {
	ID string `json:"id"`
	// At is how long the text was before, as JavaScript counts.
	At    int    `json:"at"`
	Delta string `json:"delta"`
}

type tasksEvent struct {
	ID   string `json:"id"`
	Plan *plan  `json:"plan"`
}

type removedEvent struct {
	ID string `json:"id"`
}

type typingEvent struct {
	Status string `json:"status,omitempty"`
	// Stopped says that the bot is writing no more.
	Stopped bool `json:"stopped,omitempty"`
}

type sessionEvent struct {
	Status chat.SessionStatus `json:"status"`
}

// feeds are the conversations that someone in this process looks at or posts a
// stream to.
type feeds struct {
	// watch looks for what other instances do to a conversation, until its
	// context ends.
	watch func(context.Context, *feed)

	mu   sync.Mutex
	open map[chat.ThreadID]*feed
}

// feed carries the events of one conversation to the requests that are open.
type feed struct {
	thread chat.ThreadID

	// Of feeds.mu:
	users int // subscriptions and streams; the feed is dropped at 0

	mu        sync.Mutex
	subs      map[*subscription]struct{}
	live      []*liveMessage   // streamed messages that still grow, oldest first
	known     map[string]int64 // versions of what the watcher has seen; nil until it looked
	stopWatch context.CancelFunc
	wake      chan struct{} // tells the watcher that something is going on
}

// acquire returns the conversation's feed; release must follow.
func (fs *feeds) acquire(thread chat.ThreadID) *feed {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.open[thread]
	if f == nil {
		f = &feed{thread: thread, subs: map[*subscription]struct{}{}, wake: make(chan struct{}, 1)}
		if fs.open == nil {
			fs.open = map[chat.ThreadID]*feed{}
		}
		fs.open[thread] = f
	}
	f.users++
	return f
}

func (fs *feeds) release(f *feed) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.users--; f.users == 0 {
		delete(fs.open, f.thread)
	}
}

// publish sends an event to whoever looks at the conversation.
func (fs *feeds) publish(thread chat.ThreadID, e event) {
	fs.mu.Lock()
	f := fs.open[thread]
	fs.mu.Unlock()
	if f != nil {
		f.publish(e)
	}
}

// stir has whoever looks at the conversation look soon for what other instances
// do to it.
func (fs *feeds) stir(thread chat.ThreadID) {
	fs.mu.Lock()
	f := fs.open[thread]
	fs.mu.Unlock()
	if f != nil {
		f.stir()
	}
}

func (f *feed) publish(e event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.publishLocked(e)
}

func (f *feed) publishLocked(e event) {
	for s := range f.subs {
		s.push(e)
	}
}

// subscribe starts to collect the conversation's events for one request.
func (fs *feeds) subscribe(thread chat.ThreadID) *subscription {
	f := fs.acquire(thread)
	s := &subscription{feeds: fs, feed: f, ready: make(chan struct{}, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subs[s] = struct{}{}
	if len(f.subs) == 1 {
		ctx, stop := context.WithCancel(context.Background())
		f.stopWatch = stop
		f.known = nil
		go fs.watch(ctx, f)
	}
	return s
}

// subscription is what one request has yet to be told.
type subscription struct {
	feeds *feeds
	feed  *feed
	ready chan struct{} // holds a value while there may be something to take

	mu      sync.Mutex
	waiting []event
	lagging bool
}

// maxWaiting bounds what is kept for a request that does not read.
const maxWaiting = 4096

var errLagging = errors.New("web: the reader is too slow")

func (s *subscription) push(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == maxWaiting {
		s.waiting, s.lagging = nil, true
	}
	if !s.lagging {
		s.waiting = append(s.waiting, e)
	}
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// take returns what has come, without waiting. It returns errLagging if
// something had to be left out: the reader must start anew.
func (s *subscription) take() ([]event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lagging {
		return nil, errLagging
	}
	events := s.waiting
	s.waiting = nil
	return events, nil
}

func (s *subscription) close() {
	f := s.feed
	f.mu.Lock()
	delete(f.subs, s)
	if len(f.subs) == 0 {
		f.stopWatch()
	}
	f.mu.Unlock()
	s.feeds.release(f)
}

// live returns the streamed messages as far as they have come.
func (s *subscription) live() []*uiMessage {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	messages := make([]*uiMessage, 0, len(s.feed.live))
	for _, m := range s.feed.live {
		messages = append(messages, m.snapshot())
	}
	return messages
}

// liveMessage is a streamed message that still grows. Its feed's lock guards it.
type liveMessage struct {
	feeds *feeds
	feed  *feed
	start *uiMessage
	text  strings.Builder
	plan  *plan
	units int // length of text as JavaScript counts
}

// stream opens a growing message; finish must follow.
func (fs *feeds) stream(thread chat.ThreadID, start *uiMessage) *liveMessage {
	f := fs.acquire(thread)
	start.Metadata.Streaming = true
	m := &liveMessage{feeds: fs, feed: f, start: start, plan: start.Body.Plan}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live = append(f.live, m)
	f.publishLocked(event{message: m.snapshot()})
	return m
}

func (m *liveMessage) snapshot() *uiMessage {
	copied := *m.start
	copied.Body = &body{Text: m.text.String(), Plan: m.plan}
	return &copied
}

func (m *liveMessage) grow(delta string) {
	m.feed.mu.Lock()
	defer m.feed.mu.Unlock()
	m.feed.publishLocked(event{delta: &deltaEvent{ID: m.start.ID, At: m.units, Delta: delta}})
	m.text.WriteString(delta)
	m.units += utf16Len(delta)
}

// show shows the tasks as they are now.
func (m *liveMessage) show(p *plan) {
	m.feed.mu.Lock()
	defer m.feed.mu.Unlock()
	m.plan = p
	m.feed.publishLocked(event{tasks: &tasksEvent{ID: m.start.ID, Plan: p}})
}

// finish shows the message as it is kept, and whether it was stopped before its
// end.
func (m *liveMessage) finish(b *body, stopped bool) {
	f := m.feed
	f.mu.Lock()
	for i, other := range f.live {
		if other == m {
			f.live = append(f.live[:i:i], f.live[i+1:]...)
			break
		}
	}
	done := *m.start
	done.Body, done.Metadata.Streaming, done.Metadata.Stopped = b, false, stopped
	f.publishLocked(event{message: &done})
	f.mu.Unlock()
	m.feeds.release(f)
}
