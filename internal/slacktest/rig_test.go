package slacktest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

const (
	// patience is for the look-ups of names on a busy machine.
	patience = time.Minute

	signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	botToken      = "xoxb-test"

	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// ourEmoji has an emoji of the workspace's own, and one under another name.
var ourEmoji = func() *emoji.Set {
	set, err := emoji.NewSet(map[emoji.Emoji]emoji.Spelling{"team": {Slack: []string{"our_team"}}, "done": {Slack: []string{"party"}, Unicode: []string{"🏁"}}})
	if err != nil {
		panic(err)
	}
	return set
}()

// host takes down what an adapter delivers.
type host struct {
	state     state.Adapter
	mu        sync.Mutex
	delivered []chat.Inbound
	refuse    error // what Deliver returns
	refusals  int
	enter     func(context.Context) // called by Deliver

	submit  func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error)
	options func(context.Context, *chat.OptionsLoadEvent) (chat.Options, error)
}

func (h *host) UserName() string     { return "bot" }
func (h *host) Logger() *slog.Logger { return slog.New(slog.DiscardHandler) }
func (h *host) Emoji() *emoji.Set    { return ourEmoji }
func (h *host) State() state.Adapter { return h.state }

func (h *host) RateLimitWait() time.Duration { return 30 * time.Second }

func (h *host) Deliver(ctx context.Context, in chat.Inbound) (*chat.Receipt, error) {
	h.mu.Lock()
	enter := h.enter
	h.mu.Unlock()
	if enter != nil {
		enter(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		h.refusals++
		return nil, h.refuse
	}
	h.delivered = append(h.delivered, in)
	return nil, nil
}

func (h *host) SubmitModal(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
	return h.submit(ctx, ev)
}

func (h *host) LoadOptions(ctx context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
	return h.options(ctx, ev)
}

func (h *host) History(context.Context, chat.ThreadID) ([]*chat.Message, error) { return nil, nil }

func (h *host) Retry(context.Context, chat.ThreadID, chat.MessageID) (*chat.Receipt, error) {
	return nil, chat.ErrNotFound
}

func (h *host) ForgetThread(context.Context, chat.ThreadID) error { return nil }

func (h *host) CancelTurn(context.Context, chat.ThreadID) error { return nil }

func (h *host) refuseWith(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = err
}

func (h *host) refused() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refusals
}

// before has Deliver call the function first.
func (h *host) before(f func(context.Context)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.enter = f
}

// taken returns what was delivered since it was last called.
func (h *host) taken() []chat.Inbound {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := h.delivered
	h.delivered = nil
	return got
}

// api answers calls of the Web API.
type api struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]func(args url.Values, token string) any
	calls   map[string]int
}

type object = map[string]any

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{calls: map[string]int{}, answers: map[string]func(url.Values, string) any{
		"auth.test": func(url.Values, string) any { return object{"ok": true, "user_id": "U0BOT", "bot_id": "B0BOT"} },
		"users.info": func(args url.Values, _ string) any {
			name := strings.ToLower(args.Get("user"))
			return object{"ok": true, "user": object{
				"id": args.Get("user"), "real_name": "Real " + name, "tz": "Europe/Vienna",
				"profile": object{"display_name": name, "email": name + "@example.com"},
			}}
		},
		"conversations.info": func(args url.Values, _ string) any {
			return object{"ok": true, "channel": object{"id": args.Get("channel"), "name": "general", "num_members": 7}}
		},
		"conversations.replies": func(args url.Values, _ string) any {
			return object{"ok": true, "messages": []object{{"ts": args.Get("ts"), "thread_ts": "1700000000.000100"}}}
		},
	}}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/")
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if token == "" {
		token = r.Form.Get("token")
	}
	a.mu.Lock()
	a.calls[method]++
	answer := a.answers[method]
	a.mu.Unlock()
	if answer == nil {
		answer = func(url.Values, string) any { return object{"ok": false, "error": "unknown_method"} }
	}
	w.Header().Set("Content-Type", jsonType)
	_ = json.NewEncoder(w).Encode(answer(r.Form, token))
}

func (a *api) answer(method string, f func(args url.Values, token string) any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[method] = f
}

// blockOn has the method answer only after the channel is closed.
func (a *api) blockOn(method string, release <-chan struct{}) {
	a.answer(method, func(url.Values, string) any {
		<-release
		return object{"ok": false, "error": "fatal_error"}
	})
}

func (a *api) called(method string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[method]
}

// rig is an adapter without a bot.
type rig struct {
	*slack.Adapter
	host *host
	api  *api
}

func newMemory(t *testing.T) state.Adapter {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	return st
}

func newRig(t *testing.T, change func(*slack.Config)) *rig {
	t.Helper()
	r := &rig{host: &host{state: newMemory(t)}, api: newAPI(t)}
	config := slack.Config{SigningSecret: signingSecret, BotToken: botToken, APIURL: r.api.URL, LookupTimeout: patience}
	if change != nil {
		change(&config)
	}
	adapter, err := slack.New(config)
	require.NoError(t, err)
	require.NoError(t, adapter.Attach(r.host))
	require.NoError(t, r.host.state.Connect(t.Context()))
	r.Adapter = adapter
	return r
}

// many makes it an app in many workspaces.
func many(c *slack.Config) {
	c.BotToken, c.ClientID, c.ClientSecret = "", "12.34", "client-secret"
}

// sign adds what proves that a request is Slack's.
func sign(r *http.Request, body []byte, at time.Time) {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(signingSecret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

func request(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	sign(r, []byte(body), time.Now())
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// event delivers an event and returns what the adapter made of it.
func (r *rig) event(t *testing.T, body string) []chat.Inbound {
	t.Helper()
	w := serve(r, request(jsonType, body))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	return r.host.taken()
}

// interaction delivers an interaction and returns Slack's answer.
func (r *rig) interaction(t *testing.T, payload string) *httptest.ResponseRecorder {
	t.Helper()
	return serve(r, request(formType, url.Values{"payload": {payload}}.Encode()))
}

func (r *rig) interacted(t *testing.T, payload string) []chat.Inbound {
	t.Helper()
	w := r.interaction(t, payload)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Empty(t, w.Body.String())
	return r.host.taken()
}

var eventNumber struct {
	sync.Mutex
	n int
}

// callback is the envelope of an event in the workspace T0ONE.
func callback(event string) string {
	eventNumber.Lock()
	defer eventNumber.Unlock()
	eventNumber.n++
	return callbackWithID(fmt.Sprintf("Ev%d", eventNumber.n), event)
}

func callbackWithID(id, event string) string {
	return `{"token":"t","team_id":"T0ONE","api_app_id":"A0APP","type":"event_callback","event_id":"` + id + `","event_time":1700000000,` +
		`"authorizations":[{"enterprise_id":null,"team_id":"T0ONE","user_id":"U0BOT","is_bot":true,"is_enterprise_install":false}],"event":` + event + `}`
}

// one returns the only thing that was delivered, as the type that is expected.
func one[T chat.Inbound](t *testing.T, got []chat.Inbound) T {
	t.Helper()
	require.Len(t, got, 1)
	require.IsType(t, *new(T), got[0])
	return got[0].(T)
}
