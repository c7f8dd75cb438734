package metatest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

const (
	appSecret   = "5cc1f43bd1a0e5a2"
	verifyToken = "v3rify-t0ken"
	// words stand in every text here. Neither errors nor logs may hold them.
	words = "pr1vate w0rds"
)

// adapter has the calls that the three adapters share.
type adapter interface {
	chat.Adapter
	ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error)
	AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error
	RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error
	MarkRead(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error
	StartTyping(ctx context.Context, thread chat.ThreadID, status string) error
	OpenDM(ctx context.Context, id chat.UserID) (chat.ThreadID, error)
	FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error)
}

// platform is one of the three.
type platform struct {
	name, object, token string
	// account is the id of what the bot answers for, and other one that is not its own.
	account, other string
	// events are entries with one event each, of every kind that Meta documents, with all
	// of its fields, and "#" for a number of its own.
	events map[string]string
	// nothing are the fields whose other values mean that nothing has happened to the bot,
	// as parts of their paths.
	nothing []string
	// text is an entry with a message of a user.
	text func(user string, n int, text string) string
	// join is one entry with all that several entries have.
	join func(entries ...string) string
	// user is somebody who can be reached, in the thread.
	user   string
	thread chat.ThreadID
	// start starts the platform, which knows the user.
	start func(tb testing.TB) (*fakemeta.Server, *http.Client)
	// adapter is an adapter for the platform at an address.
	adapter func(tb testing.TB, url string, client *http.Client) adapter
	// sends is the call that sends a message.
	sends string
	// refusals are the documented ones of messages.
	refusals []refusal
	// limit is how long a text can be, in bytes or in characters.
	limit int
	bytes bool
}

// refusal is how Meta refuses a call, and the error that it should be.
type refusal struct {
	status, code, subcode int
	want                  error
}

var platforms = []*platform{whatsApp, messengers, instagrams}

// each runs a test for each platform.
func each(t *testing.T, test func(t *testing.T, p *platform)) {
	t.Helper()
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

var numbers atomic.Int64

// numbered puts the same number that is used nowhere else where "#" stands.
func numbered(fields string) string {
	return strings.ReplaceAll(fields, "#", fmt.Sprint(5000+numbers.Add(1)))
}

func (p *platform) delivery(entries ...string) string {
	return fmt.Sprintf(`{"object":%q,"entry":[%s]}`, p.object, strings.Join(entries, ","))
}

// rig is a bot on a fake platform, and what it has handled.
type rig struct {
	*chat.Chat
	adapter
	platform *platform
	fake     *fakemeta.Server
	log      *botrig.Log
	accepted *accepted

	mu      sync.Mutex
	handled []chat.Inbound
	more    chan struct{}
	blocked chan struct{} // nil, or what handlers wait for
}

// accepted counts what the bot has stored to be handled.
type accepted struct{ atomic.Int64 }

// Observe implements chat.Observer.
func (a *accepted) Observe(_ context.Context, o chat.Observation) {
	if o.Step == chat.StepAccepted {
		a.Add(1)
	}
}

func newRig(t *testing.T, p *platform) *rig {
	t.Helper()
	fake, client := p.start(t)
	return newRigOn(t, p, fake, client, botrig.Memory(t))
}

// newRigOn returns one of several bots on the same platform and state.
func newRigOn(t *testing.T, p *platform, fake *fakemeta.Server, client *http.Client, st state.Adapter, change ...func(*chat.Config)) *rig {
	t.Helper()
	r := &rig{platform: p, fake: fake, adapter: p.adapter(t, fake.URL, client), accepted: &accepted{}, more: make(chan struct{}, 1)}
	b := botrig.New(t, r.adapter, st, append(change, func(c *chat.Config) { c.Observer = r.accepted })...)
	r.Chat, r.log = b.Chat, b.Log
	message := func(_ context.Context, ev *chat.MessageEvent) error {
		if blocked := r.blocking(); blocked != nil {
			<-blocked
		}
		for _, m := range append(ev.Skipped, ev.Message) {
			r.keep(m)
		}
		return nil
	}
	b.OnMessage(botrig.AnyText, message)
	b.OnMention(message)
	b.OnDirectMessage(message)
	b.OnMessageUpdated(func(_ context.Context, ev *chat.MessageUpdatedEvent) error { r.keep(ev); return nil })
	b.OnMessageDeleted(func(_ context.Context, ev *chat.MessageDeletedEvent) error { r.keep(ev); return nil })
	b.OnAction(func(_ context.Context, ev *chat.ActionEvent) error { r.keep(ev); return nil })
	b.OnReaction(func(_ context.Context, ev *chat.ReactionEvent) error { r.keep(ev); return nil })
	b.OnPlatformEvent(func(_ context.Context, ev *chat.PlatformEvent) error { r.keep(ev); return nil })
	t.Cleanup(func() { requireSecrecy(t, p, r.log.String()) })
	return r
}

func (r *rig) keep(in chat.Inbound) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handled = append(r.handled, in)
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// block has the handlers of messages wait until open is called.
func (r *rig) block() (open func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	blocked := make(chan struct{})
	r.blocked = blocked
	return func() { close(blocked) }
}

func (r *rig) blocking() chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked
}

