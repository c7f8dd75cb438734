package bottest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// receiver is a server for callbacks. It is outside of the virtual time.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  []string
	headers []http.Header
	refuse  int // how many requests to refuse
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
		r.headers = append(r.headers, req.Header)
		if r.refuse > 0 {
			r.refuse--
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.bodies...)
}

// trust lets callbacks go to the receiver.
func (r *receiver) trust(c *chat.Config) {
	c.Callbacks.Hosts = []string{strings.TrimPrefix(r.URL, "http://")}
}

// postCard has an instance post a card with a button and returns it.
func (r *rig) postCard(in *instance, b *card.Button) chattest.Posted {
	r.t.Helper()
	thread, err := in.Thread("fake:c:t")
	require.NoError(r.t, err)
	_, err = thread.Post(context.Background(), chat.Card(card.New("Card", card.NewActions(b))))
	require.NoError(r.t, err)
	posts := in.fake.Posts("fake:c:t")
	return posts[len(posts)-1]
}

func buttonOf(p chattest.Posted) *card.Button {
	return p.Card.Children[0].(*card.Actions).Children[0].(*card.Button)
}

// clickOn is a click on a posted card's button, by any instance.
func clickOn(p chattest.Posted, id string) *chat.ActionEvent {
	b := buttonOf(p)
	return &chat.ActionEvent{
		EventBase: chat.EventBase{ID: id, ThreadID: p.Thread, User: chattest.Ada()}, MessageID: p.ID, ActionID: b.ID, Value: b.Value,
	}
}

const secret = "whsec_c2l4dGVlbi1ieXRlcy1hcmUtbm90LWVub3VnaA=="

func TestClickIsPostedToTheCallbackURL(t *testing.T) {
	server := newReceiver(t)
	play(t, 2, func(c *chat.Config) {
		server.trust(c)
		c.Lock.SweepInterval = time.Hour
		c.Callbacks.Secret = secret + " whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	}, func(r *rig) {
		got := &log{}
		for _, in := range r.instances {
			in.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
				got.add("%s=%s", ev.ActionID, ev.Value)
				return nil
			})
		}
		made := card.NewButton("approve", "Approve").WithValue("42").WithCallback(server.URL + "/hook")
		posted := r.postCard(r.instances[0], made)
		require.Equal(t, "42", made.Value, "the bot's card is left alone")
		token, ok := strings.CutPrefix(buttonOf(posted).Value, "__cb:")
		require.True(t, ok)
		require.Regexp(t, "^[0-9a-f]{16}$", token)
		require.Empty(t, buttonOf(posted).CallbackURL)
		require.JSONEq(t, `{"actionId":"approve","url":"`+server.URL+`/hook","originalValue":"42","scope":{"id":"fake:c:t","type":"thread"}}`,
			r.stored("chat:callback:"+token))

		r.handled(r.instances[1], clickOn(posted, "e1"))
		time.Sleep(time.Second)
		require.Len(t, server.got(), 1)
		require.JSONEq(t, `{"type":"action","actionId":"approve","value":"42","user":{"id":"u1","name":"ada"},"threadId":"fake:c:t","messageId":"`+string(posted.ID)+`"}`, server.got()[0])
		verify(t, server, 0)

		// A later click: the bot still knows what the button meant, and nothing is
		// posted again.
		time.Sleep(time.Hour)
		r.handled(r.instances[0], clickOn(posted, "e2"))
		time.Sleep(time.Minute)
		require.Equal(t, []string{"approve=42", "approve=42"}, got.all())
		require.Len(t, server.got(), 1)
		time.Sleep(8 * 24 * time.Hour)
		r.handled(r.instances[0], clickOn(posted, "e3"))
		require.Equal(t, "approve=__cb:"+token, got.all()[2], "forgotten after 7 days, as by the TypeScript SDK")
	})
}

// verify checks a request as Standard Webhooks says.
func verify(t *testing.T, server *receiver, i int) {
	t.Helper()
	h := server.headers[i]
	require.Equal(t, "application/json", h.Get("Content-Type"))
	_, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	require.NoError(t, err)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	require.NoError(t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "." + server.bodies[i]))
	signatures := strings.Fields(h.Get("webhook-signature"))
	require.Len(t, signatures, 2)
	require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), signatures[0])
}

