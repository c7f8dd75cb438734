package platform

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// acme is an adapter without fault for a platform that signs its webhooks,
// numbers messages per chat, and has every ability. The mutants replace one of
// its steps or methods.
type acme struct {
	host     chat.Host
	platform *acmePlatform

	// The steps of a webhook.
	read    func(r *http.Request) ([]byte, error)
	verify  func(r *http.Request, body []byte) error
	parse   func(body []byte) (chat.Inbound, error)
	deliver func(ctx context.Context, in chat.Inbound) error
	refusal func(err error) int
	join    func(parts []*chat.Message, again bool) *chat.Message
	albums  acmeAlbums

	// The steps of a post.
	where  func(thread chat.ThreadID) chat.ThreadID
	markup format.Markup
	split  func(text string) []string
	finish func(markup string) string
	pack   func(ctx context.Context, id, value string) (string, error)
	unpack func(ctx context.Context, data string) (id, value string, err error)
	files  func(files []chat.File) ([]chattest.PostedFile, error)

	parts   *adapterkit.Parts
	buttons *adapterkit.Buttons
}

var (
	_ chat.Adapter         = (*acme)(nil)
	_ chat.Runner          = (*acme)(nil)
	_ chat.Streamer        = (*acme)(nil)
	_ chat.Typer           = (*acme)(nil)
	_ chat.Reactor         = (*acme)(nil)
	_ chat.DirectMessenger = (*acme)(nil)
	_ chat.HistoryKeeper   = (*acme)(nil)
	_ chat.LockScoper      = (*acme)(nil)
)

const (
	acmeSecret = "5e884898da28047151d0e56f8dc62927"
	acmeMaxAge = 5 * time.Minute
	acmeSelf   = "B0"
)

func newACME() *acme {
	a := &acme{
		platform: &acmePlatform{
			MessageStore: chattest.NewMessageStore("acme"), triggers: map[string]bool{}, ephemeral: map[chat.UserID][]chattest.Posted{}, read: map[chat.ThreadID]chat.MessageID{},
			session: map[chat.ThreadID]chat.SessionStatus{},
		},
		markup: acmeMarkup(),
		split:  func(text string) []string { return format.SplitMarkdown(text, acmeLimit, format.UTF16) },
		finish: func(markup string) string { return markup },
		files:  readFiles,
	}
	a.unpack = func(ctx context.Context, data string) (string, string, error) { return a.buttons.Unpack(ctx, data) }
	a.pack = func(ctx context.Context, id, value string) (string, error) { return a.buttons.Pack(ctx, id, value) }
	a.read = func(r *http.Request) ([]byte, error) { return io.ReadAll(r.Body) }
	a.verify = verifyACME
	a.parse = func(body []byte) (chat.Inbound, error) { return parseACME(body, composedID) }
	a.deliver = func(ctx context.Context, in chat.Inbound) error {
		switch ev := in.(type) {
		case *chat.ModalSubmitEvent:
			_, err := a.host.SubmitModal(ctx, ev)
			return err
		case *chat.ActionEvent:
			var err error
			if ev.ActionID, ev.Value, err = a.unpack(ctx, ev.ActionID); err != nil {
				return err
			}
		case *chat.Message:
			if ev.Raw != nil {
				return a.deliverAlbum(ctx, ev)
			}
		}
		_, err := a.host.Deliver(ctx, in)
		return err
	}
	a.refusal = chat.HTTPStatus
	a.join = joinACME
	a.where = func(thread chat.ThreadID) chat.ThreadID { return a.platform.now(thread) }
	return a
}

func (a *acme) Name() string { return "acme" }

func (a *acme) Attach(host chat.Host) error {
	a.host = host
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: "acme"})
	var err error
	a.buttons, err = adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: "acme", Limit: 64})
	return err
}

func (a *acme) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := a.read(r)
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if err := a.verify(r, body); err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	in, err := a.parse(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if in != nil {
		if err := a.deliver(r.Context(), in); err != nil {
			w.WriteHeader(a.refusal(err))
		}
	}
}