// inbound returns what has been handled so far.
func (r *rig) inbound() []chat.Inbound {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]chat.Inbound(nil), r.handled...)
}

// wait waits until so much has been handled, and returns all of it.
func (r *rig) wait(t *testing.T, n int) []chat.Inbound {
	t.Helper()
	for {
		if all := r.inbound(); len(all) >= n {
			return all
		}
		select {
		case <-r.more:
		case <-time.After(botrig.Patience):
			require.Failf(t, "not all was handled", "%d of %d: %s", len(r.inbound()), n, r.log)
		}
	}
}

// done waits for what still runs, and checks that what was stored has been handled, and
// once.
func (r *rig) done(t *testing.T) []chat.Inbound {
	t.Helper()
	r.wait(t, int(r.accepted.Load()))
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	all := r.inbound()
	require.Len(t, all, int(r.accepted.Load()))
	require.NotContains(t, r.log.String(), "panic")
	return all
}

// requireHandled waits until instances have handled so much together, each what one of
// them has stored, and checks that it was no more.
func requireHandled(t *testing.T, n int, rigs ...*rig) {
	t.Helper()
	deadline := time.After(botrig.Patience)
	for len(rigs[0].inbound())+len(rigs[1].inbound()) < n {
		select {
		case <-rigs[0].more:
		case <-rigs[1].more:
		case <-deadline:
			require.Fail(t, "not all was handled")
		}
	}
	for _, r := range rigs {
		require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	}
	require.Len(t, append(rigs[0].inbound(), rigs[1].inbound()...), n)
}

// deliver sends a webhook and returns the answer.
func (r *rig) deliver(t *testing.T, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	return r.ask(t, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/"+r.platform.name, strings.NewReader(body)), append([]func(*http.Request){signed(body)}, change...)...)
}

func (r *rig) ask(t *testing.T, req *http.Request, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	for _, c := range change {
		c(req)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	requireSecrecy(t, r.platform, w.Body.String())
	return w
}

// ServeHTTP is the bot's.
func (r *rig) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.Chat.ServeHTTP(w, req) }

// OpenDM is the adapter's.
func (r *rig) OpenDM(ctx context.Context, id chat.UserID) (chat.ThreadID, error) {
	return r.adapter.OpenDM(ctx, id)
}

func signed(body string) func(*http.Request) {
	return func(req *http.Request) { fakemeta.Signer(appSecret)(req, []byte(body), time.Time{}) }
}

// take delivers a body that is taken, and returns how many events of it were stored.
func (r *rig) take(t *testing.T, body string) int {
	t.Helper()
	before := r.accepted.Load()
	w := r.deliver(t, body)
	require.Equal(t, http.StatusOK, w.Code, "%s: %.400s\n%s", w.Body, body, r.log)
	return int(r.accepted.Load() - before)
}

func requireSecrecy(t *testing.T, p *platform, text string) {
	t.Helper()
	for _, s := range []string{appSecret, verifyToken, p.token, words} {
		if i := strings.Index(text, s); i >= 0 {
			t.Errorf("%q is in %.300q", s, text[max(0, i-150):])
		}
	}
}