// Weak point m: what could not be posted is posted again, and the handlers are not
// called again for it.
func TestCallbackIsPostedAgainUntilItSucceeds(t *testing.T) {
	server := newReceiver(t)
	server.refuse = 2
	play(t, 1, server.trust, func(r *rig) {
		in := r.instances[0]
		got := &log{}
		in.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
			got.add("%s", ev.Value)
			return nil
		})
		posted := r.postCard(in, card.NewButton("b", "B").WithValue("v").WithCallback(server.URL))
		r.handled(in, clickOn(posted, "e1"))
		r.handled(in, clickOn(posted, "e2"))
		time.Sleep(time.Minute)
		require.Len(t, server.got(), 3)
		require.Equal(t, []string{"v", "v"}, got.all())
		require.Equal(t, server.headers[0].Get("webhook-id"), server.headers[2].Get("webhook-id"))
		require.Empty(t, server.headers[0].Get("webhook-signature"), "without a secret")
	})
}

func TestCallbackThatIsGivenUpIsPostedByTheNextClick(t *testing.T) {
	server := newReceiver(t)
	server.refuse = 2
	play(t, 1, func(c *chat.Config) { server.trust(c); c.Retry.MaxAttempts = 2 }, func(r *rig) {
		in := r.instances[0]
		posted := r.postCard(in, card.NewButton("b", "B").WithCallback(server.URL))
		r.handled(in, clickOn(posted, "e1"))
		time.Sleep(time.Minute)
		letters, err := in.DeadLetters(context.Background())
		require.NoError(t, err)
		require.Len(t, letters, 1)
		require.Contains(t, letters[0].Error, "answered 502")
		require.NotContains(t, letters[0].Error, server.URL, "no more than the host")
		r.handled(in, clickOn(posted, "e2"))
		time.Sleep(time.Minute)
		require.Len(t, server.got(), 3)
		require.JSONEq(t, `{"type":"action","actionId":"b","user":{"id":"u1","name":"ada"},"threadId":"fake:c:t","messageId":"`+string(posted.ID)+`"}`, server.got()[2])
	})
}

func TestClicksThatRaceArePostedOnce(t *testing.T) {
	server := newReceiver(t)
	play(t, 2, server.trust, func(r *rig) {
		posted := r.postCard(r.instances[0], card.NewButton("b", "B").WithCallback(server.URL))
		var done sync.WaitGroup
		for i, in := range r.instances {
			done.Go(func() {
				_, err := in.fake.Host().Deliver(context.Background(), clickOn(posted, "e"+strconv.Itoa(i)))
				require.NoError(t, err)
			})
		}
		done.Wait()
		time.Sleep(time.Minute)
		require.Len(t, server.got(), 1, "also without handlers of its own")
	})
}

func TestCallbackSurvivesACrash(t *testing.T) {
	server := newReceiver(t)
	server.refuse = 1
	play(t, 2, server.trust, func(r *rig) {
		posted := r.postCard(r.instances[0], card.NewButton("b", "B").WithCallback(server.URL))
		r.handled(r.instances[0], clickOn(posted, "e1"))
		time.Sleep(300 * time.Millisecond)
		require.Len(t, server.got(), 1)
		r.instances[0].store.Crash()
		time.Sleep(20 * time.Second)
		require.Len(t, server.got(), 2)
		require.Equal(t, server.got()[0], server.got()[1])
	})
}

// At whatever call to the state an instance dies, or loses the state for a while,
// the click is posted.
func TestCallbackSurvivesAFaultAnywhere(t *testing.T) {
	for name, fault := range faults {
		for calls := int64(1); calls < 40; calls++ {
			server := newReceiver(t)
			play(t, 2, server.trust, func(r *rig) {
				posted := r.postCard(r.instances[1], card.NewButton("b", "B").WithValue("v").WithCallback(server.URL))
				_, err := fault(r.instances[0], calls, func() (*chat.Receipt, error) {
					return r.instances[0].fake.Host().Deliver(context.Background(), clickOn(posted, "e1"))
				})
				if err != nil {
					return // the platform delivers it again
				}
				require.NotEmpty(t, server.got(), "%s after %d calls", name, calls)
				require.Contains(t, server.got()[0], `"value":"v"`)
			})
		}
	}
}