func signACME(r *http.Request, body []byte, at time.Time) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("Acme-Time", stamp)
	r.Header.Set("Acme-Signature", acmeSignature(stamp, body))
}

func acmeSignature(stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(acmeSecret))
	mac.Write([]byte(stamp + ":"))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

var errForged = errors.New("acme: the signature is not the platform's")

func verifyACME(r *http.Request, body []byte) error {
	if err := acmeFresh(r); err != nil {
		return err
	}
	if !hmac.Equal([]byte(r.Header.Get("Acme-Signature")), []byte(acmeSignature(r.Header.Get("Acme-Time"), body))) {
		return errForged
	}
	return nil
}

func acmeFresh(r *http.Request) error {
	at, err := strconv.ParseInt(r.Header.Get("Acme-Time"), 10, 64)
	if err != nil || time.Since(time.Unix(at, 0)).Abs() > acmeMaxAge {
		return errForged
	}
	return nil
}

// acmePayload is the body of a webhook.
type acmePayload struct {
	Event, ID, Chat, Topic string
	Number                 int
	From                   *acmeUser
	Text, Emoji, File      string
	Code                   string // which follows the text

	Album string // its name, and of how many messages it is
	Of    int
	// Of a click, and of a modal that was submitted.
	Message, Action, Value, Context string
	Values                          chat.ModalValues
}

type acmeUser struct{ ID, Name string }

var (
	errPayload  = errors.New("acme: not a payload")
	acmeChat    = regexp.MustCompile(`^[CD][0-9]+$`)
	acmeTopic   = regexp.MustCompile(`^[0-9]*$`)
	errNoThread = fmt.Errorf(`%w: acme: want "acme:{chat}:{topic}"`, chat.ErrInvalidArgument)
)

func composedID(p acmePayload) chat.MessageID {
	return chat.MessageID(p.Chat + "-" + strconv.Itoa(p.Number))
}

func parseACME(body []byte, id func(acmePayload) chat.MessageID) (chat.Inbound, error) {
	var p acmePayload
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, err
	}
	switch p.Event {
	case "ping":
		return nil, nil
	case "message", "reaction", "click", "submit":
	default:
		return nil, errPayload
	}
	if p.From == nil || p.From.ID == "" || !acmeChat.MatchString(p.Chat) || !acmeTopic.MatchString(p.Topic) || p.Number <= 0 {
		return nil, errPayload
	}
	thread := chat.ThreadID("acme:" + p.Chat + ":" + p.Topic)
	author := chat.Author{UserID: chat.UserID(p.From.ID), UserName: p.From.Name, FullName: p.From.Name, Me: p.From.ID == acmeSelf}
	base := chat.EventBase{ID: p.ID, ThreadID: thread, User: author}
	switch p.Event {
	case "reaction":
		return &chat.ReactionEvent{EventBase: base, MessageID: id(p), Emoji: emoji.Emoji(p.Emoji), RawEmoji: p.Emoji, Added: true}, nil
	case "click":
		return &chat.ActionEvent{EventBase: base, MessageID: chat.MessageID(p.Message), ActionID: p.Action, Value: p.Value, TriggerID: "trigger-" + p.ID}, nil
	case "submit":
		base.ThreadID = ""
		return &chat.ModalSubmitEvent{EventBase: base, CallbackID: p.Action, PrivateMetadata: p.Value, ContextID: p.Context, Values: p.Values}, nil
	}
	m := &chat.Message{ID: id(p), ThreadID: thread, Text: p.Text, Author: author}
	if p.Code != "" {
		m.Text += " " + p.Code
		m.Formatted = markdown.NewRoot(markdown.NewParagraph(markdown.NewText(p.Text+" "), markdown.NewInlineCode(p.Code)))
	}
	if p.Album != "" {
		m.Raw = body
	}
	if p.File != "" {
		m.Attachments = []chat.Attachment{{Type: "file", Name: p.File, FetchMetadata: map[string]string{acmeFile: p.File}}}
	}
	return m, nil
}

