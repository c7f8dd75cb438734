package chattest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Fake is a platform that lives in memory: a test sends messages to the bot
// through it and looks at what the bot posted. Thread ids are
// "{name}:{channel}:{thread}"; a channel whose name starts with "dm-" is a
// direct conversation.
//
// Its webhook takes a chat.Message as JSON. All methods are safe for concurrent
// use.
type Fake struct {
	name string
	host chat.Host

	mu        sync.Mutex
	posts     []Posted
	history   []said
	files     map[string][]byte
	modals    []OpenedModal
	ephemeral []ephemeralPost
	scheduled []ScheduledPost
	users     map[chat.UserID]chat.User
	channels  map[chat.ChannelID]chat.ChannelInfo
	read      map[chat.ThreadID]chat.MessageID
	failed    map[chat.ThreadID][]chat.MessageID
	off       map[Ability]bool
	pace      time.Duration
	nextID    int
	fail      error
	failNext  []error
	typed     map[chat.ThreadID]int
	changed   chan struct{} // closed and replaced when posts or modals change
}

// Posted is a message that the bot posted.
type Posted struct {
	ID     chat.MessageID
	Thread chat.ThreadID
	// Text is the post as Markdown, after all edits. Of a card, a plan or tasks it
	// is at least the titles and texts.
	Text    string
	Edits   int
	Deleted bool
	// ReplyTo is the message that it answers.
	ReplyTo chat.MessageID
	// Card is the card that it shows.
	Card *card.Card
	// Plan is the plan that it shows in a form of its own, or the tasks of a
	// stream.
	Plan *chat.PlanState
	// Reactions are the bot's emoji on it.
	Reactions []string
	// Files came with it.
	Files []PostedFile
}

// PostedFile is a file that came with a post.
type PostedFile struct {
	Name    string
	Content []byte
}

// NewFake returns a platform with the adapter name.
func NewFake(name string) *Fake {
	return &Fake{
		name: name, typed: map[chat.ThreadID]int{}, changed: make(chan struct{}),
		users:    map[chat.UserID]chat.User{"u1": {ID: "u1", UserName: "ada", FullName: "Ada"}},
		channels: map[chat.ChannelID]chat.ChannelInfo{}, read: map[chat.ThreadID]chat.MessageID{}, files: map[string][]byte{},
		failed: map[chat.ThreadID][]chat.MessageID{},
		off:    map[Ability]bool{MessageFetcher: true, ChannelFetcher: true, AttachmentFetcher: true},
	}
}

var _ chat.Adapter = (*Fake)(nil)

// Message returns a message of a person, ready to be sent. Its id is unique to
// the fake.
func (f *Fake) Message(thread chat.ThreadID, text string) *chat.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &chat.Message{
		ID: chat.MessageID(f.newID("in")), ThreadID: thread, Text: text, SentAt: time.Now(),
		Author: Ada(),
	}
}

// Thread returns the id of a thread of the fake.
func (f *Fake) Thread(channel, thread string) chat.ThreadID {
	return chat.ThreadID(f.name + ":" + channel + ":" + thread)
}

// Send delivers the message to the bot and returns when the bot has stored it.
func (f *Fake) Send(ctx context.Context, m *chat.Message) (*chat.Receipt, error) {
	return f.host.Deliver(ctx, m)
}

// Host returns the bot as the fake sees it.
func (f *Fake) Host() chat.Host { return f.host }

// Fail makes the platform answer every further request with the error, until it
// is called with nil.
func (f *Fake) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = err
}

// FailNext makes the platform answer the next requests with these errors, one
// each. For nil it does what it is asked.
func (f *Fake) FailNext(errs ...error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failNext = append(f.failNext, errs...)
}

// Posts returns what the bot has posted to the thread, oldest first.
func (f *Fake) Posts(thread chat.ThreadID) []Posted {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.postsLocked(thread)
}

func (f *Fake) postsLocked(thread chat.ThreadID) []Posted {
	var posts []Posted
	for _, p := range f.posts {
		if p.Thread == thread {
			p.Reactions = slices.Clone(p.Reactions)
			posts = append(posts, p)
		}
	}
	return posts
}

// AwaitPosts waits until the bot has posted n messages to the thread.
func (f *Fake) AwaitPosts(ctx context.Context, thread chat.ThreadID, n int) ([]Posted, error) {
	for {
		f.mu.Lock()
		posts, changed := f.postsLocked(thread), f.changed
		f.mu.Unlock()
		if len(posts) >= n {
			return posts, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return posts, fmt.Errorf("chattest: %d of %d posts: %w", len(posts), n, ctx.Err())
		}
	}
}

// Name returns the adapter name.
func (f *Fake) Name() string { return f.name }

// Attach keeps the bot.
func (f *Fake) Attach(host chat.Host) error {
	f.host = host
	return nil
}