// A token is worth nothing elsewhere.
func TestCallbackIsBoundToItsButtonAndThread(t *testing.T) {
	server := newReceiver(t)
	play(t, 1, server.trust, func(r *rig) {
		in := r.instances[0]
		got := &log{}
		in.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
			got.add("%s", ev.Value)
			return nil
		})
		posted := r.postCard(in, card.NewButton("b", "B").WithValue("v").WithCallback(server.URL))
		value := buttonOf(posted).Value
		for i, change := range []func(*chat.ActionEvent){
			func(ev *chat.ActionEvent) { ev.ActionID = "other" },
			func(ev *chat.ActionEvent) { ev.ThreadID = "fake:c:other" },
			func(ev *chat.ActionEvent) { ev.ThreadID = "" },
			func(ev *chat.ActionEvent) { ev.Value = "__cb:0000000000000000" },
		} {
			ev := clickOn(posted, "e"+strconv.Itoa(i))
			change(ev)
			r.handled(in, ev)
		}
		require.NoError(t, r.shared.Set(context.Background(), "chat:callback:bad", []byte(`[]`), 0))
		ev := clickOn(posted, "bad")
		ev.Value = "__cb:bad"
		r.handled(in, ev)
		require.Equal(t, []string{value, value, value, "__cb:0000000000000000", "__cb:bad"}, got.all())
		require.Empty(t, server.got())
		r.handled(in, clickOn(posted, "right"))
		time.Sleep(time.Second)
		require.Len(t, server.got(), 1)
		require.Equal(t, "v", got.all()[5])
	})
}

func TestButtonsAnywhereAndEverywhereHaveCallbacks(t *testing.T) {
	server := newReceiver(t)
	play(t, 1, server.trust, func(r *rig) {
		ctx, in := context.Background(), r.instances[0]
		button := func() *card.Button { return card.NewButton("b", "B").WithCallback(server.URL) }
		deep := card.New("Deep", card.NewText("text"),
			card.NewSection(card.NewSection(card.NewActions(card.NewLinkButton("L", "https://a.example"), button()))),
			&card.Unknown{Name: "carousel", Raw: []byte(`{"type":"carousel","width":12345678901234567890,"pages":[{"buttons":[
				{"type":"button","id":"u","label":"U","value":"uv","callbackUrl":"` + server.URL + `"},{"type":"button","id":"v","label":"V"}]}]}`)})
		thread, err := in.Thread("fake:c:t")
		require.NoError(t, err)
		sent, err := thread.Post(ctx, chat.Card(deep))
		require.NoError(t, err)
		shown := in.fake.Posts("fake:c:t")[0].Card
		require.Equal(t, "Deep", shown.Title)
		inner := shown.Children[1].(*card.Section).Children[0].(*card.Section).Children[0].(*card.Actions).Children
		require.Regexp(t, "^__cb:[0-9a-f]{16}$", inner[1].(*card.Button).Value)
		raw := string(shown.Children[2].(*card.Unknown).Raw)
		require.Contains(t, raw, `"value":"__cb:`)
		require.Contains(t, raw, `"width":12345678901234567890`)
		require.NotContains(t, raw, "callbackUrl")
		require.Contains(t, string(deep.Children[2].(*card.Unknown).Raw), "callbackUrl")

		plain := card.New("Plain", card.NewActions(card.NewButton("p", "P")))
		require.NoError(t, sent.Edit(ctx, chat.Card(plain)))
		require.Same(t, plain, in.fake.Posts("fake:c:t")[0].Card)
		require.NoError(t, sent.Edit(ctx, chat.Card(card.New("Edited", card.NewActions(button())))))
		edited := in.fake.Posts("fake:c:t")[0]
		r.handled(in, clickOn(edited, "e1"))
		time.Sleep(time.Second)
		require.Len(t, server.got(), 1)

		in.store.SetAway(true)
		_, err = thread.Post(ctx, chat.Card(card.New("Away", card.NewActions(button()))))
		require.Error(t, err, "a button that leads nowhere is not shown")
		in.store.SetAway(false)
		require.Len(t, in.fake.Posts("fake:c:t"), 1)
	})
}