func (a *acme) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	id := chat.ThreadID("acme:" + ref.Channel + ":" + ref.Thread)
	if back, err := a.DecodeThreadID(id); err != nil || back != ref {
		return "", errNoThread
	}
	return id, nil
}

func (a *acme) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	parts := strings.Split(string(id), ":")
	if len(parts) != 3 || parts[0] != "acme" || !acmeChat.MatchString(parts[1]) || !acmeTopic.MatchString(parts[2]) {
		return chat.ThreadRef{}, errNoThread
	}
	return chat.ThreadRef{Channel: parts[1], Thread: parts[2], DM: parts[1][0] == 'D'}, nil
}

// call says whether the platform may be asked.
func (a *acme) call(ctx context.Context, thread chat.ThreadID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := a.platform.down(); err != nil {
		return err
	}
	_, err := a.DecodeThreadID(thread)
	return err
}

func (a *acme) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	return a.platform.Type(thread)
}

func (a *acme) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	return a.platform.React(thread, id, emoji)
}

func (a *acme) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	if err := a.call(ctx, thread); err != nil {
		return err
	}
	return a.platform.Unreact(thread, id, emoji)
}

func (a *acme) OpenDM(_ context.Context, user chat.UserID) (chat.ThreadID, error) {
	return chat.ThreadID("acme:D" + strings.TrimPrefix(string(user), "U") + ":"), nil
}

func (a *acme) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (a *acme) KeepsHistory() bool        { return true }
func (a *acme) LockScope() chat.LockScope { return chat.ScopeChannel }

// acmePlatform is the platform's memory.
type acmePlatform struct {
	*chattest.MessageStore

	mu        sync.Mutex
	broken    bool
	ephemeral map[chat.UserID][]chattest.Posted
	scheduled []chattest.ScheduledPost
	read      map[chat.ThreadID]chat.MessageID
	session   map[chat.ThreadID]chat.SessionStatus
	failed    map[chat.MessageID]bool
	moved     map[chat.ThreadID]chat.ThreadID
	modals    []chattest.OpenedModal
	triggers  map[string]bool // used up
	events    int             // ids given to clicks and submissions
}

// post adds a message, however the rate limit is.
func (p *acmePlatform) post(thread chat.ThreadID, text string) chat.MessageID {
	sent, _ := p.Post(chattest.Posted{Thread: thread, Text: text})
	return sent.ID
}

func (p *acmePlatform) breakDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = true
}

func (p *acmePlatform) down() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken {
		return &chat.PlatformError{Adapter: "acme", Op: "call", Code: chat.CodeTemporary, Err: errors.New("503")}
	}
	return nil
}

// open returns a harness with the adapter that is planted on a new platform.
func openPlanted(t *testing.T, plant func(*acme) chat.Adapter) adaptertest.Harness {
	t.Helper()
	a := newACME()
	return adaptertest.Harness{
		Adapter: plant(a), State: newState(t), Posts: a.platform.shown, Typing: a.platform.Typing,
		Ephemeral: a.platform.shownTo, Scheduled: a.platform.waiting, Read: a.platform.readUpTo, Session: a.platform.markedAs,
		Limit: a.platform.Limit, Break: a.platform.breakDown, Move: a.platform.move,
		Click: a.platform.click, Modals: a.platform.opened, Submit: a.platform.submit,
		Restart: func() (chat.Adapter, error) {
			again := newACME()
			again.platform = a.platform
			return plant(again), nil
		},
	}
}

func acmeMessage(chatID, topic string, number int, from, text string) string {
	return fmt.Sprintf(`{"event":"message","chat":%q,"topic":%q,"number":%d,"from":{"id":%q,"name":"ada"},"text":%q}`, chatID, topic, number, from, text)
}

func acmeWant(thread, id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{
		ID: chat.MessageID(id), ThreadID: chat.ThreadID(thread), Text: text, Author: chat.Author{UserID: "U1", UserName: "ada", FullName: "ada"},
	}}
}