// ServeHTTP takes a message as JSON.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "want POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the body could not be read", http.StatusRequestEntityTooLarge)
		return
	}
	m := new(chat.Message)
	if err := json.Unmarshal(body, m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if _, err := f.host.Deliver(r.Context(), m); err != nil {
		http.Error(w, err.Error(), chat.HTTPStatus(err))
		return
	}
	w.WriteHeader(http.StatusOK)
}

// PostMessage records a post.
func (f *Fake) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return f.add(ctx, thread, post, "")
}

// add records a post that may answer another one.
func (f *Fake) add(ctx context.Context, thread chat.ThreadID, post *chat.Post, to chat.MessageID) (chat.MessageID, error) {
	p, err := render(post)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.allowed(ctx, thread); err != nil {
		return "", err
	}
	p.Thread, p.ReplyTo = thread, to
	return f.addLocked(p), nil
}

func (f *Fake) addLocked(p Posted) chat.MessageID {
	p.ID = chat.MessageID(f.newID("out"))
	f.posts = append(f.posts, p)
	f.history = append(f.history, said{post: p.ID, at: time.Now()})
	f.announce()
	return p.ID
}

func (f *Fake) newID(kind string) string {
	f.nextID++
	return kind + "-" + strconv.Itoa(f.nextID)
}

// render returns the post as the platform shows it.
func render(post *chat.Post) (Posted, error) {
	p := Posted{Text: shown(post), Card: post.Card}
	for _, file := range post.Files {
		content, err := io.ReadAll(file.Content)
		if err != nil {
			return Posted{}, fmt.Errorf("chattest: file %q: %w", file.Name, err)
		}
		p.Files = append(p.Files, PostedFile{file.Name, content})
	}
	return p, nil
}

// shown is the post as Markdown with the platform's emoji; Raw stays as it is.
func shown(post *chat.Post) string {
	if post.Raw != "" {
		return post.Raw
	}
	return spell(post.AsMarkdown())
}

// spell writes the emoji of a text as the platform does.
func spell(text string) string { return emoji.Replace(text, emoji.Unicode) }

// EditMessage replaces the text of a post.
func (f *Fake) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	return f.change(ctx, "edit", thread, id, func(p *Posted) {
		p.Text, p.Card, p.Plan = shown(post), post.Card, nil
		p.Edits++
	})
}

// DeleteMessage marks a post as deleted.
func (f *Fake) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return f.change(ctx, "delete", thread, id, func(p *Posted) { p.Deleted = true })
}

func (f *Fake) change(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID, change func(*Posted)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.allowed(ctx, thread); err != nil {
		return err
	}
	return f.changeLocked(op, thread, id, change)
}

func (f *Fake) changeLocked(op string, thread chat.ThreadID, id chat.MessageID, change func(*Posted)) error {
	for i := range f.posts {
		if p := &f.posts[i]; p.ID == id && p.Thread == thread && !p.Deleted {
			change(p)
			f.announce()
			return nil
		}
	}
	return f.notFound(op, "message")
}

func (f *Fake) notFound(op, what string) error {
	return &chat.PlatformError{Adapter: f.name, Op: op, Code: chat.CodeNotFound, Err: errors.New("no such " + what)}
}

func (f *Fake) allowed(ctx context.Context, thread chat.ThreadID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := f.DecodeThreadID(thread); err != nil {
		return err
	}
	return f.failure()
}

// failure is what the test wants the next request to be answered with.
func (f *Fake) failure() error {
	if len(f.failNext) > 0 {
		err := f.failNext[0]
		f.failNext = f.failNext[1:]
		return err
	}
	return f.fail
}

func (f *Fake) announce() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// EncodeThreadID puts a thread id together.
func (f *Fake) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if ref.Channel == "" || ref.Thread == "" || strings.Contains(ref.Channel, ":") {
		return "", fmt.Errorf("%w: a thread needs a channel without colon and a thread", chat.ErrInvalidArgument)
	}
	if ref.DM != strings.HasPrefix(ref.Channel, "dm-") {
		return "", fmt.Errorf("%w: the channel of a direct conversation, and no other, starts with dm-", chat.ErrInvalidArgument)
	}
	return f.Thread(ref.Channel, ref.Thread), nil
}

// DecodeThreadID takes a thread id apart.
func (f *Fake) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	rest, ok := strings.CutPrefix(string(id), f.name+":")
	channel, thread, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || channel == "" || thread == "" {
		return chat.ThreadRef{}, fmt.Errorf("%w: thread id %q is not %s:{channel}:{thread}", chat.ErrInvalidArgument, id, f.name)
	}
	return chat.ThreadRef{Channel: channel, Thread: thread, DM: strings.HasPrefix(channel, "dm-")}, nil
}