// Callback URLs may come from anybody: they lead to public addresses only.
func TestCallbackURLsAreRefusedEarly(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Callbacks.Hosts = []string{"hooks.internal", "LOCALHOST:8080"} }, func(r *rig) {
		thread, err := r.instances[0].Thread("fake:c:t")
		require.NoError(t, err)
		for url, ok := range map[string]bool{
			"https://example.com/hook":         true,
			"https://93.184.215.14/":           true,
			"http://example.com/":              false,
			"https://127.0.0.1/":               false,
			"https://[::1]/":                   false,
			"https://[::ffff:10.0.0.1]/":       false,
			"https://169.254.169.254/latest":   false,
			"http://hooks.internal/":           true,
			"http://hooks.internal:99/":        true,
			"http://localhost:8080/":           true,
			"http://localhost:8081/":           false,
			"http://evil.example@127.0.0.1:1/": false,
		} {
			_, err := thread.Post(context.Background(), chat.Card(card.New("", card.NewActions(card.NewButton("b", "B").WithCallback(url)))))
			if ok {
				require.NoError(t, err, url)
			} else {
				require.ErrorIs(t, err, chat.ErrInvalidArgument, url)
				require.ErrorContains(t, err, `the button "b": callbackUrl `)
			}
		}
	})
}

func TestSubmissionIsPostedToTheCallbackURL(t *testing.T) {
	server := newReceiver(t)
	server.refuse = 1
	play(t, 1, server.trust, func(r *rig) {
		in := r.instances[0]
		m := form()
		m.CallbackURL = server.URL + "/submitted"
		opened := r.openForm(in, m)
		var next chat.ModalAnswer
		var fail error
		in.OnModalSubmit(func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) { return next, fail })
		send := func() {
			_, err := in.fake.Submit(context.Background(), opened, chat.ModalValues{"name": "Ada"})
			require.ErrorIs(t, err, fail)
			time.Sleep(time.Minute)
		}
		next = chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"name": "no"}}
		send()
		next, fail = chat.ModalAnswer{}, errHandler
		send()
		require.Empty(t, server.got())
		fail = nil
		send()
		require.Len(t, server.got(), 2, "the first was refused")
		require.JSONEq(t, `{"type":"modal_submit","callbackId":"form","values":{"name":"Ada"},"user":{"id":"u1","name":"ada"}}`, server.got()[1])
		send()
		require.Len(t, server.got(), 2, "the context is gone")
	})
}

func TestCallbackSecretIsChecked(t *testing.T) {
	shared, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	for _, bad := range []string{"shared-secret", "whsec_%%%", "whsec_c2hvcnQ=", secret + " other"} {
		_, err := chat.New(chat.Config{UserName: "bot", State: shared, Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}, Callbacks: chat.CallbackConfig{Secret: bad}})
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, "Callbacks.Secret: want whsec_ and the base64 of 24 to 64 bytes")
		require.NotContains(t, err.Error(), bad)
	}
}

// What an accepted submission leads to is stored although the bot shuts down, and
// done before it ends.
func TestCallbackIsPostedDuringShutdown(t *testing.T) {
	server := newReceiver(t)
	play(t, 1, server.trust, func(r *rig) {
		in := r.instances[0]
		m := form()
		m.CallbackURL = server.URL
		opened := r.openForm(in, m)
		began := make(chan struct{})
		in.OnModalSubmit(func(ctx context.Context, _ *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			close(began)
			return chat.ModalAnswer{}, work(ctx, time.Second)
		})
		var done sync.WaitGroup
		done.Go(func() {
			_, err := in.fake.Submit(context.Background(), opened, nil)
			require.NoError(t, err)
		})
		<-began
		require.NoError(t, in.Shutdown(context.Background()))
		done.Wait()
		require.Len(t, server.got(), 1)
	})
}