var acmeFeatures = adaptertest.Features{
	Sign: signACME, MaxAge: acmeMaxAge, User: "U1", Secrets: []string{acmeSecret},
	Formats: adaptertest.Bold | adaptertest.Italic | adaptertest.Strikethrough | adaptertest.Code | adaptertest.CodeBlocks |
		adaptertest.Quotes | adaptertest.Links | adaptertest.Mentions,
	Samples: []adaptertest.Sample{
		{Name: "message", Body: acmeMessage("C1", "7", 1, "U1", "hello"), Want: acmeWant("acme:C1:7", "C1-1", "hello")},
		{Name: "message in a channel", Body: acmeMessage("C1", "", 2, "U1", "all"), Want: acmeWant("acme:C1:", "C1-2", "all")},
		{Name: "direct message", Body: acmeMessage("D1", "", 3, "U1", "psst"), Want: acmeWant("acme:D1:", "D1-3", "psst")},
		{Name: "own message", Body: acmeMessage("C1", "7", 4, acmeSelf, "hello"), Own: true},
		{Name: "ping", Body: `{"event":"ping"}`},
		{
			Name: "message with a file", Body: `{"event":"message","chat":"C1","topic":"7","number":5,"from":{"id":"U1","name":"ada"},"text":"see","file":"F1"}`,
			Want: acmeWant("acme:C1:7", "C1-5", "see"), Files: []string{theFile},
		},
		{
			Name: "reaction", Body: `{"event":"reaction","id":"E1","chat":"C1","topic":"7","number":1,"from":{"id":"U1","name":"ada"},"emoji":"heart"}`,
			Want: []chat.Inbound{&chat.ReactionEvent{
				EventBase: chat.EventBase{ID: "E1", ThreadID: "acme:C1:7", User: chat.Author{UserID: "U1"}}, MessageID: "C1-1", Emoji: "heart", Added: true,
			}},
		},
	},
	Mention: adaptertest.Sample{Body: acmeMessage("C1", "7", 20, "U1", "@bot help"), Want: acmeWant("acme:C1:7", "C1-20", "@bot help")},
	MentionInCode: adaptertest.Sample{
		Body: `{"event":"message","chat":"C1","topic":"7","number":21,"from":{"id":"U1","name":"ada"},"text":"type","code":"@bot help"}`,
		Want: acmeWant("acme:C1:7", "C1-21", "type @bot help"),
	},
	Album: []adaptertest.Sample{
		{Name: "first", Body: acmeAlbumPart(30, "see", "F1"), Want: []chat.Inbound{&chat.Message{
			ID: "C1-30", ThreadID: "acme:C1:7", Text: "see", Author: chat.Author{UserID: "U1"},
			Attachments: []chat.Attachment{{Name: "F1"}, {Name: "F2"}, {Name: "F3"}},
		}}},
		{Name: "second", Body: acmeAlbumPart(31, "", "F2")},
		{Name: "third", Body: acmeAlbumPart(32, "", "F3")},
	},
	Moves: "acme:C1:7",
	Twins: []adaptertest.Sample{
		{Name: "first twin", Body: acmeMessage("C1", "", 9, "U1", "one"), Want: acmeWant("acme:C1:", "C1-9", "one")},
		{Name: "second twin", Body: acmeMessage("C2", "", 9, "U1", "two"), Want: acmeWant("acme:C2:", "C2-9", "two")},
	},
	Recordings: []*webhook.Recording{
		{Name: "nobody's name", Method: http.MethodPost, Path: "/", Body: []byte(acmeNameless), Status: http.StatusOK},
		{Name: "an unknown event", Method: http.MethodPost, Path: "/", Body: []byte(`{"event":"birthday"}`), Status: http.StatusBadRequest},
	},
	Foreign: []chat.ThreadID{"acme:X1:7", "acme:C1:seven"},
}

// acmeNameless is a message as no sample shows it.
const acmeNameless = `{"event":"message","chat":"C1","topic":"7","number":8,"from":{"id":"U8"},"text":"@bot hello"}`

func TestACME(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T) adaptertest.Harness {
		return openPlanted(t, func(a *acme) chat.Adapter { return a })
	}, acmeFeatures)
}
